//! The labels: `model_algo-1-labels.npy`, a `NumPy` array, and `model_algo-1.labels`, raw numbers.
//!
//! The container writes the first: `NumPy` format 1.0, `<f8`, shape `(n,)`. The Developer Guide describes the second, as
//! `np.float32` in binary. Both are read; of the first also other numeric types and the shape `(n, 1)`.
//!
//! Source: `NumPy`, `numpy.lib.format`; a public artifact, `chapter08/knn.model.tar.gz` in
//! `PacktPublishing/Machine-Learning-Engineering-on-AWS`; SageMaker Developer Guide, "How k-NN Works".

use super::{LabelsError, files::FilePart};

const MAGIC: &[u8] = b"\x93NUMPY";
/// The names of the supported types.
const DTYPE_NAMES: &str = "<f8, <f4, <f2, <i8, <i4, <i2, |i1, <u8, <u4, <u2, |u1";
/// The supported types: the name, the bytes of a number, and the conversion of an array.
const DTYPES: [(&str, u64, Conversion); 11] = [
    ("<f8", 8, |data| numbers(data, f64::from_le_bytes)),
    ("<f4", 4, |data| numbers(data, f32::from_le_bytes)),
    ("<f2", 2, |data| numbers(data, half)),
    ("<i8", 8, |data| exact(data, |bytes| i64::from_le_bytes(bytes).into())),
    ("<i4", 4, |data| numbers(data, i32::from_le_bytes)),
    ("<i2", 2, |data| numbers(data, i16::from_le_bytes)),
    ("|i1", 1, |data| numbers(data, i8::from_le_bytes)),
    ("<u8", 8, |data| exact(data, |bytes| u64::from_le_bytes(bytes).into())),
    ("<u4", 4, |data| numbers(data, u32::from_le_bytes)),
    ("<u2", 2, |data| numbers(data, u16::from_le_bytes)),
    ("|u1", 1, |data| numbers(data, u8::from_le_bytes)),
];

type Conversion = fn(&[u8]) -> Result<Vec<f64>, LabelsError>;

/// A header ends at a multiple of this, as `numpy.save` pads it.
const ALIGNMENT: usize = 64;
/// More than the header of an array of labels.
pub(super) const MAX_HEADER_BYTES: usize = 256;
/// The longest header that is read, as `numpy.load` has it by default.
const MAX_READ_HEADER_BYTES: u32 = 10_000;

/// Reads one of the two files.
pub(super) fn read(part: FilePart, bytes: &[u8]) -> Result<Vec<f64>, LabelsError> {
    if part == FilePart::Float32Labels {
        return numbers(bytes, f32::from_le_bytes);
    }
    let (header, data) = NpyHeader::read(bytes)?;
    if header.data_bytes() != Some(data.len() as u64) {
        let NpyHeader { shape, item_bytes, .. } = header;
        return Err(LabelsError::DataLength { found: data.len(), shape, item_bytes });
    }
    (header.convert)(data)
}

/// Returns the kind of file of these bytes.
pub(super) fn part_of(bytes: &[u8]) -> FilePart {
    if bytes.starts_with(MAGIC) { FilePart::Labels } else { FilePart::Float32Labels }
}

/// Returns whether a file of labels is in the container's form: `NumPy` format 1.0, `<f8`.
pub(super) fn is_containers(bytes: &[u8]) -> bool {
    let after_version = bytes.strip_prefix(MAGIC).and_then(|rest| rest.strip_prefix(&[1, 0]));
    // Two bytes of length come before the header.
    after_version
        .and_then(|rest| rest.get(2..))
        .is_some_and(|header| header.starts_with(b"{'descr': '<f8', "))
}

/// Returns the length of a `NumPy` file that its header declares.
pub(super) fn declared_bytes(beginning: &[u8]) -> Option<u64> {
    let (header, data) = NpyHeader::read(beginning).ok()?;
    header.data_bytes()?.checked_add((beginning.len() - data.len()) as u64)
}

/// Writes labels as `numpy.save` does.
pub(super) fn write(labels: &[f64]) -> Vec<u8> {
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({},), }}", labels.len());
    // Magic string, version, length of the rest of the header; at its end a line feed.
    let before = MAGIC.len() + 2 + 2;
    let header_bytes = (before + header.len() + 1).next_multiple_of(ALIGNMENT);
    let mut out = Vec::with_capacity(header_bytes + size_of_val(labels));
    out.extend(MAGIC);
    out.extend([1, 0]);
    out.extend(((header_bytes - before) as u16).to_le_bytes());
    out.extend(header.as_bytes());
    out.resize(header_bytes - 1, b' ');
    out.push(b'\n');
    out.extend(labels.iter().flat_map(|label| label.to_le_bytes()));
    out
}

/// Writes labels as raw `f32`; `None` if an `f32` cannot hold one of them exactly.
pub(super) fn write_float32(labels: &[f64]) -> Option<Vec<u8>> {
    let narrow = |&label: &f64| Some(label as f32).filter(|&narrow| f64::from(narrow) == label);
    let labels: Vec<f32> = labels.iter().map(narrow).collect::<Option<_>>()?;
    Some(labels.iter().flat_map(|label| label.to_le_bytes()).collect())
}

