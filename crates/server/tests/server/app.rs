//! All routes together, their limits and metrics.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use expect_test::expect;
use local_sagemaker::{
    connections::ConnectionLimits,
    requests::{MAX_IN_FLIGHT, REQUEST_TIMEOUT},
    serve::{bind, serve},
};
use mysfits_api::{BoxFuture, RecommendError, Recommended, Recommender};
use mysfits_domain::{Entry, Recommendation, catalogue};
use mysfits_sagemaker::Endpoints;
use mysfits_server::app::App;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::Instant,
};

use crate::support::{ENDPOINT, VALID, app, ask, endpoints, request, run, send};

/// Recommends Atlantis after a while.
#[derive(Clone)]
struct Slow(Duration);

impl Recommender for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn recommend(&self, _: Entry, _: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        Box::pin(async {
            tokio::time::sleep(self.0).await;
            let recommendation = Recommendation { recommended_mysfit: catalogue()[8].id, explanation: None };
            Ok(Recommended::by(self.name(), recommendation))
        })
    }
}

fn slow(time: Duration) -> App {
    App {
        recommender: Arc::new(Slow(time)),
        endpoints: endpoints(),
        site: None,
        dev_services: None,
        feedback: None,
    }
}

/// Runs with a paused clock, which jumps to the next timer when all tasks wait.
fn run_at_once<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

#[test]
fn one_port_has_api_endpoint_and_metrics() {
    let router = app().router();
    let csv = [("content-type", "text/csv")];
    for (method, path, headers, body, status) in [
        ("POST", "/recommendations", &[][..], VALID, 200),
        ("OPTIONS", "/recommendations", &[], "", 200),
        ("GET", "/mysfits", &[], "", 200),
        ("GET", "/questionnaire", &[], "", 200),
        ("GET", "/openapi.json", &[], "", 200),
        ("GET", "/health", &[], "", 200),
        ("GET", "/ping", &[], "", 200),
        ("POST", "/invocations", &csv, "1,2,3,4,5", 200),
        ("POST", &format!("/endpoints/{ENDPOINT}/invocations"), &csv, "1,2,3,4,5", 200),
        ("POST", "/endpoints/another/invocations", &csv, "1,2,3,4,5", 400),
        ("GET", "/metrics", &[], "", 200),
        ("GET", "/", &[], "", 404),
    ] {
        assert_eq!(ask(&router, method, path, headers, body).status, status, "{method} {path}");
    }
}

#[test]
fn the_endpoint_has_its_own_body_limit() {
    let router = app().router();
    let large = "\n".repeat(100_000) + "1,2,3,4,5";
    assert_eq!(ask(&router, "POST", "/recommendations", &[], &large).status, 413);
    assert_eq!(ask(&router, "POST", "/invocations", &[("content-type", "text/csv")], &large).status, 200);
}

#[test]
fn ping_is_503_without_models() {
    let router = App { endpoints: Endpoints::new([]), ..app() }.router();
    assert_eq!(ask(&router, "GET", "/ping", &[], "").status, 503);
    assert_eq!(ask(&router, "GET", "/health", &[], "").status, 200);
}

