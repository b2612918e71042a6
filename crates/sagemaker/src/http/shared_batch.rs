//! Predictions for small requests to an expensive model: those that wait for a worker are made in one batch.
//!
//! A search in many dimensions reads all rows of the model, for one sample as for several. A batch of ten requests takes
//! little longer than one of them. Requests do not wait for others: a free worker takes what is there. The
//! results are those of separate searches, bit for bit.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use mysfits_knn::{CancellationToken, Model, PredictError};
use ndarray::{Array2, Axis, concatenate};
use tokio::sync::oneshot;

use super::{
    container_response::InvocationError,
    workers::{Lane, WorkError, Workers},
};
use crate::inference::Predictions;

/// The most rows of a request that shares a batch; more rows are a batch already.
pub(super) const MAX_ROWS: usize = 8;

/// The requests that wait for a worker, in order of arrival. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedBatches(Arc<Mutex<VecDeque<WaitingRequest>>>);

#[derive(Debug)]
struct WaitingRequest {
    model: Arc<Model>,
    samples: Array2<f32>,
    verbose: bool,
    reply: oneshot::Sender<Result<Predictions, PredictError>>,
}

/// A request of which a worker may take care. When it is dropped, because the client has disconnected, it no longer waits.
struct SharedRequest<'a> {
    batches: &'a SharedBatches,
    predictions: oneshot::Receiver<Result<Predictions, PredictError>>,
}

impl SharedBatches {
    /// Predicts samples together with those of other requests, in batches of at most `max_cost`.
    pub(super) async fn predict(
        &self,
        workers: &Workers,
        model: Arc<Model>,
        samples: Array2<f32>,
        (verbose, max_cost): (bool, usize),
    ) -> Result<Predictions, InvocationError> {
        model.check(samples.view())?;
        let (reply, predictions) = oneshot::channel();
        self.waiting().push_back(WaitingRequest { model, samples, verbose, reply });
        let mut request = SharedRequest { batches: self, predictions };
        // The first batch that this request's worker runs may be one of earlier requests.
        loop {
            let batches = self.clone();
            let work = move |_: &CancellationToken| batches.run_next(max_cost);
            tokio::select! {
                biased;
                predictions = &mut request.predictions => {
                    return Ok(predictions.map_err(|_| WorkError::Panicked)??);
                }
                worked = workers.run(Lane::Short, work) => worked?,
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<WaitingRequest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the first request, and those of the same kind that fit into a batch with it.
    fn take_batch(&self, max_cost: usize) -> Vec<WaitingRequest> {
        let mut waiting = self.waiting();
        let (mut batch, mut n_rows): (Vec<WaitingRequest>, usize) = (Vec::new(), 0);
        let mut at = 0;
        while let Some(request) = waiting.get(at) {
            let rows = n_rows + request.samples.nrows();
            let fits = batch.first().is_none_or(|first| {
                Arc::ptr_eq(&first.model, &request.model)
                    && first.verbose == request.verbose
                    && first.model.estimated_cost(rows) <= max_cost
            });
            if fits {
                n_rows = rows;
                batch.extend(waiting.remove(at));
            } else {
                at += 1;
            }
        }
        batch
    }

    /// Predicts for the requests of a batch, if there are any.
    fn run_next(&self, max_cost: usize) {
        let batch = self.take_batch(max_cost);
        let Some(first) = batch.first() else { return };
        let views: Vec<_> = batch.iter().map(|request| request.samples.view()).collect();
        let Ok(samples) = concatenate(Axis(0), &views) else { return };
        // Not cancelled with the request whose worker this is: the others still wait.
        let token = CancellationToken::new();
        match Predictions::new_with(&first.model, samples.view(), first.verbose, &token) {
            Ok(predictions) => {
                let n_rows: Vec<_> = batch.iter().map(|request| request.samples.nrows()).collect();
                for (request, predictions) in batch.into_iter().zip(predictions.split(&n_rows)) {
                    let _ = request.reply.send(Ok(predictions));
                }
            }
            Err(error) => {
                for request in batch {
                    let _ = request.reply.send(Err(error.clone()));
                }
            }
        }
    }
}

impl Drop for SharedRequest<'_> {
    fn drop(&mut self) {
        self.predictions.close();
        self.batches.waiting().retain(|request| !request.reply.is_closed());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use mysfits_knn::{Dataset, Hyperparameters};
    use ndarray::{Array1, array};

    use super::*;

    /// A model of one feature that predicts its rounded value.
    fn model() -> Arc<Model> {
        let features = Array2::from_shape_fn((10, 1), |(row, _)| row as f32);
        let labels = Array1::from_shape_fn(10, |row| row as f64);
        let dataset = Dataset::new(features.view(), labels.view()).unwrap();
        Arc::new(Model::train(dataset, &Hyperparameters::classifier(1).check().unwrap()).unwrap())
    }

    /// Runs a test while the only worker is busy, until `release` is called.
    fn with_busy_worker(test: impl AsyncFnOnce(Workers, Box<dyn FnOnce() + Send>)) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let workers = Workers::new(1);
            let (release, released) = mpsc::channel::<()>();
            let (started, start) = oneshot::channel();
            let busy = workers.clone();
            let worker = tokio::spawn(async move {
                busy.run(Lane::Short, move |_| {
                    let _ = started.send(());
                    let _ = released.recv();
                })
                .await
            });
            start.await.unwrap();
            test(workers, Box::new(move || drop(release))).await;
            worker.await.unwrap().unwrap();
        });
    }

