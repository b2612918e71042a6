//! Requests in `application/json` and `application/jsonlines`.
//!
//! An instance is `{"features": [..]}`, or `{"data": {"features": [..]}}`, or `{"data": {"features": {"values": [..]}}}`,
//! or, sparse, the last with `keys` and `shape`. Other members, such as `configuration`, are ignored. A member that is
//! `null` counts as absent. Duplicate members are rejected. A text such as `"1"` is not a number.
//!
//! The numbers are parsed directly into the rows, without an intermediate document.

use std::fmt;

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    DecodeError, RowBuilder,
    sparse::{SparseError, SparseTensor},
};

pub(super) fn decode(body: &[u8], rows: &mut RowBuilder) -> Result<(), DecodeError> {
    let text = std::str::from_utf8(body).map_err(|_| DecodeError::NotText)?;
    let mut batch = BatchReader::new(rows);
    let mut json = serde_json::Deserializer::from_str(text);
    let read = RequestSeed(&mut batch).deserialize(&mut json).and_then(|()| json.end());
    read.map_err(|error| match batch.failure.take() {
        Some(failure) => failure,
        None if batch.is_in_instance => DecodeError::Row { row: batch.rows.count, reason: error.to_string() },
        None => DecodeError::Json(error.to_string()),
    })
}

pub(super) fn decode_lines(body: &[u8], rows: &mut RowBuilder) -> Result<(), DecodeError> {
    let text = std::str::from_utf8(body).map_err(|_| DecodeError::NotText)?;
    let mut batch = BatchReader::new(rows);
    // Trims the white space of JSON only, so that a line is read like an element of an array.
    let lines = text.lines().map(|line| line.trim_matches([' ', '\t', '\r']));
    for line in lines.filter(|line| !line.is_empty()) {
        let mut json = serde_json::Deserializer::from_str(line);
        let read = Instance(&mut batch).deserialize(&mut json).and_then(|()| json.end());
        read.map_err(|error| {
            // The parser sees each line as the first.
            let whole = error.to_string();
            let place = format!(" at line {} column {}", error.line(), error.column());
            let what = whole.strip_suffix(&place).unwrap_or(&whole);
            let reason = format!("{what} at column {}", error.column());
            batch.failure.take().unwrap_or(DecodeError::Row { row: batch.rows.count, reason })
        })?;
        batch.rows.end_row()?;
    }
    Ok(())
}

/// The rows read so far, and buffers.
struct BatchReader<'r> {
    rows: &'r mut RowBuilder,
    tensor: SparseTensor<f32>,
    /// Whether the current position is inside of an instance.
    is_in_instance: bool,
    /// The error, if it is not a syntax error.
    failure: Option<DecodeError>,
}

impl<'r> BatchReader<'r> {
    fn new(rows: &'r mut RowBuilder) -> Self {
        Self { rows, tensor: SparseTensor::default(), is_in_instance: false, failure: None }
    }

    /// Stores an error, which the parser's error type cannot hold.
    fn fail<E: Error>(&mut self, failure: DecodeError) -> E {
        self.failure = Some(failure);
        E::custom("see BatchReader::failure")
    }

