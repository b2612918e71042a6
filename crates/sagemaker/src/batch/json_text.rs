//! JSON one level at a time: what is not selected or changed keeps its bytes.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer as _,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The members of an object, in their order.
pub(super) type JsonMembers<'j> = Vec<(Cow<'j, str>, &'j RawValue)>;

/// Returns the members of an object; `None` if the value is something else.
pub(super) fn members(json: &RawValue) -> Option<JsonMembers<'_>> {
    struct MembersVisitor;

    impl<'de> Visitor<'de> for MembersVisitor {
        type Value = JsonMembers<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some((name, value)) = map.next_entry::<BorrowedName<'de>, &'de RawValue>()? {
                members.push((name.0, value));
            }
            Ok(members)
        }
    }

    serde_json::Deserializer::from_str(json.get()).deserialize_map(MembersVisitor).ok()
}

/// A name of a member, borrowed if it has no escapes.
#[derive(serde::Deserialize)]
struct BorrowedName<'j>(#[serde(borrow)] Cow<'j, str>);

/// Returns the elements of an array; `None` if the value is something else.
pub(super) fn elements(json: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(json.get()).ok()
}

/// Reads a JSON value.
///
/// # Errors
/// What is wrong, and where.
pub(super) fn parse(text: &[u8]) -> Result<&RawValue, String> {
    serde_json::from_slice(text).map_err(|error| error.to_string())
}

/// Appends a member to an object that begins with `{`.
pub(super) fn push_member(object: &mut String, name: &str, value: &str) {
    if object.len() > 1 {
        object.push(',');
    }
    object.push_str(&serde_json::Value::from(name).to_string());
    object.push(':');
    object.push_str(value);
}
