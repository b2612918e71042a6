//! Protobuf by `prost`, as an oracle: what it writes we read, and however a message is put together, we read the same.

use std::collections::BTreeMap;

use mysfits_sagemaker::codec::{ContentType, decode, recordio};
use proptest::prelude::*;
use prost::{Message as _, Oneof};

macro_rules! tensor {
    ($name:ident, $type:ty, $kind:ident, $packed:tt) => {
        #[derive(Clone, PartialEq, prost::Message)]
        pub struct $name {
            #[prost($kind, repeated, packed = $packed, tag = "1")]
            pub values: Vec<$type>,
            #[prost(uint64, repeated, packed = $packed, tag = "2")]
            pub keys: Vec<u64>,
            #[prost(uint64, repeated, packed = $packed, tag = "3")]
            pub shape: Vec<u64>,
        }
    };
}

tensor!(Float32Tensor, f32, float, "true");
tensor!(Float64Tensor, f64, double, "true");
tensor!(Int32Tensor, i32, int32, "true");
// As written without packing: the same bytes mean the same message.
tensor!(LooseFloat32Tensor, f32, float, "false");
tensor!(LooseFloat64Tensor, f64, double, "false");
tensor!(LooseInt32Tensor, i32, int32, "false");

#[derive(Clone, PartialEq, prost::Message)]
pub struct Bytes {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub value: Vec<Vec<u8>>,
    #[prost(string, optional, tag = "2")]
    pub content_type: Option<String>,
}

#[derive(Clone, PartialEq, Oneof)]
pub enum Member {
    #[prost(message, tag = "2")]
    Float32(Float32Tensor),
    #[prost(message, tag = "3")]
    Float64(Float64Tensor),
    #[prost(message, tag = "7")]
    Int32(Int32Tensor),
    #[prost(message, tag = "9")]
    Bytes(Bytes),
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Value {
    #[prost(oneof = "Member", tags = "2, 3, 7, 9")]
    pub member: Option<Member>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Record {
    #[prost(btree_map = "string, message", tag = "1")]
    pub features: BTreeMap<String, Value>,
    #[prost(btree_map = "string, message", tag = "2")]
    pub label: BTreeMap<String, Value>,
    #[prost(string, optional, tag = "3")]
    pub uid: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub metadata: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub configuration: Option<String>,
}

/// A frame around a record.
pub fn framed(record: &[u8]) -> Vec<u8> {
    let mut frame = 0xced7_230au32.to_le_bytes().to_vec();
    frame.extend((record.len() as u32).to_le_bytes());
    frame.extend(record);
    frame.resize(frame.len().next_multiple_of(4), 0);
    frame
}

/// A request of one row, as numpy's singles are sent.
pub fn singles(values: &[f32]) -> Vec<u8> {
    let tensor = Float32Tensor { values: values.to_vec(), ..Float32Tensor::default() };
    let value = Value { member: Some(Member::Float32(tensor)) };
    framed(
        &Record { features: BTreeMap::from([("values".to_owned(), value)]), ..Record::default() }
            .encode_to_vec(),
    )
}

/// A request of one row, as numpy's doubles are sent.
pub fn doubles(values: &[f64]) -> Vec<u8> {
    let tensor = Float64Tensor { values: values.to_vec(), ..Float64Tensor::default() };
    let value = Value { member: Some(Member::Float64(tensor)) };
    framed(
        &Record { features: BTreeMap::from([("values".to_owned(), value)]), ..Record::default() }
            .encode_to_vec(),
    )
}

/// The records of an answer.
pub fn answers(mut body: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    while !body.is_empty() {
        let (head, rest) = body.split_at(8);
        assert_eq!(head[..4], 0xced7_230au32.to_le_bytes());
        let length = u32::from_le_bytes(head[4..].try_into().unwrap()) as usize;
        let (payload, rest) = rest.split_at(length.next_multiple_of(4));
        records.push(Record::decode(&payload[..length]).unwrap());
        assert!(payload[length..].iter().all(|&byte| byte == 0));
        body = rest;
    }
    records
}

/// The numbers under a key of an answer's label: distances are single, labels are double precision.
pub fn label(record: &Record, key: &str) -> Vec<f64> {
    match (&record.label[key].member, key) {
        (Some(Member::Float32(tensor)), "distances") => {
            tensor.values.iter().copied().map(f64::from).collect()
        }
        (Some(Member::Float64(tensor)), "predicted_label" | "labels") => tensor.values.clone(),
        other => panic!("{other:?}"),
    }
}

/// The row that a record means, or none if it means none; written without a thought of how ours is.
fn meaning(record: &Record) -> Option<Vec<f32>> {
    let (values, keys, shape) = match record.features.get("values")?.member.as_ref()? {
        Member::Float32(t) => (t.values.clone(), &t.keys, &t.shape),
        Member::Float64(t) => (t.values.iter().map(|&v| v as f32).collect(), &t.keys, &t.shape),
        Member::Int32(t) => (t.values.iter().map(|&v| v as f32).collect(), &t.keys, &t.shape),
        Member::Bytes(_) => return None,
    };
    let is_sparse = !keys.is_empty() || (values.is_empty() && !shape.is_empty());
    if !is_sparse {
        return Some(values).filter(|values| !values.is_empty());
    }
    let dim = Some(*shape.first()?).filter(|dim| shape.len() == 1 && (1..=1 << 23).contains(dim))?;
    if keys.len() != values.len() || keys.iter().any(|&key| key >= dim) {
        return None;
    }
    let places: BTreeMap<u64, f32> = keys.iter().copied().zip(values).collect();
    Some((0..dim).map(|place| places.get(&place).copied().unwrap_or(0.0)).collect())
}

fn ours(record: &[u8]) -> Option<Vec<f32>> {
    let rows = decode(&ContentType::RecordIo, &framed(record)).ok()?;
    assert_eq!(rows.nrows(), 1);
    Some(rows.into_raw_vec_and_offset().0)
}

/// Bits, so that a NaN equals itself.
fn bits(row: Option<Vec<f32>>) -> Option<Vec<u32>> {
    row.map(|row| row.into_iter().map(f32::to_bits).collect())
}

fn small_numbers() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![4 => 0u64..6, 1 => any::<u64>()], 0..5)
}

