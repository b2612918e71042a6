//! Request bodies: JSON objects with short texts as members.

use mysfits_api::Problem;
use serde_json::{Map, Value};

/// A JSON object.
pub(super) struct JsonBody(Map<String, Value>);

impl JsonBody {
    /// Parses a body. Like the API, it ignores the content type.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(Problem::NotJson("the body is JSON, but no object".to_owned())),
            Err(error) => Err(Problem::NotJson(format!("the body is not JSON: {error}"))),
        }
    }

    /// Returns the text of a member, trimmed: 1 to `max` characters.
    ///
    /// The error does not repeat the text, which may be personal.
    pub(super) fn text(&self, name: &str, max: usize) -> Result<&str, Problem> {
        let wrong = |found: &str| {
            Problem::InvalidParameter(format!(
                "{name} is {found}; it must be a text of 1 to {max} characters"
            ))
        };
        match self.0.get(name) {
            None => Err(wrong("missing")),
            Some(Value::String(text)) => match text.trim() {
                "" => Err(wrong("empty")),
                text if text.chars().count() > max => {
                    Err(wrong(&format!("{} characters long", text.chars().count())))
                }
                text => Ok(text),
            },
            Some(_) => Err(wrong("no text")),
        }
    }
}
