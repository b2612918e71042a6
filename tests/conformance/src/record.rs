//! RecordIO and `aialgs.data.ProtoRecord`, by prost: the codec under test is written by hand, so this one is not.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use prost::Message;

/// The number that each frame begins with.
const MAGIC: u32 = 0xced7_230a;

/// A sample or an answer.
#[derive(Clone, PartialEq, Message)]
pub struct ProtoRecord {
    /// By name; samples have one, `values`.
    #[prost(btree_map = "string, message", tag = "1")]
    pub features: BTreeMap<String, ProtoValue>,
    /// By name; answers have `predicted_label` and, if verbose, `distances` and `labels`.
    #[prost(btree_map = "string, message", tag = "2")]
    pub label: BTreeMap<String, ProtoValue>,
}

/// One of several tensors.
#[derive(Clone, PartialEq, Message)]
pub struct ProtoValue {
    /// Which.
    #[prost(oneof = "ProtoTensor", tags = "2, 3")]
    pub tensor: Option<ProtoTensor>,
}

/// The tensors that are used here.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum ProtoTensor {
    /// Single precision.
    #[prost(message, tag = "2")]
    Float32(Float32Tensor),
    /// Double precision.
    #[prost(message, tag = "3")]
    Float64(Float64Tensor),
}

/// Numbers of single precision; sparse if it has keys.
#[derive(Clone, PartialEq, Message)]
pub struct Float32Tensor {
    /// The numbers.
    #[prost(float, repeated, tag = "1")]
    pub values: Vec<f32>,
    /// The place of each, if it is sparse.
    #[prost(uint64, repeated, tag = "2")]
    pub keys: Vec<u64>,
    /// How many places there are, if it is sparse.
    #[prost(uint64, repeated, tag = "3")]
    pub shape: Vec<u64>,
}

/// Numbers of double precision.
#[derive(Clone, PartialEq, Message)]
pub struct Float64Tensor {
    /// The numbers.
    #[prost(double, repeated, tag = "1")]
    pub values: Vec<f64>,
}

impl ProtoRecord {
    /// Returns a sample.
    #[must_use]
    pub fn sample(values: ProtoTensor) -> Self {
        let features = BTreeMap::from([("values".to_owned(), ProtoValue { tensor: Some(values) })]);
        Self { features, label: BTreeMap::new() }
    }

    /// Returns the numbers under a name of the label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<Vec<f64>> {
        match self.label.get(name)?.tensor.as_ref()? {
            ProtoTensor::Float32(tensor) => Some(tensor.values.iter().copied().map(f64::from).collect()),
            ProtoTensor::Float64(tensor) => Some(tensor.values.clone()),
        }
    }
}

/// Returns the records, framed, one after the other.
#[must_use]
pub fn write(records: &[ProtoRecord]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for record in records {
        let payload = record.encode_to_vec();
        bytes.extend(MAGIC.to_le_bytes());
        bytes.extend((payload.len() as u32).to_le_bytes());
        bytes.extend(&payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

/// Returns the records of a body.
///
/// # Errors
/// If a frame or a record is damaged.
pub fn read(mut bytes: &[u8]) -> Result<Vec<ProtoRecord>> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let Some(([magic, length], rest)) = bytes.split_first_chunk::<8>().map(|(head, rest)| {
            let (words, _) = head.as_chunks::<4>();
            ([u32::from_le_bytes(words[0]), u32::from_le_bytes(words[1])], rest)
        }) else {
            bail!("a frame breaks off")
        };
        ensure!(magic == MAGIC, "a frame begins with {magic:#010x}");
        let length = length as usize;
        ensure!(rest.len() >= length.next_multiple_of(4), "a record of {length} bytes breaks off");
        records.push(ProtoRecord::decode(&rest[..length])?);
        bytes = &rest[length.next_multiple_of(4)..];
    }
    Ok(records)
}
