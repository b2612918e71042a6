//! Things by name, and lists of them a page at a time.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::names::RecordKind;
use crate::{
    aws_json::{ApiError, Input, member},
    time::ApiTimestamp,
};

/// How many a page holds if the request does not say.
const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 100;

/// Things of a kind by name, whatever its case.
#[derive(Debug)]
pub(super) struct Store<T> {
    kind: RecordKind,
    by_name: BTreeMap<String, T>,
}

impl<T> Store<T> {
    pub(super) fn new(kind: RecordKind) -> Self {
        Self { kind, by_name: BTreeMap::new() }
    }

    pub(super) fn get(&self, name: &str) -> Result<&T, ApiError> {
        self.by_name.get(&name.to_ascii_lowercase()).ok_or_else(|| self.kind.missing(name))
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Result<&mut T, ApiError> {
        self.by_name.get_mut(&name.to_ascii_lowercase()).ok_or_else(|| self.kind.missing(name))
    }

    /// Refused if there is one of this name.
    pub(super) fn insert(&mut self, name: &str, thing: T) -> Result<(), ApiError> {
        let key = name.to_ascii_lowercase();
        if self.by_name.contains_key(&key) {
            return Err(self.kind.exists(name));
        }
        self.by_name.insert(key, thing);
        Ok(())
    }

    pub(super) fn remove(&mut self, name: &str) -> Result<T, ApiError> {
        self.by_name.remove(&name.to_ascii_lowercase()).ok_or_else(|| self.kind.missing(name))
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.by_name.values()
    }
}

/// One of a list.
#[derive(Debug)]
pub(super) struct ListEntry {
    pub(super) name: String,
    pub(super) created: ApiTimestamp,
    /// None if things of this kind have no status.
    pub(super) status: Option<&'static str>,
    pub(super) summary: Value,
}

/// Members of list requests that are understood; what else there is would be passed over in silence, and is refused.
const MEMBERS: [&str; 6] = ["SortBy", "SortOrder", "NextToken", "MaxResults", "NameContains", "StatusEquals"];

/// The page that a request asks for, under this member.
pub(super) fn page(entries: Vec<ListEntry>, output: &str, input: &Input) -> Result<Value, ApiError> {
    if let Some(name) = input.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(ApiError::validation(format!(
            "{name} is not emulated here; list all, and select from them"
        )));
    }
    let contains = member::<String>(input, "NameContains")?.map(|text| text.to_ascii_lowercase());
    let status: Option<String> = member(input, "StatusEquals")?;
    let mut entries: Vec<ListEntry> = entries
        .into_iter()
        .filter(|entry| {
            contains.as_ref().is_none_or(|text| entry.name.to_ascii_lowercase().contains(text))
                && status.as_ref().is_none_or(|status| entry.status == Some(status))
        })
        .collect();
    match member::<String>(input, "SortBy")?.as_deref() {
        None | Some("CreationTime") => entries.sort_by_key(|entry| entry.created),
        Some("Name") => entries.sort_by_key(|entry| entry.name.to_ascii_lowercase()),
        Some("Status") => entries.sort_by_key(|entry| entry.status),
        Some(other) => {
            return Err(ApiError::constraint(other, "sortBy", "Member must satisfy enum value set"));
        }
    }
    match member::<String>(input, "SortOrder")?.as_deref() {
        None | Some("Descending") => entries.reverse(),
        Some("Ascending") => {}
        Some(other) => {
            let constraint = "Member must satisfy enum value set: [Ascending, Descending]";
            return Err(ApiError::constraint(other, "sortOrder", constraint));
        }
    }
    let size = member::<usize>(input, "MaxResults")?.unwrap_or(DEFAULT_PAGE);
    if !(1..=MAX_PAGE).contains(&size) {
        let constraint = format!("Member must have value between 1 and {MAX_PAGE}");
        return Err(ApiError::constraint(&size.to_string(), "maxResults", &constraint));
    }
    let token: Option<String> = member(input, "NextToken")?;
    let start = token.as_deref().map_or(Ok(0), str::parse::<usize>);
    let start = start.map_err(|_| ApiError::validation("Invalid NextToken"))?;
    let n_entries = entries.len();
    let page: Vec<Value> = entries.into_iter().skip(start).take(size).map(|entry| entry.summary).collect();
    let end = start + page.len();
    let mut answer = json!({ output: page });
    if end < n_entries {
        answer["NextToken"] = end.to_string().into();
    }
    Ok(answer)
}
