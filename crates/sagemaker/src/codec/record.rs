//! The protobuf message `aialgs.data.Record`: a sample, or a row of an answer.
//!
//! ```text
//! Record          features=1 map<string, Value>  label=2 map<string, Value>  uid=3  metadata=4  configuration=5
//! map entry       key=1 string  value=2 Value
//! Value (oneof)   float32_tensor=2  float64_tensor=3  int32_tensor=7  bytes=9
//! ..Tensor        values=1 repeated  keys=2 repeated uint64  shape=3 repeated uint64
//! ```
//!
//! Read as any protobuf library reads it, but straight into the caller's row: fields in any order, repeated numbers
//! packed or not, of equal map keys the last entry, of a oneof the last member, parts of one message merged, fields that
//! are not known passed over. Features become `f32`, as the algorithm holds them: of a double or an integer beyond 2^24
//! the nearest. Labels become `f64`, which holds each of these numbers exactly.
//!
//! Source: the SageMaker Python SDK's `record.proto` (proto2); SageMaker Developer Guide, "k-NN Request and Response
//! Formats".

use super::{
    protobuf::{Fields, Value, WireError, head_len, push_fixed, push_varints, write_head},
    sparse::{Limits, SparseError, Tensor},
};

const FEATURES: u32 = 1;
const LABEL: u32 = 2;
/// The key of both maps under which the numbers stand.
const VALUES: &str = "values";

