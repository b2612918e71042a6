//! The protobuf message `aialgs.data.Record`: a sample, or a row of a response.
//!
//! ```text
//! Record          features=1 map<string, Value>  label=2 map<string, Value>  uid=3  metadata=4  configuration=5
//! map entry       key=1 string  value=2 Value
//! Value (oneof)   float32_tensor=2  float64_tensor=3  int32_tensor=7  bytes=9
//! ..Tensor        values=1 repeated  keys=2 repeated uint64  shape=3 repeated uint64
//! ```
//!
//! Decoded like any protobuf library does, but directly into the caller's row: fields in any order, repeated numbers packed
//! or not, the last entry of equal map keys, the last member of a oneof, parts of one message merged, unknown fields
//! ignored. Features are rounded to `f32`, labels become `f64`, which holds each of these numbers exactly.
//!
//! Source: the SageMaker Python SDK's `record.proto` (proto2); SageMaker Developer Guide, "k-NN Request and Response
//! Formats".

use super::{
    protobuf::{Fields, WireError, WireValue, head_len, push_fixed, push_varints, write_head},
    sparse::{Limits, SparseError, SparseTensor},
};

const FEATURES: u32 = 1;
const LABEL: u32 = 2;
/// The key of the numbers in both maps.
const VALUES: &str = "values";

/// An invalid record.
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

/// The member of the oneof.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TensorKind {
    Float32,
    Float64,
    Int32,
    Bytes,
}

/// The most numbers of a label; a sparse one claims them without sending them.
const MAX_LABELS: usize = 1 << 16;

/// The type to which numbers are converted; an `f64` holds the numbers of all tensors exactly.
pub(crate) trait TensorNumber: Copy + Default {
    fn from_f32(number: f32) -> Self;
    fn from_f64(number: f64) -> Self;
}

impl TensorNumber for f32 {
    fn from_f32(number: f32) -> Self {
        number
    }

    fn from_f64(number: f64) -> Self {
        number as Self
    }
}

impl TensorNumber for f64 {
    fn from_f32(number: f32) -> Self {
        number.into()
    }

    fn from_f64(number: f64) -> Self {
        number
    }
}

/// Reads records; reuses its buffers.
#[derive(Debug, Default)]
pub(crate) struct RecordReader {
    features: SparseTensor<f32>,
    label: SparseTensor<f64>,
    labels: Vec<f64>,
}

impl RecordReader {
    /// Appends the features of a record to `row`; sparse ones within `limits`.
    pub(crate) fn features(
        &mut self,
        record: &[u8],
        row: &mut Vec<f32>,
        limits: Limits,
    ) -> Result<(), RecordError> {
        let is_found = self.features.read(record, (FEATURES, "features"), VALUES, row, limits)?;
        if is_found { Ok(()) } else { Err(RecordError::NoValues { map: "features" }) }
    }

    pub(crate) fn label(&mut self, record: &[u8]) -> Result<f64, RecordError> {
        self.labels.clear();
        let limits = Limits::per_record(None, MAX_LABELS);
        if !self.label.read(record, (LABEL, "label"), VALUES, &mut self.labels, limits)? {
            return Err(RecordError::NoValues { map: "label" });
        }
        match *self.labels.as_slice() {
            [label] => Ok(label),
            ref labels => Err(RecordError::LabelCount(labels.len())),
        }
    }

    /// Returns the numbers of an entry of the label map, if there is one.
    pub(crate) fn labels(&mut self, record: &[u8], key: &str) -> Result<Option<Vec<f64>>, RecordError> {
        let mut numbers = Vec::new();
        let limits = Limits::per_record(None, MAX_LABELS);
        let is_found = self.label.read(record, (LABEL, "label"), key, &mut numbers, limits)?;
        Ok(is_found.then_some(numbers))
    }
}