#[test]
fn a_slow_request_times_out() {
    run_at_once(async {
        let router = slow(REQUEST_TIMEOUT * 10).router();
        let begun = Instant::now();
        let answer = send(router, request("POST", "/recommendations", &[], VALID)).await;
        assert_eq!(begun.elapsed().as_secs(), REQUEST_TIMEOUT.as_secs());
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "1"));
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        expect![[r#"{"type":"urn:mysfits:problem:timeout","title":"The request took too long","status":503,"detail":"the request took too long; try again in 1 s"}"#]].assert_eq(answer.text());
    });
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_gets_408() {
    let mut limits = ConnectionLimits::default();
    limits.body_timeout = Duration::from_millis(50);
    let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let never = std::future::pending::<()>;
    tokio::spawn(serve(listener, app().router(), limits, never(), never()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /recommendations HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n1,2,";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let problem = r#"{"type":"urn:mysfits:problem:body-timeout","title":"The body did not arrive in time","status":408,"detail":"the body did not arrive in time"}"#;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.ends_with(problem), "{answer}");
}

#[test]
fn rejects_requests_beyond_the_concurrency_limit() {
    run_at_once(async {
        let router = slow(Duration::from_secs(1)).router();
        let mut requests = JoinSet::new();
        for _ in 0..MAX_IN_FLIGHT + 10 {
            requests.spawn(send(router.clone(), request("POST", "/recommendations", &[], VALID)));
        }
        let answers = requests.join_all().await;
        let with = |status: StatusCode| answers.iter().filter(move |answer| answer.status == status);
        assert_eq!(with(StatusCode::OK).count(), MAX_IN_FLIGHT);
        assert_eq!(with(StatusCode::SERVICE_UNAVAILABLE).count(), 10);
        for answer in with(StatusCode::SERVICE_UNAVAILABLE) {
            let headers = ["retry-after", "access-control-allow-origin", "content-type"];
            assert_eq!(headers.map(|name| answer.header(name)), ["1", "*", "application/problem+json"]);
        }
        // The permits have been returned.
        assert_eq!(send(router, request("POST", "/recommendations", &[], VALID)).await.status, 200);
    });
}

/// The lines of the metrics that contain a word, without comments.
fn metrics(router: &axum::Router, word: &str) -> String {
    let answer = ask(router, "GET", "/metrics", &[], "");
    let lines = answer.text().lines().filter(|line| !line.starts_with('#') && line.contains(word));
    let mut lines: Vec<_> = lines.map(|line| format!("{line}\n")).collect();
    lines.sort();
    lines.concat()
}

#[test]
fn requests_are_counted_by_route_method_and_status() {
    let router = app().router();
    for path in ["/mysfits/x", "/mysfits/y", "/nowhere", "/somewhere", "/health"] {
        ask(&router, "GET", path, &[], "");
    }
    for body in [VALID, VALID, "{}"] {
        ask(&router, "POST", "/recommendations", &[], body);
    }
    ask(&router, "GET", "/recommendations", &[], "");
    expect![[r#"
        http_requests_total{route="/health",method="GET",status="200"} 1
        http_requests_total{route="/mysfits/{mysfit_id}",method="GET",status="404"} 2
        http_requests_total{route="/recommendations",method="GET",status="405"} 1
        http_requests_total{route="/recommendations",method="POST",status="200"} 2
        http_requests_total{route="/recommendations",method="POST",status="400"} 1
        http_requests_total{route="site",method="GET",status="404"} 2
    "#]]
    .assert_eq(&metrics(&router, "http_requests_total"));
}

#[test]
fn times_are_counted_by_route() {
    let router = app().router();
    ask(&router, "POST", "/recommendations", &[], VALID);
    ask(&router, "POST", "/recommendations", &[], "");
    expect![[r#"
        http_request_duration_seconds_count{route="/recommendations"} 2
    "#]]
    .assert_eq(&metrics(&router, "_count"));
    let buckets = metrics(&router, "http_request_duration_seconds_bucket");
    assert!(buckets.contains(r#"le="+Inf",route="/recommendations"} 2"#), "{buckets}");
}

#[test]
fn recommendations_are_counted_by_mysfit() {
    let router = app().router();
    for body in [VALID, VALID, r#"{"entry": [9,9,9,9,9]}"#] {
        ask(&router, "POST", "/recommendations", &[], body);
    }
    expect![[r#"
        mysfits_recommendations_total{backend="embedded",mysfit="atlantis"} 2
    "#]]
    .assert_eq(&metrics(&router, "mysfits_recommendations"));
}

#[test]
fn counts_failed_recommendations() {
    struct Away;
    impl Recommender for Away {
        fn name(&self) -> &'static str {
            "away"
        }

        fn recommend(&self, _: Entry, _: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
            Box::pin(async { Err(RecommendError::BadAnswer("nonsense".into())) })
        }
    }
    let router = App {
        recommender: Arc::new(Away),
        endpoints: endpoints(),
        site: None,
        dev_services: None,
        feedback: None,
    }
    .router();
    ask(&router, "POST", "/recommendations", &[], VALID);
    expect![[r#"
        mysfits_recommendations_total{backend="away",mysfit="none"} 1
    "#]]
    .assert_eq(&metrics(&router, "mysfits_recommendations"));
}

#[test]
fn the_metrics_are_openmetrics() {
    let router = app().router();
    ask(&router, "POST", "/recommendations", &[], VALID);
    let answer = ask(&router, "GET", "/metrics", &[], "");
    assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(answer.text().ends_with("# EOF\n"), "{}", answer.text());
    let kinds: String = answer
        .text()
        .lines()
        .filter(|line| line.starts_with("# TYPE"))
        .map(|line| line.to_owned() + "\n")
        .collect();
    expect![[r#"
        # TYPE mysfits_recommendations counter
        # TYPE http_requests counter
        # TYPE http_request_duration_seconds histogram
        # TYPE http_requests_in_flight gauge
    "#]]
    .assert_eq(&kinds);
}

#[test]
fn unknown_paths_and_methods_create_no_time_series() {
    let router = app().router();
    for i in 0..50 {
        ask(&router, &format!("INVENTED{i}"), &format!("/invented/{i}"), &[], "");
        ask(&router, &format!("INVENTED{i}"), "/recommendations", &[], "");
    }
    expect![[r#"
        http_requests_total{route="/recommendations",method="other",status="405"} 50
        http_requests_total{route="site",method="other",status="404"} 50
    "#]]
    .assert_eq(&metrics(&router, "http_requests_total"));
}

#[test]
fn a_disconnected_client_is_not_in_flight() {
    let router = slow(Duration::from_hours(1)).router();
    run(async {
        let answer = send(router.clone(), request("POST", "/recommendations", &[], VALID));
        assert!(tokio::time::timeout(Duration::from_millis(50), answer).await.is_err());
    });
    // The one in flight is the request for the metrics.
    assert_eq!(metrics(&router, "in_flight"), "http_requests_in_flight 1\n");
}

/// The page requests the likes of all mysfits at each visit.
#[test]
fn large_json_is_compressed_and_revalidated() {
    let router = app().router();
    let get = |path: &str, headers: &[(&str, &str)]| ask(&router, "GET", path, headers, "");
    let gzip = ("accept-encoding", "gzip, deflate, br, zstd");
    let plain = get("/mysfits", &[]);
    assert_eq!((plain.status.as_u16(), plain.header("content-encoding")), (200, ""));
    let small = get("/mysfits", &[gzip]);
    assert_eq!((small.header("content-encoding"), small.header("vary")), ("gzip", "accept-encoding"));
    assert!(small.body.len() * 2 < plain.body.len(), "{} of {}", small.body.len(), plain.body.len());

    let etag = plain.header("etag");
    assert!(etag.starts_with("W/\""), "{etag}");
    assert_eq!((small.header("etag"), plain.header("cache-control")), (etag, "no-cache"));
    for headers in [&[("if-none-match", etag)][..], &[("if-none-match", etag), gzip]] {
        let again = get("/mysfits", headers);
        assert_eq!((again.status.as_u16(), again.body.len(), again.header("etag")), (304, 0, etag));
        assert_eq!(again.header("access-control-allow-origin"), "*");
        assert_eq!((again.header("content-type"), again.header("content-encoding")), ("", ""));
    }
    let korean = get("/mysfits?lang=ko", &[("if-none-match", etag)]);
    assert_eq!(korean.status, 200, "other content");

    // Small responses, errors and other methods stay as they are.
    let health = get("/health", &[gzip]);
    assert_eq!(health.header("content-encoding"), "");
    assert_eq!(get("/mysfits?lang=fr", &[]).header("etag"), "");
    let recommended = ask(&router, "POST", "/recommendations", &[gzip], VALID);
    assert_eq!((recommended.header("etag"), recommended.header("content-encoding")), ("", ""));
}
