//! Tags of records.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::SageMakerService;
use crate::aws::json::{ApiError, Input, member, required, text};

/// The service's limit for a resource.
const MAX_TAGS: usize = 50;

/// The tags of a record, by key.
pub(super) type RecordTags = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagMember {
    key: String,
    value: String,
}

/// Returns the tags that something is to be created with.
pub(super) fn new_tags(input: &Input) -> Result<RecordTags, ApiError> {
    extended(RecordTags::new(), member(input, "Tags")?.unwrap_or_default())
}

fn extended(mut tags: RecordTags, added: Vec<TagMember>) -> Result<RecordTags, ApiError> {
    tags.extend(added.into_iter().map(|TagMember { key, value }| (key, value)));
    if tags.len() > MAX_TAGS {
        return Err(ApiError::validation(format!("{} tags are more than {MAX_TAGS}", tags.len())));
    }
    Ok(tags)
}

fn described(tags: &RecordTags) -> Value {
    let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    json!({ "Tags": tags })
}

impl SageMakerService {
    pub(super) fn add_tags(&self, input: &Input) -> Result<Value, ApiError> {
        let mut state = self.state();
        let tags = state.tags(text(input, "ResourceArn")?)?;
        *tags = extended(tags.clone(), required(input, "Tags")?)?;
        Ok(described(tags))
    }

    pub(super) fn list_tags(&self, input: &Input) -> Result<Value, ApiError> {
        Ok(described(self.state().tags(text(input, "ResourceArn")?)?))
    }

    pub(super) fn delete_tags(&self, input: &Input) -> Result<Value, ApiError> {
        let keys: Vec<String> = required(input, "TagKeys")?;
        let mut state = self.state();
        state.tags(text(input, "ResourceArn")?)?.retain(|key, _| !keys.contains(key));
        Ok(Value::Null)
    }
}
