//! Log groups, streams and events in memory, within bounds.

use std::collections::{BTreeMap, VecDeque};

use crate::aws::{json::ApiError, time::ApiTimestamp};

/// The most bytes of messages. Beyond them, the oldest streams are removed.
const MAX_BYTES: usize = 64 << 20;
/// The most groups, and the most streams of all groups.
const MAX_GROUPS: usize = 1000;
const MAX_STREAMS: usize = 10_000;
/// What an event takes beside its message, in bytes.
const EVENT_OVERHEAD: usize = 64;

/// All groups by name.
#[derive(Debug, Default)]
pub(super) struct LogStore {
    groups: BTreeMap<String, LogGroup>,
    bytes: usize,
    streams: usize,
}

/// A group of streams.
#[derive(Debug)]
pub(super) struct LogGroup {
    pub(super) created: ApiTimestamp,
    pub(super) streams: BTreeMap<String, StoredStream>,
}

/// A stream of events.
#[derive(Debug)]
pub(super) struct StoredStream {
    pub(super) created: ApiTimestamp,
    pub(super) events: VecDeque<LogEvent>,
    bytes: usize,
}

/// An event.
#[derive(Debug, Clone)]
pub(super) struct LogEvent {
    /// Milliseconds since 1970.
    pub(super) timestamp: i64,
    pub(super) ingestion: u64,
    pub(super) message: String,
}

fn missing(what: &str) -> ApiError {
    ApiError::new("ResourceNotFoundException", format!("The specified {what} does not exist."))
}

fn exists(what: &str) -> ApiError {
    ApiError::new("ResourceAlreadyExistsException", format!("The specified {what} already exists"))
}

fn too_many(what: &str) -> ApiError {
    ApiError::new("LimitExceededException", format!("There are too many {what}s."))
}

impl LogStore {
    pub(super) fn groups(&self) -> impl Iterator<Item = (&String, &LogGroup)> {
        self.groups.iter()
    }

    pub(super) fn group(&self, name: &str) -> Result<&LogGroup, ApiError> {
        self.groups.get(name).ok_or_else(|| missing("log group"))
    }

    pub(super) fn stream(&self, group: &str, name: &str) -> Result<&StoredStream, ApiError> {
        self.group(group)?.streams.get(name).ok_or_else(|| missing("log stream"))
    }

    pub(super) fn create_group(&mut self, name: String) -> Result<(), ApiError> {
        if self.groups.contains_key(&name) {
            return Err(exists("log group"));
        }
        if self.groups.len() == MAX_GROUPS {
            return Err(too_many("log group"));
        }
        self.groups.insert(name, LogGroup { created: ApiTimestamp::now(), streams: BTreeMap::new() });
        Ok(())
    }

    pub(super) fn create_stream(&mut self, group: &str, name: String) -> Result<(), ApiError> {
        let streams = &mut self.groups.get_mut(group).ok_or_else(|| missing("log group"))?.streams;
        if streams.contains_key(&name) {
            return Err(exists("log stream"));
        }
        streams
            .insert(name, StoredStream { created: ApiTimestamp::now(), events: VecDeque::new(), bytes: 0 });
        self.streams += 1;
        self.evict();
        Ok(())
    }

    pub(super) fn put(&mut self, group: &str, name: &str, events: Vec<LogEvent>) -> Result<(), ApiError> {
        let group = self.groups.get_mut(group).ok_or_else(|| missing("log group"))?;
        let stream = group.streams.get_mut(name).ok_or_else(|| missing("log stream"))?;
        let bytes: usize = events.iter().map(|event| event.message.len() + EVENT_OVERHEAD).sum();
        stream.events.extend(events);
        stream.bytes += bytes;
        self.bytes += bytes;
        self.evict();
        Ok(())
    }

    pub(super) fn delete_group(&mut self, name: &str) -> Result<(), ApiError> {
        let group = self.groups.remove(name).ok_or_else(|| missing("log group"))?;
        self.streams -= group.streams.len();
        self.bytes -= group.streams.values().map(|stream| stream.bytes).sum::<usize>();
        Ok(())
    }

    pub(super) fn delete_stream(&mut self, group: &str, name: &str) -> Result<(), ApiError> {
        let group = self.groups.get_mut(group).ok_or_else(|| missing("log group"))?;
        let stream = group.streams.remove(name).ok_or_else(|| missing("log stream"))?;
        self.streams -= 1;
        self.bytes -= stream.bytes;
        Ok(())
    }

    /// Removes the oldest streams until the rest is within the bounds. One stream alone may be larger.
    fn evict(&mut self) {
        while self.streams > MAX_STREAMS || (self.bytes > MAX_BYTES && self.streams > 1) {
            let streams = self.groups.iter().flat_map(|(group, LogGroup { streams, .. })| {
                streams.iter().map(move |(name, stream)| (stream.created, group, name))
            });
            let Some((_, group, name)) = streams.min() else { return };
            let (group, name) = (group.clone(), name.clone());
            if self.delete_stream(&group, &name).is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_streams_are_removed_first() {
        let mut store = LogStore::default();
        store.create_group("g".to_owned()).unwrap();
        let event = |bytes| LogEvent { timestamp: 0, ingestion: 0, message: "x".repeat(bytes) };
        for name in ["a", "b", "c"] {
            store.create_stream("g", name.to_owned()).unwrap();
            store.put("g", name, vec![event(30 << 20)]).unwrap();
        }
        let names: Vec<&String> = store.group("g").unwrap().streams.keys().collect();
        assert_eq!(names, ["b", "c"]);
        store.delete_group("g").unwrap();
        assert_eq!((store.bytes, store.streams), (0, 0));
        assert_eq!(store.delete_group("g").unwrap_err().code, "ResourceNotFoundException");
    }
}
