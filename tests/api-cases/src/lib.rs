//! Invalid requests as data, for all tests that send some: to the router, as a Lambda event, through a gateway.
//!
//! `bad_requests.json` holds the requests and the router's responses.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;

/// A `POST /recommendations` that is rejected, and its response.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BadRequest {
    /// A unique description of what is wrong.
    pub name: String,
    /// The content type, which has no effect.
    pub content_type: String,
    body: Vec<BodyPart>,
    /// The status of the response.
    pub status: u16,
    /// The type of the problem document.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// The title of the problem document.
    pub title: String,
    /// The detail of the problem document.
    pub detail: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum BodyPart {
    Text(String),
    Repeated { repeat: String, times: usize },
    Bytes { base64: String },
}

impl BadRequest {
    /// Returns the body; some bodies are not valid text.
    ///
    /// # Panics
    /// If the file holds invalid base64.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let part = |part: &BodyPart| match part {
            BodyPart::Text(text) => text.clone().into_bytes(),
            BodyPart::Repeated { repeat, times } => repeat.repeat(*times).into_bytes(),
            BodyPart::Bytes { base64 } => BASE64_STANDARD.decode(base64).expect("valid base64 in the file"),
        };
        self.body.iter().flat_map(part).collect()
    }
}

/// Returns all invalid requests.
///
/// # Panics
/// If the file is malformed.
#[must_use]
pub fn bad_requests() -> Vec<BadRequest> {
    serde_json::from_str(include_str!("../bad_requests.json")).expect("a well-formed file")
}
