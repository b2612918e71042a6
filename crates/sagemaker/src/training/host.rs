//! One host of a training job: it reads its share of the training data, and draws its part of the sample.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use mysfits_knn::{CancellationToken, Hyperparameters};

use super::{
    TrainingError,
    budget::TrainingBudget,
    channel::{InputChannel, InputChannels},
    config,
    hyperparameters::{DEFAULTS, TrainingSettings, merge},
    log::{Log, LogMetric, python_dict, unix_time},
    reservoir::{Reservoir, SampleRows},
};
use crate::codec::number::python_repr;

/// A host that has read its configuration.
pub(super) struct Host<'a, 'b> {
    pub(super) settings: TrainingSettings,
    pub(super) name: String,
    pub(super) train: InputChannel,
    pub(super) test: Option<InputChannel>,
    pub(super) place: HostPlace<'a>,
    pub(super) log: &'a mut Log<'b>,
}

/// Where a host is among the hosts of its job, and what limits it.
#[derive(Debug, Clone, Copy)]
pub(super) struct HostPlace<'a> {
    /// From 0; host 0 is the leader.
    pub(super) number: usize,
    pub(super) n_hosts: usize,
    /// The memory of this host; `None` without a known limit.
    pub(super) available_bytes: Option<u64>,
    pub(super) cancellation: &'a CancellationToken,
    /// Cancelled when another host has failed.
    pub(super) peer_failed: &'a CancellationToken,
}

/// What a host has drawn from its share of the training data.
pub(super) struct HostSample {
    pub(super) host: String,
    pub(super) rows: SampleRows,
    /// The number of features; `None` if there is no data and no hyperparameter for it.
    pub(super) feature_dim: Option<usize>,
    /// The error of a share without rows, which fails the job only if no host has any.
    pub(super) empty: Option<TrainingError>,
}

impl HostPlace<'_> {
    /// Returns this host's part of the sample: of 10 rows on 3 hosts, 4, 3 and 3.
    pub(super) fn share(&self, sample_size: usize) -> usize {
        sample_size / self.n_hosts + usize::from(self.number < sample_size % self.n_hosts)
    }

    /// Stops with an error if the job was cancelled or another host has failed.
    pub(super) fn check_cancelled(&self) -> Result<(), TrainingError> {
        if self.cancellation.is_cancelled() || self.peer_failed.is_cancelled() {
            return Err(TrainingError::Cancelled);
        }
        Ok(())
    }
}

impl<'a, 'b> Host<'a, 'b> {
    /// Reads the configuration of the host in this folder.
    pub(super) fn new(
        opt_ml: &Path,
        place: HostPlace<'a>,
        log: &'a mut Log<'b>,
    ) -> Result<Self, TrainingError> {
        let settings = settings(opt_ml, log)?;
        let name = config::host(opt_ml, place.number, place.n_hosts)?.unwrap_or_else(|| {
            let (file, host) = (config::RESOURCES, config::DEFAULT_HOST);
            log.info(format_args!("There is no {file}: assuming a single host, {host}"));
            host.to_owned()
        });
        let InputChannels { train, test } = InputChannels::new(opt_ml, config::channels(opt_ml)?)?;
        let mut host = Self { settings, name, train, test, place, log };
        host.log_memory();
        Ok(host)
    }

    fn log_memory(&mut self) {
        let n_hosts = self.place.n_hosts;
        let sample_size = self.place.share(self.settings.sample_size);
        let available =
            self.place.available_bytes.map_or_else(|| "unknown".to_owned(), |n| format!("{n} bytes"));
        self.log.info(format_args!(
            "Using per-worker sample size = {sample_size} (Available virtual memory = {available}, GPU free memory = 0 \
             bytes, number of workers = {n_hosts}). If an out-of-memory error occurs, choose a larger instance type, use \
             dimension reduction, decrease sample_size, and/or decrease mini_batch_size."
        ));
    }

    pub(super) fn budget<'f>(&self, needed_bytes: &'f dyn Fn(usize, usize) -> u64) -> TrainingBudget<'f> {
        let (available_bytes, sample_size) = (self.place.available_bytes, self.settings.sample_size);
        TrainingBudget { available_bytes, sample_size, needed_bytes }
    }

    /// Reads the training data and draws this host's part of the sample.
    pub(super) fn sample(&mut self) -> Result<HostSample, TrainingError> {
        let (settings, place, begin, start) = (self.settings, self.place, Instant::now(), unix_time());
        self.log_records(start, ", \"Meta\": \"init_train_data_iter\"", 0);
        let needed_bytes = |n_rows, dim| needed_bytes(&settings, n_rows, dim);
        let budget = self.budget(&needed_bytes);
        let mut reservoir =
            Reservoir::new(place.share(settings.sample_size), settings.seed, place.number as u64);
        let mut feature_dim = settings.feature_dim;
        let read = self.train.read(&mut feature_dim, &mut |features, label| {
            place.check_cancelled()?;
            Ok(reservoir.offer(features, label, &budget)?)
        });
        let empty = match read {
            Err(error @ TrainingError::EmptyChannel { .. }) => Some(error),
            Err(error) => return Err(error),
            Ok(_) => None,
        };
        let (seen, seconds) = (reservoir.seen(), begin.elapsed().as_secs_f64());
        let host = &self.name;
        self.log.info(format_args!("#progress_metric: host={host}, completed 100.0 % of epochs"));
        self.log_records(start, ", \"epoch\": 0, \"Meta\": \"training_data_iter\"", seen);
        let (host, throughput) = (&self.name, python_repr(seen as f64 / seconds.max(1e-9)));
        self.log.info(format_args!(
            "#throughput_metric: host={host}, train throughput={throughput} records/second"
        ));
        Ok(HostSample { host: self.name.clone(), rows: reservoir.into_rows(), feature_dim, empty })
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
        self.log.metrics(&self.name, start, dimensions, &counts);
    }
}

fn settings(opt_ml: &Path, log: &mut Log<'_>) -> Result<TrainingSettings, TrainingError> {
    log.info(format_args!("Reading default configuration: {}", python_dict(DEFAULTS)));
    let given = config::hyperparameters(opt_ml)?;
    let texts = given.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or("(no string)")));
    log.info(format_args!(
        "Merging with provided configuration from {}: {}",
        opt_ml.join(config::HYPERPARAMETERS).display(),
        python_dict(texts)
    ));
    let (values, problems) = merge(&given);
    let texts = values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    log.info(format_args!("Final configuration: {}", python_dict(texts)));
    TrainingSettings::check(&values, problems).map_err(TrainingError::Hyperparameters)
}

/// Returns the memory that a sample of this size needs: the rows (later replaced by the serialized model), the model, and
/// temporary data of training.
pub(super) fn needed_bytes(settings: &TrainingSettings, n_rows: usize, dim: usize) -> u64 {
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
