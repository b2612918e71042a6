//! A training job from its configuration to its model.

use std::{
    any::Any,
    fs, io,
    io::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use mysfits_knn::{Dataset, Hyperparameters, Model, TrainError};
use ndarray::{ArrayView1, ArrayView2};
use serde_json::Map;

use super::{
    TrainingError,
    channel::{Channel, Channels},
    config,
    hyperparameters::{DEFAULTS, Settings, merge},
    log::{Log, Metric, python_dict, python_float, unix_time},
    memory::{self, Budget},
    reservoir::{Reservoir, Rows},
    scores::Scores,
};
use crate::artifact::{self, Artifact};

/// A training job in a folder that is laid out as the container's `/opt/ml`.
#[derive(Debug, Clone)]
#[must_use = "a job does nothing until it is run"]
pub struct Job {
    opt_ml: PathBuf,
    available_bytes: Option<u64>,
    /// Held while files are made or moved in `model/` or `output/`; clones share it.
    output: Arc<Mutex<()>>,
}

/// Keeps a [`Job`] from writing to `model/` and `output/` while it lives.
#[derive(Debug)]
#[must_use = "the job goes on when it is dropped"]
pub struct OutputGuard<'a> {
    _lock: MutexGuard<'a, ()>,
}

impl Job {
    /// A job that may take what memory there is.
    pub fn new(opt_ml: impl Into<PathBuf>) -> Self {
        Self { opt_ml: opt_ml.into(), available_bytes: memory::available_bytes(), output: Arc::default() }
    }

    /// Take no more memory than this for the sample and its model; none means that nothing is refused.
    pub fn memory_limit(mut self, bytes: Option<u64>) -> Self {
        self.available_bytes = bytes;
        self
    }

    /// Waits until `model/` holds a whole model or none, removes unfinished files, and keeps the job from writing more.
    ///
    /// For a thread that ends the process on a signal: call it on a clone of the job, then exit.
    pub fn stop_output(&self) -> OutputGuard<'_> {
        let lock = self.lock_output();
        // What is left is beside the model, under names that no reader knows.
        drop(artifact::remove_unfinished(&self.model_folder()));
        OutputGuard { _lock: lock }
    }

    fn lock_output(&self) -> MutexGuard<'_, ()> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn model_folder(&self) -> PathBuf {
        self.opt_ml.join("model")
    }

    /// Runs the job as [`run`](super::run) says.
    ///
    /// # Errors
    /// [`TrainingError`]; a panic is one too.
    pub fn run(&self, out: &mut dyn Write) -> Result<(), TrainingError> {
        let failure = self.opt_ml.join("output/failure");
        // What an earlier job in the same folder left would be taken for this one's.
        let _ = fs::remove_file(&failure);
        let _ = artifact::remove_unfinished(&self.model_folder());
        let result = catch_unwind(AssertUnwindSafe(|| self.attempt(&mut Log::new(out))))
            .unwrap_or_else(|panic| Err(TrainingError::Panic { message: panic_message(&*panic) }));
        if let Err(error) = &result {
            let reason = error.failure_message();
            // The log may be what has panicked; the failure file must be written all the same, and last.
            let _ = catch_unwind(AssertUnwindSafe(|| Log::new(out).error(format_args!("{reason}"))));
            let written = {
                let _lock = self.lock_output();
                write_failure(&failure, &reason)
            };
            if let Err(cause) = written {
                let path = failure.display();
                let _ = catch_unwind(AssertUnwindSafe(|| {
                    Log::new(out).error(format_args!("{path} cannot be written: {cause}"));
                }));
            }
        }
        result
    }

    fn attempt(&self, log: &mut Log<'_>) -> Result<(), TrainingError> {
        let begin = Instant::now();
        let start = unix_time();
        let settings = self.settings(log)?;
        let host = config::host(&self.opt_ml)?.unwrap_or_else(|| {
            let (file, host) = (config::RESOURCES, config::DEFAULT_HOST);
            log.info(format_args!("There is no {file}: this is taken for the only host, {host}"));
            host.to_owned()
        });
        let Channels { train, test } = Channels::new(&self.opt_ml, config::channels(&self.opt_ml)?)?;
        let mut work = Work { settings, host: &host, available_bytes: self.available_bytes, log };
        work.log_memory();
        let setup = begin.elapsed();
        let (rows, dim) = work.sample(&train)?;
        let sampled = begin.elapsed();
        let model = work.train(rows, dim, test.is_some())?;
        let trained = begin.elapsed();
        let scores = test.map(|test| work.evaluate(&model, dim, &test)).transpose()?;
        let evaluated = begin.elapsed();
        Artifact { model, extra: Map::new() }.write_folder_with(&self.model_folder(), &self.output)?;
        let written = begin.elapsed();
        log.metrics(
            &host,
            start,
            "",
            &[
                ("setuptime", Metric::Time(setup)),
                ("epochs", Metric::Count(1)),
                ("update.time", Metric::Time(sampled.saturating_sub(setup))),
                ("finalize.time", Metric::Time(trained.saturating_sub(sampled))),
                ("model.serialize.time", Metric::Time(written.saturating_sub(evaluated))),
                ("totaltime", Metric::Time(written)),
            ],
        );
        for (name, score) in scores.iter().flatten() {
            log.info(format_args!("#test_score ({host}) : ('{name}', {})", python_float(*score)));
        }
        for (name, score) in scores.iter().flatten() {
            log.info(format_args!(
                "#quality_metric: host={host}, test {name} <score>={}",
                python_float(*score)
            ));
        }
        Ok(())
    }

    fn settings(&self, log: &mut Log<'_>) -> Result<Settings, TrainingError> {
        log.info(format_args!("Reading default configuration: {}", python_dict(DEFAULTS)));
        let given = config::hyperparameters(&self.opt_ml)?;
        let texts =
            given.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or("(no string)")));
        log.info(format_args!(
            "Merging with provided configuration from {}: {}",
            self.opt_ml.join(config::HYPERPARAMETERS).display(),
            python_dict(texts)
        ));
        let (values, problems) = merge(&given);
        let texts = values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        log.info(format_args!("Final configuration: {}", python_dict(texts)));
        Settings::check(&values, problems).map_err(TrainingError::Hyperparameters)
    }
}

