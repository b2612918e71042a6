//! Lambda events.

// The function's two modules are compiled in here: as a dependency, the function would bring the AWS SDK and a TLS library.
#[path = "../../../crates/lambda/src/request.rs"]
mod request;
#[path = "../../../crates/lambda/src/response.rs"]
mod response;

use std::sync::OnceLock;

use axum::Router;
use base64::{Engine as _, prelude::BASE64_STANDARD};

use self::{request::ApiEvent, response::ProxyResponse};
use crate::http::{api, response, send};

/// Sends a Lambda event through the API, from any JSON to the response that API Gateway reads.
///
/// Returns false if the input is not JSON: such an input need not be kept in a corpus.
///
/// # Panics
/// If the answer breaks a rule that holds for every input.
#[must_use]
pub fn lambda_event(input: &[u8]) -> bool {
    static API: OnceLock<Router> = OnceLock::new();
    let Ok(event) = serde_json::from_slice::<ApiEvent>(input) else { return false };
    let request = match event.request() {
        Ok(request) => request,
        Err(error) => {
            assert!(!error.to_string().is_empty() && !error.name().is_empty());
            return true;
        }
    };
    let answer = send(API.get_or_init(api), request);
    let (status, body) = (answer.status, answer.body.clone());
    let proxied = response(answer, ProxyResponse::from_response).expect("a body in memory is complete");
    let text = serde_json::to_string(&proxied).expect("a response has a JSON form");
    let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(read["statusCode"], status.as_u16());
    let proxied = read["body"].as_str().expect("a text");
    let proxied = match read["isBase64Encoded"].as_bool() {
        Some(true) => BASE64_STANDARD.decode(proxied).expect("base64"),
        _ => proxied.as_bytes().to_vec(),
    };
    assert_eq!(proxied, body);
    true
}
