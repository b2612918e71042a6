//! What a caller asks, read with care: every fault has its own words.

use mysfits_domain::{Answer, Entry, EntryError, QUESTION_COUNT};
use serde_json::{Map, Value};

use crate::Problem;

/// As much of a caller's value as an error repeats.
const MAX_QUOTED_CHARS: usize = 40;

/// A request for a recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecommendationRequest {
    pub(crate) entry: Entry,
    pub(crate) explain: bool,
}

impl RecommendationRequest {
    /// Reads the body as JSON, whatever its content type says: `curl -d` says it is a form.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Problem> {
        let object: Map<String, Value> = match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => object,
            Ok(other) => {
                let found = kind(&other);
                return Err(Problem::NotJson(format!("the body is {found}; it must be a JSON object")));
            }
            Err(error) => return Err(Problem::NotJson(format!("the body is not JSON: {error}"))),
        };
        let entry = parse_entry(object.get("entry").ok_or(Problem::MissingEntry)?)?;
        let explain = match object.get("explain") {
            None => false,
            Some(&Value::Bool(explain)) => explain,
            Some(other) => {
                let found = quote(other);
                return Err(Problem::InvalidParameter(format!(
                    "explain is {found}; it must be true or false"
                )));
            }
        };
        Ok(Self { entry, explain })
    }
}

fn parse_entry(value: &Value) -> Result<Entry, Problem> {
    let Value::Array(answers) = value else {
        let found = kind(value);
        return Err(Problem::InvalidEntry(format!("entry is {found}; it must be an array of whole numbers")));
    };
    if answers.len() != QUESTION_COUNT {
        return Err(EntryError::WrongCount { found: answers.len() }.into());
    }
    let mut entry = [Answer::MIN; QUESTION_COUNT];
    for (position, (answer, value)) in entry.iter_mut().zip(answers).enumerate() {
        *answer = parse_answer(value).ok_or_else(|| EntryError::not_an_option(position, quote(value)))?;
    }
    Ok(entry.into())
}

/// Returns the answer that a value is; none if it is not an option. `3.0` is a whole number, as it is in JSON Schema.
fn parse_answer(value: &Value) -> Option<Answer> {
    let number = value.as_f64()?;
    let fits = number.fract() == 0.0 && (0.0..=f64::from(u8::MAX)).contains(&number);
    fits.then_some(number as u8).and_then(|number| Answer::try_from(number).ok())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The value as its sender wrote it, cut short; of arrays and objects only what they are.
fn quote(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
        scalar => {
            let text = scalar.to_string();
            match text.char_indices().nth(MAX_QUOTED_CHARS) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        }
    }
}
