//! `application/x-recordio-protobuf`: `Record`s, one after the other, each in a frame.
//!
//! A frame, little-endian: the magic number, a word of 3 bits that say which part of a record this is and 29 bits of
//! length, the payload, and zeros up to a multiple of four bytes (what stands there is not looked at). A record is one
//! frame, or parts: C++ writers split it where the magic number itself stands in it at a multiple of four bytes, and
//! leave that out. We read both and write whole records only, as the SageMaker Python SDK does, whose reader knows no
//! parts.
//!
//! Source: dmlc-core's `recordio.h`; the SageMaker Python SDK's `serializer_utils.py`.

use std::io::{self, BufRead};

use super::{
    DecodeError, Rows,
    record::{RecordError, RecordReader},
    sparse::SparseError,
};

const MAGIC: u32 = 0xced7_230a;
/// Magic number and length.
const HEAD_BYTES: usize = 8;
const LENGTH_BITS: u32 = 29;

/// The longest record that is read from a stream, in bytes: it is the only thing that is held.
pub const MAX_RECORD_BYTES: usize = 64 << 20;

/// Why bytes are no frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    #[error(
        "at byte {at} a frame must begin with the magic number {MAGIC:#010x}; {found:#010x} stands there"
    )]
    Magic { at: u64, found: u32 },
    #[error("the frame at byte {at} says that it is {part}; it must be {expected}")]
    Part { at: u64, part: &'static str, expected: &'static str },
    #[error("the frame at byte {at} is cut off")]
    Truncated { at: u64 },
    #[error("with the frame at byte {at} the record is longer than {MAX_RECORD_BYTES} bytes")]
    TooLong { at: u64 },
}

/// The head of a frame.
#[derive(Clone, Copy)]
struct Head {
    part: u32,
    length: usize,
    padding: usize,
}

impl Head {
    /// Reads the head of the frame at `at`, which goes on with a record, or begins one.
    fn read(bytes: [u8; HEAD_BYTES], at: u64, is_inside: bool) -> Result<Self, FrameError> {
        let [magic, word] = [0, 4].map(|i| u32::from_le_bytes(std::array::from_fn(|j| bytes[i + j])));
        if magic != MAGIC {
            return Err(FrameError::Magic { at, found: magic });
        }
        let part = word >> LENGTH_BITS;
        if !matches!((is_inside, part), (false, 0 | 1) | (true, 2 | 3)) {
            let part = ["a whole record", "the first part of one", "a middle part", "the last part"]
                .get(part as usize)
                .unwrap_or(&"no part that is known");
            let expected = if is_inside {
                "a middle or the last part"
            } else {
                "a whole record or the first part of one"
            };
            return Err(FrameError::Part { at, part, expected });
        }
        let length = (word & ((1 << LENGTH_BITS) - 1)) as usize;
        Ok(Self { part, length, padding: length.next_multiple_of(4) - length })
    }

    /// Whether the record ends with this frame.
    fn is_last(self) -> bool {
        matches!(self.part, 0 | 3)
    }
}

/// The records of a body. Whole ones are not copied.
struct Frames<'a> {
    body: &'a [u8],
    at: usize,
    joined: Vec<u8>,
}

impl<'a> Frames<'a> {
    fn new(body: &'a [u8]) -> Self {
        Self { body, at: 0, joined: Vec::new() }
    }

    /// The next record; none at the end.
    fn next(&mut self) -> Result<Option<&[u8]>, FrameError> {
        self.joined.clear();
        let mut is_inside = false;
        loop {
            let at = self.at as u64;
            let rest = &self.body[self.at..];
            if rest.is_empty() && !is_inside {
                return Ok(None);
            }
            let (head, rest) = rest.split_first_chunk().ok_or(FrameError::Truncated { at })?;
            let head = Head::read(*head, at, is_inside)?;
            let payload = rest.get(..head.length + head.padding).ok_or(FrameError::Truncated { at })?;
            self.at += HEAD_BYTES + payload.len();
            let payload = &payload[..head.length];
            if head.part == 0 {
                return Ok(Some(payload));
            }
            self.joined.extend_from_slice(payload);
            if head.is_last() {
                return Ok(Some(&self.joined));
            }
            self.joined.extend_from_slice(&MAGIC.to_le_bytes());
            is_inside = true;
        }
    }
}

