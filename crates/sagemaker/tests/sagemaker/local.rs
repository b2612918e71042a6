//! The endpoint of other people's tests.

use std::{
    io::Write as _,
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use mysfits_sagemaker::{
    LocalEndpoint, LocalEndpointError,
    faults::{Faults, Rate},
};

use crate::support::{always, ask_over_socket, maximum};

/// What the endpoint `knn-demo` there says to a sample.
fn ask(local: &LocalEndpoint) -> String {
    let head = "POST /endpoints/knn-demo/invocations HTTP/1.1\r\ncontent-type: text/csv";
    ask_over_socket(local.address(), head, b"3,4").unwrap()
}

#[test]
fn one_line_starts_it_and_its_end_of_life_stops_it() {
    let local = LocalEndpoint::start("knn-demo", maximum()).unwrap();
    assert_eq!(local.url(), format!("http://{}", local.address()));
    assert!(local.address().ip().is_loopback());
    assert!(ask(&local).ends_with(r#"{"predictions": [{"predicted_label": 4.0}]}"#));
    let ping = ask_over_socket(local.address(), "GET /ping HTTP/1.1", b"").unwrap();
    assert!(ping.starts_with("HTTP/1.1 200 "), "{ping}");
    let address = local.address();
    drop(local);
    // A connection to a port that was closed can succeed, with itself or with another process: the endpoint is gone if
    // nothing answers for it.
    let head = "POST /endpoints/knn-demo/invocations HTTP/1.1\r\ncontent-type: text/csv";
    let answer = ask_over_socket(address, head, b"3,4");
    assert!(!answer.as_ref().is_ok_and(|answer| answer.contains("predicted_label")), "{answer:?}");
}

#[tokio::test]
async fn it_lives_and_dies_in_an_asynchronous_test_too() {
    let local = LocalEndpoint::start("knn-demo", maximum()).unwrap();
    // The test blocks its only thread: the endpoint has one of its own.
    assert!(ask(&local).contains("200 OK"));
    drop(local);
}

#[test]
fn several_at_once_do_not_meet() {
    let locals = [1.0, 2.0, 3.0].map(|label| LocalEndpoint::start("knn-demo", always(label)).unwrap());
    for (local, label) in locals.iter().zip(["1.0", "2.0", "3.0"]) {
        assert!(ask(local).contains(label));
    }
}

#[test]
fn many_callers_are_answered_at_once() {
    let local = LocalEndpoint::start("knn-demo", maximum()).unwrap();
    thread::scope(|scope| {
        let callers: Vec<_> = (0..32).map(|_| scope.spawn(|| ask(&local))).collect();
        for caller in callers {
            assert!(caller.join().unwrap().contains("4.0"));
        }
    });
}

#[test]
fn its_model_and_its_faults_can_be_set_while_it_serves() {
    let local = LocalEndpoint::start("knn-demo", maximum()).unwrap();
    local.endpoint().replace_model(always(7.0));
    assert!(ask(&local).contains(r#""predicted_label": 7.0"#));
    local.endpoint().set_faults(Faults { throttling: Rate::ALWAYS, ..Faults::NONE });
    assert!(ask(&local).contains("x-amzn-errortype: ThrottlingException"));
}

#[test]
fn dropping_stops_at_once() {
    let local = LocalEndpoint::start("knn-demo", maximum()).unwrap();
    local.endpoint().set_faults(Faults { latency: Duration::from_mins(1), ..Faults::NONE });
    let mut idle = TcpStream::connect(local.address()).unwrap();
    let mut waiting = TcpStream::connect(local.address()).unwrap();
    waiting.write_all(b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").unwrap();
    idle.write_all(b"GET /ping").unwrap();
    thread::sleep(Duration::from_millis(50));
    let begun = Instant::now();
    drop(local);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn invalid_endpoint_names_are_rejected() {
    let error = LocalEndpoint::start("a_b", maximum()).unwrap_err();
    assert!(matches!(error, LocalEndpointError::Name(_)), "{error}");
    assert!(error.to_string().contains("\"a_b\" is not an endpoint name"), "{error}");
}
