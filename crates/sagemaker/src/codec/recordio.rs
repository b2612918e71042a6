//! `application/x-recordio-protobuf`: a sequence of framed `Record`s.
//!
//! A frame, little-endian: the magic number, a word with 3 bits for the part of a record and 29 bits for the length, the
//! payload, and padding to a multiple of four bytes (not checked). A record is one frame or several parts: C++ writers split
//! a record at the magic number if it occurs at a multiple of four bytes, and omit it. Both forms are read. Only whole records
//! are written, as in the SageMaker Python SDK, whose reader does not support parts.
//!
//! Source: dmlc-core's `recordio.h`; the SageMaker Python SDK's `serializer_utils.py`.

use std::io::{self, BufRead};

use super::{
    DecodeError, RowBuilder,
    record::{RecordError, RecordReader},
    sparse::SparseError,
};

const MAGIC: u32 = 0xced7_230a;
/// Magic number and length.
const HEAD_BYTES: usize = 8;
const LENGTH_BITS: u32 = 29;

/// The longest record that is read, in bytes.
pub const MAX_RECORD_BYTES: usize = 64 << 20;

/// Invalid frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("invalid magic number at byte {at}: {found:#010x} (expected {MAGIC:#010x})")]
    Magic { at: u64, found: u32 },
    #[error("the frame at byte {at} is {part}; it must be {expected}")]
    Part { at: u64, part: &'static str, expected: &'static str },
    #[error("the frame at byte {at} is cut off")]
    Truncated { at: u64 },
    #[error("the record with the frame at byte {at} is longer than {MAX_RECORD_BYTES} bytes")]
    TooLong { at: u64 },
}

#[derive(Clone, Copy)]
struct FrameHead {
    part: u32,
    length: usize,
    padding: usize,
}

impl FrameHead {
    /// Reads the head of the frame at `at`. It continues a record if `is_inside`, else it starts one.
    fn read(bytes: [u8; HEAD_BYTES], at: u64, is_inside: bool) -> Result<Self, FrameError> {
        let [magic, word] = [0, 4].map(|i| u32::from_le_bytes(std::array::from_fn(|j| bytes[i + j])));
        if magic != MAGIC {
            return Err(FrameError::Magic { at, found: magic });
        }
        let part = word >> LENGTH_BITS;
        if !matches!((is_inside, part), (false, 0 | 1) | (true, 2 | 3)) {
            let part = ["a whole record", "the first part of one", "a middle part", "the last part"]
                .get(part as usize)
                .unwrap_or(&"an unknown part");
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

    /// Returns whether this is the last frame of a record.
    fn is_last(self) -> bool {
        matches!(self.part, 0 | 3)
    }
}

/// The records of a stream. Holds one record at a time, and never allocates more than has arrived. A whole record in the
/// reader's buffer is not copied.
#[derive(Debug)]
pub(crate) struct FrameReader<R> {
    reader: R,
    at: u64,
    record: Vec<u8>,
    /// The bytes of the reader's buffer that hold the last record; 0 if it was copied.
    borrowed: usize,
}

/// An error of reading a record from a stream.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameReadError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
}

impl<R: BufRead> FrameReader<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, at: 0, record: Vec::new(), borrowed: 0 }
    }

    /// Returns the next record; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, FrameReadError> {
        self.reader.consume(std::mem::take(&mut self.borrowed));
        if let Some(head) = self.buffered_record()? {
            self.borrowed = HEAD_BYTES + head.length + head.padding;
            self.at += self.borrowed as u64;
            return Ok(Some(&self.reader.fill_buf()?[HEAD_BYTES..][..head.length]));
        }
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
            let head = FrameHead::read(head, at, is_inside)?;
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

    /// Returns the head of the next frame, if it is a whole record and the reader's buffer holds all of it.
    fn buffered_record(&mut self) -> io::Result<Option<FrameHead>> {
        let available = match self.reader.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some((head, rest)) = available.split_first_chunk() else { return Ok(None) };
        // An invalid head is an error where it is read again.
        let head = FrameHead::read(*head, self.at, false).ok();
        Ok(head.filter(|head| {
            let is_buffered = head.length <= MAX_RECORD_BYTES && head.length + head.padding <= rest.len();
            is_buffered && head.is_last()
        }))
    }

    /// Fills `bytes`. Returns how many there were before the end.
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

    /// Appends the next bytes to the record as they arrive. Returns how many there were before the end.
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

/// Reads the features of all records of a body; labels are ignored.
pub(super) fn decode(body: &[u8], rows: &mut RowBuilder) -> Result<(), DecodeError> {
    let (mut frames, mut reader) = (FrameReader::new(body), RecordReader::default());
    loop {
        let row = rows.count;
        let Some(record) =
            frames.next().map_err(|error| DecodeError::Row { row, reason: error.to_string() })?
        else {
            return Ok(());
        };
        let limits = rows.limits();
        reader.features(record, &mut rows.values, limits).map_err(|error| match error {
            RecordError::Sparse(SparseError::Width { found, .. }) => rows.width_error(found),
            error => DecodeError::Row { row, reason: error.to_string() },
        })?;
        rows.end_row()?;
    }
}

/// Appends a framed sample: with a label for training, without one for a request.
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
/// Panics if there are more features than a frame can hold (above 2^27).
pub fn write_sample(features: &[f32], label: Option<f64>, out: &mut Vec<u8>) {
    write_frame(out, |out| super::record::write_sample(features, label, out));
}

/// Appends a frame with the payload that `payload` appends.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_the_same_whatever_the_buffer_holds() {
        let mut body = Vec::new();
        let payloads: Vec<Vec<u8>> = (0..20).map(|n| (0..n).collect()).collect();
        for payload in &payloads {
            write_frame(&mut body, |out| out.extend_from_slice(payload));
        }
        for capacity in 1..=body.len() {
            let mut frames = FrameReader::new(io::BufReader::with_capacity(capacity, body.as_slice()));
            for payload in &payloads {
                assert_eq!(frames.next().unwrap(), Some(payload.as_slice()), "{capacity}");
            }
            assert_eq!(frames.next().unwrap(), None);
            assert_eq!(frames.at, body.len() as u64);
        }
    }
}
