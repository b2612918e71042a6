//! Records of an object.

use std::io::{self, BufRead};

use crate::codec::recordio::{FrameReadError, FrameReader, write_frame};

/// How an object is split into records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SplitType {
    /// The object is one record. The default.
    #[default]
    None,
    /// Each line is a record; empty lines are none.
    Line,
    /// Each RecordIO record is a record. It is passed on as one frame.
    RecordIo,
}

/// An error of reading records.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// The object cannot be read.
    #[error("cannot read the object: {0}")]
    Io(#[from] io::Error),
    /// A record is longer than a request may be.
    #[error("record {record} is larger than the maximum payload of {max_bytes} bytes")]
    TooLarge {
        /// The record, counted from 0.
        record: u64,
        /// The largest record, in bytes.
        max_bytes: usize,
    },
    /// The object is not RecordIO.
    #[error("record {record}: {reason}")]
    RecordIo {
        /// The record, counted from 0.
        record: u64,
        /// What is wrong.
        reason: String,
    },
}

/// The records of an object, in their order. Holds one record at a time. After an error there are no more.
///
/// ```
/// use mysfits_sagemaker::batch::{RecordSplitter, SplitType};
///
/// let records = RecordSplitter::new(&b"1,2\r\n\n3,4"[..], SplitType::Line, 1024);
/// assert_eq!(records.collect::<Result<Vec<_>, _>>()?, [b"1,2", b"3,4"]);
/// # Ok::<(), mysfits_sagemaker::batch::SplitError>(())
/// ```
#[derive(Debug)]
pub struct RecordSplitter<R> {
    source: RecordSource<R>,
    max_bytes: usize,
    n_records: u64,
    is_ended: bool,
}

#[derive(Debug)]
enum RecordSource<R> {
    Whole(R),
    Lines(R),
    RecordIo(FrameReader<R>),
}

impl<R: BufRead> RecordSplitter<R> {
    /// Splits an object. Records may have at most `max_bytes` bytes. An empty object has no records.
    pub fn new(reader: R, split: SplitType, max_bytes: usize) -> Self {
        let source = match split {
            SplitType::None => RecordSource::Whole(reader),
            SplitType::Line => RecordSource::Lines(reader),
            SplitType::RecordIo => RecordSource::RecordIo(FrameReader::new(reader)),
        };
        Self { source, max_bytes, n_records: 0, is_ended: false }
    }

    fn read(&mut self) -> Result<Option<Vec<u8>>, SplitError> {
        let Self { source, max_bytes, n_records: record, .. } = self;
        let (record, max_bytes) = (*record, *max_bytes);
        let mut bytes = Vec::new();
        match source {
            RecordSource::Whole(reader) => {
                if !append_until(reader, None, max_bytes, &mut bytes)? {
                    return Err(SplitError::TooLarge { record, max_bytes });
                }
            }
            RecordSource::Lines(reader) => loop {
                // The end of a line does not count.
                if !append_until(reader, Some(b'\n'), max_bytes + 2, &mut bytes)? {
                    return Err(SplitError::TooLarge { record, max_bytes });
                }
                if bytes.is_empty() {
                    return Ok(None);
                }
                bytes.truncate(bytes.strip_suffix(b"\n").map_or(bytes.len(), <[u8]>::len));
                bytes.truncate(bytes.strip_suffix(b"\r").map_or(bytes.len(), <[u8]>::len));
                if !bytes.is_empty() {
                    break;
                }
            },
            RecordSource::RecordIo(frames) => match frames.next() {
                Ok(None) => return Ok(None),
                Ok(Some(payload)) => write_frame(&mut bytes, |bytes| bytes.extend_from_slice(payload)),
                Err(FrameReadError::Io(error)) => return Err(error.into()),
                Err(FrameReadError::Frame(error)) => {
                    return Err(SplitError::RecordIo { record, reason: error.to_string() });
                }
            },
        }
        if bytes.len() > max_bytes {
            return Err(SplitError::TooLarge { record, max_bytes });
        }
        Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

/// Appends up to and including the delimiter, or to the end. Returns `false` if that is more than `max_bytes` bytes.
fn append_until(
    reader: &mut impl BufRead,
    delimiter: Option<u8>,
    max_bytes: usize,
    bytes: &mut Vec<u8>,
) -> io::Result<bool> {
    loop {
        let available = match reader.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let found = delimiter.and_then(|delimiter| available.iter().position(|byte| *byte == delimiter));
        let length = found.map_or(available.len(), |at| at + 1);
        if bytes.len() + length > max_bytes {
            return Ok(false);
        }
        bytes.extend_from_slice(&available[..length]);
        reader.consume(length);
        if found.is_some() || length == 0 {
            return Ok(true);
        }
    }
}

impl<R: BufRead> Iterator for RecordSplitter<R> {
    type Item = Result<Vec<u8>, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_ended {
            return None;
        }
        let read = self.read();
        self.n_records += 1;
        self.is_ended = !matches!(read, Ok(Some(_)));
        read.transpose()
    }
}
