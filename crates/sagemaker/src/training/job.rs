//! Training jobs, from the configuration to the model.

use std::{
    any::Any,
    fs, io,
    io::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use mysfits_knn::{Dataset, Evaluation, Hyperparameters, Model, PredictorType, TrainError};
use ndarray::{ArrayView1, ArrayView2};

use super::{
    TrainingError,
    budget::TrainingBudget,
    channel::{InputChannel, InputChannels},
    config,
    hyperparameters::{DEFAULTS, TrainingSettings, merge},
    log::{Log, LogMetric, python_dict, unix_time},
    reservoir::{Reservoir, SampleRows},
};
use crate::{
    artifact::{self, ArtifactRef},
    codec::number::python_repr,
    memory,
};

/// A training job in a folder with the layout of the container's `/opt/ml`.
#[derive(Debug, Clone)]
#[must_use = "a job does nothing until it is run"]
pub struct Job {
    opt_ml: PathBuf,
    available_bytes: Option<u64>,
    /// Held while files are created or moved in `model/` or `output/`; shared by clones.
    output: Arc<Mutex<()>>,
}

/// Prevents a [`Job`] from writing to `model/` and `output/` until it is dropped.
#[derive(Debug)]
#[must_use = "the job continues when the guard is dropped"]
pub struct OutputGuard<'a> {
    _lock: MutexGuard<'a, ()>,
}

impl Job {
    /// Creates a job, limited by the available memory.
    pub fn new(opt_ml: impl Into<PathBuf>) -> Self {
        Self { opt_ml: opt_ml.into(), available_bytes: memory::available_bytes(), output: Arc::default() }
    }

    /// Sets the memory limit for the sample and its model; `None` for no limit. By default, the available memory.
    pub fn memory_limit(mut self, bytes: Option<u64>) -> Self {
        self.available_bytes = bytes;
        self
    }

    /// Waits until `model/` holds a whole model or none, removes temporary files, and prevents the job from writing more.
    ///
    /// For a signal handler: call it on a clone of the job, then exit the process.
    pub fn stop_output(&self) -> OutputGuard<'_> {
        let lock = self.lock_output();
        // Remaining temporary files are outside of the model, with names that no reader expects.
        drop(artifact::remove_unfinished(&self.model_folder()));
        OutputGuard { _lock: lock }
    }

    fn lock_output(&self) -> MutexGuard<'_, ()> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn model_folder(&self) -> PathBuf {
        self.opt_ml.join("model")
    }

    /// Runs the job, as [`run`](super::run) does.
    ///
    /// # Errors
    /// [`TrainingError`], also for a panic.
    pub fn run(&self, out: &mut dyn Write) -> Result<(), TrainingError> {
        let failure = self.opt_ml.join("output/failure");
        // Remove the failure of an earlier job in the same folder.
        let _ = fs::remove_file(&failure);
        let _ = artifact::remove_unfinished(&self.model_folder());
        let result = catch_unwind(AssertUnwindSafe(|| self.attempt(&mut Log::new(out))))
            .unwrap_or_else(|panic| Err(TrainingError::Panic { message: panic_message(&*panic) }));
        if let Err(error) = &result {
            let reason = error.failure_message();
            // The log may have caused the panic; the failure file must still be written, and last.
            let mut log = |message: &str| {
                let _ = catch_unwind(AssertUnwindSafe(|| Log::new(out).error(format_args!("{message}"))));
            };
            log(&reason);
            let _lock = self.lock_output();
            if let Err(cause) = write_failure(&failure, &reason) {
                log(&format!("{} cannot be written: {cause}", failure.display()));
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
            log.info(format_args!("There is no {file}: assuming a single host, {host}"));
            host.to_owned()
        });
        let InputChannels { train, test } =
            InputChannels::new(&self.opt_ml, config::channels(&self.opt_ml)?)?;
        let mut run = JobRun { settings, host: &host, available_bytes: self.available_bytes, log };
        run.log_memory();
        let setup = begin.elapsed();
        let (rows, dim) = run.sample(&train)?;
        let sampled = begin.elapsed();
        let model = run.train(rows, dim, test.is_some())?;
        let trained = begin.elapsed();
        let scores = test.map(|test| run.evaluate(&model, dim, &test)).transpose()?;
        let evaluated = begin.elapsed();
        ArtifactRef::new(&model).write_folder_with(&self.model_folder(), &self.output)?;
        let written = begin.elapsed();
        log.metrics(
            &host,
            start,
            "",
            &[
                ("setuptime", LogMetric::Time(setup)),
                ("epochs", LogMetric::Count(1)),
                ("update.time", LogMetric::Time(sampled.saturating_sub(setup))),
                ("finalize.time", LogMetric::Time(trained.saturating_sub(sampled))),
                ("model.serialize.time", LogMetric::Time(written.saturating_sub(evaluated))),
                ("totaltime", LogMetric::Time(written)),
            ],
        );
        for (name, score) in scores.iter().flatten() {
            log.info(format_args!("#test_score ({host}) : ('{name}', {})", python_repr(*score)));
        }
        for (name, score) in scores.iter().flatten() {
            log.info(format_args!(
                "#quality_metric: host={host}, test {name} <score>={}",
                python_repr(*score)
            ));
        }
        Ok(())
    }

    fn settings(&self, log: &mut Log<'_>) -> Result<TrainingSettings, TrainingError> {
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
        TrainingSettings::check(&values, problems).map_err(TrainingError::Hyperparameters)
    }
}

