//! Values of a template: literals, and the functions that CloudFormation evaluates.

use std::borrow::Cow;

use serde::{Serialize, Serializer, ser::SerializeMap as _};

/// Returns a resource's logical id after checking it. Another id replaces the resource.
///
/// # Panics
/// Where the constant is compiled, if the name is empty or holds more than ASCII letters and digits.
#[must_use]
pub const fn logical_id(name: &'static str) -> &'static str {
    assert!(is_alphanumeric(name), "a logical id is made of ASCII letters and digits");
    name
}

const fn is_alphanumeric(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if !bytes[i].is_ascii_alphanumeric() {
            return false;
        }
        i += 1;
    }
    !bytes.is_empty()
}

/// A condition's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Condition(pub &'static str);

/// A value of type `T` that is known now, or that CloudFormation works out.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr<T> {
    /// Known now.
    Literal(T),
    /// A parameter, a pseudo parameter, or a resource's principal id.
    Ref(Cow<'static, str>),
    /// An attribute of a resource.
    GetAtt(&'static str, &'static str),
    /// Text with `${Name}` and `${Resource.Attribute}` in it, and names of its own.
    Sub(String, Vec<(&'static str, Text)>),
    /// One of two values.
    If(Condition, Box<Expr<T>>, Box<Expr<T>>),
    /// Texts with a separator between them.
    Join(&'static str, Box<Expr<Vec<Text>>>),
    /// The parts of a text.
    Split(&'static str, Box<Text>),
    /// A text in base64.
    Base64(Box<Text>),
    /// The property is absent.
    NoValue,
}

/// A text.
pub type Text = Expr<String>;
/// A number.
pub type Number = Expr<u32>;
/// True or false.
pub type Flag = Expr<bool>;

/// Returns the value of a parameter.
#[must_use]
pub fn parameter<T>(name: &'static str) -> Expr<T> {
    Expr::Ref(Cow::Borrowed(name))
}

/// Returns a `Ref` to a resource.
pub fn reference(id: impl Into<Cow<'static, str>>) -> Text {
    Expr::Ref(id.into())
}

/// Returns an `Fn::GetAtt` of a resource's attribute.
#[must_use]
pub fn attribute(id: &'static str, attribute: &'static str) -> Text {
    Expr::GetAtt(id, attribute)
}

/// Returns an `Fn::Sub`: a text in which CloudFormation replaces `${…}`.
pub fn sub(text: impl Into<String>) -> Text {
    Expr::Sub(text.into(), Vec::new())
}

/// Returns an `Fn::If`: one value if the condition holds, else the other.
pub fn either<T>(condition: Condition, then: impl Into<Expr<T>>, otherwise: impl Into<Expr<T>>) -> Expr<T> {
    Expr::If(condition, Box::new(then.into()), Box::new(otherwise.into()))
}

/// Returns an `Fn::If`: the value if the condition holds, else `AWS::NoValue`.
pub fn only_if<T>(condition: Condition, then: impl Into<Expr<T>>) -> Expr<T> {
    either(condition, then, Expr::NoValue)
}

impl<T> From<T> for Expr<T> {
    fn from(literal: T) -> Self {
        Self::Literal(literal)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Literal(text.to_owned())
    }
}

impl<T: Serialize> Serialize for Expr<T> {
    /// Functions are maps of one key: the YAML tags that serde would make of an enum are not those of CloudFormation.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Literal(value) => value.serialize(serializer),
            Self::Ref(name) => one(serializer, "Ref", name),
            Self::GetAtt(id, attribute) => one(serializer, "Fn::GetAtt", &(id, attribute)),
            Self::Sub(text, names) if names.is_empty() => one(serializer, "Fn::Sub", text),
            Self::Sub(text, names) => one(serializer, "Fn::Sub", &(text, Names(names))),
            Self::If(condition, then, otherwise) => one(serializer, "Fn::If", &(condition, then, otherwise)),
            Self::Join(separator, parts) => one(serializer, "Fn::Join", &(separator, parts)),
            Self::Split(separator, text) => one(serializer, "Fn::Split", &(separator, text)),
            Self::Base64(text) => one(serializer, "Fn::Base64", text),
            Self::NoValue => one(serializer, "Ref", &"AWS::NoValue"),
        }
    }
}

/// Serialises a map with one key.
pub(super) fn one<S: Serializer>(
    serializer: S,
    key: &str,
    value: &(impl Serialize + ?Sized),
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

/// Names with their values, as a map.
struct Names<'a>(&'a [(&'static str, Text)]);

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
