//! Fault injection: parsing, frequency, and responses.

use std::time::Duration;

use axum::Router;
use expect_test::{Expect, expect};
use mysfits_sagemaker::{
    Endpoint, Endpoints,
    faults::{Faults, FaultsError, MAX_LATENCY_MS, Rate},
    http::{chaos_routes, router},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{Answer, ENDPOINT, endpoints, maximum, request, run, run_at_once, send};

const CSV: (&str, &str) = ("content-type", "text/csv");

fn rate(share: f64) -> Rate {
    Rate::new(share).unwrap()
}

fn with(faults: Faults) -> Endpoints {
    let endpoints = endpoints();
    endpoints.default_endpoint().unwrap().set_faults(faults);
    endpoints
}

fn service(router: &Router) -> Answer {
    run(send(router.clone(), request("POST", &format!("/endpoints/{ENDPOINT}/invocations"), &[CSV], "1,2")))
}

fn container(router: &Router) -> Answer {
    run(send(router.clone(), request("POST", "/invocations", &[CSV], "1,2")))
}

/// Checks how a fault looks that every request meets.
#[track_caller]
fn check(
    faults: Faults,
    status: u16,
    error_type: &str,
    body: Expect,
    container_status: u16,
    container_body: Expect,
) {
    let router = router(with(faults));
    let answer = service(&router);
    let found = (answer.status.as_u16(), answer.header("x-amzn-errortype"));
    assert_eq!(found, (status, error_type));
    assert_eq!(answer.header("x-amzn-requestid").len(), 36);
    body.assert_eq(&answer.body);
    let answer = container(&router);
    assert_eq!(answer.status, container_status);
    container_body.assert_eq(&answer.body);
}

#[test]
fn faults_look_like_real_errors() {
    let always = Rate::ALWAYS;
    check(
        Faults { throttling: always, ..Faults::NONE },
        400,
        "ThrottlingException",
        expect![[r#"{"message":"Rate exceeded"}"#]],
        429,
        expect!["Rate exceeded"],
    );
    check(
        Faults { unavailable: always, ..Faults::NONE },
        503,
        "ServiceUnavailable",
        expect![[
            r#"{"Message":"Endpoint knn-ml-m4-xlarge-test is unavailable (injected fault). Please try again."}"#
        ]],
        503,
        expect!["The container is unavailable (injected fault)"],
    );
    check(
        Faults { not_ready: always, ..Faults::NONE },
        429,
        "ModelNotReadyException",
        expect![[
            r#"{"Message":"The model of endpoint knn-ml-m4-xlarge-test is not ready (injected fault). Please try again."}"#
        ]],
        503,
        expect!["The model is not ready (injected fault)"],
    );
    let answer = service(&router(with(Faults { model_error: always, ..Faults::NONE })));
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status.as_u16(), answer.header("x-amzn-errortype")), (424, "ModelError"));
    assert_eq!(body["ErrorCode"], "INTERNAL_FAILURE_FROM_MODEL");
    assert_eq!(
        (&body["OriginalStatusCode"], &body["OriginalMessage"]),
        (&json!(500), &json!("The model failed (injected fault)"))
    );
    assert!(
        body["Message"]
            .as_str()
            .unwrap()
            .starts_with("Received server error (500) from primary with message")
    );
    assert_eq!(container(&router(with(Faults { model_error: always, ..Faults::NONE }))).status, 500);
}

#[test]
fn a_rate_of_a_quarter_affects_every_fourth_request() {
    let router = router(with(Faults { unavailable: rate(0.25), ..Faults::NONE }));
    let statuses: Vec<u16> = (0..12).map(|_| service(&router).status.as_u16()).collect();
    assert_eq!(statuses, [200, 200, 200, 503, 200, 200, 200, 503, 200, 200, 200, 503]);
}

#[test]
fn faults_are_checked_in_order() {
    let half = rate(0.5);
    let endpoints = with(Faults {
        throttling: half,
        unavailable: half,
        not_ready: half,
        model_error: half,
        ..Faults::NONE
    });
    let router = router(endpoints.clone());
    let statuses: Vec<u16> = (0..16).map(|_| service(&router).status.as_u16()).collect();
    assert_eq!(statuses, [200, 400, 503, 400, 429, 400, 503, 400, 424, 400, 503, 400, 429, 400, 503, 400]);
    // Setting them again begins anew; taking them away ends them.
    let endpoint = endpoints.default_endpoint().unwrap();
    endpoint.set_faults(endpoint.faults());
    assert_eq!([0; 2].map(|_| service(&router).status.as_u16()), [200, 400]);
    endpoint.set_faults(Faults::NONE);
    assert_eq!([0; 4].map(|_| service(&router).status.as_u16()), [200; 4]);
    assert_eq!(endpoint.faults(), Faults::NONE);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn shares_are_spread_evenly(millionths in 0_u32..=1_000_000, n in 1_usize..60) {
        let share = f64::from(millionths) / 1e6;
        let endpoint = Endpoint::new("a", maximum()).unwrap();
        endpoint.set_faults(Faults { unavailable: rate(share), ..Faults::NONE });
        let router = router(Endpoints::new([endpoint]));
        let met: Vec<bool> = run(async {
            let mut met = Vec::new();
            for _ in 0..n {
                met.push(send(router.clone(), request("POST", "/invocations", &[CSV], "1,2")).await.status == 503);
            }
            met
        });
        for end in 1..=n {
            let count = met[..end].iter().filter(|met| **met).count();
            prop_assert_eq!(count, (end as u64 * u64::from(millionths) / 1_000_000) as usize, "of {} requests", end);
        }
    }

    #[test]
    fn no_text_and_no_json_breaks_the_reader(text in "\\PC*") {
        if let Ok(faults) = text.parse::<Faults>() {
            prop_assert_eq!(faults.to_string().parse(), Ok(faults));
        }
        let _ = serde_json::from_str::<Faults>(&text);
    }

    #[test]
    fn faults_are_written_as_they_are_read(latency in 0..=MAX_LATENCY_MS, rates in prop::array::uniform4(0_u32..=1_000_000)) {
        let [model_error, unavailable, throttling, not_ready] = rates.map(|millionths| rate(f64::from(millionths) / 1e6));
        let faults = Faults { latency: Duration::from_millis(latency), model_error, unavailable, throttling, not_ready };
        prop_assert_eq!(faults.to_string().parse(), Ok(faults));
        prop_assert_eq!(serde_json::from_value::<Faults>(json!(faults)).unwrap(), faults);
    }
}

#[test]
fn latency_is_added_before_faults() {
    run_at_once(async {
        let latency = Duration::from_millis(1234);
        for (faults, status) in [
            (Faults { latency, ..Faults::NONE }, 200),
            (Faults { latency, throttling: Rate::ALWAYS, ..Faults::NONE }, 400),
        ] {
            let begun = Instant::now();
            let path = format!("/endpoints/{ENDPOINT}/invocations");
            let answer = send(router(with(faults)), request("POST", &path, &[CSV], "1,2")).await;
            assert_eq!((answer.status.as_u16(), begun.elapsed().as_millis()), (status, 1234));
        }
    });
}

#[test]
fn ping_fails_if_the_model_is_never_ready() {
    let ping = |not_ready| {
        let router = router(with(Faults { not_ready, ..Faults::NONE }));
        run(send(router, request("GET", "/ping", &[], ""))).status.as_u16()
    };
    assert_eq!([ping(Rate::NEVER), ping(rate(0.5)), ping(Rate::ALWAYS)], [200, 200, 503]);
}

#[test]
fn faults_affect_their_endpoint_only() {
    let endpoints =
        Endpoints::new([Endpoint::new(ENDPOINT, maximum()).unwrap(), Endpoint::new("b", maximum()).unwrap()]);
    endpoints.get("b").unwrap().set_faults(Faults { unavailable: Rate::ALWAYS, ..Faults::NONE });
    let router = router(endpoints);
    let ask = |path: &str| run(send(router.clone(), request("POST", path, &[CSV], "1,2"))).status.as_u16();
    assert_eq!(
        [
            ask("/invocations"),
            ask(&format!("/endpoints/{ENDPOINT}/invocations")),
            ask("/endpoints/b/invocations")
        ],
        [200, 200, 503]
    );
}

#[test]
fn faults_are_parsed_from_text() {
    for (text, expected) in [
        ("", Faults::NONE),
        ("latency=200", Faults { latency: Duration::from_millis(200), ..Faults::NONE }),
        (
            " latency = 600000 , model-error=0.5,unavailable=1,throttling=0.25, not-ready=1e-6,",
            Faults {
                latency: Duration::from_mins(10),
                model_error: rate(0.5),
                unavailable: Rate::ALWAYS,
                throttling: rate(0.25),
                not_ready: rate(0.000_001),
            },
        ),
    ] {
        assert_eq!(text.parse(), Ok(expected), "{text:?}");
    }
}

#[test]
fn invalid_faults_are_rejected() {
    let check =
        |text: &str, expected: Expect| expected.assert_eq(&text.parse::<Faults>().unwrap_err().to_string());
    check(
        "delay=3",
        expect![[
            r#"unknown fault "delay": expected one of latency, model-error, unavailable, throttling, not-ready"#
        ]],
    );
    check(
        "modelError=1",
        expect![[
            r#"unknown fault "modelError": expected one of latency, model-error, unavailable, throttling, not-ready"#
        ]],
    );
    check("latency", expect![[r#"missing value for "latency": write name=value, for example latency=200"#]]);
    check(
        "latency=",
        expect![[
            r#"invalid value for latency: "" (expected a whole number of milliseconds from 0 to 600000)"#
        ]],
    );
    check(
        "latency=-1",
        expect!["invalid value for latency: -1 (expected a whole number of milliseconds from 0 to 600000)"],
    );
    check(
        "latency=600001",
        expect![
            "invalid value for latency: 600001 (expected a whole number of milliseconds from 0 to 600000)"
        ],
    );
    check(
        "latency=1.5",
        expect!["invalid value for latency: 1.5 (expected a whole number of milliseconds from 0 to 600000)"],
    );
    check(
        "model-error=1.01",
        expect!["invalid value for model-error: 1.01 (expected a share of the requests from 0 to 1)"],
    );
    check(
        "throttling=-0.1",
        expect!["invalid value for throttling: -0.1 (expected a share of the requests from 0 to 1)"],
    );
    check(
        "unavailable=NaN",
        expect!["invalid value for unavailable: NaN (expected a share of the requests from 0 to 1)"],
    );
    check(
        "not-ready=often",
        expect!["invalid value for not-ready: often (expected a share of the requests from 0 to 1)"],
    );
    check("latency=1,latency=2", expect!["duplicate fault: latency"]);
    check(
        &format!("{}=1", "x".repeat(1000)),
        expect![[
            r#"unknown fault "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…": expected one of latency, model-error, unavailable, throttling, not-ready"#
        ]],
    );
    assert!(
        matches!("not-ready=2".parse::<Faults>(), Err(FaultsError::Rate { name, .. }) if name == "not-ready")
    );
    assert_eq!([-0.000_1, 1.000_1, f64::NAN, f64::INFINITY].map(Rate::new), [None; 4]);
}

/// Asks the control route.
fn chaos(endpoints: &Endpoints, method: &str, path: &str, body: &str) -> (u16, String) {
    let routes = router(endpoints.clone()).merge(chaos_routes(endpoints.clone()));
    let answer = run(send(routes, request(method, path, &[], body)));
    (answer.status.as_u16(), answer.body)
}

#[test]
fn control_route_returns_and_replaces_faults() {
    let endpoints = endpoints();
    let path = format!("/chaos/{ENDPOINT}");
    let none = r#"{"latencyMs":0,"modelError":0.0,"notReady":0.0,"throttling":0.0,"unavailable":0.0}"#;
    let sorted = |(status, body): (u16, String)| (status, serde_json::from_str::<Value>(&body).unwrap());
    assert_eq!(sorted(chaos(&endpoints, "GET", &path, "")), (200, serde_json::from_str(none).unwrap()));
    let set = r#"{"latencyMs": 5, "unavailable": 1}"#;
    let expected =
        json!({"latencyMs": 5, "modelError": 0.0, "unavailable": 1.0, "throttling": 0.0, "notReady": 0.0});
    assert_eq!(sorted(chaos(&endpoints, "PUT", &path, set)), (200, expected.clone()));
    assert_eq!(sorted(chaos(&endpoints, "GET", &path, "")), (200, expected));
    assert_eq!(service(&router(endpoints.clone())).status, 503);
    // What is not said is not kept.
    assert_eq!(sorted(chaos(&endpoints, "PUT", &path, "{}")), (200, serde_json::from_str(none).unwrap()));
    assert_eq!(service(&router(endpoints)).status, 200);
}

#[test]
fn rejected_faults_change_nothing() {
    let before = Faults { throttling: rate(0.5), ..Faults::NONE };
    let endpoints = with(before);
    let check = |method: &str, name: &str, body: &str, status: u16, expected: Expect| {
        let (found, body) = chaos(&endpoints, method, &format!("/chaos/{name}"), body);
        assert_eq!(found, status, "{body}");
        expected.assert_eq(&body);
        assert_eq!(endpoints.default_endpoint().unwrap().faults(), before);
    };
    check(
        "PUT",
        ENDPOINT,
        "",
        400,
        expect![[r#"{"message":"invalid faults: EOF while parsing a value at line 1 column 0"}"#]],
    );
    check(
        "PUT",
        ENDPOINT,
        "[]",
        400,
        expect![[
            r#"{"message":"invalid faults: invalid type: sequence, expected a map at line 1 column 0"}"#
        ]],
    );
    check(
        "PUT",
        ENDPOINT,
        r#"{"latencyMs": 1, "jitterMs": 3}"#,
        400,
        expect![[
            r#"{"message":"invalid faults: unknown fault \"jitterMs\": expected one of latencyMs, modelError, unavailable, throttling, notReady"}"#
        ]],
    );
    check(
        "PUT",
        ENDPOINT,
        r#"{"latencyMs": "1"}"#,
        400,
        expect![[
            r#"{"message":"invalid faults: invalid value for latencyMs: \"1\" (expected a whole number of milliseconds from 0 to 600000)"}"#
        ]],
    );
    check(
        "PUT",
        ENDPOINT,
        r#"{"modelError": 2}"#,
        400,
        expect![[
            r#"{"message":"invalid faults: invalid value for modelError: 2 (expected a share of the requests from 0 to 1)"}"#
        ]],
    );
    check(
        "PUT",
        ENDPOINT,
        r#"{"modelError": null}"#,
        400,
        expect![[
            r#"{"message":"invalid faults: invalid value for modelError: null (expected a share of the requests from 0 to 1)"}"#
        ]],
    );
    check(
        "PUT",
        ENDPOINT,
        r#"{"modelError": [1]}"#,
        400,
        expect![[
            r#"{"message":"invalid faults: invalid value for modelError: [1] (expected a share of the requests from 0 to 1)"}"#
        ]],
    );
    check("GET", "unknown", "", 404, expect![[r#"{"message":"there is no endpoint of this name"}"#]]);
    check("PUT", "unknown", "{}", 404, expect![[r#"{"message":"there is no endpoint of this name"}"#]]);
    check("GET", "%ff", "", 404, expect![[r#"{"message":"there is no endpoint of this name"}"#]]);
    check("DELETE", ENDPOINT, "", 405, expect![[""]]);
    let (status, _) = chaos(&endpoints, "PUT", &format!("/chaos/{ENDPOINT}"), &" ".repeat(5000));
    assert_eq!(status, 413);
}