/// The state of a running job.
struct JobRun<'a, 'b> {
    settings: TrainingSettings,
    host: &'a str,
    available_bytes: Option<u64>,
    log: &'a mut Log<'b>,
}

impl JobRun<'_, '_> {
    fn log_memory(&mut self) {
        let sample_size = self.settings.sample_size;
        let available = self.available_bytes.map_or_else(|| "unknown".to_owned(), |n| format!("{n} bytes"));
        self.log.info(format_args!(
            "Using per-worker sample size = {sample_size} (Available virtual memory = {available}, GPU free memory = 0 \
             bytes, number of workers = 1). If an out-of-memory error occurs, choose a larger instance type, use \
             dimension reduction, decrease sample_size, and/or decrease mini_batch_size."
        ));
    }

    fn budget<'f>(&self, needed_bytes: &'f dyn Fn(usize, usize) -> u64) -> TrainingBudget<'f> {
        let sample_size = self.settings.sample_size;
        TrainingBudget { available_bytes: self.available_bytes, sample_size, needed_bytes }
    }

    /// Reads the training data and draws the sample. Returns it with the number of features.
    fn sample(&mut self, train: &InputChannel) -> Result<(SampleRows, usize), TrainingError> {
        let (settings, begin, start) = (self.settings, Instant::now(), unix_time());
        self.log_records(start, ", \"Meta\": \"init_train_data_iter\"", 0);
        let needed_bytes = |n_rows, dim| needed_bytes(&settings, n_rows, dim);
        let budget = self.budget(&needed_bytes);
        let mut reservoir = Reservoir::new(settings.sample_size, settings.seed);
        let mut dim = settings.feature_dim;
        train.read(&mut dim, &mut |features, label| Ok(reservoir.offer(features, label, &budget)?))?;
        let (seen, seconds) = (reservoir.seen(), begin.elapsed().as_secs_f64());
        let host = self.host;
        self.log.info(format_args!("#progress_metric: host={host}, completed 100.0 % of epochs"));
        self.log_records(start, ", \"epoch\": 0, \"Meta\": \"training_data_iter\"", seen);
        let throughput = python_repr(seen as f64 / seconds.max(1e-9));
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
        .map(|(name, count)| (name, LogMetric::Count(count)));
        self.log.metrics(self.host, start, dimensions, &counts);
    }

    fn train(&mut self, rows: SampleRows, dim: usize, for_inference: bool) -> Result<Model, TrainingError> {
        let begin = Instant::now();
        self.log.info(format_args!("Training index..."));
        let parameters =
            self.settings.hyperparameters(rows.len(), for_inference).map_err(TrainError::Hyperparameter)?;
        let dataset = Dataset::new(view(&rows, dim), ArrayView1::from(&rows.labels))?;
        let model = Model::train(dataset, &parameters)?;
        self.log.info(format_args!("...Finished training index in {} second(s)", begin.elapsed().as_secs()));
        Ok(model)
    }

    /// Predicts the rows of the test channel in batches. Returns the names and values of the scores.
    fn evaluate(
        &mut self,
        model: &Model,
        dim: usize,
        test: &InputChannel,
    ) -> Result<Vec<(&'static str, f64)>, TrainingError> {
        let settings = self.settings;
        let needed_bytes = |n_rows, dim| {
            needed_bytes(&settings, model.n_samples(), dim)
                .saturating_add(batch_bytes(&settings, n_rows, dim))
        };
        let budget = self.budget(&needed_bytes);
        let mut evaluation = Evaluation::default();
        let mut batch = SampleRows::default();
        test.read(&mut Some(dim), &mut |features, label| {
            batch.push(features, label, settings.mini_batch_size, &budget)?;
            if batch.len() == settings.mini_batch_size {
                self.predict_batch(model, dim, &mut batch, &mut evaluation)?;
            }
            Ok(())
        })?;
        if batch.len() > 0 {
            self.predict_batch(model, dim, &mut batch, &mut evaluation)?;
        }
        Ok(scores(settings.predictor_type, &evaluation))
    }

    fn predict_batch(
        &mut self,
        model: &Model,
        dim: usize,
        batch: &mut SampleRows,
        evaluation: &mut Evaluation,
    ) -> Result<(), TrainingError> {
        let begin = Instant::now();
        self.log.info(format_args!("Searching index..."));
        evaluation.add(&model.predict_batch(view(batch, dim))?, &batch.labels)?;
        self.log.info(format_args!("...Done searching index in {} second(s)", begin.elapsed().as_secs()));
        batch.clear();
        Ok(())
    }
}

