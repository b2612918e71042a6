//! From a million rows of CSV.gz to a model artifact, against numpy and faiss.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result, ensure};
use mysfits_knn::Model;
use mysfits_sagemaker::{
    artifact::Artifact,
    training::{LabelColumn, Samples},
};
use serde_json::Map;

use crate::{
    Effort,
    figures::{Figures, Unit, timed},
    inputs::{Inputs, N_ROWS, parameters},
    peers::Peers,
    report::Section,
};

/// What is timed, in order; the peer's steps have the same names.
const STEPS: [&str; 3] = ["read", "sample and index", "write"];

pub(crate) fn measure(inputs: &Inputs, peers: &mut Peers, effort: Effort) -> Result<Section> {
    let (survey, artifact) = (inputs.survey(), inputs.file("model.tar.gz"));
    let mut ours: Vec<[f64; 3]> = Vec::new();
    let mut theirs = Vec::new();
    for _ in 0..effort.repetitions {
        ours.push(train(&survey, &artifact)?);
        theirs.push(peers.measure("train")?);
    }
    let default_level = (0..effort.slow_repetitions)
        .map(|_| Ok(peers.measure("train_default_level")?.seconds))
        .collect::<Result<_>>()?;
    for path in [artifact, inputs.file("peer_model.tar.gz")] {
        let file = File::open(&path)?;
        let read = Artifact::read(file).with_context(|| format!("cannot read {}", path.display()))?;
        ensure!(read.model.n_samples() == N_ROWS, "{} has {} rows", path.display(), read.model.n_samples());
    }

    let our_total = Figures::new(ours.iter().map(|steps| steps.iter().sum()).collect());
    let their_total = Figures::new(theirs.iter().map(|answer| answer.seconds).collect());
    let ratio = their_total.over(&our_total);
    let mut section = Section::new(
        "Training",
        "From the survey's CSV.gz, a million rows, to `model.tar.gz`: read, draw 100,000 rows, build the index, write \
         the artifact. Ours: `Samples::read_csv`, `Model::train` (with the kd-tree, which is not written), \
         `Artifact::write`. Peer: `numpy.loadtxt` as float32, `Generator.choice` without replacement, \
         `IndexFlatL2.add`, `faiss.write_index`, labels and JSON, `tarfile`. The bar is held against the peer at our \
         gzip level, 4, because the level alone decides how long writing takes; at tarfile's default, 9, it takes what \
         the last row says. Both read from the page cache and neither waits for the disk. The time is taken inside the \
         process: starting it and Python's imports are not counted. Our reader reads both artifacts at the end.",
    );
    for (step, name) in STEPS.into_iter().enumerate() {
        let figures = Figures::new(ours.iter().map(|steps| steps[step]).collect());
        section.row(format!("ours: {name}"), Unit::Seconds, &figures);
    }
    section.row("ours", Unit::Seconds, &our_total);
    for name in STEPS {
        let seconds =
            theirs.iter().map(|answer| answer.steps.get(name).copied().context("a step is missing"));
        section.row(
            format!("numpy and faiss: {name}"),
            Unit::Seconds,
            &Figures::new(seconds.collect::<Result<_>>()?),
        );
    }
    section.row("numpy and faiss", Unit::Seconds, &their_total);
    section.row("numpy and faiss / ours", Unit::Times, &ratio);
    let what = "numpy and faiss, tarfile's default gzip level (no bar)";
    section.row(what, Unit::Seconds, &Figures::new(default_level));
    section.below("training", Unit::Seconds, &our_total, 1.5);
    section.at_least("as fast as numpy and faiss, same level", Unit::Times, &ratio, 10.0);
    Ok(section)
}

/// Trains once and says how long each of [`STEPS`] took.
fn train(survey: &Path, artifact: &Path) -> Result<[f64; 3]> {
    let (read_seconds, samples) = timed(|| Samples::read_csv(File::open(survey)?, LabelColumn::Last));
    let samples = samples?;
    let (train_seconds, model) =
        timed(|| -> Result<Model> { Ok(Model::train(samples.dataset()?, &parameters()?)?) });
    let model = model?;
    let (write_seconds, written) = timed(|| -> Result<()> {
        let mut file = BufWriter::new(File::create(artifact)?);
        Artifact { model, extra: Map::new() }.write(&mut file)?;
        Ok(file.flush()?)
    });
    written?;
    Ok([read_seconds, train_seconds, write_seconds])
}
