//! Trains a model on the survey, and reports its accuracy.

use std::{
    error::Error,
    fmt,
    fs::File,
    io,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::{Args, builder::RangedU64ValueParser};
use mysfits_data::{
    DEFAULT_K, DEFAULT_ROWS, DEFAULT_SAMPLE_SIZE, DEFAULT_SEED, Distribution, HOLDOUT_DIVISOR, MAX_ROWS,
    Survey, train_rows,
};
use mysfits_domain::{Answer, Entry, EntryError, Label, MYSFIT_COUNT, QUESTION_COUNT};
use mysfits_knn::{
    Dataset, DatasetError, Evaluation, EvaluationError, HyperparameterError, Hyperparameters, Model,
    PredictError, TrainError,
};
use mysfits_sagemaker::training::{LabelColumn, ReadError, Samples};
use ndarray::{Array1, Array2, Axis};

use crate::{IncompatibleModel, RecommendationModel};

/// The survey, and the hyperparameters of the model.
#[derive(Debug, Clone, Args)]
pub struct TrainArgs {
    /// Read the survey from this CSV (five answers, then the label; .gz too) instead of generating it
    #[arg(long, value_name = "FILE")]
    pub survey: Option<PathBuf>,
    /// How many rows to generate
    #[arg(
        long,
        default_value_t = DEFAULT_ROWS,
        conflicts_with = "survey",
        value_parser = RangedU64ValueParser::<usize>::new().range(1..=MAX_ROWS)
    )]
    pub rows: usize,
    /// Seed of the survey and of the sample
    #[arg(long, default_value_t = DEFAULT_SEED)]
    pub seed: u64,
    /// Draw labels uniformly, as the workshop did: nothing can be learned from such a survey
    #[arg(long, conflicts_with = "survey")]
    pub random: bool,
    /// How many neighbours vote
    #[arg(long, default_value_t = DEFAULT_K)]
    pub k: usize,
    /// How many rows of the training data the model keeps
    #[arg(long, default_value_t = DEFAULT_SAMPLE_SIZE)]
    pub sample_size: usize,
}

/// A model and its report.
#[derive(Debug)]
pub struct TrainingOutcome {
    /// The model.
    pub model: RecommendationModel,
    /// Its accuracy.
    pub report: AccuracyReport,
}

/// The accuracy of a model, as text to print.
#[derive(Debug)]
pub struct AccuracyReport {
    evaluation: Evaluation,
    /// The exact expected accuracy of the table, and of the best possible rule. Only for a generated survey, whose
    /// distribution is known.
    exact: Option<(f64, f64)>,
    steps: Vec<(String, Duration)>,
}

