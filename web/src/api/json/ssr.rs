//! JSON with `serde_json`.

pub use serde_json::Value;

use super::Json;

impl Json {
    /// Parses a text; `None` if it is not JSON, or null.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().and_then(Self::new)
    }

    fn new(value: Value) -> Option<Self> {
        (!value.is_null()).then_some(Self(value))
    }

    pub fn is_object(&self) -> bool {
        self.0.is_object()
    }

    /// Returns the value of an object's key; `None` if it is absent or null.
    pub fn get(&self, key: &str) -> Option<Self> {
        self.0.get(key).cloned().and_then(Self::new)
    }

    pub fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    pub fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    pub fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    /// Returns the items of an array without nulls; empty for any other value.
    pub fn items(&self) -> Vec<Self> {
        self.0.as_array().into_iter().flatten().cloned().filter_map(Self::new).collect()
    }
}

/// Returns a string as JSON.
pub fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
