//! A prediction from the decision table.

use std::hint::black_box;

use crate::{
    Effort,
    figures::{Figures, Unit, timed},
    inputs::Inputs,
    report::ReportSection,
};

/// How often the queries are walked through in a repetition, so that it lasts some milliseconds.
const PASSES: usize = 50;

pub(crate) fn measure(inputs: &Inputs, effort: Effort) -> ReportSection {
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

    let seconds = |_| timed(predictions).0 / (PASSES * queries.len()) as f64;
    let ours = Figures::new((0..effort.repetitions).map(seconds).collect());
    let mut section = ReportSection::new(
        "One prediction",
        "An `Entry` in, its label out, through `Entry::index` and `DecisionTable::predict`; 100,000 entries in random order, the \
         table warm; the time is throughput, the mean over a pass. There is no peer: the table holds votes that were counted when \
         it was compiled. The sections below compare searches.",
    );
    section.row("decision table, a prediction", Unit::Seconds, &ours);
    section.below("prediction", Unit::Seconds, &ours, 10e-9);
    section
}
