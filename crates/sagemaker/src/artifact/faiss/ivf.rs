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

use super::{
    Cursor, FaissError, FaissKind, FaissMetric, Flat, IndexHeader,
    flat::write_floats,
    lists::{self, Codes, List},
};

/// The centroids of each codebook, for codes of one byte.
const KSUB: usize = 256;

/// A parsed inverted file: centroids, and rows by list.
#[derive(Debug)]
pub(in super::super) struct Ivf<'a> {
    pub(in super::super) metric: FaissMetric,
    pub(in super::super) dim: usize,
    /// At least 1; may be more than there are lists.
    pub(in super::super) n_probe: usize,
    /// `n_lists × dim`, row by row.
    pub(in super::super) centroids: Vec<f32>,
    /// One for each centroid, with `ntotal` rows in total, whose numbers are below `ntotal`.
    pub(in super::super) lists: Vec<List<'a>>,
}

/// The codebooks of an `IVFPQ`.
#[derive(Debug)]
pub(in super::super) struct Codebooks {
    /// The number of parts of a vector, which divides `dim`, and of bytes of a code.
    pub(in super::super) m: usize,
    /// `m × 256 × dim / m`.
    pub(in super::super) centroids: Vec<f32>,
}

impl<'a> Ivf<'a> {
    pub(super) fn read_flat_after(header: IndexHeader, cursor: &mut Cursor<'a>) -> Result<Self, FaissError> {
        let coarse = CoarseRead::read(header, cursor)?;
        coarse.with_lists(header, 4 * header.dim as u64, cursor)
    }

    pub(super) fn read_pq_after(
        header: IndexHeader,
        cursor: &mut Cursor<'a>,
    ) -> Result<(Self, Codebooks), FaissError> {
        let coarse = CoarseRead::read(header, cursor)?;
        let codebooks = Codebooks::read(header.dim, cursor)?;
        Ok((coarse.with_lists(header, codebooks.m as u64, cursor)?, codebooks))
    }
}

/// The part before the lists.
struct CoarseRead {
    n_probe: usize,
    n_lists: u32,
    centroids: Vec<f32>,
}

impl CoarseRead {
    fn read(header: IndexHeader, cursor: &mut Cursor<'_>) -> Result<Self, FaissError> {
        let n_lists = cursor.u64("nlist")?;
        let n_probe = cursor.u64("nprobe")?;
        if n_lists == 0 || n_lists > u64::from(u32::MAX) {
            return Err(FaissError::field("nlist", n_lists, format!("from 1 to {}", u32::MAX)));
        }
        // May exceed the number of lists: SageMaker always writes 5.
        if n_probe == 0 || n_probe > u64::from(u32::MAX) {
            return Err(FaissError::field("nprobe", n_probe, format!("from 1 to {}", u32::MAX)));
        }
        let quantizer = IndexHeader::read(cursor, "coarse quantizer", &[FaissKind::flat(header.metric)])?;
        if quantizer.dim != header.dim {
            let expected = format!("{}, as the index's", header.dim);
            return Err(FaissError::field("the coarse quantizer's d", quantizer.dim as u64, expected));
        }
        if u64::from(quantizer.n_rows) != n_lists {
            let expected = format!("{n_lists}, the index's nlist");
            return Err(FaissError::field("the coarse quantizer's ntotal", quantizer.n_rows, expected));
        }
        let Flat { values: centroids, .. } = Flat::read_after(quantizer, cursor)?;
        skip_direct_map(cursor)?;
        Ok(Self { n_probe: n_probe as usize, n_lists: quantizer.n_rows, centroids })
    }

    fn with_lists<'a>(
        self,
        IndexHeader { metric, dim, n_rows, .. }: IndexHeader,
        code_size: u64,
        cursor: &mut Cursor<'a>,
    ) -> Result<Ivf<'a>, FaissError> {
        let lists = lists::read(self.n_lists, n_rows, code_size, cursor)?;
        Ok(Ivf { metric, dim, n_probe: self.n_probe, centroids: self.centroids, lists })
    }
}

