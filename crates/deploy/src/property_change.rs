//! The change of a resource's property, with its values. Pure.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::ResourceChangeDetail;
use serde::Serialize;

/// The longest value in a plan, in characters.
const MAX_VALUE_CHARS: usize = 120;
/// What a path of a property begins with.
const PROPERTIES: &str = "/Properties/";

/// The change of one property.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PropertyChange {
    /// The property's name, or what else differs: `Tags`, `Metadata`.
    pub name: String,
    /// The path within the properties, such as `Code/S3Key`.
    pub path: Option<String>,
    /// The parameters, resources and attributes that cause the change.
    pub causes: Vec<String>,
    /// The value before the change.
    pub before: Option<String>,
    /// The value after the change.
    pub after: Option<String>,
}

impl PropertyChange {
    /// Converts the details of a change. CloudFormation describes a property once for each cause.
    pub(crate) fn all(details: &[ResourceChangeDetail]) -> Vec<Self> {
        let mut found: BTreeMap<(String, Option<String>), Self> = BTreeMap::new();
        for detail in details {
            let Some(target) = detail.target() else { continue };
            let attribute = target.attribute().map_or("", |attribute| attribute.as_str());
            let name = target.name().unwrap_or(attribute).to_owned();
            let path = target.path().map(|path| path.strip_prefix(PROPERTIES).unwrap_or(path).to_owned());
            let change = found.entry((name.clone(), path.clone())).or_default();
            (change.name, change.path) = (name, path);
            change.before = change.before.take().or_else(|| target.before_value().map(str::to_owned));
            change.after = change.after.take().or_else(|| target.after_value().map(str::to_owned));
            if let Some(cause) = detail.causing_entity()
                && !change.causes.iter().any(|known| known == cause)
            {
                change.causes.push(cause.to_owned());
            }
        }
        found.into_values().collect()
    }

    /// Returns the name with the causes.
    pub(crate) fn title(&self) -> String {
        let Self { name, causes, .. } = self;
        if causes.is_empty() { name.clone() } else { format!("{name} (by {})", causes.join(", ")) }
    }

    /// Returns a line with the values; `None` if they are unknown.
    pub(crate) fn values(&self) -> Option<String> {
        if self.before.is_none() && self.after.is_none() {
            return None;
        }
        let path = self.path.as_ref().unwrap_or(&self.name);
        let text = |value: &Option<String>| value.as_deref().map_or("(none)".to_owned(), shortened);
        Some(format!("{path}: {} -> {}", text(&self.before), text(&self.after)))
    }
}

/// Returns a value on one line, without its middle if it is long.
fn shortened(value: &str) -> String {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    let n_chars = value.chars().count();
    if n_chars <= MAX_VALUE_CHARS {
        return value;
    }
    let half = MAX_VALUE_CHARS / 2;
    let first: String = value.chars().take(half).collect();
    let last: String = value.chars().skip(n_chars - half).collect();
    format!("{first} ... {last}")
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::{ResourceAttribute, ResourceTargetDefinition};

    use super::*;

    fn detail(path: &str, before: Option<&str>, after: Option<&str>, cause: &str) -> ResourceChangeDetail {
        let target = ResourceTargetDefinition::builder()
            .attribute(ResourceAttribute::Properties)
            .name("Environment")
            .path(path)
            .set_before_value(before.map(str::to_owned))
            .set_after_value(after.map(str::to_owned))
            .build();
        ResourceChangeDetail::builder().target(target).causing_entity(cause).build()
    }

    #[test]
    fn shows_the_value_before_and_after() {
        let path = "/Properties/Environment/Variables/RUST_LOG";
        let details = [
            detail(path, Some("info"), Some("debug"), "LogLevel"),
            detail(path, Some("info"), Some("debug"), "Other"),
            detail("/Properties/Environment/Variables/NEW", None, Some("a\n  b"), "New"),
        ];
        let changes = PropertyChange::all(&details);
        let values: Vec<_> = changes.iter().filter_map(PropertyChange::values).collect();
        assert_eq!(
            values,
            ["Environment/Variables/NEW: (none) -> a b", "Environment/Variables/RUST_LOG: info -> debug"]
        );
        assert_eq!(changes[1].title(), "Environment (by LogLevel, Other)");
        assert_eq!(PropertyChange::default().values(), None);
    }

    #[test]
    fn shortens_long_values() {
        let long = format!("a{}z", "x".repeat(500));
        let short = shortened(&long);
        assert!(short.starts_with("ax") && short.ends_with("xz") && short.contains(" ... "), "{short}");
        assert!(short.chars().count() <= MAX_VALUE_CHARS + 5);
    }
}
