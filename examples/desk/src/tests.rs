//! The requests of the README, and that each is answered as it shows.

use axum::{body::Body, http::Request};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::desk;

const README: &str = include_str!("../README.md");

/// What the README shows after a command that ends so.
fn shown(command_end: &str) -> &'static str {
    let mut lines =
        README.lines().skip_while(|line| !(line.starts_with("$ curl") && line.ends_with(command_end)));
    lines.nth(1).expect("the README shows the command and its output")
}

async fn ask(request: Request<Body>) -> String {
    let body = desk().oneshot(request).await.unwrap().into_body();
    String::from_utf8(body.collect().await.unwrap().to_bytes().into()).unwrap()
}

async fn get(path: &str) -> String {
    ask(Request::get(path).body(Body::empty()).unwrap()).await
}

async fn post(path: &str, body: &'static str) -> String {
    let request = Request::post(path).header("content-type", "application/json");
    ask(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn answers_are_read_back_in_the_visitors_language() {
    let answer = post("/answers?locale=ko", r#"{"entry":[1,2,3,4,5]}"#).await;
    assert_eq!(answer, shown("'http://127.0.0.1:8090/answers?locale=ko'"));
}

#[tokio::test]
async fn a_wrong_entry_is_named() {
    let answer = post("/answers", r#"{"entry":[1,2,9,4,5]}"#).await;
    assert_eq!(answer, shown("'http://127.0.0.1:8090/answers'"));
}

#[tokio::test]
async fn the_options_are_the_domains() {
    assert_eq!(get("/questions/colour").await, shown("http://127.0.0.1:8090/questions/colour"));
}
