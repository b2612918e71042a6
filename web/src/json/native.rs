//! JSON by serde.

use serde_json::Value;

/// A value, never null.
#[derive(Debug, Clone, PartialEq)]
pub struct Json(Value);

impl Json {
    /// Reads a text; none if it is not JSON, or null.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().and_then(Self::new)
    }

    fn new(value: Value) -> Option<Self> {
        (!value.is_null()).then_some(Self(value))
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        self.0.is_object()
    }

    /// What an object holds under a key; none if it is absent or null.
    pub fn get(&self, key: &str) -> Option<Self> {
        self.0.get(key).cloned().and_then(Self::new)
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    /// The truth value, if it is one.
    pub fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    /// An array's items without its nulls; empty for anything else.
    pub fn items(&self) -> Vec<Self> {
        self.0.as_array().into_iter().flatten().cloned().filter_map(Self::new).collect()
    }
}

/// A text as JSON.
pub fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
