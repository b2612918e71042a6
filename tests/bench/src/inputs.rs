//! What both sides work on: made once, kept in memory for us, written to files for the peers.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use flate2::{Compression, write::GzEncoder};
use mysfits_data::{DEFAULT_ROWS, DEFAULT_SEED, Distribution, Layout, Survey};
use mysfits_domain::{Entry, QUESTION_COUNT};
use mysfits_knn::{Hyperparameters, Model};
use mysfits_model::{RecommendationModel, RecommendationTable};
use mysfits_sagemaker::{
    artifact::Artifact,
    training::{LabelColumn, Samples},
};
use ndarray::Array2;
use serde_json::Map;

/// How many neighbours are asked.
pub(crate) const K: usize = 10;
/// How many rows the model keeps.
pub(crate) const N_ROWS: usize = 100_000;
/// How many queries a batch has.
pub(crate) const N_QUERIES: usize = 100_000;
/// Entries are drawn with another seed than the survey, so that they are not its first rows.
const ENTRY_SEED: u64 = DEFAULT_SEED + 1;

/// Everything that is measured on.
pub(crate) struct Inputs {
    folder: PathBuf,
    pub(crate) model: Arc<Model>,
    pub(crate) table: RecommendationTable,
    /// Every entry once, shuffled.
    pub(crate) entries: Vec<Entry>,
    /// Entries drawn at random, with repetition.
    pub(crate) queries: Vec<Entry>,
}

impl Inputs {
    /// Makes the inputs and writes the peers' part of them to a folder.
    pub(crate) fn write(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let distribution = Distribution::from_prototypes();
        let inputs = folder.join(SURVEY);
        let mut csv = GzEncoder::new(BufWriter::new(File::create(&inputs)?), Compression::default());
        for sample in Survey::new(&distribution, DEFAULT_SEED).take(DEFAULT_ROWS) {
            Layout::LabelLast.write_row(sample, &mut csv)?;
        }
        csv.finish()?.flush()?;

        let samples = Samples::read_csv(File::open(&inputs)?, LabelColumn::Last)?;
        let model = Model::train(samples.dataset()?, &parameters()?)?;
        let artifact = Artifact { model, extra: Map::new() };
        let mut file = BufWriter::new(File::create(folder.join(ARTIFACT))?);
        artifact.write(&mut file)?;
        file.flush()?;
        artifact.write_folder(&folder.join(UNPACKED))?;
        let model = RecommendationModel::new(Arc::new(artifact.model))?;
        let (model, table) = (model.knn().clone(), model.table().clone());
        let random = || Survey::new(&distribution, ENTRY_SEED).map(|sample| sample.entry);
        // In the order in which a random stream first names them.
        let mut seen = vec![false; Entry::COUNT];
        let is_new = |entry: &Entry| !std::mem::replace(&mut seen[entry.index()], true);
        let entries: Vec<Entry> = random().filter(is_new).take(Entry::COUNT).collect();
        let queries: Vec<Entry> = random().take(N_QUERIES).collect();

        let rows = model.features().context("the model keeps its rows")?;
        write_floats(&folder.join("rows.f32"), rows.iter().copied())?;
        write_floats(&folder.join("labels.f32"), model.labels().iter().map(|&label| label as f32))?;
        write_floats(&folder.join("entries.f32"), entries.iter().flat_map(Entry::features))?;
        write_floats(&folder.join("queries.f32"), queries.iter().flat_map(Entry::features))?;
        Ok(Self { folder: folder.to_owned(), model, table, entries, queries })
    }

    /// Returns the survey of a million rows.
    pub(crate) fn survey(&self) -> PathBuf {
        self.folder.join(SURVEY)
    }

    /// Returns the model as an artifact.
    pub(crate) fn artifact(&self) -> PathBuf {
        self.folder.join(ARTIFACT)
    }

    /// Returns the folder of the same artifact, unpacked.
    pub(crate) fn unpacked_artifact(&self) -> PathBuf {
        self.folder.join(UNPACKED)
    }

    /// Returns a file for something that is made while measuring.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

const SURVEY: &str = "survey.csv.gz";
const ARTIFACT: &str = "model.tar.gz";
const UNPACKED: &str = "model";

/// Returns the model that is measured, everywhere.
pub(crate) fn parameters() -> Result<Hyperparameters> {
    Ok(Hyperparameters::classifier(K).sample_size(N_ROWS).seed(DEFAULT_SEED).check()?)
}

/// Entries as the rows of an array.
pub(crate) fn rows(entries: &[Entry]) -> Array2<f32> {
    let values = entries.iter().flat_map(Entry::features).collect();
    Array2::from_shape_vec((entries.len(), QUESTION_COUNT), values)
        .expect("an entry has an answer to each question")
}

/// Writes numbers as the peers read them, little-endian.
pub(crate) fn write_floats(path: &Path, values: impl Iterator<Item = f32>) -> Result<()> {
    let bytes: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
