//! FAISS index files: the three kinds that SageMaker's k-NN builds.
//!
//! `IxF2` and `IxFI` are flat indexes (squared L2, inner product), `IwFl` is `IVFFlat`, `IwPQ` is `IVFPQ`. All numbers are
//! little endian. Every index begins with the same 37 bytes: four letters, `d` (i32), `ntotal` (i64), two dummies of 2^20
//! (i64), `is_trained` (u8), `metric_type` (i32; 0 is the inner product, 1 is L2). The modules [`flat`], [`ivf`] and
//! [`lists`] describe the rest. The layouts are the same in all versions of faiss from 1.5.3 to 1.15.1.
//!
//! The parser reads borrowed bytes once from front to back. A count is compared with the remaining bytes before memory is
//! allocated for it, so the allocated memory is proportional to the file.
//!
//! Not supported: other metrics, transformations in front of an index, the inverted files of before February 2018 (`IvFl`,
//! `IvPQ`), lists in other files.

mod cursor;
mod flat;
mod header;
mod ivf;
mod lists;

use mysfits_knn::Index;
use ndarray::Array2;

use super::{ArtifactError, FaissError};
use cursor::Cursor;
pub(super) use flat::write_flat;
use header::{FaissKind, IndexHeader};
pub(super) use ivf::{write_ivf_flat, write_ivf_pq};

/// The metric of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FaissMetric {
    InnerProduct,
    L2,
}

const KINDS: [FaissKind; 4] = [FaissKind::FlatL2, FaissKind::FlatIp, FaissKind::IvfFlat, FaissKind::IvfPq];

/// Returns the most bytes of an index file with this beginning; `None` if it is too short or damaged.
pub(super) fn declared_bytes(beginning: &[u8]) -> Option<u64> {
    let mut cursor = Cursor::new(beginning);
    let IndexHeader { kind, dim, n_rows, .. } = IndexHeader::read(&mut cursor, "index", &KINDS).ok()?;
    let (dim, n_rows) = (dim as u64, u64::from(n_rows));
    let rows_bytes = n_rows.checked_mul(dim)?.checked_mul(4)?;
    // The number of floats of a flat index, the number of lists of an inverted file.
    let count = cursor.u64("the first count").ok()?;
    let fixed_bytes = (beginning.len() - cursor.remaining()) as u64;
    if matches!(kind, FaissKind::FlatL2 | FaissKind::FlatIp) {
        return rows_bytes.checked_add(fixed_bytes);
    }
    // Codes are never longer than the rows. With each row come its number and an entry of the direct map, with each list
    // its centroid and its size. The rest is counts and names.
    let codebooks_bytes = dim.checked_mul(256 * 4)?;
    let lists_bytes = count.checked_mul(dim.checked_mul(4)?.checked_add(16)?)?;
    [rows_bytes, n_rows * (8 + 16), codebooks_bytes, lists_bytes, 256]
        .into_iter()
        .try_fold(fixed_bytes, u64::checked_add)
}

/// Parses a whole index file.
pub(super) fn parse(bytes: &[u8]) -> Result<(Index, FaissMetric), ArtifactError> {
    let mut cursor = Cursor::new(bytes);
    let header = IndexHeader::read(&mut cursor, "index", &KINDS)?;
    let index = match header.kind {
        FaissKind::FlatL2 | FaissKind::FlatIp => {
            let values = flat::read_rows(header, &mut cursor)?;
            let shape = (header.n_rows as usize, header.dim);
            Index::Rows(Array2::from_shape_vec(shape, values).expect("the parser read whole rows of dim"))
        }
        FaissKind::IvfFlat => Index::IvfFlat(ivf::read_ivf_flat(header, &mut cursor)?),
        FaissKind::IvfPq => Index::IvfPq(ivf::read_ivf_pq(header, &mut cursor)?),
    };
    cursor.finish()?;
    Ok((index, header.metric))
}