/// A survey that no model can be trained on, or invalid hyperparameters.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainModelError {
    /// The survey's file cannot be opened.
    #[error("cannot open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        cause: io::Error,
    },
    /// The survey's file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        cause: ReadError,
    },
    /// The rows have another number of answers.
    #[error("the survey has {found} answers a row; the questionnaire has {QUESTION_COUNT} questions")]
    Columns {
        /// The number of answers.
        found: usize,
    },
    /// A row has an invalid answer or label.
    #[error("row {row} of the survey")]
    Row {
        /// The row, counted from 1.
        row: usize,
        /// The answer or label.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// There are too few rows to hold some out for testing.
    #[error("there are {found} rows; there must be at least {HOLDOUT_DIVISOR}")]
    TooFewRows {
        /// The number of rows.
        found: usize,
    },
    /// There is no memory for the survey.
    #[error("there is no memory for {rows} rows; lower --rows")]
    OutOfMemory {
        /// The number of rows.
        rows: usize,
    },
    /// A hyperparameter is invalid.
    #[error(transparent)]
    Hyperparameters(#[from] HyperparameterError),
    /// The rows are not a data set.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The model cannot be trained.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The held-out rows cannot be predicted.
    #[error(transparent)]
    Predict(#[from] PredictError),
    /// The predictions cannot be evaluated.
    #[error(transparent)]
    Evaluate(#[from] EvaluationError),
    /// The model does not answer the questionnaire.
    #[error(transparent)]
    Incompatible(#[from] IncompatibleModel),
}

/// Trains a model on the survey. One row in ten is held out, and tests the model.
///
/// # Errors
/// [`TrainModelError`] if the survey cannot be read or has too few rows, or a hyperparameter is out of range.
pub fn train(args: &TrainArgs) -> Result<TrainingOutcome, TrainModelError> {
    let parameters =
        Hyperparameters::classifier(args.k).sample_size(args.sample_size).seed(args.seed).check()?;
    // The steps so far, and how long each took.
    let (mut steps, mut since) = (Vec::new(), Instant::now());
    let mut step_done = |what: String| {
        steps.push((what, since.elapsed()));
        since = Instant::now();
    };
    let distribution = if args.random { Distribution::uniform() } else { Distribution::from_prototypes() };
    let samples = match &args.survey {
        Some(path) => read(path)?,
        None => generate(&distribution, args.seed, args.rows)?,
    };
    let n_samples = samples.labels.len();
    if n_samples < HOLDOUT_DIVISOR {
        return Err(TrainModelError::TooFewRows { found: n_samples });
    }
    step_done(format!("{} {n_samples} rows", if args.survey.is_some() { "read" } else { "generated" }));

    let n_train = train_rows(n_samples);
    let (features, test_features) = samples.features.view().split_at(Axis(0), n_train);
    let (labels, test_labels) = samples.labels.view().split_at(Axis(0), n_train);
    let model = Model::train(Dataset::new(features, labels)?, &parameters)?;
    step_done(format!("trained on {} of {n_train} rows", model.n_samples()));

    let model = RecommendationModel::new(Arc::new(model))?;
    step_done(format!("compiled a decision table of {} entries", Entry::COUNT));

    let predicted = model.knn().predict_batch(test_features)?;
    let evaluation = Evaluation::new(&predicted, &test_labels.to_vec())?;
    step_done(format!("tested on {} rows", evaluation.n_samples()));
    let accuracy = || distribution.accuracy_of(|entry| model.table().label(entry));
    let exact = args.survey.is_none().then(|| (accuracy(), distribution.ceiling()));
    Ok(TrainingOutcome { report: AccuracyReport { evaluation, exact, steps }, model })
}

/// Reads a survey, and checks that it is about our questions and mysfits: a model trained on answers that count from 0
/// would give every visitor a wrong recommendation.
fn read(path: &PathBuf) -> Result<Samples, TrainModelError> {
    let file = File::open(path).map_err(|cause| TrainModelError::Open { path: path.clone(), cause })?;
    let samples = Samples::read_csv(file, LabelColumn::Last)
        .map_err(|cause| TrainModelError::Read { path: path.clone(), cause })?;
    if samples.features.ncols() != QUESTION_COUNT {
        return Err(TrainModelError::Columns { found: samples.features.ncols() });
    }
    let range = f32::from(Answer::MIN.get())..=f32::from(Answer::MAX.get());
    for (row, (answers, &label)) in (1..).zip(samples.features.rows().into_iter().zip(&samples.labels)) {
        let invalid = answers.iter().position(|answer| !range.contains(answer) || answer.fract() != 0.0);
        if let Some(position) = invalid {
            let cause = EntryError::invalid_answer(position, answers[position]);
            return Err(TrainModelError::Row { row, cause: cause.into() });
        }
        Label::try_from(label).map_err(|cause| TrainModelError::Row { row, cause: cause.into() })?;
    }
    Ok(samples)
}

fn generate(distribution: &Distribution, seed: u64, rows: usize) -> Result<Samples, TrainModelError> {
    let (mut features, mut labels) = (Vec::new(), Vec::new());
    rows.checked_mul(QUESTION_COUNT)
        .and_then(|len| features.try_reserve_exact(len).ok())
        .and_then(|()| labels.try_reserve_exact(rows).ok())
        .ok_or(TrainModelError::OutOfMemory { rows })?;
    for sample in Survey::new(distribution, seed).take(rows) {
        features.extend(sample.entry.features());
        labels.push(f64::from(sample.label.get()));
    }
    let features = Array2::from_shape_vec((rows, QUESTION_COUNT), features)
        .expect("one feature was pushed for each question of each row");
    Ok(Samples { features, labels: Array1::from(labels) })
}

impl AccuracyReport {
    /// Returns the share of held-out rows whose favourite mysfit the model predicts.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.evaluation.accuracy()
    }

    /// Returns the best accuracy that any model can reach, if the survey's distribution is known.
    #[must_use]
    pub fn ceiling(&self) -> Option<f64> {
        self.exact.map(|(_, ceiling)| ceiling)
    }

    /// Returns the baseline without a model: the mysfit that most held-out rows have, and their share.
    fn most_frequent(&self) -> (&'static str, f64) {
        let counts = self.evaluation.confusion().map(|row| row.iter().sum::<usize>());
        let (class, count) = self
            .evaluation
            .classes()
            .iter()
            .zip(counts)
            .max_by_key(|(_, count)| *count)
            .unwrap_or((&f64::NAN, 0));
        let name = Label::try_from(*class).map_or("?", |label| label.mysfit().name.en);
        (name, count as f64 / self.evaluation.n_samples() as f64)
    }

    /// Returns the confusion matrix as text: a row for each favourite, a column for each recommendation.
    #[must_use]
    pub fn confusion(&self) -> impl fmt::Display {
        fmt::from_fn(|f| {
            writeln!(f, "confusion (rows: favourite; columns: recommended label)")?;
            write!(f, "{:21}", "")?;
            for class in self.evaluation.classes() {
                write!(f, "{class:>6}")?;
            }
            for (class, row) in self.evaluation.classes().iter().zip(self.evaluation.confusion()) {
                let name = Label::try_from(*class).map_or("?", |label| label.mysfit().name.en);
                write!(f, "\n{class:>3} {name:<17}")?;
                for count in row {
                    write!(f, "{count:>6}")?;
                }
            }
            Ok(())
        })
    }
}

impl fmt::Display for AccuracyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, took) in &self.steps {
            writeln!(f, "{what:<48} {:>8.1} ms", took.as_secs_f64() * 1e3)?;
        }
        writeln!(f, "test:accuracy  {:.4}", self.accuracy())?;
        if let Some((exact, ceiling)) = self.exact {
            writeln!(f, "expected       {exact:.4}  (exact, over all entries)")?;
            writeln!(f, "ceiling        {ceiling:.4}  (the best any model can reach)")?;
            writeln!(f, "of the ceiling {:.4}", self.accuracy() / ceiling)?;
        }
        let (favourite, share) = self.most_frequent();
        writeln!(f, "majority       {share:.4}  (always {favourite})")?;
        write!(f, "chance         {:.4}  (any of {MYSFIT_COUNT})", 1.0 / MYSFIT_COUNT as f64)
    }
}
