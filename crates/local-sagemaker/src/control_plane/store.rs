//! Records by name, and lists of them a page at a time.

use std::collections::{BTreeMap, btree_map::Entry};

use serde_json::{Value, json};

use super::{
    names::RecordKind,
    tags::{RecordTags, new_tags},
};
use crate::aws::{
    json::{ApiError, Input, member},
    time::ApiTimestamp,
};

/// How many a page holds if the request does not say.
const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 100;
/// Members of list requests that are understood; what else there is would be passed over in silence, and is refused.
const MEMBERS: [&str; 6] = ["SortBy", "SortOrder", "NextToken", "MaxResults", "NameContains", "StatusEquals"];

/// What records of a kind have beside name, request, times and tags.
pub(super) trait RecordData: Sized {
    const KIND: RecordKind;

    /// Returns the API's name of the status, if records of this kind have one.
    fn status(&self) -> Option<String> {
        None
    }

    /// Adds members to the record's entry in a list.
    fn summarize(_record: &Record<Self>, _entry: &mut Input) {}

    /// Adds members to a description. It has those of the creating request, names, times and status.
    fn describe(_record: &Record<Self>, _described: &mut Input) {}
}

/// A resource of the service.
#[derive(Debug)]
pub(super) struct Record<T> {
    pub(super) name: String,
    /// What it was created with, except its tags, which are asked for apart.
    pub(super) input: Input,
    pub(super) created: ApiTimestamp,
    pub(super) modified: ApiTimestamp,
    pub(super) tags: RecordTags,
    pub(super) data: T,
}

impl<T: RecordData> Record<T> {
    /// Returns the members of both its description and its entry in a list.
    fn entry(&self) -> Input {
        let kind = T::KIND;
        let mut entry = Input::from_iter([
            (kind.name_member(), self.name.as_str().into()),
            (kind.arn_member(), kind.arn(&self.name).into()),
            ("CreationTime".to_owned(), self.created.into()),
        ]);
        if kind.is_mutable {
            entry.insert("LastModifiedTime".to_owned(), self.modified.into());
        }
        if let Some(status) = self.data.status() {
            entry.insert(format!("{}Status", kind.stem), status.into());
        }
        entry
    }
}

/// A request to create a record, whose name and tags are valid.
pub(super) struct NewRecord {
    pub(super) name: String,
    pub(super) input: Input,
    tags: RecordTags,
}

impl NewRecord {
    pub(super) fn new(kind: RecordKind, input: &Input) -> Result<Self, ApiError> {
        Ok(Self { name: kind.name(input)?, input: without_tags(input), tags: new_tags(input)? })
    }
}

/// Returns the members of a request except its tags.
pub(super) fn without_tags(input: &Input) -> Input {
    let mut members = input.clone();
    members.remove("Tags");
    members
}

/// Records of a kind by name, whatever its case.
#[derive(Debug)]
pub(super) struct Store<T>(BTreeMap<String, Record<T>>);

impl<T> Default for Store<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: RecordData> Store<T> {
    pub(super) fn get(&self, name: &str) -> Result<&Record<T>, ApiError> {
        self.0.get(&name.to_ascii_lowercase()).ok_or_else(|| T::KIND.missing(name))
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Result<&mut Record<T>, ApiError> {
        self.0.get_mut(&name.to_ascii_lowercase()).ok_or_else(|| T::KIND.missing(name))
    }

    /// Refused if there is one of this name.
    pub(super) fn insert(&mut self, new: NewRecord, data: T) -> Result<&mut Record<T>, ApiError> {
        let NewRecord { name, input, tags } = new;
        let created = ApiTimestamp::now();
        match self.0.entry(name.to_ascii_lowercase()) {
            Entry::Occupied(_) => Err(T::KIND.exists(&name)),
            Entry::Vacant(entry) => {
                Ok(entry.insert(Record { name, input, created, modified: created, tags, data }))
            }
        }
    }

    pub(super) fn remove(&mut self, name: &str) -> Result<Record<T>, ApiError> {
        self.0.remove(&name.to_ascii_lowercase()).ok_or_else(|| T::KIND.missing(name))
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Record<T>> {
        self.0.values()
    }

    /// Returns the tags of the record with this ARN.
    pub(super) fn tags(&mut self, arn: &str) -> Option<&mut RecordTags> {
        let (_, key) = arn.rsplit_once('/')?;
        self.0.get_mut(key).filter(|record| T::KIND.arn(&record.name) == arn).map(|record| &mut record.tags)
    }

    pub(super) fn describe(&self, input: &Input) -> Result<Value, ApiError> {
        let record = self.get(&T::KIND.name(input)?)?;
        let mut described = record.input.clone();
        described.extend(record.entry());
        T::describe(record, &mut described);
        Ok(described.into())
    }

    pub(super) fn delete(&mut self, input: &Input) -> Result<Value, ApiError> {
        self.remove(&T::KIND.name(input)?)?;
        Ok(Value::Null)
    }

    /// Returns the page that a request asks for, as the member `output`.
    pub(super) fn list(&self, output: &str, input: &Input) -> Result<Value, ApiError> {
        if let Some(name) = input.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(ApiError::validation(format!(
                "{name} is not emulated here; list all, and select from them"
            )));
        }
        let contains = member::<String>(input, "NameContains")?.map(|text| text.to_ascii_lowercase());
        let status: Option<String> = member(input, "StatusEquals")?;
        let is_wanted = |record: &&Record<T>| {
            contains.as_ref().is_none_or(|text| record.name.to_ascii_lowercase().contains(text))
                && (status.is_none() || record.data.status() == status)
        };
        let mut records: Vec<&Record<T>> = self.values().filter(is_wanted).collect();
        match member::<String>(input, "SortBy")?.as_deref() {
            None | Some("CreationTime") => records.sort_by_key(|record| record.created),
            Some("Name") => records.sort_by_key(|record| record.name.to_ascii_lowercase()),
            Some("Status") => records.sort_by_key(|record| record.data.status()),
            Some(other) => {
                return Err(ApiError::constraint(other, "sortBy", "Member must satisfy enum value set"));
            }
        }
        match member::<String>(input, "SortOrder")?.as_deref() {
            None | Some("Descending") => records.reverse(),
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
        let n_records = records.len();
        let page = records.into_iter().skip(start).take(size).map(|record| {
            let mut entry = record.entry();
            T::summarize(record, &mut entry);
            Value::from(entry)
        });
        let page: Vec<Value> = page.collect();
        let end = start + page.len();
        let mut answer = json!({ output: page });
        if end < n_records {
            answer["NextToken"] = end.to_string().into();
        }
        Ok(answer)
    }
}
