//! Training jobs, from the configuration to the model.

use std::{
    fmt, fs, io,
    io::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
};

use mysfits_knn::CancellationToken;

use super::{
    TrainingError,
    channel::InputChannel,
    config,
    host::{Host, HostPlace, HostSample},
    leader::TestShare,
    log::{Log, LogMetric, unix_time},
    network::{self, WorkerHosts},
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
    cancellation: CancellationToken,
    /// Held while files are created or moved in `model/` or `output/`; shared by clones.
    output: Arc<Mutex<()>>,
}

/// A further host of a training job.
pub struct WorkerHost<'a> {
    /// Its folder, with the layout of `/opt/ml`, its share of the data, and its place in `resourceconfig.json`.
    pub opt_ml: &'a Path,
    /// Its log.
    pub log: &'a mut (dyn Write + Send),
}

impl fmt::Debug for WorkerHost<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerHost").field("opt_ml", &self.opt_ml).finish_non_exhaustive()
    }
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
        Self {
            opt_ml: opt_ml.into(),
            available_bytes: memory::available_bytes(),
            cancellation: CancellationToken::new(),
            output: Arc::default(),
        }
    }

    /// Sets the memory limit for the sample and its model; `None` for no limit. By default, the available memory.
    pub fn memory_limit(mut self, bytes: Option<u64>) -> Self {
        self.available_bytes = bytes;
        self
    }

    /// Sets a token that ends the job with [`TrainingError::Cancelled`], while it reads rows and between batches of
    /// predictions. By default, nothing does.
    pub fn cancellation(mut self, token: CancellationToken) -> Self {
        self.cancellation = token;
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
    pub fn run(&self, out: &mut (dyn Write + Send)) -> Result<(), TrainingError> {
        self.run_with_workers(out, &mut [])
    }

    /// Runs the job on several hosts, each a thread: this one is the leader, in the order of `resourceconfig.json` the first.
    ///
    /// Of `n` hosts each draws an `n`-th of the sample from its own share of the training data, independently of the others:
    /// `sample_size` rows in all if every share has enough. The leader trains on the samples, in the order of the
    /// hosts, and evaluates the shares of the test channel, too, if that is sharded. The same data, seed and hosts give the
    /// same model. A host without data adds nothing. If each has all of the data, a row can be drawn by several.
    ///
    /// The failure of a worker is in its log, and in the leader's folder and log.
    ///
    /// # Errors
    /// [`TrainingError`] of the first host that has one.
    pub fn run_with_workers(
        &self,
        out: &mut (dyn Write + Send),
        workers: &mut [WorkerHost<'_>],
    ) -> Result<(), TrainingError> {
        let failure = self.opt_ml.join("output/failure");
        // Remove the failure of an earlier job in the same folder.
        let _ = fs::remove_file(&failure);
        let _ = artifact::remove_unfinished(&self.model_folder());
        let result = catch_unwind(AssertUnwindSafe(|| self.attempt(&mut Log::new(out), workers)))
            .unwrap_or_else(|panic| Err(TrainingError::from_panic(&*panic)));
        if let Err(error) = &result
            && !matches!(error, TrainingError::Cancelled)
        {
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

    fn attempt(&self, log: &mut Log<'_>, workers: &mut [WorkerHost<'_>]) -> Result<(), TrainingError> {
        let begin = Instant::now();
        let processes = if workers.is_empty() { config::host_processes(&self.opt_ml)? } else { None };
        let (number, n_hosts) = match &processes {
            Some(processes) => (processes.number, processes.names.len()),
            None => (0, 1 + workers.len()),
        };
        let peer_failed = CancellationToken::new();
        // The leader holds the samples of all hosts.
        let n_samples = if number == 0 { n_hosts as u64 } else { 1 };
        let place = HostPlace {
            number,
            n_hosts,
            available_bytes: self.available_bytes.map(|bytes| bytes / n_samples),
            cancellation: &self.cancellation,
            peer_failed: &peer_failed,
        };
        let mut host = Host::new(&self.opt_ml, place, log)?;
        let Some(processes) = processes else { return self.lead(host, workers, None, begin) };
        if number > 0 {
            return network::work(&mut host, &processes.names[0]);
        }
        let processes = WorkerHosts::listen(processes.names)?;
        let led = self.lead(host, workers, Some(&processes), begin);
        if let Err(error) = &led {
            processes.fail(error);
        }
        led
    }

    /// Trains as the leader of hosts that are threads or processes.
    fn lead(
        &self,
        mut leader: Host<'_, '_>,
        workers: &mut [WorkerHost<'_>],
        processes: Option<&WorkerHosts>,
        begin: Instant,
    ) -> Result<(), TrainingError> {
        let setup = begin.elapsed();
        let start = unix_time().saturating_sub(setup);
        let mut tests: Vec<_> = leader.test.take().into_iter().map(TestShare::Folder).collect();
        let has_test = !tests.is_empty();
        let mut parts = Vec::with_capacity(leader.place.n_hosts);
        if let Some(processes) = processes {
            let (samples, workers) = processes.sample(&mut leader)?;
            parts = samples;
            tests.extend(workers.into_iter().map(TestShare::Process));
        } else {
            for (sample, test) in sample_on_hosts(&mut leader, workers)? {
                parts.push(sample);
                tests.extend(test.filter(|test| test.is_sharded).map(TestShare::Folder));
            }
        }
        leader.place.available_bytes = self.available_bytes;
        let (rows, dim) = leader.merge(parts)?;
        let sampled = begin.elapsed();
        let model = leader.train_model(rows, dim, has_test)?;
        let trained = begin.elapsed();
        let scores = if has_test { leader.evaluate(&model, dim, &mut tests)? } else { Vec::new() };
        let evaluated = begin.elapsed();
        leader.place.check_cancelled()?;
        for test in &mut tests {
            if let TestShare::Process(worker) = test {
                worker.finish()?;
            }
        }
        ArtifactRef::new(&model).write_folder_with(&self.model_folder(), &self.output)?;
        let written = begin.elapsed();
        let Host { name: host, log, .. } = leader;
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
        for (name, score) in &scores {
            log.info(format_args!("#test_score ({host}) : ('{name}', {})", python_repr(*score)));
        }
        for (name, score) in &scores {
            log.info(format_args!(
                "#quality_metric: host={host}, test {name} <score>={}",
                python_repr(*score)
            ));
        }
        Ok(())
    }
}

/// Draws the samples of all hosts at the same time. Returns them with the test channels of the workers, in the order of the
/// hosts; the first is the leader's.
fn sample_on_hosts(
    leader: &mut Host<'_, '_>,
    workers: &mut [WorkerHost<'_>],
) -> Result<Vec<(HostSample, Option<InputChannel>)>, TrainingError> {
    if workers.is_empty() {
        return Ok(vec![(leader.sample()?, None)]);
    }
    let place = leader.place;
    thread::scope(|scope| {
        let threads: Vec<_> = (1..)
            .zip(workers)
            .map(|(number, worker)| {
                let place = HostPlace { number, ..place };
                scope.spawn(move || sample_on_worker(worker, place))
            })
            .collect();
        let first = leader.sample().map(|sample| (sample, None));
        // Wait for all of them: a panic of one that is not joined would be the leader's.
        let others: Vec<_> = threads
            .into_iter()
            .map(|t| t.join().unwrap_or_else(|panic| Err(TrainingError::from_panic(&*panic))))
            .collect();
        [first].into_iter().chain(others).collect()
    })
}

fn sample_on_worker(
    WorkerHost { opt_ml, log }: &mut WorkerHost<'_>,
    place: HostPlace<'_>,
) -> Result<(HostSample, Option<InputChannel>), TrainingError> {
    let mut log = Log::new(&mut **log);
    let sampled = Host::new(opt_ml, place, &mut log).and_then(|mut host| {
        let sample = host.sample()?;
        Ok((sample, host.test))
    });
    if let Err(error) = &sampled {
        log.error(format_args!("{}", error.failure_message()));
    }
    sampled
}

fn write_failure(path: &Path, reason: &str) -> io::Result<()> {
    // Create only `output/`: the job's folder itself is missing if its name is mistyped.
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        fs::create_dir(folder)?;
    }
    fs::write(path, reason)
}