/// A field that is sent with its length.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    prost::encoding::encode_varint(content.len() as u64, &mut bytes);
    bytes.extend(content);
    bytes
}

/// A tensor of one kind, packed or not: the oneof's member that it is, and its bytes.
fn tensor() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let parts = (small_numbers(), small_numbers(), any::<bool>());
    let float32 =
        (prop::collection::vec(-9.0f32..9.0, 0..5), parts).prop_map(|(values, (keys, shape, is_packed))| {
            let bytes = if is_packed {
                Float32Tensor { values, keys, shape }.encode_to_vec()
            } else {
                LooseFloat32Tensor { values, keys, shape }.encode_to_vec()
            };
            (2, bytes)
        });
    let parts = (small_numbers(), small_numbers(), any::<bool>());
    let float64 =
        (prop::collection::vec(any::<f64>(), 0..5), parts).prop_map(|(values, (keys, shape, is_packed))| {
            let bytes = if is_packed {
                Float64Tensor { values, keys, shape }.encode_to_vec()
            } else {
                LooseFloat64Tensor { values, keys, shape }.encode_to_vec()
            };
            (3, bytes)
        });
    let parts = (small_numbers(), small_numbers(), any::<bool>());
    let int32 =
        (prop::collection::vec(any::<i32>(), 0..5), parts).prop_map(|(values, (keys, shape, is_packed))| {
            let bytes = if is_packed {
                Int32Tensor { values, keys, shape }.encode_to_vec()
            } else {
                LooseInt32Tensor { values, keys, shape }.encode_to_vec()
            };
            (7, bytes)
        });
    let bytes = prop::collection::vec(any::<u8>(), 0..5)
        .prop_map(|value| (9, Bytes { value: vec![value], content_type: None }.encode_to_vec()));
    prop_oneof![3 => float32, 3 => float64, 3 => int32, 1 => bytes]
}