fn skip_direct_map(cursor: &mut Cursor<'_>) -> Result<(), FaissError> {
    let kind = cursor.u8("the direct map's type")?;
    if kind > 2 {
        return Err(FaissError::field("the direct map's type", kind, "0, 1 or 2"));
    }
    let n_entries = cursor.u64("the direct map's array")?;
    cursor.bytes("the direct map's array", n_entries, 8)?;
    if kind == 2 {
        let n_pairs = cursor.u64("the direct map's hash table")?;
        cursor.bytes("the direct map's hash table", n_pairs, 16)?;
    }
    Ok(())
}

impl Codebooks {
    fn read(dim: usize, cursor: &mut Cursor<'_>) -> Result<Self, FaissError> {
        let by_residual = cursor.u8("by_residual")?;
        if by_residual != 1 {
            let expected = "1: codes of whole vectors are not read";
            return Err(FaissError::field("by_residual", by_residual, expected));
        }
        let code_size = cursor.u64("code_size")?;
        let pq_dim = cursor.u64("the product quantizer's d")?;
        if pq_dim != dim as u64 {
            let expected = format!("{dim}, as the index's");
            return Err(FaissError::field("the product quantizer's d", pq_dim, expected));
        }
        let m = cursor.u64("M")?;
        if m == 0 || !pq_dim.is_multiple_of(m) {
            return Err(FaissError::field("M", m, format!("a divisor of d, which is {dim}")));
        }
        let n_bits = cursor.u64("nbits")?;
        if n_bits != 8 {
            return Err(FaissError::field("nbits", n_bits, "8"));
        }
        if code_size != m {
            return Err(FaissError::field("code_size", code_size, format!("{m}, a byte for each part (M)")));
        }
        let centroids =
            cursor.floats("the number of codebook floats (256 × d)", KSUB as u128 * dim as u128)?;
        // It divides `dim`, which is a usize.
        Ok(Self { m: m as usize, centroids })
    }
}

/// The part before the lists, to write.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Coarse<'a> {
    pub(in super::super) metric: FaissMetric,
    pub(in super::super) dim: usize,
    pub(in super::super) n_probe: usize,
    /// `n_lists × dim`, row by row.
    pub(in super::super) centroids: &'a [f32],
}

impl Coarse<'_> {
    fn n_lists(&self) -> usize {
        self.centroids.len() / self.dim
    }

    fn write(&self, kind: FaissKind, lists: &[(&[u32], Codes<'_>)], out: &mut Vec<u8>) {
        let Self { metric, dim, n_probe, centroids } = *self;
        let n_rows = lists.iter().map(|(ids, _)| ids.len()).sum::<usize>() as u32;
        IndexHeader { kind, dim, n_rows, metric }.write(out);
        out.extend((self.n_lists() as u64).to_le_bytes());
        out.extend((n_probe as u64).to_le_bytes());
        IndexHeader { kind: FaissKind::flat(metric), dim, n_rows: self.n_lists() as u32, metric }.write(out);
        write_floats(out, centroids.len(), centroids.iter());
        // No direct map: its type, and an empty array.
        out.push(0);
        out.extend(0u64.to_le_bytes());
    }
}

/// Writes an `IVFFlat`. `lists` has row numbers and rows for each centroid.
pub(in super::super) fn write_ivf_flat(coarse: Coarse<'_>, lists: &[(&[u32], Codes<'_>)]) -> Vec<u8> {
    let mut out = Vec::new();
    coarse.write(FaissKind::IvfFlat, lists, &mut out);
    lists::write(lists, 4 * coarse.dim, &mut out);
    out
}

/// Writes an `IVFPQ`. `lists` has row numbers and codes for each centroid.
pub(in super::super) fn write_ivf_pq(
    coarse: Coarse<'_>,
    m: usize,
    codebooks: &[f32],
    lists: &[(&[u32], Codes<'_>)],
) -> Vec<u8> {
    let mut out = Vec::new();
    coarse.write(FaissKind::IvfPq, lists, &mut out);
    out.push(1);
    out.extend([m, coarse.dim, m, 8].iter().flat_map(|&number| (number as u64).to_le_bytes()));
    write_floats(&mut out, codebooks.len(), codebooks.iter());
    lists::write(lists, m, &mut out);
    out
}
