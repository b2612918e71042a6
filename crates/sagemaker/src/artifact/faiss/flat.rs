//! The flat index: after the header the number of floats (u64), then the floats, row by row.

use ndarray::ArrayView2;

use super::{Cursor, FaissError, FaissKind, FaissMetric, IndexHeader};

/// Reads the part after the header: whole rows, concatenated.
pub(super) fn read_rows(header: IndexHeader, cursor: &mut Cursor<'_>) -> Result<Vec<f32>, FaissError> {
    let n_floats = u128::from(header.n_rows) * header.dim as u128;
    cursor.floats("the number of floats (ntotal × d)", n_floats)
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
