//! A template while it is put together.

use indexmap::IndexMap;
use serde::Serialize;
use serde_yaml::Value;

use super::{Assertion, Condition, Logic, Parameter, Text};

/// The properties of a resource type: a struct that serialises to a map of CloudFormation's own names.
///
/// Absent properties are `None`; they are not written. Values that CloudFormation may have to work out are
/// [`Expr`](super::Expr)s. Enums serialise to tags of YAML, which CloudFormation does not know: a map of one key is written
/// in their place.
pub trait Properties: Serialize {
    /// CloudFormation's name of the type.
    const TYPE: &'static str;
    /// The attributes that `Fn::GetAtt` may ask for.
    const ATTRIBUTES: &'static [&'static str] = &[];
}

/// What becomes of a resource that the stack no longer has. Always for both ways to lose it, the stack's removal and
/// the resource's replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Removal {
    /// It is deleted; said in so many words where data is lost.
    Delete,
    /// It stays.
    Retain,
}

/// A resource of a draft.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DraftEntry {
    #[serde(rename = "Type")]
    pub(super) kind: &'static str,
    pub(super) condition: Option<Condition>,
    pub(super) depends_on: Option<Vec<String>>,
    deletion_policy: Option<Removal>,
    update_replace_policy: Option<Removal>,
    metadata: Option<TemplateMetadata>,
    pub(super) properties: Value,
    #[serde(skip)]
    pub(super) attributes: &'static [&'static str],
}

/// Explanations for linters and reviewers.
#[derive(Debug, Default, Serialize)]
struct TemplateMetadata {
    checkov: Option<Checkov>,
    /// Policy statements with a wildcard resource, by id, and why IAM supports nothing narrower.
    wildcards: Option<IndexMap<&'static str, &'static str>>,
}

#[derive(Debug, Default, Serialize)]
struct Checkov {
    skip: Vec<Skip>,
}

#[derive(Debug, Serialize)]
struct Skip {
    id: &'static str,
    comment: &'static str,
}

impl DraftEntry {
    /// Creates the resource only if the condition holds.
    pub fn when(&mut self, condition: Condition) -> &mut Self {
        self.condition = Some(condition);
        self
    }

    /// Creates the resource after these, although it does not refer to them.
    pub fn after(&mut self, ids: impl IntoIterator<Item = &'static str>) -> &mut Self {
        self.depends_on = Some(ids.into_iter().map(str::to_owned).collect());
        self
    }

    /// Sets what happens to the resource when it is removed from the stack.
    pub fn on_removal(&mut self, removal: Removal) -> &mut Self {
        self.deletion_policy = Some(removal);
        self.update_replace_policy = Some(removal);
        self
    }

    /// Skips a check of the linter checkov. The reason is written to the resource's metadata, where checkov
    /// reads it.
    pub fn skip(&mut self, id: &'static str, comment: &'static str) -> &mut Self {
        let metadata = self.metadata.get_or_insert_default();
        metadata.checkov.get_or_insert_default().skip.push(Skip { id, comment });
        self
    }

    /// Explains a policy statement with a wildcard resource: why IAM supports nothing narrower. The reason is
    /// written to the resource's metadata.
    pub fn wildcard(&mut self, sid: &'static str, reason: &'static str) -> &mut Self {
        self.metadata.get_or_insert_default().wildcards.get_or_insert_default().insert(sid, reason);
        self
    }
}

/// An output.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TemplateOutput {
    description: &'static str,
    pub(super) condition: Option<Condition>,
    value: Text,
}

/// A template while it is put together. Everything keeps the order in which it was added.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Draft {
    #[serde(rename = "AWSTemplateFormatVersion")]
    format: &'static str,
    description: &'static str,
    pub(super) parameters: IndexMap<&'static str, Parameter>,
    pub(super) rules: IndexMap<&'static str, Assertion>,
    #[serde(serialize_with = "as_map")]
    pub(super) conditions: IndexMap<Condition, Logic>,
    pub(super) resources: IndexMap<String, DraftEntry>,
    pub(super) outputs: IndexMap<&'static str, TemplateOutput>,
    /// Names that were given twice.
    #[serde(skip)]
    pub(super) twice: Vec<String>,
}

fn as_map<S: serde::Serializer>(
    conditions: &IndexMap<Condition, Logic>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(conditions)
}

impl Draft {
    /// Returns an empty template.
    #[must_use]
    pub fn new(description: &'static str) -> Self {
        Self {
            format: "2010-09-09",
            description,
            parameters: IndexMap::new(),
            rules: IndexMap::new(),
            conditions: IndexMap::new(),
            resources: IndexMap::new(),
            outputs: IndexMap::new(),
            twice: Vec::new(),
        }
    }

    fn once<T>(&mut self, earlier: Option<T>, name: &str) {
        if earlier.is_some() {
            self.twice.push(name.to_owned());
        }
    }

    /// Adds a parameter.
    pub fn parameter(&mut self, name: &'static str, parameter: Parameter) {
        let earlier = self.parameters.insert(name, parameter);
        self.once(earlier, name);
    }

    /// Adds a rule about parameters.
    pub fn rule(&mut self, name: &'static str, assertion: Assertion) {
        let earlier = self.rules.insert(name, assertion);
        self.once(earlier, name);
    }

    /// Adds a condition.
    pub fn condition(&mut self, condition: Condition, logic: Logic) {
        let earlier = self.conditions.insert(condition, logic);
        self.once(earlier, condition.0);
    }

    /// Adds a resource.
    ///
    /// # Panics
    /// If the properties are not a map of plain values, which is a fault of their type.
    pub fn add<P: Properties>(&mut self, id: impl Into<String>, properties: P) -> &mut DraftEntry {
        let id = id.into();
        let mut value = serde_yaml::to_value(properties).expect("properties are structs of plain values");
        without_nulls(&mut value);
        let entry = DraftEntry {
            kind: P::TYPE,
            condition: None,
            depends_on: None,
            deletion_policy: None,
            update_replace_policy: None,
            metadata: None,
            properties: value,
            attributes: P::ATTRIBUTES,
        };
        let (place, earlier) = self.resources.insert_full(id.clone(), entry);
        if earlier.is_some() {
            self.twice.push(id);
        }
        &mut self.resources[place]
    }

    /// Adds an output.
    pub fn output(&mut self, name: &'static str, description: &'static str, value: Text) {
        let earlier = self.outputs.insert(name, TemplateOutput { description, condition: None, value });
        self.once(earlier, name);
    }

    /// Adds an output that is only there when the condition holds.
    pub fn output_if(
        &mut self,
        condition: Condition,
        name: &'static str,
        description: &'static str,
        value: Text,
    ) {
        let output = TemplateOutput { description, condition: Some(condition), value };
        let earlier = self.outputs.insert(name, output);
        self.once(earlier, name);
    }

    /// Returns the serialised properties of a resource that was added.
    pub(crate) fn written(&self, id: &str) -> Option<String> {
        let entry = self.resources.get(id)?;
        serde_yaml::to_string(&(entry.kind, &entry.properties)).ok()
    }
}

/// Takes out what is absent: no property of a template is null.
pub(super) fn without_nulls(value: &mut Value) {
    match value {
        Value::Mapping(map) => {
            map.retain(|_, value| !value.is_null());
            map.iter_mut().for_each(|(_, value)| without_nulls(value));
        }
        Value::Sequence(list) => list.iter_mut().for_each(without_nulls),
        _ => {}
    }
}
