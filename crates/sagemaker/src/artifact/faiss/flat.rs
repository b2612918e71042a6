//! The flat index: after the header the number of floats (u64), then the floats, row by row.

use ndarray::ArrayView2;

use super::{Cursor, FaissError, FaissKind, FaissMetric, IndexHeader};

/// A flat index: whole rows of `dim` floats, `dim` at least 1.
#[derive(Debug, PartialEq)]
pub(in super::super) struct Flat {
    pub(in super::super) metric: FaissMetric,
    pub(in super::super) dim: usize,
    pub(in super::super) values: Vec<f32>,
}

impl Flat {
    /// Reads the part after the header.
    pub(super) fn read_after(header: IndexHeader, cursor: &mut Cursor<'_>) -> Result<Self, FaissError> {
        let IndexHeader { dim, n_rows, metric, .. } = header;
        let values = cursor.floats("the number of floats (ntotal × d)", u128::from(n_rows) * dim as u128)?;
        Ok(Self { metric, dim, values })
    }
}

/// Writes rows as a flat index.
pub(in super::super) fn write_flat(rows: ArrayView2<'_, f32>, metric: FaissMetric) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + rows.len() * 4);
    let header =
        IndexHeader { kind: FaissKind::flat(metric), dim: rows.ncols(), n_rows: rows.nrows() as u32, metric };
    header.write(&mut out);
    write_floats(&mut out, rows.len(), rows.iter());
    out
}

/// Writes a vector in faiss's format: its length, then its elements.
pub(super) fn write_floats<'a>(out: &mut Vec<u8>, count: usize, values: impl Iterator<Item = &'a f32>) {
    out.extend((count as u64).to_le_bytes());
    out.extend(values.flat_map(|value| value.to_le_bytes()));
}