    async fn until_waiting(batches: &SharedBatches, n_requests: usize) {
        while batches.waiting().len() != n_requests {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn each_request_gets_its_own_rows() {
        with_busy_worker(async |workers, release| {
            let (batches, model) = (SharedBatches::default(), model());
            let mut requests = Vec::new();
            for (i, rows) in [array![[1.0], [2.0]], array![[7.0]], array![[3.2]]].into_iter().enumerate() {
                let (batches, workers, model) = (batches.clone(), workers.clone(), Arc::clone(&model));
                requests.push(tokio::spawn(async move {
                    batches.predict(&workers, model, rows, (i == 2, usize::MAX)).await.unwrap()
                }));
            }
            until_waiting(&batches, 3).await;
            // The verbose request is of another kind.
            release();
            let mut predicted = Vec::new();
            for request in requests {
                predicted.push(request.await.unwrap());
            }
            assert_eq!(predicted[..2], [Predictions::Labels(vec![1.0, 2.0]), Predictions::Labels(vec![7.0])]);
            assert!(matches!(&predicted[2], Predictions::Verbose(rows) if rows[0].predicted_label == 3.0));
        });
    }

    #[test]
    fn takes_requests_of_the_same_kind_up_to_the_cost() {
        let (batches, model) = (SharedBatches::default(), model());
        let push = |model: &Arc<Model>| {
            let (reply, predictions) = oneshot::channel();
            let (model, samples) = (Arc::clone(model), array![[1.0]]);
            batches.waiting().push_back(WaitingRequest { model, samples, verbose: false, reply });
            predictions
        };
        let other = self::model();
        let _replies = [push(&model), push(&other), push(&model), push(&model)];
        let cost = model.estimated_cost(2);
        assert_eq!(batches.take_batch(cost).len(), 2);
        assert!(Arc::ptr_eq(&batches.take_batch(cost)[0].model, &other));
        assert_eq!(batches.take_batch(0).len(), 1, "a batch has one request at least");
        assert!(batches.take_batch(cost).is_empty());
    }

    #[test]
    fn a_disconnected_client_neither_waits_nor_ends_the_batch() {
        with_busy_worker(async |workers, release| {
            let (batches, model) = (SharedBatches::default(), model());
            let spawn = |sample: f32| {
                let (batches, workers, model) = (batches.clone(), workers.clone(), Arc::clone(&model));
                tokio::spawn(async move {
                    batches.predict(&workers, model, array![[sample]], (false, usize::MAX)).await
                })
            };
            let gone = spawn(1.0);
            until_waiting(&batches, 1).await;
            let stays = spawn(2.0);
            until_waiting(&batches, 2).await;
            gone.abort();
            until_waiting(&batches, 1).await;
            release();
            assert_eq!(stays.await.unwrap().unwrap(), Predictions::Labels(vec![2.0]));
            assert!(batches.waiting().is_empty());
        });
    }

    #[test]
    fn rejects_samples_of_another_width() {
        with_busy_worker(async |workers, release| {
            let batches = SharedBatches::default();
            let samples = array![[1.0, 2.0]];
            let predicted = batches.predict(&workers, model(), samples, (false, usize::MAX)).await;
            assert!(matches!(predicted, Err(InvocationError::Predict(_))));
            assert!(batches.waiting().is_empty());
            release();
        });
    }
}
