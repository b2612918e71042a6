//! Tags by ARN.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Records, SageMakerService};
use crate::aws_json::{ApiError, Input, member, required, text};

/// The service's limit for a resource.
const MAX_TAGS: usize = 50;

/// The tags of everything.
#[derive(Debug, Default)]
pub(super) struct RecordTags(BTreeMap<String, BTreeMap<String, String>>);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagMember {
    key: String,
    value: String,
}

/// Tags that have been checked.
pub(super) struct NewTags(BTreeMap<String, String>);

impl NewTags {
    /// The tags that something is to be created with.
    pub(super) fn new(input: &Input) -> Result<Self, ApiError> {
        extended(BTreeMap::new(), member(input, "Tags")?.unwrap_or_default()).map(Self)
    }
}

fn extended(
    mut tags: BTreeMap<String, String>,
    added: Vec<TagMember>,
) -> Result<BTreeMap<String, String>, ApiError> {
    tags.extend(added.into_iter().map(|TagMember { key, value }| (key, value)));
    if tags.len() > MAX_TAGS {
        return Err(ApiError::validation(format!("{} tags are more than {MAX_TAGS}", tags.len())));
    }
    Ok(tags)
}

impl RecordTags {
    /// Something new has these tags.
    pub(super) fn create(&mut self, arn: &str, tags: NewTags) {
        self.0.insert(arn.to_owned(), tags.0);
    }

    fn add(&mut self, arn: &str, added: Vec<TagMember>) -> Result<(), ApiError> {
        let tags = self.of(arn)?;
        *tags = extended(tags.clone(), added)?;
        Ok(())
    }

    fn of(&mut self, arn: &str) -> Result<&mut BTreeMap<String, String>, ApiError> {
        self.0
            .get_mut(arn)
            .ok_or_else(|| ApiError::validation(format!("Could not find a resource \"{arn}\".")))
    }

    pub(super) fn remove(&mut self, arn: &str) {
        self.0.remove(arn);
    }

    fn list(&mut self, arn: &str) -> Result<Value, ApiError> {
        let tags: Vec<Value> =
            self.of(arn)?.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        Ok(json!({ "Tags": tags }))
    }
}

impl SageMakerService {
    pub(super) fn add_tags(&self, input: &Input) -> Result<Value, ApiError> {
        let arn = text(input, "ResourceArn")?;
        let Records { tags, .. } = &mut *self.state();
        tags.add(arn, required(input, "Tags")?)?;
        tags.list(arn)
    }

    pub(super) fn list_tags(&self, input: &Input) -> Result<Value, ApiError> {
        self.state().tags.list(text(input, "ResourceArn")?)
    }

    pub(super) fn delete_tags(&self, input: &Input) -> Result<Value, ApiError> {
        let keys: Vec<String> = required(input, "TagKeys")?;
        let mut state = self.state();
        let tags = state.tags.of(text(input, "ResourceArn")?)?;
        tags.retain(|key, _| !keys.contains(key));
        Ok(Value::Null)
    }
}
