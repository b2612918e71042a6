//! JSONPath filters.

use mysfits_sagemaker::batch::{JsonPath, SelectError};
use proptest::prelude::*;

fn path(text: &str) -> JsonPath {
    text.parse().unwrap()
}

fn selected(text: &str, json: &str) -> String {
    path(text).select(json).unwrap()
}

/// The operators in the table of the developer guide.
#[test]
fn supports_the_documented_operators() {
    let record = r#"{"id": {"a": 1, "b": [2]}, "SageMakerOutput": 0.50, "x y": null, "other": true}"#;
    assert_eq!(selected("$", record), record);
    assert_eq!(selected("$.id", record), r#"{"a": 1, "b": [2]}"#);
    assert_eq!(selected("$.id.*", record), "[1,[2]]");
    assert_eq!(
        selected("$['id','SageMakerOutput']", record),
        r#"{"id":{"a": 1, "b": [2]},"SageMakerOutput":0.50}"#
    );
    assert_eq!(selected("$.id.['a','b']", record), r#"{"a":1,"b":[2]}"#);
    assert_eq!(selected("$['x y']", record), "null");
    let row = "[0, 1, 2, 3, 4, 5, 6, 7]";
    assert_eq!(selected("$[1]", row), "1");
    assert_eq!(selected("$[-1]", row), "7");
    assert_eq!(selected("$[1,3,5]", row), "[1,3,5]");
    assert_eq!(selected("$[0,-1]", row), "[0,7]");
    assert_eq!(selected("$[0,5:]", row), "[0,5,6,7]");
    assert_eq!(selected("$[ 6, -1 ]", row), "[6,7]");
    assert_eq!(selected("$[*]", "[[1],2]"), "[[1],2]");
    assert_eq!(selected("$.a[0].b[1]", r#"{"a": [{"b": [1, 2.0]}]}"#), "2.0");
    assert_eq!(selected("$[*].a", r#"[{"a": 1}, {"a": 2}]"#), "[1,2]");
}

/// "`$[1:4]` specifies the second through fifth columns", "`[:5]` ... the first column (index 0) through the sixth column".
#[test]
fn slices_include_their_end() {
    let row = "[0, 1, 2, 3, 4, 5, 6, 7]";
    assert_eq!(selected("$[1:4]", row), "[1,2,3,4]");
    assert_eq!(selected("$[:5]", row), "[0,1,2,3,4,5]");
    assert_eq!(selected("$[5:]", row), "[5,6,7]");
    assert_eq!(selected("$[:]", row), "[0,1,2,3,4,5,6,7]");
    assert_eq!(selected("$[7:]", row), "[7]");
    assert_eq!(selected("$[-2:]", row), "[6,7]");
}

#[test]
fn a_negative_end_is_left_out() {
    let row = "[0, 1, 2, 3]";
    assert_eq!(selected("$[:-1]", row), "[0,1,2]");
    assert_eq!(selected("$[1:-1]", row), "[1,2]");
    assert_eq!(selected("$[-3:-1]", row), "[1,2]");
}

#[test]
fn names_what_cannot_be_selected() {
    let error = |text: &str, json: &str| path(text).select(json).unwrap_err();
    assert_eq!(error("$[3]", "[1, 2, 3]"), SelectError::OutOfRange { index: 3, length: 3 });
    assert_eq!(error("$[0:3]", "[1, 2, 3]"), SelectError::OutOfRange { index: 3, length: 3 });
    assert_eq!(error("$[-4]", "[1, 2, 3]"), SelectError::OutOfRange { index: -4, length: 3 });
    assert_eq!(error("$[2:1]", "[1, 2, 3]"), SelectError::EmptySlice { length: 3 });
    assert_eq!(error("$.b", r#"{"a": 1}"#), SelectError::Name("b".to_owned()));
    assert_eq!(error("$.a.b", r#"{"a": 1}"#), SelectError::NotObject("b".to_owned()));
    assert_eq!(error("$[0]", r#"{"a": 1}"#), SelectError::NotArray);
    assert_eq!(error("$.a.*", r#"{"a": 1}"#), SelectError::NotContainer);
    assert!(matches!(error("$", "{"), SelectError::Json(_)));
    let columns = ["1", "2"];
    assert_eq!(path("$[-1,0]").select_columns(&columns).unwrap(), ["2", "1"]);
    assert_eq!(path("$.a").select_columns(&columns).unwrap_err(), SelectError::NotColumns);
}

#[test]
fn errors_name_the_position() {
    for (text, position, reason) in [
        ("", 0, "the path ends too early (expected '$')"),
        ("features", 0, "unexpected 'f' (expected '$')"),
        ("$features", 1, r#"unexpected 'f' (expected "." or "[")"#),
        ("$..a", 2, r#"unexpected '.' (expected a name, "*" or "[")"#),
        ("$.", 2, r#"the path ends too early (expected a name, "*" or "[")"#),
        ("$[?(@.a)]", 2, "unexpected '?' (expected a number, a slice or a name)"),
        ("$[]", 2, "unexpected ']' (expected a number, a slice or a name)"),
        ("$[1", 3, "the path ends too early (expected ']')"),
        ("$['a]", 5, "the path ends too early (expected '\\'')"),
        ("$['a',1]", 6, "unexpected '1' (expected a name in quotes)"),
        ("$[-]", 3, "unexpected ']' (expected a digit)"),
        ("$[99999999999999999999]", 2, "the number 99999999999999999999 is too large"),
        ("$['a','b'].c", 10, "several names must be the last part of a path"),
    ] {
        let error = text.parse::<JsonPath>().unwrap_err();
        assert_eq!((error.position, error.reason.as_str()), (position, reason), "{text}");
    }
    let long = format!("$.{}", "a".repeat(62));
    assert_eq!(long.parse::<JsonPath>().unwrap_err().position, 63);
}

/// The text that a failed job of the service logged.
#[test]
fn rejects_several_slices_in_the_words_of_the_service() {
    let error = "$[0:2,246:]".parse::<JsonPath>().unwrap_err().to_string();
    let service = "Invalid JsonPath: $[0:2,246:]: only single range filters of format (eg: [1:5]) are supported. \
                   Format [0:2,246:] is not supported";
    assert!(error.starts_with(service), "{error}");
}

#[test]
fn repeated_positions_are_bounded() {
    assert_eq!(selected("$[0,0][0,0]", "[[0]]"), "[0,0,0,0]");
    let large = (0..4).fold(format!("\"{}\"", "x".repeat(9 << 20)), |json, _| format!("[{json}]"));
    let error = path(&format!("${}", "[0,0]".repeat(4))).select(&large).unwrap_err();
    assert_eq!(error, SelectError::TooLarge);
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "\\$?[.\\[\\]'*:,0-9a-c -]{0,70}") {
        if let Ok(path) = text.parse::<JsonPath>() {
            prop_assert_eq!(path.to_string(), text);
            let _ = path.select(r#"{"a": [0, {"b": 1}], "b": {"c": []}}"#);
            let _ = path.select("[[0, 1], [2]]");
        }
    }

    #[test]
    fn columns_and_json_arrays_are_selected_alike(
        columns in prop::collection::vec(0_u32..100, 0..8),
        positions in prop::collection::vec(-9_i64..9, 1..4),
        slice in prop::option::of((-9_i64..9, -9_i64..9)),
    ) {
        let mut items: Vec<String> = positions.iter().map(ToString::to_string).collect();
        items.extend(slice.map(|(start, end)| format!("{start}:{end}")));
        let path = path(&format!("$[{}]", items.join(",")));
        let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
        let json = path.select(&format!("[{}]", columns.join(", ")));
        let texts: Vec<&str> = columns.iter().map(String::as_str).collect();
        let row = path.select_columns(&texts).map(|columns| columns.join(","));
        // One position selects a value, several an array.
        prop_assert_eq!(json.map(|json| json.trim_matches(['[', ']']).to_owned()), row);
    }
}
