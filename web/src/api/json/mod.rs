//! JSON: with the browser's parser on wasm32, which saves a parser in the wasm file, and with `serde_json` in native builds.

#[cfg(target_arch = "wasm32")]
mod hydrate;
#[cfg(not(target_arch = "wasm32"))]
mod ssr;

#[cfg(target_arch = "wasm32")]
use hydrate::{Value, quoted};
#[cfg(not(target_arch = "wasm32"))]
use ssr::{Value, quoted};

/// A JSON value other than null.
#[derive(Debug, Clone, PartialEq)]
pub struct Json(Value);

/// Returns a JSON object of strings.
pub fn object(members: &[(&str, &str)]) -> String {
    let members: Vec<_> =
        members.iter().map(|(key, text)| ["\"", key, "\":", &*quoted(text)].concat()).collect();
    ["{", &*members.join(","), "}"].concat()
}

/// Returns a JSON object of strings and one nested value.
pub fn object_with(members: &[(&str, &str)], nested_key: &str, nested: &str) -> String {
    let texts = object(members);
    [texts.trim_end_matches('}'), ",\"", nested_key, "\":", nested, "}"].concat()
}

#[cfg(test)]
mod tests {
    use super::{Json, object, object_with, quoted};

    #[test]
    fn values_have_one_type() {
        let json =
            Json::parse(r#"{"a": "text", "b": 2.5, "c": [1, 2], "d": null, "e": true}"#).expect("JSON");
        assert!(json.is_object());
        assert_eq!(json.get("a").and_then(|a| a.text()).as_deref(), Some("text"));
        assert_eq!(json.get("b").and_then(|b| b.number()), Some(2.5));
        let items: Vec<_> = json.get("c").expect("c").items().iter().filter_map(Json::number).collect();
        assert_eq!(items, [1.0, 2.0]);
        assert!(json.get("d").is_none(), "null counts as absent");
        assert!(json.get("f").is_none());
        assert_eq!(json.get("e").and_then(|e| e.text()), None);
        assert_eq!(json.get("e").and_then(|e| e.flag()), Some(true));
        assert!(Json::parse("{").is_none());
        assert!(!Json::parse("[1]").expect("JSON").is_object());
        assert!(Json::parse("7").expect("JSON").get("a").is_none());
    }

    #[test]
    fn reads_quoted_strings_back() {
        for text in ["plain", "\"quoted\" \\ and\nbroken", "한글 😀"] {
            assert_eq!(Json::parse(&quoted(text)).and_then(|json| json.text()).as_deref(), Some(text));
        }
    }

    #[test]
    fn escapes_strings() {
        let inner = object(&[("USERNAME", "a\"b")]);
        let message =
            object_with(&[("AuthFlow", "USER_SRP_AUTH"), ("ClientId", "c")], "AuthParameters", &inner);
        assert_eq!(
            message,
            r#"{"AuthFlow":"USER_SRP_AUTH","ClientId":"c","AuthParameters":{"USERNAME":"a\"b"}}"#
        );
    }
}