impl<T: TensorNumber> SparseTensor<T> {
    /// Appends the numbers of an entry of one of the maps. Returns whether there is such an entry.
    fn read(
        &mut self,
        record: &[u8],
        (field, map): (u32, &'static str),
        entry_key: &str,
        row: &mut Vec<T>,
        limits: Limits,
    ) -> Result<bool, RecordError> {
        let mut entry = None;
        for found in Fields::new(record) {
            let (number, value) = found?;
            if number == field {
                let value = value.bytes(map)?;
                // A key may follow its value.
                if key(value)? == entry_key.as_bytes() {
                    entry = Some(value);
                }
            }
        }
        let Some(entry) = entry else { return Ok(false) };
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
            Some(TensorKind::Bytes) => Err(RecordError::Bytes { map }),
            Some(_) => {
                self.finish(row, start, limits)?;
                Ok(true)
            }
        }
    }

    /// Appends the numbers of a field of a `Value`.
    fn member(
        &mut self,
        (number, value): (u32, WireValue<'_>),
        kind: &mut Option<TensorKind>,
        start: usize,
        row: &mut Vec<T>,
    ) -> Result<(), WireError> {
        let (member, name) = match number {
            2 => (TensorKind::Float32, "float32_tensor"),
            3 => (TensorKind::Float64, "float64_tensor"),
            7 => (TensorKind::Int32, "int32_tensor"),
            9 => (TensorKind::Bytes, "bytes"),
            _ => return Ok(()),
        };
        let tensor = value.bytes(name)?;
        // Another member replaces the numbers so far; the same member is merged.
        if kind.replace(member) != Some(member) {
            row.truncate(start);
            self.clear();
        }
        if member == TensorKind::Bytes {
            return Ok(());
        }
        for found in Fields::new(tensor) {
            match found? {
                (1, value) => match member {
                    TensorKind::Float32 => {
                        push_fixed(value, "values", |b| T::from_f32(f32::from_le_bytes(b)), row)?;
                    }
                    TensorKind::Float64 => {
                        push_fixed(value, "values", |b| T::from_f64(f64::from_le_bytes(b)), row)?;
                    }
                    // An int32 is sent as 64 bits; the upper ones repeat its sign.
                    _ => push_varints(value, "values", |n| T::from_f64((n as i32).into()), row)?,
                },
                (2, value) => push_varints(value, "keys", |n| n, &mut self.keys)?,
                (3, value) => push_varints(value, "shape", |n| n, &mut self.shape)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Returns whether the features of a record are a `Float32Tensor`.
pub(crate) fn has_float32_features(record: &[u8]) -> Result<bool, WireError> {
    let mut is_float32 = false;
    for found in Fields::new(record) {
        let (FEATURES, entry) = found? else { continue };
        let entry = entry.bytes("features")?;
        if key(entry)? != VALUES.as_bytes() {
            continue;
        }
        is_float32 = false;
        for found in Fields::new(entry) {
            let (2, value) = found? else { continue };
            for member in Fields::new(value.bytes("value")?) {
                match member?.0 {
                    2 => is_float32 = true,
                    3 | 7 | 9 => is_float32 = false,
                    _ => {}
                }
            }
        }
    }
    Ok(is_float32)
}

/// Returns the key of a map entry; empty, the default of protobuf, if it is missing.
fn key(entry: &[u8]) -> Result<&[u8], WireError> {
    let mut key: &[u8] = b"";
    for found in Fields::new(entry) {
        if let (1, value) = found? {
            key = value.bytes("key")?;
        }
    }
    Ok(key)
}

/// Appends a sample, for a request without a label. Features are a `Float32Tensor`. The label is a `Float32Tensor` if that
/// holds it exactly, else a `Float64Tensor`.
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

/// A number of a tensor to write.
pub(crate) trait Float {
    /// The field number of the tensor in a `Value`.
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

/// Appends `map[key] = tensor { values }`. Lengths precede the data, so they are computed first.
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