/// What the steps of a job have in common.
struct Work<'a, 'b> {
    settings: Settings,
    host: &'a str,
    available_bytes: Option<u64>,
    log: &'a mut Log<'b>,
}

impl Work<'_, '_> {
    fn log_memory(&mut self) {
        let sample_size = self.settings.sample_size;
        let available = self.available_bytes.map_or_else(|| "unknown".to_owned(), |n| format!("{n} bytes"));
        self.log.info(format_args!(
            "Using per-worker sample size = {sample_size} (Available virtual memory = {available}, GPU free memory = 0 \
             bytes, number of workers = 1). If an out-of-memory error occurs, choose a larger instance type, use \
             dimension reduction, decrease sample_size, and/or decrease mini_batch_size."
        ));
    }

    /// Reads the training data and draws the sample; gives it with the number of features of its rows.
    fn sample(&mut self, train: &Channel) -> Result<(Rows, usize), TrainingError> {
        let (settings, begin, start) = (self.settings, Instant::now(), unix_time());
        self.log_records(start, ", \"Meta\": \"init_train_data_iter\"", 0);
        let needed_bytes = |n_rows, dim| needed_bytes(&settings, n_rows, dim);
        let budget = Budget {
            available_bytes: self.available_bytes,
            sample_size: settings.sample_size,
            needed_bytes: &needed_bytes,
        };
        let mut reservoir = Reservoir::new(settings.sample_size, settings.seed);
        let mut dim = settings.feature_dim;
        train.read(&mut dim, &mut |features, label| Ok(reservoir.offer(features, label, &budget)?))?;
        let (seen, seconds) = (reservoir.seen(), begin.elapsed().as_secs_f64());
        let host = self.host;
        self.log.info(format_args!("#progress_metric: host={host}, completed 100.0 % of epochs"));
        self.log_records(start, ", \"epoch\": 0, \"Meta\": \"training_data_iter\"", seen);
        let throughput = python_float(seen as f64 / seconds.max(1e-9));
        self.log.info(format_args!(
            "#throughput_metric: host={host}, train throughput={throughput} records/second"
        ));
        self.log.info(format_args!("Getting reservoir sample from {host}..."));
        let rows = reservoir.into_rows();
        let (n_rows, dim) = (rows.len(), dim.unwrap_or_default());
        self.log.info(format_args!(
            "...Got reservoir sample from {host}: data=({n_rows}, {dim}), labels=({n_rows},), NaNs=0"
        ));
        if n_rows < settings.k {
            let k = settings.k;
            self.log.warning(format_args!("k is {k}, but there are only {n_rows} samples: all of them vote"));
        }
        Ok((rows, dim))
    }