/// Why a record is no sample.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RecordError {
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error(transparent)]
    Sparse(#[from] SparseError),
    #[error("{map} has no entry {VALUES:?}")]
    NoValues { map: &'static str },
    #[error("{map}[{VALUES:?}] holds bytes; it must hold a Float32Tensor, a Float64Tensor or an Int32Tensor")]
    Bytes { map: &'static str },
    #[error("{map}[{VALUES:?}] holds no tensor")]
    NoTensor { map: &'static str },
    #[error("label[{VALUES:?}] has {0} numbers; it must have one")]
    LabelCount(usize),
}

/// The member of the oneof that counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Float32,
    Float64,
    Int32,
    Bytes,
}

/// The most numbers that a sparse label may claim; it must have one.
const MAX_LABELS: usize = 1 << 16;

/// What numbers are read as.
pub(crate) trait Number: Copy + Default {
    fn from_f32(number: f32) -> Self;
    fn from_f64(number: f64) -> Self;
    fn from_i32(number: i32) -> Self;
}

impl Number for f32 {
    fn from_f32(number: f32) -> Self {
        number
    }

    fn from_f64(number: f64) -> Self {
        number as Self
    }

    fn from_i32(number: i32) -> Self {
        number as Self
    }
}

impl Number for f64 {
    fn from_f32(number: f32) -> Self {
        number.into()
    }

    fn from_f64(number: f64) -> Self {
        number
    }

    fn from_i32(number: i32) -> Self {
        number.into()
    }
}

/// Reads records; keeps its buffers from one to the next.
#[derive(Debug, Default)]
pub(crate) struct RecordReader {
    features: Tensor<f32>,
    label: Tensor<f64>,
    labels: Vec<f64>,
}

impl RecordReader {
    /// Appends the features of a record to `row`; sparse ones within `limits`. The rest of the record is only parsed.
    pub(crate) fn features(
        &mut self,
        record: &[u8],
        row: &mut Vec<f32>,
        limits: Limits,
    ) -> Result<(), RecordError> {
        self.features.read(record, (FEATURES, "features"), row, limits)
    }

    /// The label of a record.
    pub(crate) fn label(&mut self, record: &[u8]) -> Result<f64, RecordError> {
        self.labels.clear();
        let limits = Limits::per_record(None, MAX_LABELS);
        self.label.read(record, (LABEL, "label"), &mut self.labels, limits)?;
        match *self.labels.as_slice() {
            [label] => Ok(label),
            ref labels => Err(RecordError::LabelCount(labels.len())),
        }
    }
}

impl<T: Number> Tensor<T> {
    /// Appends what stands under the key of one of the maps.
    fn read(
        &mut self,
        record: &[u8],
        (field, map): (u32, &'static str),
        row: &mut Vec<T>,
        limits: Limits,
    ) -> Result<(), RecordError> {
        let mut entry = None;
        for found in Fields::new(record) {
            let (number, value) = found?;
            if number == field {
                let value = value.bytes(map)?;
                // A key may follow its value.
                if key(value)? == VALUES.as_bytes() {
                    entry = Some(value);
                }
            }
        }
        let entry = entry.ok_or(RecordError::NoValues { map })?;
        let start = row.len();
        self.clear();
        let mut kind = None;
        for found in Fields::new(entry) {
            if let (2, value) = found? {
                for member in Fields::new(value.bytes("value")?) {
                    self.member(member?, &mut kind, start, row)?;
                }
            }
        }
        match kind {
            None => Err(RecordError::NoTensor { map }),
            Some(Kind::Bytes) => Err(RecordError::Bytes { map }),
            Some(_) => Ok(self.finish(row, start, limits)?),
        }
    }

    /// Takes a field of a `Value` into the row.
    fn member(
        &mut self,
        (number, value): (u32, Value<'_>),
        kind: &mut Option<Kind>,
        start: usize,
        row: &mut Vec<T>,
    ) -> Result<(), WireError> {
        let (member, name) = match number {
            2 => (Kind::Float32, "float32_tensor"),
            3 => (Kind::Float64, "float64_tensor"),
            7 => (Kind::Int32, "int32_tensor"),
            9 => (Kind::Bytes, "bytes"),
            _ => return Ok(()),
        };
        let tensor = value.bytes(name)?;
        // Another member replaces what was there; the same one adds to it.
        if kind.replace(member) != Some(member) {
            row.truncate(start);
            self.clear();
        }
        if member == Kind::Bytes {
            return Ok(());
        }
        for found in Fields::new(tensor) {
            match found? {
                (1, value) => match member {
                    Kind::Float32 => {
                        push_fixed(value, "values", |b| T::from_f32(f32::from_le_bytes(b)), row)?;
                    }
                    Kind::Float64 => {
                        push_fixed(value, "values", |b| T::from_f64(f64::from_le_bytes(b)), row)?;
                    }
                    // An int32 is sent as 64 bits; the upper ones only repeat its sign.
                    _ => push_varints(value, "values", |n| T::from_i32(n as i32), row)?,
                },
                (2, value) => push_varints(value, "keys", |n| n, &mut self.keys)?,
                (3, value) => push_varints(value, "shape", |n| n, &mut self.shape)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// The key of a map entry; empty, as ever in protobuf, if it does not say.
fn key(entry: &[u8]) -> Result<&[u8], WireError> {
    let mut key: &[u8] = b"";
    for found in Fields::new(entry) {
        if let (1, value) = found? {
            key = value.bytes("key")?;
        }
    }
    Ok(key)
}

/// Appends a sample; without a label it is a request. Features are a `Float32Tensor`, and so is the label if that holds it
/// exactly, else it is a `Float64Tensor`.
pub(crate) fn write_sample(features: &[f32], label: Option<f64>, out: &mut Vec<u8>) {
    write_entry(FEATURES as u8, VALUES, features.iter().copied(), out);
    match label {
        Some(label) if f64::from(label as f32) == label => write_label(VALUES, [label as f32], out),
        Some(label) => write_label(VALUES, [label], out),
        None => {}
    }
}

/// Appends an entry of the label map.
pub(crate) fn write_label<T: Float>(
    key: &str,
    values: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    out: &mut Vec<u8>,
) {
    write_entry(LABEL as u8, key, values, out);
}

/// A number of a tensor that is written.
pub(crate) trait Float {
    /// The field of the tensor in a `Value`.
    const FIELD: u8;

    fn write(self, out: &mut Vec<u8>);
}

impl Float for f32 {
    const FIELD: u8 = 2;

    fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
}

impl Float for f64 {
    const FIELD: u8 = 3;

    fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
}

/// Appends `map[key] = tensor { values }`. The lengths stand before what they measure, so they come first here.
fn write_entry<T: Float>(
    map: u8,
    key: &str,
    values: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    out: &mut Vec<u8>,
) {
    let values = values.into_iter();
    let packed = values.len() * size_of::<T>();
    let tensor = head_len(packed) + packed;
    let value = head_len(tensor) + tensor;
    let entry = head_len(key.len()) + key.len() + head_len(value) + value;
    write_head(map, entry, out);
    write_head(1, key.len(), out);
    out.extend_from_slice(key.as_bytes());
    write_head(2, value, out);
    write_head(T::FIELD, tensor, out);
    write_head(1, packed, out);
    values.for_each(|value| value.write(out));
}
