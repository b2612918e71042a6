//! Exact search in 2 to 8 dimensions on one thread, against nanoflann.

use anyhow::{Result, ensure};

use super::{DataShape, Library, SearchCalls, SearchData};
use crate::{
    Effort,
    figures::{Figures, Unit},
    inputs::Inputs,
    peers::Peers,
    report::ReportSection,
};

const N_ROWS: usize = 100_000;
const N_QUERIES: usize = 10_000;
const K: usize = 10;
const DIMENSIONS: [usize; 4] = [2, 3, 5, 8];

pub(crate) fn measure(inputs: &Inputs, one: &mut Peers, effort: Effort) -> Result<ReportSection> {
    ensure!(
        one.has_nanoflann(),
        "no wheel of pynanoflann for this Python; run with Python 3.11 or 3.12 on x86_64, or leave `low-dimensions` out by --only"
    );
    let mut section = ReportSection::new(
        "Neighbours in low dimensions, one thread",
        "The time of one of 10,000 queries against 100,000 rows, k 10. *Lattice*: whole numbers from 1 to 8, with many equal rows. \
         *Reals*: uniform numbers from 1 to 8. Ours: a call of `Model::neighbours` for each query, checks, labels and allocation of \
         the result included; ties are decided by row number. Peers: nanoflann (pynanoflann, leaves of 10) and, for \
         information, pykdtree, all queries in one call, ties as they fall. Of each, the \
         second of two passes is timed, because one takes only milliseconds. The rows of the peers are compared with ours in every \
         repetition: their exact distances add up to the same within 0.1 %.",
    );
    let mut ratios = Vec::new();
    for dim in DIMENSIONS {
        for (what, shape) in [("lattice", DataShape::Lattice(dim)), ("reals", DataShape::Reals(dim))] {
            let data = SearchData::write(inputs, shape, N_ROWS, N_QUERIES)?;
            let model = data.model(K)?;
            let expected = data.ours(&model, SearchCalls::Single, N_QUERIES)?.1;
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..effort.repetitions {
                // The first pass of each brings rows and tree back into the caches, from which the other has driven them.
                data.ours(&model, SearchCalls::Single, N_QUERIES)?;
                let (seconds, found) = data.ours(&model, SearchCalls::Single, N_QUERIES)?;
                ensure!(found == expected, "{dim} dimensions, {what}: two searches gave two results");
                ours.push(seconds);
                data.theirs(one, Library::Nanoflann, SearchCalls::Batch, &expected)?;
                theirs.push(data.theirs(one, Library::Nanoflann, SearchCalls::Batch, &expected)?);
            }
            let pykdtree = (0..effort.slow_repetitions)
                .map(|_| data.theirs(one, Library::Pykdtree, SearchCalls::Batch, &expected))
                .collect::<Result<_>>()?;
            let (ours, theirs) = (Figures::new(ours), Figures::new(theirs));
            let ratio = theirs.over(&ours);
            section.row(format!("{dim} dimensions, {what}: ours"), Unit::Seconds, &ours);
            section.row(format!("{dim} dimensions, {what}: nanoflann"), Unit::Seconds, &theirs);
            section.row(
                format!("{dim} dimensions, {what}: pykdtree"),
                Unit::Seconds,
                &Figures::new(pykdtree),
            );
            section.row(format!("{dim} dimensions, {what}: nanoflann / ours"), Unit::Times, &ratio);
            ratios.push(ratio);
        }
    }
    section.at_least("times as fast as nanoflann, at worst", Unit::Times, Figures::lowest(&ratios)?, 1.0);
    Ok(section)
}
