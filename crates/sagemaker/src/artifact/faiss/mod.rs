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

/// Parses a whole index file.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed<'_>, FaissError> {
    let mut cursor = Cursor::new(bytes);
    let header =
        Header::read(&mut cursor, "index", &[Kind::FlatL2, Kind::FlatIp, Kind::IvfFlat, Kind::IvfPq])?;
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
