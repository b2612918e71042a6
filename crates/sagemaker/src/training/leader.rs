//! The leader of a training job: it merges the samples of the hosts into one, trains on it and evaluates the model.

use std::time::Instant;

use mysfits_knn::{Dataset, Evaluation, Model, PredictError, TrainError};
use ndarray::{ArrayView1, ArrayView2};

use super::{
    TrainingError,
    channel::InputChannel,
    host::{Host, HostSample, needed_bytes},
    hyperparameters::TrainingSettings,
    network::WorkerConnection,
    read_error::RowSink,
    reservoir::SampleRows,
    scores::scores,
};

/// A share of the test channel.
pub(super) enum TestShare {
    /// In a folder of this process.
    Folder(InputChannel),
    /// In that of another process, if the channel is sharded.
    Process(WorkerConnection),
}

impl TestShare {
    fn read(&mut self, dim: usize, sink: &mut RowSink<'_, TrainingError>) -> Result<(), TrainingError> {
        match self {
            Self::Folder(channel) => channel.read(&mut Some(dim), sink).map(drop),
            Self::Process(worker) => worker.read_test(dim, sink),
        }
    }
}

impl Host<'_, '_> {
    /// Merges the samples of all hosts, in the order of the hosts. Returns the rows with their number of features.
    ///
    /// A host without rows adds none; it is an error if no host has any.
    pub(super) fn merge(&mut self, samples: Vec<HostSample>) -> Result<(SampleRows, usize), TrainingError> {
        let has_rows = |sample: &HostSample| sample.empty.is_none();
        let Some((first, dim)) = samples
            .iter()
            .find(|sample| has_rows(sample))
            .map(|sample| (sample.host.clone(), sample.feature_dim.unwrap_or_default()))
        else {
            let empty = samples.into_iter().find_map(|sample| sample.empty);
            return Err(empty.unwrap_or(TrainingError::MissingChannel { name: self.train.name }));
        };
        if samples.len() > 1 {
            // Until now, each host had its part of the memory.
            let (settings, n_rows) = (self.settings, samples.iter().map(|sample| sample.rows.len()).sum());
            self.budget(&|n_rows, dim| needed_bytes(&settings, n_rows, dim)).rows(dim, n_rows, n_rows)?;
        }
        let mut merged = SampleRows::default();
        for sample in samples {
            let (host, n_rows) = (&sample.host, sample.rows.len());
            self.log.info(format_args!("Getting reservoir sample from {host}..."));
            if has_rows(&sample) && sample.feature_dim != Some(dim) {
                let found = sample.feature_dim.unwrap_or_default();
                return Err(TrainingError::HostFeatureDim { host: sample.host, found, first, expected: dim });
            }
            self.log.info(format_args!(
                "...Got reservoir sample from {host}: data=({n_rows}, {dim}), labels=({n_rows},), NaNs=0"
            ));
            merged.append(sample.rows);
        }
        let (n_rows, k) = (merged.len(), self.settings.k);
        if n_rows < k {
            self.log.warning(format_args!("k is {k}, but there are only {n_rows} samples: all of them vote"));
        }
        Ok((merged, dim))
    }

    /// Trains the model. One that is not used for inference needs no tree.
    pub(super) fn train_model(
        &mut self,
        rows: SampleRows,
        dim: usize,
        for_inference: bool,
    ) -> Result<Model, TrainingError> {
        let begin = Instant::now();
        self.log.info(format_args!("Training index..."));
        let parameters =
            self.settings.hyperparameters(rows.len(), for_inference).map_err(TrainError::Hyperparameter)?;
        let dataset = Dataset::new(view(&rows, dim), ArrayView1::from(&rows.labels))?;
        let model = Model::train(dataset, &parameters)?;
        self.log.info(format_args!("...Finished training index in {} second(s)", begin.elapsed().as_secs()));
        Ok(model)
    }

    /// Predicts the rows of the test channels in batches. Returns the names and values of the scores.
    ///
    /// These are the shares of all hosts, or only the first if every host has all rows. A share may be empty, but not all.
    pub(super) fn evaluate(
        &mut self,
        model: &Model,
        dim: usize,
        tests: &mut [TestShare],
    ) -> Result<Vec<(&'static str, f64)>, TrainingError> {
        let settings = self.settings;
        let needed_bytes = |n_rows, dim| {
            needed_bytes(&settings, model.n_samples(), dim)
                .saturating_add(batch_bytes(&settings, n_rows, dim))
        };
        let budget = self.budget(&needed_bytes);
        let mut evaluation = Evaluation::default();
        let mut batch = SampleRows::default();
        let mut empty = None;
        for test in tests {
            let read = test.read(dim, &mut |features, label| {
                batch.push(features, label, settings.mini_batch_size, &budget)?;
                if batch.len() == settings.mini_batch_size {
                    self.predict_batch(model, dim, &mut batch, &mut evaluation)?;
                }
                Ok(())
            });
            match read {
                Err(error @ TrainingError::EmptyChannel { .. }) => empty = empty.or(Some(error)),
                read => read?,
            }
        }
        if batch.len() > 0 {
            self.predict_batch(model, dim, &mut batch, &mut evaluation)?;
        }
        match empty {
            Some(empty) if evaluation == Evaluation::default() => Err(empty),
            _ => Ok(scores(settings.predictor_type, &evaluation)),
        }
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
        let predicted = match model.predict_batch_with(view(batch, dim), self.place.cancellation) {
            Err(PredictError::Cancelled) => return Err(TrainingError::Cancelled),
            predicted => predicted?,
        };
        evaluation.add(&predicted, &batch.labels)?;
        self.log.info(format_args!("...Done searching index in {} second(s)", begin.elapsed().as_secs()));
        batch.clear();
        Ok(())
    }
}

/// Returns the features of rows as an array.
fn view(rows: &SampleRows, dim: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((rows.len(), dim), &rows.features)
        .expect("every row that was read has dim features")
}

/// Returns the memory that a mini batch needs: its rows, the transformed rows, and the neighbours.
fn batch_bytes(settings: &TrainingSettings, n_rows: usize, dim: usize) -> u64 {
    let search = (settings.k as u64).saturating_mul(8).saturating_mul(n_rows.min(4096) as u64);
    SampleRows::bytes(n_rows, dim).saturating_mul(2).saturating_add(search)
}
