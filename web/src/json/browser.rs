//! JSON by the browser.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::js_sys::{Array, JSON, Reflect};

/// A value, never null.
#[derive(Debug, Clone, PartialEq)]
pub struct Json(JsValue);

impl Json {
    /// Reads a text; none if it is not JSON, or null.
    pub fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok().and_then(Self::new)
    }

    fn new(value: JsValue) -> Option<Self> {
        (!value.is_null() && !value.is_undefined()).then_some(Self(value))
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        self.0.is_object() && !Array::is_array(&self.0)
    }

    /// What an object holds under a key; none if it is absent or null.
    pub fn get(&self, key: &str) -> Option<Self> {
        // Refused for what is no object.
        Reflect::get(&self.0, &JsValue::from_str(key)).ok().and_then(Self::new)
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<String> {
        self.0.as_string()
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
        let items = self.0.dyn_ref::<Array>();
        items.into_iter().flat_map(Array::iter).filter_map(Self::new).collect()
    }
}

/// A text as JSON.
pub fn quoted(text: &str) -> String {
    JSON::stringify(&JsValue::from_str(text)).map(String::from).unwrap_or_default()
}
