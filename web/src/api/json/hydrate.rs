//! JSON with the browser's parser.

pub use wasm_bindgen::JsValue as Value;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::js_sys::{Array, JSON, Reflect};

use super::Json;

impl Json {
    /// Parses a text; `None` if it is not JSON, or null.
    pub fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok().and_then(Self::new)
    }

    fn new(value: JsValue) -> Option<Self> {
        (!value.is_null() && !value.is_undefined()).then_some(Self(value))
    }

    pub fn is_object(&self) -> bool {
        self.0.is_object() && !Array::is_array(&self.0)
    }

    /// Returns the value of an object's key; `None` if it is absent or null.
    pub fn get(&self, key: &str) -> Option<Self> {
        // Fails for a value that is not an object.
        Reflect::get(&self.0, &JsValue::from_str(key)).ok().and_then(Self::new)
    }

    pub fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    pub fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    pub fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    /// Returns the items of an array without nulls; empty for any other value.
    pub fn items(&self) -> Vec<Self> {
        let items = self.0.dyn_ref::<Array>();
        items.into_iter().flat_map(Array::iter).filter_map(Self::new).collect()
    }
}

/// Returns a string as JSON.
pub fn quoted(text: &str) -> String {
    JSON::stringify(&JsValue::from_str(text)).map(String::from).unwrap_or_default()
}
