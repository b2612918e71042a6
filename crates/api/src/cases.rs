//! Bad requests as data, for every test that sends some: to the router, as a function's event, through a gateway.
//!
//! They stand in `cases/bad_requests.json`; each has the answer that the router gives. Behind the feature `cases`.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;

/// A `POST /recommendations` that is refused, and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BadRequest {
    /// What is wrong with it, for people; no two have the same.
    pub name: String,
    /// What it says it is. It makes no difference.
    pub content_type: String,
    body: Vec<Part>,
    /// The answer's status.
    pub status: u16,
    /// Its problem document's type.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// Its problem document's title.
    pub title: String,
    /// Its problem document's detail.
    pub detail: String,
}

/// A part of a body.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Part {
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
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone().into_bytes(),
            Part::Repeated { repeat, times } => repeat.repeat(*times).into_bytes(),
            Part::Bytes { base64 } => BASE64_STANDARD.decode(base64).expect("base64 in the file of cases"),
        };
        self.body.iter().flat_map(part).collect()
    }
}

/// All bad requests.
///
/// # Panics
/// If the file is malformed.
#[must_use]
pub fn bad_requests() -> Vec<BadRequest> {
    serde_json::from_str(include_str!("../cases/bad_requests.json")).expect("a well-formed file of cases")
}