/// A valid but unusual sample: duplicate entries, a key after its value, values in several parts, several members of the
/// oneof, several tensors, unknown fields.
fn record() -> impl Strategy<Value = Vec<u8>> {
    let value = prop::collection::vec(tensor(), 0..3).prop_map(|members| {
        members.iter().flat_map(|(number, bytes)| field(*number, bytes)).collect::<Vec<u8>>()
    });
    let key = prop_oneof![8 => Just("values"), 1 => Just("other"), 1 => Just("")]
        .prop_map(|key| field(1, key.as_bytes()));
    let unknown = prop_oneof![
        Just(vec![0x78, 0x80, 0x01]),             // 15: a varint
        Just(vec![0x79, 1, 2, 3, 4, 5, 6, 7, 8]), // 15: eight bytes
        Just(vec![0x7d, 1, 2, 3, 4]),             // 15: four bytes
        prop::collection::vec(any::<u8>(), 0..4).prop_map(|content| field(15, &content)),
    ];
    let in_entry = prop_oneof![4 => key, 6 => value.prop_map(|value| field(2, &value)), 1 => unknown.clone()];
    let entry = prop::collection::vec(in_entry, 1..4).prop_map(|parts| parts.concat());
    let in_record = prop_oneof![
        6 => entry.clone().prop_map(|entry| field(1, &entry)),
        1 => entry.prop_map(|entry| field(2, &entry)),
        1 => "[a-z]{0,5}".prop_map(|uid| field(3, uid.as_bytes())),
        1 => unknown,
    ];
    prop::collection::vec(in_record, 0..4).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn valid_records_are_decoded_like_prost(record in record()) {
        let theirs = Record::decode(record.as_slice()).expect("only fields that prost reads or passes over");
        prop_assert_eq!(bits(ours(&record)), bits(meaning(&theirs)), "{:?}", theirs);
    }

    #[test]
    fn changed_records_are_decoded_like_prost(
        record in record(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut record = record;
        if !record.is_empty() {
            for (at, byte) in changes {
                *at.get_mut(&mut record) = byte;
            }
        }
        // Where we read something, prost must either read the same or refuse what we do not look at.
        if let (Some(ours), Ok(theirs)) = (ours(&record), Record::decode(record.as_slice())) {
            prop_assert_eq!(bits(Some(ours)), bits(meaning(&theirs)), "{:?}", theirs);
        }
    }

    #[test]
    fn prost_decodes_written_records(
        features in prop::collection::vec(-9.0f32..9.0, 1..200),
        label in prop::option::of(prop_oneof![-9.0f64..9.0, (-9i32..9).prop_map(f64::from)]),
    ) {
        let mut body = Vec::new();
        recordio::write_sample(&features, label, &mut body);
        recordio::write_sample(&features, label, &mut body);
        let values = |values: Vec<f32>| {
            let tensor = Float32Tensor { values, ..Float32Tensor::default() };
            BTreeMap::from([("values".to_owned(), Value { member: Some(Member::Float32(tensor)) })])
        };
        let single_or_double = |value: f64| {
            if f64::from(value as f32) == value {
                return values(vec![value as f32]);
            }
            let tensor = Float64Tensor { values: vec![value], ..Float64Tensor::default() };
            BTreeMap::from([("values".to_owned(), Value { member: Some(Member::Float64(tensor)) })])
        };
        let label = label.map(single_or_double).unwrap_or_default();
        let expected = Record { features: values(features), label, ..Record::default() };
        prop_assert_eq!(answers(&body), vec![expected.clone(), expected.clone()]);
        // And byte for byte what prost writes.
        prop_assert_eq!(body, framed(&expected.encode_to_vec()).repeat(2));
    }
}
