//! Other servers as endpoints: at a URL, and started by a command.

use std::{fs, path::Path, time::Duration};

use axum::{
    Router,
    body::Bytes,
    http::StatusCode,
    routing::{get, post},
};
use local_sagemaker::{
    containers::{ContainerProcess, HttpContainer, ProcessError},
    endpoint_args::{open_endpoints, parse_endpoint},
    hosting::hosting_router,
};
use mysfits_sagemaker::{Container as _, Endpoints};
use serde_json::Value;

use crate::{
    program::Running,
    support::{always, packed, request, send},
};

const INVOKE: &str = "/endpoints/a/invocations";

/// A server that a model's author could have written; the empty body is its mistake.
async fn server() -> String {
    let invocations = async |body: Bytes| {
        if body.is_empty() {
            return (
                StatusCode::UNPROCESSABLE_ENTITY,
                [("content-type", "application/json")],
                "{}".to_owned(),
            );
        }
        let text = String::from_utf8_lossy(&body).to_uppercase();
        (StatusCode::OK, [("content-type", "text/plain")], text)
    };
    let routes = Router::new().route("/ping", get(async || ())).route("/invocations", post(invocations));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url
}

fn router(endpoints: &[String]) -> Router {
    let args: Vec<_> = endpoints.iter().map(|text| parse_endpoint(text).unwrap()).collect();
    let endpoints: Endpoints = open_endpoints(&args, "").unwrap().into_iter().collect();
    hosting_router(endpoints)
}

#[tokio::test]
async fn a_server_at_a_url_has_the_api_and_the_errors_of_sagemaker() {
    let router = router(&[format!("a={}", server().await)]);
    let ask = async |path: &str, body: &str| {
        send(router.clone(), request("POST", path, &[], body.to_owned())).await
    };
    let answer = ask(INVOKE, "abc").await;
    assert_eq!(
        (answer.status.as_u16(), answer.text(), answer.header("content-type")),
        (200, "ABC", "text/plain")
    );
    let answer = ask("/invocations", "abc").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "ABC"));
    let answer = ask(INVOKE, "").await;
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((answer.status.as_u16(), &body["OriginalStatusCode"]), (424, &422.into()));
    let answer = ask("/endpoints/a/invocations-response-stream", "abc").await;
    assert_eq!(answer.header("content-type"), "application/vnd.amazon.eventstream");
    assert!(answer.body.windows(3).any(|window| window == b"ABC"));
    assert_eq!(send(router.clone(), request("GET", "/ping", &[], "")).await.status, 200);
}

#[tokio::test]
async fn a_server_that_is_down_is_unavailable() {
    // Nothing listens at the port of a listener that is gone.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let router = router(&[format!("a={url}")]);
    let answer = send(router.clone(), request("POST", INVOKE, &[], "abc")).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-amzn-errortype")), (503, "ServiceUnavailable"));
    assert_eq!(send(router, request("GET", "/ping", &[], "")).await.status, 503);
}

#[tokio::test]
async fn variants_may_be_of_different_kinds() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.tar.gz");
    fs::write(&model, packed(always(3.0))).unwrap();
    let url = server().await;
    let router = router(&[format!("a/knn:1={}", model.display()), format!("a/other:0={url}")]);
    let csv = ("content-type", "text/csv");
    let answer = send(router.clone(), request("POST", INVOKE, &[csv], "1,2")).await;
    assert_eq!(answer.header("x-amzn-invoked-production-variant"), "knn");
    let target = ("x-amzn-sagemaker-target-variant", "other");
    let answer = send(router, request("POST", INVOKE, &[csv, target], "a,b")).await;
    assert_eq!((answer.header("x-amzn-invoked-production-variant"), answer.text()), ("other", "A,B"));
}

#[test]
fn accepts_only_http_urls() {
    for url in ["http://127.0.0.1:9000", "http://localhost:9000/base/"] {
        assert!(HttpContainer::new(url).is_ok(), "{url}");
    }
    for url in ["https://x", "127.0.0.1:9000", "http://", "http://x/?a=b", "http://a b"] {
        assert!(HttpContainer::new(url).is_err(), "{url}");
    }
}

/// The command of a container: this program, which has the same contract.
fn command(folder: &Path) -> String {
    format!("exec '{}' serve --opt-ml '{}'", env!("CARGO_BIN_EXE_local-sagemaker"), folder.display())
}

/// A container's folder with the model that predicts 3.
fn opt_ml() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (archive, model) = (folder.path().join("model.tar.gz"), folder.path().join("model"));
    fs::write(&archive, packed(always(3.0))).unwrap();
    fs::create_dir(&model).unwrap();
    let unpacked = std::process::Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&model).status();
    assert!(unpacked.unwrap().success());
    folder
}

#[cfg(unix)]
#[tokio::test]
async fn a_command_is_started_and_stopped() {
    let folder = opt_ml();
    let router = router(&[format!("a=exec:{}", command(folder.path()))]);
    let answer = send(router.clone(), request("POST", INVOKE, &[("content-type", "text/csv")], "1,2")).await;
    assert_eq!(answer.text(), r#"{"predictions": [{"predicted_label": 3.0}]}"#, "{answer:?}");
    drop(router);
}

/// Waits until a file does not grow any more; it was growing before.
#[cfg(unix)]
fn stops_growing(trace: &Path) -> bool {
    let len = || fs::metadata(trace).map_or(0, |metadata| metadata.len());
    let mut before = len();
    let was_growing = before > 0;
    for _ in 0..40 {
        std::thread::sleep(Duration::from_millis(500));
        if len() == before {
            return was_growing;
        }
        before = len();
    }
    false
}

#[cfg(unix)]
#[test]
fn a_command_ends_when_the_program_is_killed() {
    let folder = opt_ml();
    let trace = folder.path().join("trace");
    // It ignores what ends programs in good order.
    let background =
        format!("trap '' HUP INT TERM; while sleep 0.02; do echo >> '{}'; done &", trace.display());
    let endpoint = format!("a=exec:{background} {}", command(folder.path()));
    // `Running` kills the program when it is dropped.
    drop(Running::start(&["serve", "--endpoint", &endpoint]));
    assert!(stops_growing(&trace));
}

#[cfg(unix)]
#[tokio::test]
async fn a_command_that_ends_is_restarted_and_one_that_cannot_start_fails() {
    let folder = opt_ml();
    // A background process that the shell leaves behind belongs to the container too.
    let trace = folder.path().join("trace");
    let background = format!("while sleep 0.02; do echo >> '{}'; done &", trace.display());
    let process = ContainerProcess::start(&format!("{background} {}", command(folder.path()))).unwrap();
    process.wait_until_healthy().await.unwrap();
    let group = rustix::process::Pid::from_raw(process.id().unwrap().cast_signed()).unwrap();
    rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap();
    let mut was_down = false;
    let mut is_healthy = true;
    for _ in 0..2000 {
        is_healthy = process.is_healthy().await;
        was_down |= !is_healthy;
        if was_down && is_healthy {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(was_down && is_healthy);
    drop(process);
    let len = || fs::metadata(&trace).unwrap().len();
    let before = len();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!((len(), before > 0), (before, true));

    let failed = ContainerProcess::start("exit 3").unwrap();
    let error = failed.wait_until_healthy().await.unwrap_err();
    assert!(matches!(error, ProcessError::Ended { .. }), "{error}");
    assert!(error.to_string().starts_with("\"exit 3\" ended (exit status: 3) before GET /ping"), "{error}");
}