/// Returns the names and values of the container's scores, in its order. Tuning uses the first.
///
/// The macro F1 score is the mean over the classes. As in the container, the classes are 0 to the highest label, and a class
/// that never occurs makes the score NaN (0 / 0): the container logs NaN for covtype, whose labels are 1 to 7. If a label is
/// negative or not whole, for which no log is known, the classes are the labels that occur. The score is NaN if there are too
/// many labels.
fn scores(predictor_type: PredictorType, evaluation: &Evaluation) -> Vec<(&'static str, f64)> {
    if predictor_type == PredictorType::Regressor {
        return vec![("mse", evaluation.mean_squared_error())];
    }
    let classes = evaluation.classes();
    let are_numbered = classes.iter().all(|label| *label >= 0.0 && label.fract() == 0.0);
    let lacks_a_class = are_numbered && classes.last().is_some_and(|last| *last >= classes.len() as f64);
    let macro_f1 = if lacks_a_class { f64::NAN } else { evaluation.macro_f1() };
    vec![("accuracy", evaluation.accuracy()), ("macro_f_1.000", macro_f1)]
}

/// Returns the features of rows as an array.
fn view(rows: &SampleRows, dim: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((rows.len(), dim), &rows.features)
        .expect("every row that was read has dim features")
}

/// Returns the memory that a sample of this size needs: the rows (later replaced by the serialized model), the model, and
/// temporary data of training.
fn needed_bytes(settings: &TrainingSettings, n_rows: usize, dim: usize) -> u64 {
    // Too many lists or an invalid target dimension are reported by their own errors later, not as a lack of memory.
    let reduction = settings.reduction.filter(|(_, target_dim)| *target_dim < dim);
    let possible = TrainingSettings {
        n_lists: settings.n_lists.map(|n_lists| n_lists.min(n_rows)),
        reduction,
        ..*settings
    };
    let model = |parameters: Hyperparameters| parameters.model_bytes(n_rows, dim).unwrap_or(u64::MAX);
    possible.hyperparameters(n_rows, true).map_or(0, model).saturating_add(SampleRows::bytes(n_rows, dim))
}

