//! A real socket, and how it is closed.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, routing::get};
use local_sagemaker::{
    connections::ConnectionLimits,
    serve::{bind, serve},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::support::router;

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// A server that answers `/` at once, `/slow` after 300 ms and `/never` never, until told to stop.
async fn start() -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let slow = async || {
        sleep(Duration::from_millis(300)).await;
        "slow but sure"
    };
    let router = Router::new()
        .route("/", get(async || "at once"))
        .route("/slow", get(slow))
        .route("/never", get(async || std::future::pending::<()>().await));
    let listener = bind(ANY_PORT).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(serve(
        listener,
        router,
        ConnectionLimits::default(),
        async { stopped.await.unwrap_or(()) },
        std::future::pending(),
    ));
    (address, stop, server)
}

async fn send(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

async fn read_to_end(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn requests_are_answered_over_a_socket() {
    let (address, _stop, _server) = start().await;
    let stream = send(address, "GET / HTTP/1.1\r\nhost: mysfits\r\nconnection: close\r\n\r\n").await;
    let answer = read_to_end(stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nat once"), "{answer}");
}

#[tokio::test]
async fn a_slow_request_is_finished_before_the_server_ends() {
    let (address, stop, server) = start().await;
    let stream = send(address, "GET /slow HTTP/1.1\r\nhost: mysfits\r\n\r\n").await;
    // An idle connection does not keep the server.
    let idle = send(address, "").await;
    sleep(Duration::from_millis(100)).await;
    stop.send(()).unwrap();
    let answer = read_to_end(stream).await;
    assert!(answer.ends_with("slow but sure"), "{answer}");
    server.await.unwrap();
    drop(idle);
}

#[tokio::test]
async fn accepts_no_connection_after_the_signal() {
    let (address, stop, server) = start().await;
    let stream = send(address, "GET /never HTTP/1.1\r\nhost: mysfits\r\n\r\n").await;
    sleep(Duration::from_millis(100)).await;
    stop.send(()).unwrap();
    let begun = Instant::now();
    while TcpStream::connect(address).await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(10), "the server still accepts connections");
        sleep(Duration::from_millis(10)).await;
    }
    // Not because it has ended: it waits for the request under way, until its caller hangs up.
    assert!(!server.is_finished());
    drop(stream);
    server.await.unwrap();
}

#[tokio::test]
async fn rejects_requests_that_are_not_http() {
    let (address, _stop, _server) = start().await;
    let answer = read_to_end(send(address, "\x16\x03\x01\x02\0\x01 is a TLS hello\r\n\r\n").await).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn slow_headers_time_out() {
    let (address, _stop, _server) = start().await;
    let begun = Instant::now();
    let answer = read_to_end(send(address, "GET / HTTP/1.1\r\nhost: my").await).await;
    assert!(!answer.contains("200"), "{answer}");
    // The paused clock jumps to the next timer.
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn the_error_for_a_port_in_use_says_what_to_do() {
    let first = bind(ANY_PORT).await.unwrap();
    let address = first.local_addr().unwrap();
    let error = bind(address).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot listen at {address}: ")), "{error}");
    assert!(error.ends_with("; choose another with --port"), "{error}");
}

/// Serves a router within limits, for ever.
async fn start_within(limits: ConnectionLimits, router: Router) -> SocketAddr {
    let listener = bind(ANY_PORT).await.unwrap();
    let address = listener.local_addr().unwrap();
    let never = std::future::pending::<()>;
    tokio::spawn(serve(listener, router, limits, never(), never()));
    address
}

/// Limits with one changed.
fn limits(change: impl FnOnce(&mut ConnectionLimits)) -> ConnectionLimits {
    let mut limits = ConnectionLimits::default();
    change(&mut limits);
    limits
}

/// The app's metrics, read from another connection.
async fn metrics(address: SocketAddr) -> String {
    read_to_end(send(address, "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await)
        .await
}

async fn until_in_flight(address: SocketAddr, expected: usize) {
    let expected = format!("http_requests_in_flight {expected}\n");
    let begun = Instant::now();
    while !metrics(address).await.contains(&expected) {
        assert!(begun.elapsed() < Duration::from_secs(20), "not {expected}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// A batch whose response is some 20 MB long, which no socket buffers.
fn long_batch() -> String {
    let body = "1,2,3,4,5\n".repeat(200_000);
    format!(
        "POST /invocations HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\n\
         accept: application/jsonlines; verbose=true\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closes_connections_whose_client_does_not_read() {
    let limits = limits(|limits| limits.write_timeout = Duration::from_millis(300));
    let address = start_within(limits, router()).await;
    let mut unread = send(address, &long_batch()).await;
    // Counted as in flight although its head was sent: itself and the request for the metrics.
    until_in_flight(address, 2).await;
    until_in_flight(address, 1).await;
    let mut received = Vec::new();
    // What the socket had buffered, then the end: a reset or no more data.
    let _ = unread.read_to_end(&mut received).await;
    assert!(received.starts_with(b"HTTP/1.1 200 ") && received.len() < 20_000_000, "{}", received.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_responses_that_are_read_too_slowly() {
    let limits = limits(|limits| limits.response_timeout = Duration::from_millis(500));
    let address = start_within(limits, router()).await;
    let mut slow = send(address, &long_batch()).await;
    let (begun, mut piece) = (Instant::now(), [0; 4096]);
    while slow.read(&mut piece).await.is_ok_and(|n| n > 0) {
        sleep(Duration::from_millis(1)).await;
        assert!(begun.elapsed() < Duration::from_secs(20), "the response has no end");
    }
    until_in_flight(address, 1).await;
}

#[tokio::test]
async fn answers_408_to_bodies_that_do_not_arrive_in_time() {
    let limits = limits(|limits| limits.body_timeout = Duration::from_millis(50));
    let address = start_within(limits, router()).await;
    for (path, expected) in [
        ("/invocations", "The body did not arrive in time."),
        ("/endpoints/knn-demo/invocations", r#"{"Message":"The body did not arrive in time."}"#),
    ] {
        let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\n");
        let answer = read_to_end(send(address, &format!("{head}content-length: 9\r\n\r\n1,2,")).await).await;
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.ends_with(expected), "{path}: {answer}");
    }
}

#[tokio::test]
async fn answers_health_and_metrics_beyond_the_connection_limit() {
    let limits = limits(|limits| limits.max_connections = 2);
    let address = start_within(limits, router()).await;
    // Each holds a connection; the response shows that it was accepted.
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = send(address, "GET /ping HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        stream.read_exact(&mut [0; 12]).await.unwrap();
        held.push(stream);
    }
    let get = async |path: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        read_to_end(send(address, &request).await).await
    };
    assert!(get("/ping").await.starts_with("HTTP/1.1 200 "));
    assert!(get("/metrics").await.contains("http_requests_total"));
    let refused = get("/execution-parameters").await;
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("retry-after: 1"), "{refused}");
    drop(held);
    let begun = Instant::now();
    while !get("/execution-parameters").await.starts_with("HTTP/1.1 200 ") {
        assert!(begun.elapsed() < Duration::from_secs(10), "the connections are not given back");
    }
}

#[tokio::test]
async fn half_sent_requests_do_not_delay_the_end() {
    for half in
        ["GET / HTTP/1.1\r\nhost: my", "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n1,2"]
    {
        let (address, stop, server) = start().await;
        let stream = send(address, half).await;
        sleep(Duration::from_millis(100)).await;
        stop.send(()).unwrap();
        let begun = Instant::now();
        server.await.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(10), "{half:?}: {:?}", begun.elapsed());
        drop(stream);
    }
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let router = Router::new().route("/never", get(async || std::future::pending::<()>().await));
    let listener = bind(ANY_PORT).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, abort) = (oneshot::channel(), oneshot::channel());
    let signal = async |signal: oneshot::Receiver<()>| signal.await.unwrap_or(());
    let server =
        tokio::spawn(serve(listener, router, ConnectionLimits::default(), signal(stop.1), signal(abort.1)));
    let stream = send(address, "GET /never HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    sleep(Duration::from_millis(100)).await;
    stop.0.send(()).unwrap();
    sleep(Duration::from_millis(100)).await;
    assert!(!server.is_finished());
    abort.0.send(()).unwrap();
    server.await.unwrap();
    drop(stream);
}
