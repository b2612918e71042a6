//! A prediction from the decision table, against a single query of faiss's flat index.

use std::hint::black_box;

use anyhow::Result;

use crate::{
    Effort,
    figures::{Figures, Unit, timed},
    inputs::Inputs,
    peers::Peers,
    report::ReportSection,
};

/// How often the queries are walked through in a repetition, so that it lasts some milliseconds.
const PASSES: usize = 50;

pub(crate) fn measure(inputs: &Inputs, peers: &mut Peers, effort: Effort) -> Result<ReportSection> {
    let Inputs { table, queries, .. } = inputs;
    let table = table.decision_table();
    let predictions = || {
        for _ in 0..PASSES {
            for entry in black_box(queries) {
                black_box(table.predict(entry.index()));
            }
        }
    };
    predictions(); // what is measured is a server that has been running, its table in the cache

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..effort.repetitions {
        ours.push(timed(predictions).0 / (PASSES * queries.len()) as f64);
        theirs.push(peers.measure("faiss_single")?.seconds);
    }
    let (ours, theirs) = (Figures::new(ours), Figures::new(theirs));
    let ratio = theirs.over(&ours);

    let mut section = ReportSection::new(
        "One prediction",
        "Ours: an `Entry` in, its label out, through `Entry::index` and `DecisionTable::predict`; 100,000 entries in \
         random order, the table warm; the time is throughput, the mean over a pass. Peer: `IndexFlatL2.search` with \
         one query a call, 100,000 rows, k 10, one thread, the call from Python included; the median of 200 calls. The \
         peer finds neighbours and the table holds votes that were counted when it was compiled: the ratio is what \
         compiling saves a server, not a faster search.",
    );
    section.row("decision table, a prediction", Unit::Seconds, &ours);
    section.row("faiss IndexFlatL2, a single query", Unit::Seconds, &theirs);
    section.row("faiss / ours", Unit::Times, &ratio);
    section.below("prediction", Unit::Seconds, &ours, 10e-9);
    section.at_least("as fast as faiss", Unit::Times, &ratio, 10_000.0);
    Ok(section)
}
