//! Random requests, which never cause a server error.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::post;

/// Whether a body is a request, told without the crate's own types.
fn is_request(body: &Value) -> bool {
    let explain = body.get("explain").is_none_or(Value::is_boolean);
    let entry = body.get("entry").and_then(Value::as_array);
    let option = |answer: &Value| answer.as_u64().is_some_and(|answer| (1..=8).contains(&answer));
    explain && entry.is_some_and(|entry| entry.len() == 5 && entry.iter().all(option))
}

fn check(body: Vec<u8>) -> Result<(), TestCaseError> {
    let is_request = serde_json::from_slice(&body).is_ok_and(|body: Value| is_request(&body));
    let answer = post(body);
    let expected = if is_request { (200, "application/json") } else { (400, "application/problem+json") };
    prop_assert_eq!((answer.status.as_u16(), answer.content_type()), expected, "{:?}", answer);
    Ok(())
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,60}".prop_map(Value::from),
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(6, 40, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map("entry|explain|.{0,5}", inner, 0..8)
                .prop_map(|members| Value::from(Map::from_iter(members))),
        ]
    })
}

/// Mostly an option, often just beside one, sometimes anything.
fn answer() -> impl Strategy<Value = Value> {
    prop_oneof![8 => (1..=8).prop_map(Value::from), 1 => (-1..=10).prop_map(Value::from), 1 => scalar()]
}

proptest! {
    #[test]
    fn any_bytes_get_a_response(body in prop::collection::vec(any::<u8>(), 0..200)) {
        check(body)?;
    }

    #[test]
    fn any_text_gets_a_response(body in r#"[\[\]{}":,0-9a-zentry \\\-.]{0,80}"#) {
        check(body.into_bytes())?;
    }

    #[test]
    fn any_json_gets_a_response(body in json_value()) {
        check(body.to_string().into_bytes())?;
    }

    #[test]
    fn anything_like_an_entry_gets_a_response(
        entry in prop::collection::vec(answer(), 3..7),
        explain in prop::option::of(prop_oneof![any::<bool>().prop_map(Value::from), scalar()]),
    ) {
        let mut body = json!({ "entry": entry });
        if let Some(explain) = explain {
            body["explain"] = explain;
        }
        check(body.to_string().into_bytes())?;
    }
}
