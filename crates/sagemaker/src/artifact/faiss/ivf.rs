//! The inverted-file indexes, `IVFFlat` and `IVFPQ`.
//!
//! After the header: `nlist` and `nprobe` (u64); the coarse quantizer, a whole flat index whose `nlist` rows are the
//! lists' centroids; the direct map from rows to lists, which is not needed; for `IVFPQ` the product quantizer; the inverted
//! lists.
//!
//! The direct map is a u8 for its type (0 none, 1 array, 2 hash table), a vector of i64, and for the hash table a
//! vector of pairs of i64. The product quantizer is `by_residual` (u8), `code_size` (u64), `d`, `M`, `nbits` (u64)
//! and the codebooks, a vector of floats in the order `M` × 2^`nbits` × `d / M`. A vector is its length (u64) and its
//! elements.

use mysfits_knn::{IvfFlat, IvfPq};

use super::{
    Cursor, FaissError, FaissKind, FaissMetric, IndexHeader,
    cursor::floats,
    flat::{read_rows, write_floats},
    lists,
};
use crate::artifact::ArtifactError;

/// The centroids of each codebook, for codes of one byte.
const KSUB: usize = 256;

/// Reads the part of an `IVFFlat` after the header.
pub(super) fn read_ivf_flat(header: IndexHeader, cursor: &mut Cursor<'_>) -> Result<IvfFlat, ArtifactError> {
    let Coarse { n_probe, n_lists, centroids } = Coarse::read(header, cursor)?;
    let lists = lists::read(n_lists, header.n_rows, 4 * header.dim as u64, cursor, floats)?;
    Ok(IvfFlat::new(header.dim, n_probe, centroids, lists)?)
}

/// Reads the part of an `IVFPQ` after the header.
pub(super) fn read_ivf_pq(header: IndexHeader, cursor: &mut Cursor<'_>) -> Result<IvfPq, ArtifactError> {
    let Coarse { n_probe, n_lists, centroids } = Coarse::read(header, cursor)?;
    let (m, codebooks) = read_codebooks(header.dim, cursor)?;
    let lists = lists::read(n_lists, header.n_rows, m as u64, cursor, <[u8]>::to_vec)?;
    Ok(IvfPq::new(header.dim, m, n_probe, centroids, codebooks, lists)?)
}

/// The part before the lists.
struct Coarse {
    /// At least 1; may be more than there are lists.
    n_probe: usize,
    n_lists: u32,
    /// `n_lists × dim`, row by row.
    centroids: Vec<f32>,
}

impl Coarse {
    fn read(header: IndexHeader, cursor: &mut Cursor<'_>) -> Result<Self, FaissError> {
        let n_lists = cursor.u64("nlist")?;
        let n_probe = cursor.u64("nprobe")?;
        let range = 1..=u64::from(u32::MAX);
        let expected = format_args!("from 1 to {}", u32::MAX);
        FaissError::check(range.contains(&n_lists), "nlist", n_lists, expected)?;
        // May exceed the number of lists: SageMaker always writes 5.
        FaissError::check(range.contains(&n_probe), "nprobe", n_probe, expected)?;
        let quantizer = IndexHeader::read(cursor, "coarse quantizer", &[FaissKind::flat(header.metric)])?;
        let (dim, n_rows) = (quantizer.dim, quantizer.n_rows);
        let expected = format_args!("{}, as the index's", header.dim);
        FaissError::check(dim == header.dim, "the coarse quantizer's d", dim as u64, expected)?;
        let expected = format_args!("{n_lists}, the index's nlist");
        FaissError::check(u64::from(n_rows) == n_lists, "the coarse quantizer's ntotal", n_rows, expected)?;
        let centroids = read_rows(quantizer, cursor)?;
        skip_direct_map(cursor)?;
        Ok(Self { n_probe: n_probe as usize, n_lists: quantizer.n_rows, centroids })
    }
}

