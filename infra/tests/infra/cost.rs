//! What it costs.

use std::time::Duration;

use expect_test::expect;
use mysfits_infra::cost::{Choice, EndpointHosting, estimate};

fn check(choice: Choice, idle: f64, per_million: f64) {
    let estimate = estimate(&choice);
    let found = (estimate.idle_usd(), estimate.per_million_usd());
    assert!((found.0 - idle).abs() < 0.005, "{choice:?}: idle {found:?}, expected {idle}");
    assert!(
        (found.1 - per_million).abs() < 0.005,
        "{choice:?}: per million {found:?}, expected {per_million}"
    );
}

#[test]
fn sums_are_those_of_a_calculation_by_hand() {
    let none = Choice::default();
    // 3.50 API + 0.20 calls + 0.0208 time + 0.30 logs + 15 x 0.30 metrics + 3.70 traces; 0.50 alarms + 0.023 storage.
    check(none, 0.523, 12.2208);
    let serverless = Choice { endpoint: Some(EndpointHosting::Serverless { memory_mb: 2048 }), ..none };
    // The function waits: 0.125 instead of 0.0208; the endpoint works for 0.80.
    check(serverless, 0.523, 13.125);
    let instances = |count| Choice { endpoint: Some(EndpointHosting::Instances { count }), ..none };
    check(instances(1), 84.473, 12.325);
    check(instances(2), 168.423, 12.325);
    check(Choice { has_notebook: true, has_key: true, ..none }, 2.643, 12.2208);
    // Without traces (3.70), and with 3 instead of 15 metrics (0.90 instead of 4.50).
    check(Choice { no_tracing: true, minimal_metrics: true, ..none }, 0.523, 4.9208);
}

#[test]
fn an_expiry_limits_what_instances_cost_and_changes_nothing_else() {
    let none = Choice::default();
    let ttl = Some(Duration::from_hours(2));
    check(Choice { endpoint: Some(EndpointHosting::Instances { count: 1 }), ttl, ..none }, 0.753, 12.325);
    let serverless = Choice { endpoint: Some(EndpointHosting::Serverless { memory_mb: 2048 }), ..none };
    assert_eq!(estimate(&Choice { ttl, ..serverless }), estimate(&serverless));
    // More than a month is a month.
    let year = Some(Duration::from_hours(365 * 24));
    check(
        Choice { endpoint: Some(EndpointHosting::Instances { count: 1 }), ttl: year, ..none },
        84.473,
        12.325,
    );
}

#[test]
fn the_table_can_be_read() {
    let choice = Choice {
        endpoint: Some(EndpointHosting::Instances { count: 1 }),
        ttl: Some(Duration::from_hours(2)),
        has_notebook: true,
        ..Choice::default()
    };
    expect![[r"
        USD                                             idle/month  per million
        API                                                   0.00         3.50
        function                                              0.00         0.33
        logs                                                  0.00         0.30
        metrics                                               0.00         4.50
        traces                                                0.00         3.70
        alarms                                                0.50         0.00
        storage                                               0.02         0.00
        endpoint, 1 x ml.m5.large, removed after 2.0 h        0.23         0.00
        notebook, stopped (running 0.05 USD/h)                1.12         0.00
        sum                                                   1.87        12.33
        us-east-1, list prices of 2026-11; an estimate, not a bill"]]
    .assert_eq(&estimate(&choice).to_string());
}
