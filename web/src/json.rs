//! Reading JSON: by the browser itself where there is one, by serde natively, where the tests are.
//!
//! One small surface with two bodies. The browser's code needs no parser of its own that way.

#[cfg_attr(target_arch = "wasm32", path = "json/browser.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "json/native.rs")]
mod target;

pub use target::{Json, quoted};

#[cfg(test)]
mod tests {
    use super::{Json, quoted};

    #[test]
    fn values_are_what_they_are_and_nothing_else() {
        let json =
            Json::parse(r#"{"a": "text", "b": 2.5, "c": [1, 2], "d": null, "e": true}"#).expect("JSON");
        assert!(json.is_object());
        assert_eq!(json.get("a").and_then(|a| a.text()).as_deref(), Some("text"));
        assert_eq!(json.get("b").and_then(|b| b.number()), Some(2.5));
        let items: Vec<_> = json.get("c").expect("c").items().iter().filter_map(Json::number).collect();
        assert_eq!(items, [1.0, 2.0]);
        assert!(json.get("d").is_none(), "null is as good as absent");
        assert!(json.get("f").is_none());
        assert_eq!(json.get("e").and_then(|e| e.text()), None);
        assert_eq!(json.get("e").and_then(|e| e.flag()), Some(true));
        assert!(Json::parse("{").is_none());
        assert!(!Json::parse("[1]").expect("JSON").is_object());
        assert!(Json::parse("7").expect("JSON").get("a").is_none());
    }

    #[test]
    fn a_text_is_quoted_so_that_it_is_read_back() {
        for text in ["plain", "\"quoted\" \\ and\nbroken", "한글 😀"] {
            assert_eq!(Json::parse(&quoted(text)).and_then(|json| json.text()).as_deref(), Some(text));
        }
    }
}
