//! Batches on all cores, against pykdtree.

use std::collections::HashSet;

use anyhow::{Result, ensure};

use crate::{
    Effort,
    figures::{Figures, Unit, timed},
    inputs::{self, Inputs},
    peers::Peers,
    report::ReportSection,
};

pub(crate) fn measure(inputs: &Inputs, peers: &mut Peers, effort: Effort) -> Result<ReportSection> {
    let queries = inputs::rows(&inputs.queries);
    let model = &inputs.model;
    // Once for the checksum, and so that the threads of the pool are there.
    let found = model.neighbours_batch(queries.view())?;
    let checksum = found.iter().flatten().map(|n| f64::from(n.score)).sum::<f64>();
    drop(found);

    let (mut predict, mut neighbours, mut pykdtree) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..effort.repetitions {
        let (seconds, labels) = timed(|| model.predict_batch(queries.view()));
        predict.push(seconds);
        ensure!(labels?.len() == queries.nrows(), "there is a label for each query");
        let (seconds, found) = timed(|| model.neighbours_batch(queries.view()));
        neighbours.push(seconds);
        ensure!(found?.len() == queries.nrows(), "there are neighbours for each query");
        pykdtree.push(peers.measure("pykdtree_queries")?.seconds_if(checksum)?);
    }
    let sklearn = (0..effort.slow_repetitions)
        .map(|_| Ok(peers.measure("sklearn_predict")?.seconds))
        .collect::<Result<_>>()?;

    let (predict, neighbours) = (Figures::new(predict), Figures::new(neighbours));
    let (pykdtree, sklearn) = (Figures::new(pykdtree), Figures::new(sklearn));
    let (predict_ratio, neighbours_ratio) = (pykdtree.over(&predict), pykdtree.over(&neighbours));
    let n_distinct = inputs.queries.iter().map(mysfits_domain::Entry::index).collect::<HashSet<_>>().len();
    let how = format!(
        "100,000 random entries in one call ({n_distinct} different ones: there are only 32,768), 100,000 rows, k 10, \
         on all cores on both sides. Ours sorts the batch, which keeps the tree's near leaves in the cache, and \
         searches once for equal queries; on queries that are all different only the sorting would help. \
         `neighbours_batch` gives what pykdtree's `query` gives (rows and squared \
         distances) and the labels; `predict_batch` only the winning label. scikit-learn's \
         `KNeighborsClassifier.predict` with `n_jobs=-1` is shown for information. pykdtree's distances are checked by \
         their sum."
    );
    let mut section = ReportSection::new("Batches, all cores", how);
    section.row("Model::predict_batch", Unit::Seconds, &predict);
    section.row("Model::neighbours_batch", Unit::Seconds, &neighbours);
    section.row("pykdtree query", Unit::Seconds, &pykdtree);
    section.row("scikit-learn KNeighborsClassifier.predict", Unit::Seconds, &sklearn);
    section.row("pykdtree / predict_batch", Unit::Times, &predict_ratio);
    section.row("pykdtree / neighbours_batch", Unit::Times, &neighbours_ratio);
    section.at_least("predict_batch, as fast as pykdtree", Unit::Times, &predict_ratio, 2.0);
    section.at_least("neighbours_batch, as fast as pykdtree", Unit::Times, &neighbours_ratio, 2.0);
    Ok(section)
}
