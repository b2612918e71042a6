//! Records joined to bodies of requests.

use std::{io::BufRead, sync::Arc};

use super::{
    payload::Payload,
    processing::{DataProcessing, ProcessingError},
    records::{RecordSplitter, SplitError, SplitType},
};

/// How many records a request has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum BatchStrategy {
    /// As many as fit. The default.
    #[default]
    MultiRecord,
    /// One.
    SingleRecord,
}

/// An error of [`Payloads`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// The object cannot be split.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// A record cannot be filtered.
    #[error(transparent)]
    Processing(#[from] ProcessingError),
}

/// The requests for an object, in the order of its records. After an error there are no more.
///
/// Holds one request and one record: at most three times the maximum payload, or five times if records are kept for a join.
#[derive(Debug)]
pub struct Payloads<R> {
    records: RecordSplitter<R>,
    separator: &'static [u8],
    strategy: BatchStrategy,
    max_bytes: usize,
    processing: Arc<DataProcessing>,
    /// The first record of the next request.
    next: Option<FilteredRecord>,
}

#[derive(Debug)]
struct FilteredRecord {
    filtered: Vec<u8>,
    /// The record as it was read; empty unless it is joined with its prediction.
    record: Vec<u8>,
}

impl<R: BufRead> Payloads<R> {
    /// Makes requests of at most `max_bytes` bytes. Neither a record nor, if they are kept for a join, the records of a
    /// request are longer than that, either.
    pub fn new(
        reader: R,
        split: SplitType,
        strategy: BatchStrategy,
        max_bytes: usize,
        processing: Arc<DataProcessing>,
    ) -> Self {
        let separator: &[u8] = if split == SplitType::Line { b"\n" } else { b"" };
        let records = RecordSplitter::new(reader, split, max_bytes);
        Self { records, separator, strategy, max_bytes, processing, next: None }
    }

    fn record(&mut self) -> Result<Option<FilteredRecord>, PayloadError> {
        if let Some(record) = self.next.take() {
            return Ok(Some(record));
        }
        let Some(record) = self.records.next().transpose()? else { return Ok(None) };
        let filtered = self.processing.filter_input(&record)?.into_owned();
        let record = if self.processing.is_joined() { record } else { Vec::new() };
        Ok(Some(FilteredRecord { filtered, record }))
    }

    fn payload(&mut self) -> Result<Option<Payload>, PayloadError> {
        let mut payload = Payload { body: Vec::new(), n_records: 0, records: Vec::new() };
        let mut kept_bytes = 0;
        while let Some(FilteredRecord { filtered, record }) = self.record()? {
            let is_first = payload.n_records == 0;
            let body_bytes = payload.body.len() + self.separator.len() + filtered.len();
            kept_bytes += record.len();
            if !is_first && (body_bytes > self.max_bytes || kept_bytes > self.max_bytes) {
                self.next = Some(FilteredRecord { filtered, record });
                break;
            }
            if !is_first {
                payload.body.extend_from_slice(self.separator);
            }
            payload.body.extend(filtered);
            payload.n_records += 1;
            if self.processing.is_joined() {
                payload.records.push(record);
            }
            if self.strategy == BatchStrategy::SingleRecord {
                break;
            }
        }
        Ok(Some(payload).filter(|payload| payload.n_records > 0))
    }
}

impl<R: BufRead> Iterator for Payloads<R> {
    type Item = Result<Payload, PayloadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.payload().transpose()
    }
}