/// Returns the memory that a mini batch needs: its rows, the transformed rows, and the neighbours.
fn batch_bytes(settings: &TrainingSettings, n_rows: usize, dim: usize) -> u64 {
    let search = (settings.k as u64).saturating_mul(8).saturating_mul(n_rows.min(4096) as u64);
    SampleRows::bytes(n_rows, dim).saturating_mul(2).saturating_add(search)
}

fn write_failure(path: &Path, reason: &str) -> io::Result<()> {
    // Create only `output/`: the job's folder itself is missing if its name is mistyped.
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        fs::create_dir(folder)?;
    }
    fs::write(path, reason)
}

/// Returns the message of a panic, if it is text.
fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn macro_f1(predicted: &[f64], actual: &[f64]) -> f64 {
        scores(PredictorType::Classifier, &Evaluation::new(predicted, actual).unwrap())[1].1
    }

    #[test]
    fn macro_f1_is_nan_if_a_class_below_the_highest_never_occurs() {
        // As in covtype, whose labels are 1 to 7: class 0 is neither predicted nor right.
        assert!(macro_f1(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]).is_nan());
        assert!(macro_f1(&[0.0, 1.0, 3.0], &[0.0, 1.0, 3.0]).is_nan());
        // A class that is only predicted, or only right, has an F1 of 0.
        assert_eq!(macro_f1(&[0.0, 1.0], &[0.0, 2.0]), 1.0 / 3.0);
        // Neither negative nor fractional labels are classes.
        assert_eq!(macro_f1(&[-1.0, 5.0], &[-1.0, 5.0]), 1.0);
        assert_eq!(macro_f1(&[0.5, 5.0], &[0.5, 5.0]), 1.0);
    }

    #[test]
    fn scores_do_not_depend_on_the_batches() {
        let (predicted, actual) = ([0.0, 1.0, 1.0, 2.0, -0.0, 3.0], [0.0, 1.0, 2.0, 2.0, 0.0, 4.0]);
        // 0: 2 of 2 and 2; 1: 1 of 2 and 1; 2: 1 of 1 and 2; 3: 0 of 1 and 0; 4: 0 of 0 and 1.
        let macro_f1 = (1.0 + 2.0 / 3.0 + 2.0 / 3.0) / 5.0;
        for batch in 1..=6 {
            let mut evaluation = Evaluation::default();
            for (predicted, actual) in predicted.chunks(batch).zip(actual.chunks(batch)) {
                evaluation.add(predicted, actual).unwrap();
            }
            let expected = [("accuracy", 4.0 / 6.0), ("macro_f_1.000", macro_f1)];
            assert_eq!(scores(PredictorType::Classifier, &evaluation), expected);
            assert_eq!(scores(PredictorType::Regressor, &evaluation), [("mse", 2.0 / 6.0)]);
        }
    }

    #[test]
    fn too_many_labels_have_an_accuracy_and_no_f1() {
        let labels: Vec<f64> = (0..=1 << 16).map(f64::from).collect();
        let evaluation = Evaluation::new(&labels, &labels).unwrap();
        let [(_, accuracy), (_, macro_f1)] = *scores(PredictorType::Classifier, &evaluation).as_slice()
        else {
            panic!("two scores")
        };
        assert!(accuracy == 1.0 && macro_f1.is_nan());
    }
}