/// The records of a stream. One is held at a time, and no more of it than has arrived.
#[derive(Debug)]
pub(crate) struct FrameReader<R> {
    reader: R,
    at: u64,
    record: Vec<u8>,
}

/// Why the next record cannot be read from a stream.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameReadError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
}

impl<R: BufRead> FrameReader<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, at: 0, record: Vec::new() }
    }

    /// The next record; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, FrameReadError> {
        self.record.clear();
        let mut is_inside = false;
        loop {
            let at = self.at;
            let mut head = [0; HEAD_BYTES];
            match self.fill(&mut head)? {
                0 if !is_inside => return Ok(None),
                HEAD_BYTES => {}
                _ => return Err(FrameError::Truncated { at }.into()),
            }
            let head = Head::read(head, at, is_inside)?;
            if self.record.len() + head.length > MAX_RECORD_BYTES {
                return Err(FrameError::TooLong { at }.into());
            }
            if self.append(head.length)? < head.length
                || self.fill(&mut [0; 3][..head.padding])? < head.padding
            {
                return Err(FrameError::Truncated { at }.into());
            }
            if head.is_last() {
                return Ok(Some(&self.record));
            }
            self.record.extend_from_slice(&MAGIC.to_le_bytes());
            is_inside = true;
        }
    }

    /// Reads into all of `bytes`; how many there were before the end.
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < bytes.len() {
            match self.reader.read(&mut bytes[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.at += filled as u64;
        Ok(filled)
    }

    /// Appends the next bytes to the record as they arrive; how many there were before the end.
    fn append(&mut self, length: usize) -> io::Result<usize> {
        let mut appended = 0;
        while appended < length {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() {
                break;
            }
            let n = available.len().min(length - appended);
            self.record.extend_from_slice(&available[..n]);
            self.reader.consume(n);
            appended += n;
        }
        self.at += appended as u64;
        Ok(appended)
    }
}

/// Reads the features of every record of a body; labels are passed over.
pub(super) fn decode(body: &[u8], rows: &mut Rows) -> Result<(), DecodeError> {
    let (mut frames, mut reader) = (Frames::new(body), RecordReader::default());
    loop {
        let row = rows.count;
        let Some(record) =
            frames.next().map_err(|error| DecodeError::Row { row, reason: error.to_string() })?
        else {
            return Ok(());
        };
        let limits = rows.limits();
        reader.features(record, rows.values(), limits).map_err(|error| match error {
            RecordError::Sparse(SparseError::Width { found, .. }) => rows.width_error(found),
            error => DecodeError::Row { row, reason: error.to_string() },
        })?;
        rows.end_row()?;
    }
}

/// Appends a sample, framed: with a label it is one to train with, without one to ask about.
///
/// The features are written as a `Float32Tensor` under `features["values"]`, the label under `label["values"]`: as a
/// `Float32Tensor` if that holds it exactly, else as a `Float64Tensor`.
///
/// ```
/// let mut body = Vec::new();
/// mysfits_sagemaker::codec::recordio::write_sample(&[1.0, 0.0, 2.0, 7.0, 0.0], None, &mut body);
/// assert_eq!(body.len(), 44);
/// ```
///
/// # Panics
/// If there are so many features, above 2^27, that no frame can hold them.
pub fn write_sample(features: &[f32], label: Option<f64>, out: &mut Vec<u8>) {
    write_frame(out, |out| super::record::write_sample(features, label, out));
}

/// Appends a frame around what `payload` appends.
pub(crate) fn write_frame(out: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(&MAGIC.to_le_bytes());
    let word = out.len();
    out.extend_from_slice(&[0; 4]);
    payload(out);
    let length = out.len() - word - 4;
    assert!(length < 1 << LENGTH_BITS, "a frame holds less than 2^{LENGTH_BITS} bytes");
    out[word..word + 4].copy_from_slice(&(length as u32).to_le_bytes());
    out.resize(out.len() + length.next_multiple_of(4) - length, 0);
}
