//! Errors of templates.

/// Why a template is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A name is defined twice.
    #[error("{name} is defined twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// An unknown name.
    #[error("{at} refers to {name}, which is neither a resource nor a parameter")]
    Unknown {
        /// The place of the reference.
        at: String,
        /// The name.
        name: String,
    },
    /// An attribute that the resource type does not have.
    #[error("{at} refers to the attribute {attribute} of {name}; {kind} has {}", list(known))]
    UnknownAttribute {
        /// The place of the reference.
        at: String,
        /// The resource.
        name: String,
        /// Its type.
        kind: &'static str,
        /// The attribute.
        attribute: String,
        /// The known attributes.
        known: &'static [&'static str],
    },
    /// An unknown condition.
    #[error("{at} depends on the condition {name}, which is not defined")]
    UnknownCondition {
        /// The place of the reference.
        at: String,
        /// The condition.
        name: String,
    },
    /// A condition that refers to a later or unknown one.
    #[error("the condition {name} refers to {other}, which is not defined before it")]
    ConditionNotBefore {
        /// The condition.
        name: &'static str,
        /// The condition that it refers to.
        other: &'static str,
    },
    /// An unused parameter or condition.
    #[error("{name} is not used; remove it")]
    Unused {
        /// The name.
        name: &'static str,
    },
    /// A YAML tag: a Rust enum that must be serialized as a map.
    #[error("{at} has the tag {tag}, which CloudFormation does not support; use a map with one key")]
    Tagged {
        /// The place.
        at: String,
        /// The tag.
        tag: String,
    },
    /// An intrinsic function with invalid arguments.
    #[error("{at} has invalid arguments for {function}")]
    Malformed {
        /// The place.
        at: String,
        /// The function.
        function: String,
    },
    /// A variable inside of a literal `${!…}`; parsers disagree on where the literal ends.
    #[error("{at} has ${{!{text}}}: a variable must be outside of the literal")]
    Nested {
        /// The place.
        at: String,
        /// The text up to the first closing brace.
        text: String,
    },
}

fn list(known: &[&str]) -> String {
    if known.is_empty() { "no attributes".to_owned() } else { known.join(", ") }
}