    fn log_records(&mut self, start: Duration, dimensions: &str, seen: u64) {
        let batches = seen.div_ceil(self.settings.mini_batch_size as u64);
        let counts = [
            ("Total Records Seen", seen),
            ("Total Batches Seen", batches),
            ("Max Records Seen Between Resets", seen),
            ("Max Batches Seen Between Resets", batches),
            ("Reset Count", u64::from(seen > 0)),
            ("Number of Records Since Last Reset", seen),
            ("Number of Batches Since Last Reset", batches),
        ]
        .map(|(name, count)| (name, Metric::Count(count)));
        self.log.metrics(self.host, start, dimensions, &counts);
    }

    fn train(&mut self, rows: Rows, dim: usize, is_asked: bool) -> Result<Model, TrainingError> {
        let begin = Instant::now();
        self.log.info(format_args!("Training index..."));
        let parameters =
            self.settings.hyperparameters(rows.len(), is_asked).map_err(TrainError::Hyperparameter)?;
        let dataset = Dataset::new(view(&rows, dim), ArrayView1::from(&rows.labels))?;
        let model = Model::train(dataset, &parameters)?;
        self.log.info(format_args!("...Finished training index in {} second(s)", begin.elapsed().as_secs()));
        Ok(model)
    }

    /// Predicts the rows of the test channel batch by batch, and gives the scores by name.
    fn evaluate(
        &mut self,
        model: &Model,
        dim: usize,
        test: &Channel,
    ) -> Result<Vec<(&'static str, f64)>, TrainingError> {
        let settings = self.settings;
        let needed_bytes = |n_rows, dim| {
            needed_bytes(&settings, model.n_samples(), dim)
                .saturating_add(batch_bytes(&settings, n_rows, dim))
        };
        let budget = Budget {
            available_bytes: self.available_bytes,
            sample_size: settings.sample_size,
            needed_bytes: &needed_bytes,
        };
        let mut scores = Scores::new(settings.predictor_type);
        let mut batch = Rows::default();
        test.read(&mut Some(dim), &mut |features, label| {
            batch.push(features, label, settings.mini_batch_size, &budget)?;
            if batch.len() == settings.mini_batch_size {
                self.score(model, dim, &mut batch, &mut scores)?;
            }
            Ok(())
        })?;
        if batch.len() > 0 {
            self.score(model, dim, &mut batch, &mut scores)?;
        }
        Ok(scores.named())
    }

    fn score(
        &mut self,
        model: &Model,
        dim: usize,
        batch: &mut Rows,
        scores: &mut Scores,
    ) -> Result<(), TrainingError> {
        let begin = Instant::now();
        self.log.info(format_args!("Searching index..."));
        scores.add(&model.predict_batch(view(batch, dim))?, &batch.labels);
        self.log.info(format_args!("...Done searching index in {} second(s)", begin.elapsed().as_secs()));
        batch.clear();
        Ok(())
    }
}

/// The features of rows as an array.
fn view(rows: &Rows, dim: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((rows.len(), dim), &rows.features)
        .expect("every row that was read has dim features")
}

/// What a sample of so many rows needs, all in all: the rows as read (when they are not needed any more the model as
/// written takes their place), and the model with what training takes.
fn needed_bytes(settings: &Settings, n_rows: usize, dim: usize) -> u64 {
    // What cannot be is refused by its own name when the sample is there: more lists than rows, a target that reduces
    // nothing. Until then it must not be taken for a want of memory.
    let reduction = settings.reduction.filter(|(_, target_dim)| *target_dim < dim);
    let possible =
        Settings { n_lists: settings.n_lists.map(|n_lists| n_lists.min(n_rows)), reduction, ..*settings };
    let model = |parameters: Hyperparameters| parameters.model_bytes(n_rows, dim).unwrap_or(u64::MAX);
    possible.hyperparameters(n_rows, true).map_or(0, model).saturating_add(Rows::bytes(n_rows, dim))
}

/// What a mini batch needs: its rows, as read and as the model prepares them, and the neighbours on their way to votes.
fn batch_bytes(settings: &Settings, n_rows: usize, dim: usize) -> u64 {
    let search = (settings.k as u64).saturating_mul(8).saturating_mul(n_rows.min(4096) as u64);
    Rows::bytes(n_rows, dim).saturating_mul(2).saturating_add(search)
}

fn write_failure(path: &Path, reason: &str) -> io::Result<()> {
    // `output/` may be missing. A job's folder that is missing is a mistyped name, and is not created.
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        fs::create_dir(folder)?;
    }
    fs::write(path, reason)
}

/// What a panic said, if it was text.
fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}
