//! FAISS's flat index, byte for byte: `IxF2` (squared L2) and `IxFI` (inner product).
//!
//! Little endian: four letters, dimension (i32), rows (i64), two dummies of 2^20 (i64), "is trained" (u8), metric (i32),
//! number of floats (u64), the floats row by row. The same in all versions of faiss from 1.5 to 1.15.

use ndarray::ArrayView2;

const HEADER_BYTES: usize = 45;
const DUMMY: i64 = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Metric {
    InnerProduct,
    L2,
}

impl Metric {
    fn letters_and_number(self) -> ([u8; 4], i32) {
        match self {
            Self::InnerProduct => (*b"IxFI", 0),
            Self::L2 => (*b"IxF2", 1),
        }
    }
}

/// A flat index as read: whole rows of `dim` floats, `dim` at least 1.
#[derive(Debug, PartialEq)]
pub(super) struct FlatIndex {
    pub(super) metric: Metric,
    pub(super) dim: usize,
    pub(super) values: Vec<f32>,
}

impl FlatIndex {
    pub(super) fn write(rows: ArrayView2<'_, f32>, metric: Metric) -> Vec<u8> {
        let (letters, number) = metric.letters_and_number();
        let mut bytes = Vec::with_capacity(HEADER_BYTES + rows.len() * 4);
        bytes.extend(letters);
        bytes.extend((rows.ncols() as i32).to_le_bytes());
        bytes.extend((rows.nrows() as i64).to_le_bytes());
        bytes.extend(DUMMY.to_le_bytes());
        bytes.extend(DUMMY.to_le_bytes());
        bytes.push(1);
        bytes.extend(number.to_le_bytes());
        bytes.extend((rows.len() as u64).to_le_bytes());
        bytes.extend(rows.iter().flat_map(|value| value.to_le_bytes()));
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let (header, floats) = bytes
            .split_first_chunk::<HEADER_BYTES>()
            .ok_or_else(|| format!("{} bytes are fewer than a header's {HEADER_BYTES}", bytes.len()))?;
        let letters = &header[..4];
        let metric = [Metric::InnerProduct, Metric::L2]
            .into_iter()
            .find(|metric| metric.letters_and_number().0 == letters)
            .ok_or_else(|| {
                format!(
                    "it is of the kind {:?}; flat indexes are \"IxF2\" and \"IxFI\"",
                    String::from_utf8_lossy(letters)
                )
            })?;
        let i32_at = |at: usize| i32::from_le_bytes(std::array::from_fn(|i| header[at + i]));
        let i64_at = |at: usize| i64::from_le_bytes(std::array::from_fn(|i| header[at + i]));
        let (dim, n_rows, number, n_floats) = (i32_at(4), i64_at(8), i32_at(33), i64_at(37));
        if number != metric.letters_and_number().1 {
            return Err(format!("its letters say {metric:?}, its metric number is {number}"));
        }
        let Some(dim) = usize::try_from(dim).ok().filter(|&dim| dim > 0) else {
            return Err(format!("its dimension is {dim}"));
        };
        let (floats, rest) = floats.as_chunks::<4>();
        let expected = usize::try_from(n_rows).ok().and_then(|n| n.checked_mul(dim));
        if expected != Some(floats.len()) || usize::try_from(n_floats) != Ok(floats.len()) || !rest.is_empty()
        {
            return Err(format!(
                "it states {n_rows} rows of {dim} and {n_floats} floats, and holds {} bytes of them",
                bytes.len() - HEADER_BYTES
            ));
        }
        let values = floats.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        Ok(Self { metric, dim, values })
    }
}
