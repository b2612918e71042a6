//! Lists of records: filters, order, and pages.

use serde_json::{Value, json};

use super::{
    names::{RecordKind, SortKey},
    store::{Record, RecordData, Store},
};
use crate::aws::{
    json::{ApiError, Input, member},
    time::ApiTimestamp,
};

/// How many records a page holds if the request does not say.
const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 100;
/// The members of list requests that all kinds of records have.
const COMMON_MEMBERS: [&str; 7] = [
    "SortBy",
    "SortOrder",
    "NextToken",
    "MaxResults",
    "NameContains",
    "CreationTimeAfter",
    "CreationTimeBefore",
];

/// What a list request asks for. Times are exclusive.
pub(super) struct RecordQuery {
    name_contains: Option<String>,
    status: Option<String>,
    created: TimeRange,
    modified: TimeRange,
    sort_by: SortKey,
    is_descending: bool,
    size: usize,
    token: Option<PageToken>,
}

/// A range of time without its bounds.
#[derive(Debug, Default)]
struct TimeRange {
    after: Option<f64>,
    before: Option<f64>,
}

impl TimeRange {
    fn new(input: &Input, member_stem: &str) -> Result<Self, ApiError> {
        let time = |bound: &str| member::<f64>(input, &format!("{member_stem}{bound}"));
        Ok(Self { after: time("After")?, before: time("Before")? })
    }

    fn contains(&self, time: ApiTimestamp) -> bool {
        let time = time.seconds();
        self.after.is_none_or(|after| time > after) && self.before.is_none_or(|before| time < before)
    }
}

/// Where a page begins: after this record in the order of the list. Records that are created or deleted between two pages
/// neither repeat nor hide others.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PageToken {
    key: String,
    name: String,
}

impl PageToken {
    fn parse(text: &str) -> Result<Self, ApiError> {
        let invalid = || ApiError::validation("Invalid NextToken");
        let (key, name) = text.split_once('/').ok_or_else(invalid)?;
        Ok(Self { key: key.to_owned(), name: name.to_owned() })
    }
}

/// A page of records, and where the next one begins.
pub(super) struct Page<'r, T> {
    records: Vec<&'r Record<T>>,
    next: Option<String>,
}

impl<T> Page<'_, T> {
    /// Returns the response with the records as its member `output`.
    pub(super) fn response(&self, output: &str, entry: impl Fn(&Record<T>) -> Value) -> Value {
        let entries: Vec<Value> = self.records.iter().map(|record| entry(record)).collect();
        let mut response = json!({ output: entries });
        if let Some(next) = &self.next {
            response["NextToken"] = next.as_str().into();
        }
        response
    }
}

impl<T: RecordData> Store<T> {
    /// Returns the page that a request asks for of some of the records.
    pub(super) fn list_selected(
        &self,
        input: &Input,
        is_selected: impl Fn(&Record<T>) -> bool,
    ) -> Result<Value, ApiError> {
        let query = RecordQuery::new(T::KIND, input)?;
        let records = self.values().filter(|record| query.matches(record) && is_selected(record));
        let records = query.page(records.collect());
        let entry = |record: &Record<T>| {
            let mut entry = record.entry();
            T::summarize(record, &mut entry);
            Value::from(entry)
        };
        Ok(records.response(&T::KIND.list_member(), entry))
    }
}

impl RecordQuery {
    /// Reads the request of a list of records of this kind.
    ///
    /// # Errors
    /// `ValidationException` for a member or a value that such a list does not have.
    pub(super) fn new(kind: RecordKind, input: &Input) -> Result<Self, ApiError> {
        let is_known = |name: &str| {
            COMMON_MEMBERS.contains(&name)
                || (name == "StatusEquals" && kind.lists_by_status())
                || (kind.is_mutable && matches!(name, "LastModifiedTimeAfter" | "LastModifiedTimeBefore"))
        };
        if let Some(name) = input.keys().find(|name| !is_known(name)) {
            return Err(ApiError::validation(format!(
                "{name} is not supported here in lists of {}s",
                kind.noun
            )));
        }
        let sort_by = match member::<String>(input, "SortBy")?.as_deref() {
            None => kind.default_order().0,
            Some("Name") => SortKey::Name,
            Some("CreationTime") => SortKey::CreationTime,
            Some("LastModifiedTime") if kind == RecordKind::LIFECYCLE_CONFIG => SortKey::LastModifiedTime,
            Some("Status") if kind.lists_by_status() => SortKey::Status,
            Some(other) => {
                return Err(ApiError::constraint(other, "sortBy", "Member must satisfy enum value set"));
            }
        };
        let is_descending = match member::<String>(input, "SortOrder")?.as_deref() {
            None => kind.default_order().1,
            Some("Descending") => true,
            Some("Ascending") => false,
            Some(other) => {
                let constraint = "Member must satisfy enum value set: [Ascending, Descending]";
                return Err(ApiError::constraint(other, "sortOrder", constraint));
            }
        };
        let size = member::<usize>(input, "MaxResults")?.unwrap_or(DEFAULT_PAGE);
        if !(1..=MAX_PAGE).contains(&size) {
            let constraint = format!("Member must have value between 1 and {MAX_PAGE}");
            return Err(ApiError::constraint(&size.to_string(), "maxResults", &constraint));
        }
        let token: Option<String> = member(input, "NextToken")?;
        Ok(Self {
            name_contains: member::<String>(input, "NameContains")?.map(|text| text.to_ascii_lowercase()),
            status: member(input, "StatusEquals")?,
            created: TimeRange::new(input, "CreationTime")?,
            modified: TimeRange::new(input, "LastModifiedTime")?,
            sort_by,
            is_descending,
            size,
            token: token.as_deref().map(PageToken::parse).transpose()?,
        })
    }

    /// Returns whether the list has this record.
    pub(super) fn matches<T: RecordData>(&self, record: &Record<T>) -> bool {
        let name = record.name.to_ascii_lowercase();
        self.name_contains.as_ref().is_none_or(|text| name.contains(text))
            && (self.status.is_none() || record.status() == self.status)
            && self.created.contains(record.created)
            && self.modified.contains(record.modified)
    }

    /// Returns the page of these records that the request asks for.
    pub(super) fn page<'r, T: RecordData>(&self, records: Vec<&'r Record<T>>) -> Page<'r, T> {
        let mut records: Vec<(PageToken, &Record<T>)> =
            records.into_iter().map(|record| (self.position(record), record)).collect();
        records.sort_by(|(a, _), (b, _)| a.cmp(b));
        if self.is_descending {
            records.reverse();
        }
        if let Some(token) = &self.token {
            records.retain(|(at, _)| if self.is_descending { at < token } else { at > token });
        }
        let next = records
            .get(self.size - 1)
            .filter(|_| records.len() > self.size)
            .map(|(at, _)| format!("{}/{}", at.key, at.name));
        let records = records.into_iter().take(self.size).map(|(_, record)| record).collect();
        Page { records, next }
    }

    fn position<T: RecordData>(&self, record: &Record<T>) -> PageToken {
        // As many digits in each, so that texts are in the order of the times.
        let time = |time: ApiTimestamp| format!("{:016}", time.millis());
        let key = match self.sort_by {
            SortKey::Name => String::new(),
            SortKey::CreationTime => time(record.created),
            SortKey::LastModifiedTime => time(record.modified),
            SortKey::Status => record.status().unwrap_or_default(),
        };
        PageToken { key, name: record.name.to_ascii_lowercase() }
    }
}
