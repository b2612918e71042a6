//! From survey rows to a model, and how good it is.

use std::{
    fmt,
    fs::File,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use clap::{Args, builder::RangedU64ValueParser};
use mysfits_api::Embedded;
use mysfits_data::{
    DEFAULT_K, DEFAULT_ROWS, DEFAULT_SAMPLE_SIZE, DEFAULT_SEED, Distribution, MAX_ROWS, Survey, TEST_SHARE,
    n_train,
};
use mysfits_domain::{Answer, Entry, EntryError, Label, MYSFIT_COUNT, QUESTION_COUNT, catalogue};
use mysfits_knn::{Dataset, DecisionTable, Evaluation, Hyperparameters, Model};
use mysfits_sagemaker::training::{LabelColumn, Samples};
use ndarray::{Array1, Array2, Axis};

/// Where the survey comes from and what the model is trained with.
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

/// A model, every entry's answer, and how good they are.
#[derive(Debug)]
pub struct Trained {
    /// The model.
    pub model: Arc<Model>,
    /// The model's answer to every entry.
    pub table: DecisionTable,
    /// How good the answers are.
    pub report: Report,
}

/// How good a model is, in numbers to print.
#[derive(Debug)]
pub struct Report {
    evaluation: Evaluation,
    /// The exact expected accuracy of the table and of the best possible rule; only of a survey whose distribution is
    /// known.
    exact: Option<(f64, f64)>,
    steps: Vec<(String, Duration)>,
}

/// Trains as the arguments say.
///
/// # Errors
/// If the survey cannot be read, has too few rows, or the hyperparameters are out of range.
pub fn train(args: &TrainArgs) -> Result<Trained> {
    let parameters =
        Hyperparameters::classifier(args.k).sample_size(args.sample_size).seed(args.seed).check()?;
    let mut steps = Steps::default();
    let distribution = if args.random { Distribution::uniform() } else { Distribution::of_prototypes() };
    let samples = match &args.survey {
        Some(path) => {
            let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
            let samples = Samples::read_csv(file, LabelColumn::Last)
                .with_context(|| format!("cannot read {}", path.display()))?;
            check_survey(&samples)?;
            samples
        }
        None => generate(&distribution, args.seed, args.rows)?,
    };
    let n_samples = samples.labels.len();
    ensure!(n_samples >= TEST_SHARE, "there are {n_samples} rows; there must be at least {TEST_SHARE}");
    steps.done(format!("{} {n_samples} rows", if args.survey.is_some() { "read" } else { "generated" }));

    let n_train = n_train(n_samples);
    let (features, test_features) = samples.features.view().split_at(Axis(0), n_train);
    let (labels, test_labels) = samples.labels.view().split_at(Axis(0), n_train);
    let dataset = Dataset::new(features, labels)?;
    let model = Arc::new(Model::train(dataset, &parameters)?);
    steps.done(format!("trained on {} of {n_train} rows", model.n_samples()));

    let table = model.tabulate(&Embedded::lattice()?)?;
    steps.done(format!("compiled a decision table of {} entries", Entry::COUNT));

    let predicted = model.predict_batch(test_features)?;
    let evaluation = Evaluation::new(&predicted, &test_labels.to_vec())?;
    steps.done(format!("tested on {} rows", evaluation.n_samples()));
    let rule = |entry: Entry| Label::try_from(table.predict(entry.index())).unwrap_or(catalogue()[0].label);
    let exact = args.survey.is_none().then(|| (distribution.accuracy_of(rule), distribution.ceiling()));
    Ok(Trained { model, table, report: Report { evaluation, exact, steps: steps.done } })
}

/// Checks that the survey is about our questions and mysfits: a survey whose answers count from 0, say, trains a model
/// that is off by one for everybody.
fn check_survey(samples: &Samples) -> Result<()> {
    ensure!(
        samples.features.ncols() == QUESTION_COUNT,
        "the survey has {} answers a row; the questionnaire has {QUESTION_COUNT} questions",
        samples.features.ncols()
    );
    let range = f32::from(Answer::MIN.get())..=f32::from(Answer::MAX.get());
    for (row, (answers, &label)) in samples.features.rows().into_iter().zip(&samples.labels).enumerate() {
        let place = || format!("row {} of the survey", row + 1);
        let wrong = answers.iter().position(|answer| !range.contains(answer) || answer.fract() != 0.0);
        if let Some(position) = wrong {
            return Err(EntryError::not_an_option(position, answers[position])).with_context(place);
        }
        Label::try_from(label).with_context(place)?;
    }
    Ok(())
}

fn generate(distribution: &Distribution, seed: u64, rows: usize) -> Result<Samples> {
    let (mut features, mut labels) = (Vec::new(), Vec::new());
    rows.checked_mul(QUESTION_COUNT)
        .and_then(|len| features.try_reserve_exact(len).ok())
        .and_then(|()| labels.try_reserve_exact(rows).ok())
        .with_context(|| format!("there is no memory for {rows} rows; lower --rows"))?;
    for sample in Survey::new(distribution, seed).take(rows) {
        features.extend(sample.entry.features());
        labels.push(f64::from(sample.label.get()));
    }
    let features = Array2::from_shape_vec((rows, QUESTION_COUNT), features)
        .expect("one feature was pushed for each question of each row");
    Ok(Samples { features, labels: Array1::from(labels) })
}

/// Takes the time of each step.
struct Steps {
    since: Instant,
    done: Vec<(String, Duration)>,
}

impl Default for Steps {
    fn default() -> Self {
        Self { since: Instant::now(), done: Vec::new() }
    }
}

impl Steps {
    fn done(&mut self, what: String) {
        self.done.push((what, self.since.elapsed()));
        self.since = Instant::now();
    }
}

impl Report {
    /// The share of held-out rows whose favourite the model names.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.evaluation.accuracy()
    }

    /// The best accuracy that any model can reach, where the survey's distribution is known.
    #[must_use]
    pub fn ceiling(&self) -> Option<f64> {
        self.exact.map(|(_, ceiling)| ceiling)
    }

    /// The baseline that needs no model: the favourite of most held-out rows, and the share of them that whoever always
    /// names it is right about.
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

    /// The confusion matrix as text: who is the favourite, who was recommended instead.
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

impl fmt::Display for Report {
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
