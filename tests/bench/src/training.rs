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
    report::ReportSection,
};

/// What is timed, in order; the peer's steps have the same names.
const STEPS: [&str; 3] = ["read", "sample and index", "write"];

pub(crate) fn measure(inputs: &Inputs, peers: &mut Peers, effort: Effort) -> Result<ReportSection> {
    let (survey, artifact) = (inputs.survey(), inputs.file("trained.tar.gz"));
    let mut ours: Vec<[f64; 3]> = Vec::new();
    let (mut theirs, mut by_default) = (Vec::new(), Vec::new());
    for _ in 0..effort.repetitions {
        ours.push(train(&survey, &artifact)?);
        theirs.push(peers.measure("train")?);
        by_default.push(peers.measure("train_default_level")?.seconds);
    }
    for path in [artifact, inputs.file("peer_model.tar.gz")] {
        let file = File::open(&path)?;
        let read = Artifact::read(file).with_context(|| format!("cannot read {}", path.display()))?;
        ensure!(read.model.n_samples() == N_ROWS, "{} has {} rows", path.display(), read.model.n_samples());
    }

    let our_total = Figures::new(ours.iter().map(|steps| steps.iter().sum()).collect());
    let their_total = Figures::new(theirs.iter().map(|answer| answer.seconds).collect());
    let by_default = Figures::new(by_default);
    let (ratio, ratio_by_default) = (their_total.over(&our_total), by_default.over(&our_total));
    let mut section = ReportSection::new(
        "Training",
        "From the survey's CSV.gz, a million rows, to `model.tar.gz`: read, draw 100,000 rows, build the index, write \
         the artifact. Ours: `Samples::read_csv`, `Model::train` (with the kd-tree, which is not written), \
         `Artifact::write`. Peer: `numpy.loadtxt` as float32, `Generator.choice` without replacement, \
         `IndexFlatL2.add`, `faiss.write_index`, labels and JSON, `tarfile`. The peer is measured \
         twice: as its libraries' defaults have it, which is what the threshold holds for, and at our gzip level, 4. Most \
         of the first ratio is tarfile's default level, 9; at equal levels ours is several times faster, but not ten \
         times. Both read from the page cache and neither waits for the disk. The time is taken inside the \
         process: starting it and Python's imports are not counted. Our reader reads both artifacts at the end. \
         pandas and pyarrow only read the survey, to float32, for information.",
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
            format!("numpy and faiss, our gzip level: {name}"),
            Unit::Seconds,
            &Figures::new(seconds.collect::<Result<_>>()?),
        );
    }
    section.row("numpy and faiss, our gzip level", Unit::Seconds, &their_total);
    section.row("numpy and faiss, by default", Unit::Seconds, &by_default);
    let samples = Samples::read_csv(File::open(&survey)?, LabelColumn::Last)?;
    // Small whole numbers: the sum is exact in any order.
    let checksum = samples.features.iter().copied().map(f64::from).sum::<f64>() + samples.labels.sum();
    for reader in ["pandas", "pyarrow"] {
        let seconds = (0..effort.slow_repetitions)
            .map(|_| peers.measure(&format!("read_survey {reader}"))?.seconds_if(checksum))
            .collect::<Result<_>>()?;
        section.row(format!("{reader}: read"), Unit::Seconds, &Figures::new(seconds));
    }
    section.row("numpy and faiss, our gzip level / ours", Unit::Times, &ratio);
    section.row("numpy and faiss, by default / ours", Unit::Times, &ratio_by_default);
    section.below("training", Unit::Seconds, &our_total, 1.5);
    section.at_least("as fast as numpy and faiss by default", Unit::Times, &ratio_by_default, 10.0);
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