    fn fail_row<E: Error>(&mut self, reason: String) -> E {
        let row = self.rows.count;
        self.fail(DecodeError::Row { row, reason })
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum MemberName {
    Instances,
    Features,
    Data,
    Values,
    Keys,
    Shape,
    #[serde(other)]
    Other,
}

/// Marks a member as seen, and rejects a second one.
fn reject_duplicate<E: Error>(seen: &mut bool, now: bool, name: &'static str) -> Result<(), E> {
    if *seen && now {
        return Err(E::duplicate_field(name));
    }
    *seen |= now;
    Ok(())
}

/// Implements [`DeserializeSeed`] for a visitor, by a method of the deserializer.
macro_rules! impl_seed {
    ($visitor:ident, $value:ty, $deserialize:ident) => {
        impl<'de> DeserializeSeed<'de> for $visitor<'_, '_> {
            type Value = $value;

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<$value, D::Error> {
                deserializer.$deserialize(self)
            }
        }
    };
}

impl_seed!(RequestSeed, (), deserialize_map);
impl_seed!(Instances, (), deserialize_seq);
impl_seed!(Instance, (), deserialize_map);
impl_seed!(DataSeed, bool, deserialize_any);
impl_seed!(Features, bool, deserialize_any);

/// `{"instances": [..]}`.
struct RequestSeed<'a, 'r>(&'a mut BatchReader<'r>);

impl<'de> Visitor<'de> for RequestSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a list \"instances\"")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = false;
        while let Some(member) = map.next_key()? {
            if let MemberName::Instances = member {
                reject_duplicate(&mut seen, true, "instances")?;
                map.next_value_seed(Instances(self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if seen { Ok(()) } else { Err(A::Error::missing_field("instances")) }
    }
}

/// `[instance, ..]`.
struct Instances<'a, 'r>(&'a mut BatchReader<'r>);

impl<'de> Visitor<'de> for Instances<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of instances")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut instances: A) -> Result<(), A::Error> {
        self.0.is_in_instance = true;
        while let Some(()) = instances.next_element_seed(Instance(self.0))? {
            self.0.rows.end_row().map_err(|error| self.0.fail(error))?;
        }
        self.0.is_in_instance = false;
        Ok(())
    }
}

/// `{"features": [..]}` or `{"data": ..}`.
struct Instance<'a, 'r>(&'a mut BatchReader<'r>);

impl<'de> Visitor<'de> for Instance<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an instance, an object with \"features\" or \"data\"")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut features, mut data) = (false, false);
        while let Some(member) = map.next_key()? {
            match member {
                MemberName::Features => {
                    let is_there = map.next_value_seed(Numbers(&mut self.0.rows.values))?;
                    reject_duplicate(&mut features, is_there, "features")?;
                }
                MemberName::Data => {
                    reject_duplicate(&mut data, map.next_value_seed(DataSeed(self.0))?, "data")?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if features == data {
            return Err(self.0.fail_row("an instance has either \"features\" or \"data\"".to_owned()));
        }
        Ok(())
    }
}

/// `{"features": ..}` inside of `data`, or `null`. Returns whether it is present.
struct DataSeed<'a, 'r>(&'a mut BatchReader<'r>);

impl<'de> Visitor<'de> for DataSeed<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with \"features\"")
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut seen = false;
        while let Some(member) = map.next_key()? {
            if let MemberName::Features = member {
                reject_duplicate(&mut seen, map.next_value_seed(Features(self.0))?, "features")?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if seen { Ok(true) } else { Err(A::Error::missing_field("features")) }
    }
}

/// `[..]`, `{"values": [..]}`, `{"keys": [..], "shape": [..], "values": [..]}` or `null`. Returns whether it is
/// present.
struct Features<'a, 'r>(&'a mut BatchReader<'r>);

impl<'de> Visitor<'de> for Features<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers or an object with \"values\"")
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, numbers: A) -> Result<bool, A::Error> {
        Numbers(&mut self.0.rows.values).visit_seq(numbers)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let Self(BatchReader { rows, tensor, .. }) = self;
        tensor.clear();
        let (mut values, mut keys, mut shape) = (false, false, false);
        while let Some(member) = map.next_key()? {
            match member {
                MemberName::Values => {
                    reject_duplicate(&mut values, map.next_value_seed(Numbers(&mut rows.values))?, "values")?;
                }
                MemberName::Keys => {
                    reject_duplicate(&mut keys, map.next_value_seed(Numbers(&mut tensor.keys))?, "keys")?;
                }
                MemberName::Shape => {
                    reject_duplicate(&mut shape, map.next_value_seed(Numbers(&mut tensor.shape))?, "shape")?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if !values {
            return Err(A::Error::missing_field("values"));
        }
        let (start, limits) = (rows.row_start(), rows.limits());
        tensor.finish(&mut rows.values, start, limits).map_err(|error| match error {
            SparseError::Width { found, .. } => {
                let error = self.0.rows.width_error(found);
                self.0.fail(error)
            }
            error => self.0.fail_row(error.to_string()),
        })?;
        Ok(true)
    }
}

/// A number of a list.
trait JsonNumber: Sized {
    /// The type that is parsed.
    type Wire: for<'de> Deserialize<'de>;

    fn from_wire(wire: Self::Wire) -> Self;
}

impl JsonNumber for f32 {
    /// See [`number::parse`](super::number::parse): a double first.
    type Wire = f64;

    fn from_wire(wire: f64) -> Self {
        wire as Self
    }
}

impl JsonNumber for u64 {
    type Wire = Self;

    fn from_wire(wire: Self) -> Self {
        wire
    }
}

/// A list of numbers, which are appended, or `null`. Returns whether it is present.
struct Numbers<'a, T>(&'a mut Vec<T>);

impl<'de, T: JsonNumber> DeserializeSeed<'de> for Numbers<'_, T> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: JsonNumber> Visitor<'de> for Numbers<'_, T> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers")
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<bool, A::Error> {
        while let Some(number) = numbers.next_element()? {
            self.0.push(T::from_wire(number));
        }
        Ok(true)
    }
}
