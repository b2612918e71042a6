//! Records by name.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt::Debug,
};

use mysfits_sagemaker::AccountRegion;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    names::RecordKind,
    tags::{RecordTags, new_tags},
};
use crate::aws::{
    json::{ApiError, Input},
    time::ApiTimestamp,
};

/// What records of a kind have beside name, request, times and tags.
pub(super) trait RecordData: Sized {
    const KIND: RecordKind;

    /// Returns the status, if records of this kind have one. Its variant has the API's name.
    fn status(&self) -> Option<&dyn Debug> {
        None
    }

    /// Adds members to the record's entry in a list.
    fn summarize(_record: &Record<Self>, _entry: &mut Input) {}

    /// Adds members to a description. It has those of the creating request, names, times and status.
    fn describe(_record: &Record<Self>, _described: &mut Input) {}
}

/// Data that are stored as they are, and restored at the next start.
pub(super) trait StoredData: RecordData + Serialize + DeserializeOwned {
    /// Whether the record is stored. Jobs under way are not.
    fn is_final(&self) -> bool {
        true
    }
}

/// Data of records that are created again at the next start, from their requests.
pub(super) trait RecreatedData: RecordData {
    /// The operation that creates a record.
    const CREATE: &'static str;

    /// Whether the record is stored.
    fn is_kept(&self) -> bool {
        true
    }

    /// Returns what has changed since the request; by default, null.
    fn changes(&self) -> Value {
        Value::Null
    }
}

/// A store of any kind of records.
pub(super) trait AnyStore {
    fn kind(&self) -> RecordKind;

    /// Describes the record that a request names.
    fn describe(&self, input: &Input) -> Result<Value, ApiError>;

    /// Returns the page that a request asks for.
    fn list(&self, input: &Input) -> Result<Value, ApiError>;

    /// Returns the tags of the record with this ARN.
    fn tags(&mut self, arn: &str) -> Option<&mut RecordTags>;
}

/// The status of records that are complete at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Completed;

/// A resource of the service.
#[derive(Debug)]
pub(super) struct Record<T> {
    pub(super) name: String,
    pub(super) arn: String,
    /// What it was created with, except its tags, which are asked for apart.
    pub(super) input: Input,
    pub(super) created: ApiTimestamp,
    pub(super) modified: ApiTimestamp,
    pub(super) tags: RecordTags,
    pub(super) data: T,
}

impl<T: RecordData> Record<T> {
    /// Returns the API's name of the status, if records of this kind have one.
    pub(super) fn status(&self) -> Option<String> {
        self.data.status().map(|status| format!("{status:?}"))
    }

    /// Returns the members of both its description and its entry in a list.
    pub(super) fn entry(&self) -> Input {
        let kind = T::KIND;
        let mut entry = Input::from_iter([
            (kind.name_member(), self.name.as_str().into()),
            (kind.arn_member(), self.arn.as_str().into()),
            ("CreationTime".to_owned(), self.created.into()),
        ]);
        if kind.is_mutable {
            entry.insert("LastModifiedTime".to_owned(), self.modified.into());
        }
        if let Some(status) = self.status() {
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
        Self::named(kind.name(input)?, input)
    }

    /// A record whose name is not the member of its kind.
    pub(super) fn named(name: String, input: &Input) -> Result<Self, ApiError> {
        Ok(Self { name, input: without_tags(input), tags: new_tags(input)? })
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
pub(super) struct Store<T> {
    owner: AccountRegion,
    records: BTreeMap<String, Record<T>>,
}

impl<T: RecordData> Store<T> {
    pub(super) fn new(owner: &AccountRegion) -> Self {
        Self { owner: owner.clone(), records: BTreeMap::new() }
    }

    pub(super) fn get(&self, name: &str) -> Result<&Record<T>, ApiError> {
        self.records.get(&name.to_ascii_lowercase()).ok_or_else(|| T::KIND.missing(&self.owner, name))
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Result<&mut Record<T>, ApiError> {
        self.records.get_mut(&name.to_ascii_lowercase()).ok_or_else(|| T::KIND.missing(&self.owner, name))
    }

    /// Refused if there is one of this name.
    pub(super) fn insert(&mut self, new: NewRecord, data: T) -> Result<&mut Record<T>, ApiError> {
        let NewRecord { name, input, tags } = new;
        let (created, arn) = (ApiTimestamp::now(), T::KIND.arn(&self.owner, &name));
        match self.records.entry(name.to_ascii_lowercase()) {
            Entry::Occupied(_) => Err(T::KIND.exists(&self.owner, &name)),
            Entry::Vacant(entry) => {
                Ok(entry.insert(Record { name, arn, input, created, modified: created, tags, data }))
            }
        }
    }

    /// Returns the ARN of the record of this name.
    pub(super) fn arn(&self, name: &str) -> String {
        T::KIND.arn(&self.owner, name)
    }

    /// Adds a record, or replaces the one of its name.
    pub(super) fn put(&mut self, record: Record<T>) {
        self.records.insert(record.name.to_ascii_lowercase(), record);
    }

    pub(super) fn remove(&mut self, name: &str) -> Result<Record<T>, ApiError> {
        self.records.remove(&name.to_ascii_lowercase()).ok_or_else(|| T::KIND.missing(&self.owner, name))
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Record<T>> {
        self.records.values()
    }

    pub(super) fn describe(&self, input: &Input) -> Result<Value, ApiError> {
        self.described(&T::KIND.name(input)?)
    }

    pub(super) fn described(&self, name: &str) -> Result<Value, ApiError> {
        let record = self.get(name)?;
        let mut described = record.input.clone();
        described.extend(record.entry());
        T::describe(record, &mut described);
        Ok(described.into())
    }

    pub(super) fn delete(&mut self, input: &Input) -> Result<Value, ApiError> {
        self.remove(&T::KIND.name(input)?)?;
        Ok(Value::Null)
    }
}

impl<T: RecordData> AnyStore for Store<T> {
    fn kind(&self) -> RecordKind {
        T::KIND
    }

    fn describe(&self, input: &Input) -> Result<Value, ApiError> {
        Self::describe(self, input)
    }

    fn list(&self, input: &Input) -> Result<Value, ApiError> {
        self.list_selected(input, |_| true)
    }

    fn tags(&mut self, arn: &str) -> Option<&mut RecordTags> {
        // The name of a model package has a slash.
        let (_, key) = arn.split_once('/')?;
        self.records.get_mut(key).filter(|record| record.arn == arn).map(|record| &mut record.tags)
    }
}
