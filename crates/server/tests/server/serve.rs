//! A real socket, and how it is closed.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, routing::get};
use mysfits_server::serve::{bind, serve};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep},
};

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// A server that answers `/` at once, `/slow` after 300 ms and `/never` never, until told to stop.
async fn start() -> (SocketAddr, oneshot::Sender<()>, JoinHandle<std::io::Result<()>>) {
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
    let server = tokio::spawn(serve(listener, router, async { stopped.await.unwrap_or(()) }));
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
    server.await.unwrap().unwrap();
    drop(idle);
}

#[tokio::test]
async fn after_the_signal_nobody_new_is_let_in() {
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
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let (address, _stop, _server) = start().await;
    let answer = read_to_end(send(address, "\x16\x03\x01\x02\0\x01 is a TLS hello\r\n\r\n").await).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_dribbles_headers_is_cut_off() {
    let (address, _stop, _server) = start().await;
    let begun = Instant::now();
    let answer = read_to_end(send(address, "GET / HTTP/1.1\r\nhost: my").await).await;
    assert!(!answer.contains("200"), "{answer}");
    // The clock jumps to the next timer as soon as everybody waits.
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_way_out() {
    let first = bind(ANY_PORT).await.unwrap();
    let address = first.local_addr().unwrap();
    let error = bind(address).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot listen at {address}: ")), "{error}");
    assert!(error.ends_with("; choose another with --port"), "{error}");
}