fn skip_direct_map(cursor: &mut Cursor<'_>) -> Result<(), FaissError> {
    let kind = cursor.u8("the direct map's type")?;
    FaissError::check(kind <= 2, "the direct map's type", kind, "0, 1 or 2")?;
    let n_entries = cursor.u64("the direct map's array")?;
    cursor.bytes("the direct map's array", n_entries, 8)?;
    if kind == 2 {
        let n_pairs = cursor.u64("the direct map's hash table")?;
        cursor.bytes("the direct map's hash table", n_pairs, 16)?;
    }
    Ok(())
}

/// Reads the number of parts of a vector, which divides `dim`, and the codebooks, `m × 256 × dim / m`.
fn read_codebooks(dim: usize, cursor: &mut Cursor<'_>) -> Result<(usize, Vec<f32>), FaissError> {
    let by_residual = cursor.u8("by_residual")?;
    FaissError::check(
        by_residual == 1,
        "by_residual",
        by_residual,
        "1: codes of whole vectors are not read",
    )?;
    let code_size = cursor.u64("code_size")?;
    let pq_dim = cursor.u64("the product quantizer's d")?;
    let expected = format_args!("{dim}, as the index's");
    FaissError::check(pq_dim == dim as u64, "the product quantizer's d", pq_dim, expected)?;
    let m = cursor.u64("M")?;
    let is_divisor = m > 0 && pq_dim.is_multiple_of(m);
    FaissError::check(is_divisor, "M", m, format_args!("a divisor of d, which is {dim}"))?;
    let n_bits = cursor.u64("nbits")?;
    FaissError::check(n_bits == 8, "nbits", n_bits, 8)?;
    FaissError::check(code_size == m, "code_size", code_size, format_args!("{m}, a byte for each part (M)"))?;
    let codebooks = cursor.floats("the number of codebook floats (256 × d)", KSUB as u128 * dim as u128)?;
    // It divides `dim`, which is a usize.
    Ok((m as usize, codebooks))
}

/// Writes an `IVFFlat`.
pub(in super::super) fn write_ivf_flat(ivf: &IvfFlat, metric: FaissMetric) -> Vec<u8> {
    let (dim, n_rows) = (ivf.dim(), ivf.n_samples() as u32);
    let mut out = Vec::new();
    let header = IndexHeader { kind: FaissKind::IvfFlat, dim, n_rows, metric };
    write_coarse(header, ivf.n_probe(), ivf.centroids(), &mut out);
    let write_row = |rows: &[f32], out: &mut Vec<u8>| out.extend(rows.iter().flat_map(|v| v.to_le_bytes()));
    lists::write(ivf.lists(), 4 * dim, write_row, &mut out);
    out
}

/// Writes an `IVFPQ`.
pub(in super::super) fn write_ivf_pq(ivf: &IvfPq, metric: FaissMetric) -> Vec<u8> {
    let (dim, n_rows, m) = (ivf.dim(), ivf.n_samples() as u32, ivf.m());
    let mut out = Vec::new();
    let header = IndexHeader { kind: FaissKind::IvfPq, dim, n_rows, metric };
    write_coarse(header, ivf.n_probe(), ivf.centroids(), &mut out);
    out.push(1);
    out.extend([m, dim, m, 8].iter().flat_map(|&number| (number as u64).to_le_bytes()));
    write_floats(&mut out, ivf.codebooks().len(), ivf.codebooks().iter());
    lists::write(ivf.lists(), m, |codes, out| out.extend_from_slice(codes), &mut out);
    out
}

/// Writes the part before the lists, with the header.
fn write_coarse(header: IndexHeader, n_probe: usize, centroids: &[f32], out: &mut Vec<u8>) {
    let IndexHeader { dim, metric, .. } = header;
    let n_lists = centroids.len() / dim;
    header.write(out);
    out.extend((n_lists as u64).to_le_bytes());
    out.extend((n_probe as u64).to_le_bytes());
    IndexHeader { kind: FaissKind::flat(metric), dim, n_rows: n_lists as u32, metric }.write(out);
    write_floats(out, centroids.len(), centroids.iter());
    // No direct map: its type, and an empty array.
    out.push(0);
    out.extend(0u64.to_le_bytes());
}
