//! `Model::neighbours` on one thread, against kiddo alone and other libraries.

use std::{hint::black_box, num::NonZero};

use anyhow::{Context as _, Result, ensure};
use kiddo::{ImmutableKdTree, SquaredEuclidean};
use mysfits_domain::QUESTION_COUNT;

use crate::{
    Effort,
    figures::{Figures, Unit, timed},
    inputs::{Inputs, K},
    peers::Peers,
    report::ReportSection,
};

pub(crate) fn measure(inputs: &Inputs, peers: &mut Peers, effort: Effort) -> Result<ReportSection> {
    let queries: Vec<[f32; QUESTION_COUNT]> =
        inputs.entries.iter().map(mysfits_domain::Entry::features).collect();
    let model = &inputs.model;
    let ours = || -> Result<f64> {
        let mut sum = 0.0;
        for query in black_box(&queries) {
            sum += model.neighbours(query)?.iter().map(|n| f64::from(n.score)).sum::<f64>();
        }
        Ok(sum)
    };

    let features = model.features().context("the model keeps its rows")?;
    let (points, rest) = features.as_slice().context("the model's rows are contiguous")?.as_chunks();
    ensure!(rest.is_empty(), "the model has {} features a row, not {QUESTION_COUNT}", model.feature_dim());
    let tree: ImmutableKdTree<f32, QUESTION_COUNT> = ImmutableKdTree::new_from_slice(points)
        .map_err(|error| anyhow::anyhow!("kiddo cannot build its tree: {error:?}"))?;
    let k = NonZero::new(K).context("k is not 0")?;
    let kiddo = || {
        let mut sum = 0.0;
        for query in black_box(&queries) {
            let nearest = tree.query(query).nearest_n::<SquaredEuclidean<f32>>(k).execute();
            sum += nearest.iter().map(|n| f64::from(n.distance)).sum::<f64>();
        }
        sum
    };

    let n_queries = queries.len() as f64;
    let checksum = ours()?;
    let (mut our_seconds, mut kiddo_seconds) = (Vec::new(), Vec::new());
    for _ in 0..effort.repetitions {
        let (seconds, sum) = timed(ours);
        ensure!(sum? == checksum, "two searches gave two results");
        our_seconds.push(seconds / n_queries);
        let (seconds, sum) = timed(kiddo);
        ensure!(sum == checksum, "kiddo's squared distances add up to {sum}, ours to {checksum}");
        kiddo_seconds.push(seconds / n_queries);
    }
    let mut others = Vec::new();
    for (name, what) in [
        ("pykdtree_entries", "pykdtree, one batch (OMP_NUM_THREADS=1)"),
        ("sklearn_entries", "scikit-learn KDTree, one batch"),
        ("faiss_entries", "faiss IndexFlatL2, one batch, one thread"),
    ] {
        let seconds = (0..effort.slow_repetitions)
            .map(|_| Ok(peers.measure(name)?.seconds_if(checksum)? / n_queries))
            .collect::<Result<_>>()?;
        others.push((what, Figures::new(seconds)));
    }

    let (ours, kiddo) = (Figures::new(our_seconds), Figures::new(kiddo_seconds));
    let ratio = kiddo.over(&ours);
    let mut section = ReportSection::new(
        "Neighbours, one thread",
        "All 32,768 entries, shuffled, against 100,000 rows, k 10; the time of one query. Ours: a call of \
         `Model::neighbours` for each, checks and allocation of its result included; ties are decided by row number. \
         kiddo: `ImmutableKdTree` on the same 100,000 points, `nearest_n(10)`, nearest first, ties as they fall. The \
         Python libraries get all queries in one call, for information. That all find equally near rows is checked in \
         every repetition by the sum of all squared distances. Building the indexes is not timed.",
    );
    section.row("Model::neighbours", Unit::Seconds, &ours);
    section.row("kiddo ImmutableKdTree, nearest_n", Unit::Seconds, &kiddo);
    section.row("kiddo / ours", Unit::Times, &ratio);
    for (what, figures) in &others {
        section.row(*what, Unit::Seconds, figures);
    }
    section.at_least("as fast as bare kiddo", Unit::Times, &ratio, 1.0);
    Ok(section)
}