/// Converts little-endian numbers; fails if the length is not a multiple of their size.
fn numbers<const N: usize, T: Into<f64>>(
    bytes: &[u8],
    number: impl Fn([u8; N]) -> T,
) -> Result<Vec<f64>, LabelsError> {
    let (numbers, []) = bytes.as_chunks::<N>() else { return Err(LabelsError::Length(bytes.len())) };
    Ok(numbers.iter().map(|&bytes| number(bytes).into()).collect())
}

/// Converts 64-bit integers, which an `f64` must hold exactly.
fn exact(data: &[u8], number: impl Fn([u8; 8]) -> i128) -> Result<Vec<f64>, LabelsError> {
    let numbers = data.as_chunks().0.iter().enumerate().map(|(position, &bytes)| {
        let value = number(bytes);
        let label = value as f64;
        if label as i128 == value { Ok(label) } else { Err(LabelsError::Inexact { position, value }) }
    });
    numbers.collect()
}

/// Converts a number of IEEE 754 binary16.
fn half(bytes: [u8; 2]) -> f64 {
    let bits = u16::from_le_bytes(bytes);
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2f64.powi(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -size } else { size }
}

/// The header of a `NumPy` file.
struct NpyHeader {
    item_bytes: u64,
    convert: Conversion,
    shape: String,
    n_labels: u64,
}

impl NpyHeader {
    /// Returns the header and what follows it.
    fn read(bytes: &[u8]) -> Result<(Self, &[u8]), LabelsError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(LabelsError::Magic)?;
        let cut_off = LabelsError::Truncated(bytes.len());
        let Some(([major, minor], rest)) = rest.split_first_chunk() else { return Err(cut_off) };
        let (length, rest) = match (major, minor) {
            (1, 0) => {
                rest.split_first_chunk().map(|(&length, rest)| (u16::from_le_bytes(length).into(), rest))
            }
            (2 | 3, 0) => rest.split_first_chunk().map(|(&length, rest)| (u32::from_le_bytes(length), rest)),
            _ => return Err(LabelsError::Version { major: *major, minor: *minor }),
        }
        .ok_or_else(|| cut_off.clone())?;
        if length > MAX_READ_HEADER_BYTES {
            return Err(LabelsError::HeaderLength { found: length, limit: MAX_READ_HEADER_BYTES });
        }
        let (header, data) = rest.split_at_checked(length as usize).ok_or(cut_off)?;
        let text = String::from_utf8_lossy(header);
        let malformed = || LabelsError::Header(text.trim().to_owned());
        let [descr, fortran_order, shape] = members(&text).ok_or_else(malformed)?;
        if !matches!(fortran_order, "True" | "False") {
            return Err(malformed());
        }
        let &(_, item_bytes, convert) = DTYPES
            .iter()
            .find(|(name, ..)| *name == descr)
            .ok_or_else(|| LabelsError::Dtype { found: descr.to_owned(), expected: DTYPE_NAMES })?;
        let n_labels = n_labels(shape).ok_or_else(|| LabelsError::Shape(shape.to_owned()))?;
        Ok((Self { item_bytes, convert, shape: shape.to_owned(), n_labels }, data))
    }

    fn data_bytes(&self) -> Option<u64> {
        self.n_labels.checked_mul(self.item_bytes)
    }
}

/// Returns `descr`, `fortran_order` and `shape` of a header, which is a dictionary as Python prints it.
fn members(text: &str) -> Option<[&str; 3]> {
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut found = [None; 3];
    while !rest.is_empty() {
        let (name, after) = quoted(rest)?;
        rest = after.trim_start().strip_prefix(':')?.trim_start();
        let value;
        (value, rest) = match rest.chars().next()? {
            '\'' | '"' => quoted(rest)?,
            '(' => rest.split_at(rest.find(')')? + 1),
            _ => rest.split_at(rest.find(',').unwrap_or(rest.len())),
        };
        let position = ["descr", "fortran_order", "shape"].iter().position(|known| *known == name)?;
        if found[position].replace(value.trim()).is_some() {
            return None;
        }
        rest = rest.trim_start();
        if !rest.is_empty() {
            rest = rest.strip_prefix(',')?.trim_start();
        }
    }
    let [descr, fortran_order, shape] = found;
    Some([descr?, fortran_order?, shape?])
}

/// Returns the text in the quotation marks at the beginning, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let mark = text.chars().next().filter(|mark| matches!(mark, '\'' | '"'))?;
    text[1..].split_once(mark)
}

/// Returns the number of labels of a shape, `(n,)` or `(n, 1)`.
fn n_labels(shape: &str) -> Option<u64> {
    let inner = shape.strip_prefix('(')?.strip_suffix(')')?;
    let (n_labels, width) = inner.split_once(',')?;
    // Python 2 prints a long integer with an L.
    let n_labels = n_labels.trim();
    let n_labels = n_labels.strip_suffix('L').unwrap_or(n_labels);
    matches!(width.trim(), "" | "1" | "1L").then(|| n_labels.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_half_precision() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x8000, -0.0),
            (0x0001, 2f64.powi(-24)),
            (0x03ff, 1023.0 * 2f64.powi(-24)),
            (0x0400, 2f64.powi(-14)),
            (0x3c00, 1.0),
            (0xc500, -5.0),
            (0x7bff, 65504.0),
            (0x7c00, f64::INFINITY),
        ] {
            assert_eq!(half(u16::to_le_bytes(bits)).to_bits(), f64::to_bits(value), "{bits:04x}");
        }
        assert!(half(u16::to_le_bytes(0x7e00)).is_nan());
    }
}
