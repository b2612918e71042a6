//! FAISS's index files, byte for byte: the three kinds that SageMaker's k-NN builds.
//!
//! `IxF2` and `IxFI` are flat indexes (squared L2, inner product), `IwFl` is `IVFFlat`, `IwPQ` is `IVFPQ`. All
//! numbers are little endian. Every index begins with the same 37 bytes: four letters, `d` (i32), `ntotal` (i64), two
//! dummies of 2^20 (i64), `is_trained` (u8), `metric_type` (i32; 0 is the inner product, 1 is L2). The layouts that
//! follow are described where they are read: [`flat`], [`ivf`], [`lists`]. They are the same in all versions of faiss
//! from 1.5.3 to 1.15.1.
//!
//! Reading goes once from front to back over borrowed bytes. A number that says how much follows is compared with what
//! does follow before anything is allocated for it, so what is allocated is in the order of what is there.
//!
//! Not read: the metrics that SageMaker has not, transformations in front of an index, the inverted files of before
//! February 2018 (`IvFl`, `IvPQ`), lists kept in other files.

mod cursor;
mod flat;
mod header;
mod ivf;
mod lists;

use super::FaissError;
use cursor::Cursor;
pub(super) use flat::{Flat, write_flat};
use header::{Header, Kind};
pub(super) use ivf::{Coarse, Codebooks, Ivf, write_ivf_flat, write_ivf_pq};
pub(super) use lists::{Codes, List};

/// What is multiplied to compare vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Metric {
    InnerProduct,
    L2,
}

/// An index file as parsed: its structure holds, its numbers are still as they stand there.
#[derive(Debug)]
pub(super) enum Parsed<'a> {
    Flat(Flat),
    IvfFlat(Ivf<'a>),
    IvfPq(Ivf<'a>, Codebooks),
}

const KINDS: [Kind; 4] = [Kind::FlatL2, Kind::FlatIp, Kind::IvfFlat, Kind::IvfPq];

/// Returns the most bytes that an index file can have whose first bytes are these; `None` if they are too few or damaged.
pub(super) fn declared_bytes(beginning: &[u8]) -> Option<u64> {
    let mut cursor = Cursor::new(beginning);
    let Header { kind, dim, n_rows, .. } = Header::read(&mut cursor, "index", &KINDS).ok()?;
    let (dim, n_rows) = (dim as u64, u64::from(n_rows));
    let rows_bytes = n_rows.checked_mul(dim)?.checked_mul(4)?;
    // The number of floats of a flat index, the number of lists of an inverted file.
    let count = cursor.u64("the first count").ok()?;
    let fixed_bytes = (beginning.len() - cursor.remaining()) as u64;
    if matches!(kind, Kind::FlatL2 | Kind::FlatIp) {
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
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed<'_>, FaissError> {
    let mut cursor = Cursor::new(bytes);
    let header = Header::read(&mut cursor, "index", &KINDS)?;
    let parsed = match header.kind {
        Kind::FlatL2 | Kind::FlatIp => Parsed::Flat(Flat::read_after(header, &mut cursor)?),
        Kind::IvfFlat => Parsed::IvfFlat(Ivf::read_flat_after(header, &mut cursor)?),
        Kind::IvfPq => {
            let (ivf, codebooks) = Ivf::read_pq_after(header, &mut cursor)?;
            Parsed::IvfPq(ivf, codebooks)
        }
    };
    cursor.finish()?;
    Ok(parsed)
}
