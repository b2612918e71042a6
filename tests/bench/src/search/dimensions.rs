//! Exact search at the dimensions of users, against faiss.

use anyhow::{Result, ensure};

use super::{DataShape, Library, SearchCalls, SearchData};
use crate::{
    Effort,
    figures::{Figures, Unit},
    inputs::Inputs,
    peers::Peers,
    report::ReportSection,
};

/// A data set, and the least ratio of faiss's time to ours in batches.
struct SearchCase {
    title: &'static str,
    shape: DataShape,
    n_rows: usize,
    /// Queries of a repetition that are passed one at a time.
    n_single: usize,
    batch_threshold: f64,
    /// Whether it takes too long for a first look.
    is_large: bool,
}

const CASES: [SearchCase; 4] = [
    SearchCase {
        title: "covtype shape, 200,000 × 54",
        shape: DataShape::Covtype,
        n_rows: 200_000,
        n_single: 20,
        batch_threshold: 1.5,
        is_large: false,
    },
    SearchCase {
        title: "MNIST shape, 27,000 × 784",
        shape: DataShape::Mnist,
        n_rows: 27_000,
        n_single: 20,
        batch_threshold: 1.0,
        is_large: false,
    },
    SearchCase {
        title: "embeddings, 20,000 × 2,048",
        shape: DataShape::Embeddings(2048),
        n_rows: 20_000,
        n_single: 10,
        batch_threshold: 1.0,
        is_large: false,
    },
    SearchCase {
        title: "embeddings, 100,000 × 768",
        shape: DataShape::Embeddings(768),
        n_rows: 100_000,
        n_single: 10,
        batch_threshold: 1.0,
        is_large: true,
    },
];
const KS: [usize; 2] = [10, 100];
const SMALL_BATCH: usize = 100;
const LARGE_BATCH: usize = 1000;
/// The least ratio of faiss's time to ours for single queries.
const SINGLE_THRESHOLD: f64 = 1.0;

pub(crate) fn measure(
    inputs: &Inputs,
    one: &mut Peers,
    all: &mut Peers,
    effort: Effort,
) -> Result<ReportSection> {
    let mut section = ReportSection::new(
        "Exact search at the dimensions of users",
        "The time of one query, single on one thread, and in batches on all cores, on both sides. The data are generated, \
         with the shapes and the kinds of numbers of what users search: covtype's columns and MNIST's pixels are whole numbers, \
         the embeddings are real numbers; all lie in clusters. Ours: `Model::neighbours` and `Model::neighbours_batch`, with the \
         order of a flat scan: nearest first, then by row number. Peers: faiss `IndexFlatL2`; for information, in batches of 100 \
         with k 10, scikit-learn's brute force and usearch's exact search. In every repetition the peers' rows are compared with \
         ours: their exact distances add up to the same within 0.1 %.",
    );
    let mut singles = Vec::new();
    for case in CASES.iter().filter(|case| effort.is_full || !case.is_large) {
        let data = SearchData::write(inputs, case.shape, case.n_rows, LARGE_BATCH)?;
        let mut batches = Vec::new();
        for k in KS {
            let model = data.model(k)?;
            let title = format!("{}, k {k}", case.title);
            let mut against_faiss = |what: &str, calls, n, peers: &mut Peers, repetitions| {
                let (mut ours, mut theirs) = (Vec::new(), Vec::new());
                let expected = data.ours(&model, SearchCalls::Batch, n)?.1;
                for _ in 0..repetitions {
                    let (seconds, found) = data.ours(&model, calls, n)?;
                    ensure!(found == expected, "{title}: two searches gave two results");
                    ours.push(seconds);
                    theirs.push(data.theirs(peers, Library::Faiss, calls, &expected)?);
                }
                let (ours, theirs) = (Figures::new(ours), Figures::new(theirs));
                let ratio = theirs.over(&ours);
                section.row(format!("{title}, {what}: ours"), Unit::Seconds, &ours);
                section.row(format!("{title}, {what}: faiss"), Unit::Seconds, &theirs);
                section.row(format!("{title}, {what}: faiss / ours"), Unit::Times, &ratio);
                anyhow::Ok(ratio)
            };
            singles.push(against_faiss(
                "single",
                SearchCalls::Single,
                case.n_single,
                one,
                effort.repetitions,
            )?);
            let small = SearchCalls::Batch;
            batches.push(against_faiss("batch of 100", small, SMALL_BATCH, all, effort.repetitions)?);
            if effort.is_full {
                batches.push(against_faiss(
                    "batch of 1,000",
                    small,
                    LARGE_BATCH,
                    all,
                    effort.slow_repetitions,
                )?);
            }
            if k == KS[0] {
                let expected = data.ours(&model, SearchCalls::Batch, SMALL_BATCH)?.1;
                for library in [Library::Sklearn, Library::Usearch] {
                    let seconds = (0..effort.slow_repetitions)
                        .map(|_| data.theirs(all, library, SearchCalls::Batch, &expected))
                        .collect::<Result<_>>()?;
                    let what = format!("{title}, batch of 100: {}", library.as_str());
                    section.row(what, Unit::Seconds, &Figures::new(seconds));
                }
            }
        }
        let demand = format!("{}, batches, times as fast as faiss, at worst", case.title);
        section.at_least(&demand, Unit::Times, Figures::lowest(&batches)?, case.batch_threshold);
    }
    let worst = Figures::lowest(&singles)?;
    section.at_least(
        "single queries, times as fast as faiss, at worst",
        Unit::Times,
        worst,
        SINGLE_THRESHOLD,
    );
    Ok(section)
}
