//! Worker threads for predictions: as many as there are cores, with a bounded queue, and a separate lane for short requests.

use std::sync::Arc;

use mysfits_knn::CancellationToken;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// The length of a lane's queue for each worker; further requests are rejected.
const QUEUED_PER_WORKER: usize = 16;

/// The expected duration of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Less than a second of one core.
    Short,
    /// Longer, or unknown.
    Long,
}

/// The workers of both lanes. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Workers {
    short: Arc<LaneWorkers>,
    long: Arc<LaneWorkers>,
}

#[derive(Debug)]
struct LaneWorkers {
    /// A permit for each worker.
    running: Arc<Semaphore>,
    /// A permit for each running or queued request.
    admitted: Semaphore,
    /// The threads that a batch is distributed to; `None` for rayon's global pool. The short lane has its own, so that it
    /// does not wait for batches of the long one.
    pool: Option<ThreadPool>,
}

/// An error of [`Workers::run`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum WorkError {
    #[error("Too many predictions are waiting. Please try again.")]
    Busy,
    #[error("The prediction failed")]
    Panicked,
}

/// Cancels a token when it is dropped.
#[derive(Debug, Default)]
pub(super) struct CancelOnDrop(CancellationToken);

impl CancelOnDrop {
    pub(super) fn token(&self) -> CancellationToken {
        self.0.clone()
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Workers {
    /// Creates `count` workers for each lane.
    pub(super) fn new(count: usize) -> Self {
        let lane = |pool| {
            Arc::new(LaneWorkers {
                running: Arc::new(Semaphore::new(count)),
                admitted: Semaphore::new(count * (1 + QUEUED_PER_WORKER)),
                pool,
            })
        };
        let pool = ThreadPoolBuilder::new()
            .num_threads(count)
            .thread_name(|i| format!("short-{i}"))
            .build()
            // Short requests then share the global pool, which is only slower.
            .inspect_err(|error| tracing::warn!(%error, "cannot start threads for short requests"));
        Self { short: lane(pool.ok()), long: lane(None) }
    }

    fn lane(&self, lane: Lane) -> &Arc<LaneWorkers> {
        match lane {
            Lane::Short => &self.short,
            Lane::Long => &self.long,
        }
    }

    /// Runs the work when a worker is free. The token is cancelled when the caller stops waiting: when the client
    /// disconnects, or after a timeout.
    ///
    /// # Errors
    /// [`WorkError::Busy`] at once if the queue is full; [`WorkError::Panicked`].
    pub(super) async fn run<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce(&CancellationToken) -> T + Send + 'static,
    ) -> Result<T, WorkError> {
        let _admitted = self.lane(lane).admitted.try_acquire().map_err(|_| WorkError::Busy)?;
        self.run_admitted(lane, work).await
    }

    /// Runs the work regardless of the length of the queue, for chunks of a response that has started.
    pub(super) async fn run_admitted<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce(&CancellationToken) -> T + Send + 'static,
    ) -> Result<T, WorkError> {
        let workers = self.lane(lane);
        let permit = workers.running.clone().acquire_owned().await.map_err(|_| WorkError::Busy)?;
        let cancel = CancelOnDrop::default();
        let (token, workers) = (cancel.token(), workers.clone());
        let work = move || {
            // Released when the work ends, even if its caller is gone.
            let _permit = permit;
            match &workers.pool {
                Some(pool) => pool.install(|| work(&token)),
                None => work(&token),
            }
        };
        spawn_blocking(work).await.map_err(|_| WorkError::Panicked)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
    }

    #[test]
    fn cancels_work_whose_caller_is_gone() {
        runtime().block_on(async {
            let (ended, end) = mpsc::channel();
            let (started, start) = mpsc::channel();
            let workers = Workers::new(1);
            let client = {
                let workers = workers.clone();
                tokio::spawn(async move {
                    let work = move |token: &CancellationToken| {
                        started.send(()).unwrap();
                        while !token.is_cancelled() {
                            thread::sleep(Duration::from_millis(1));
                        }
                        ended.send(()).unwrap();
                    };
                    workers.run(Lane::Long, work).await
                })
            };
            start.recv_timeout(Duration::from_secs(10)).unwrap();
            client.abort();
            end.recv_timeout(Duration::from_secs(10)).unwrap();
            // The worker is free again.
            assert_eq!(workers.run(Lane::Long, |_| 7).await, Ok(7));
        });
    }

    #[test]
    fn full_queue_rejects_requests_of_its_lane_only() {
        runtime().block_on(async {
            let workers = Workers::new(1);
            let release = CancelOnDrop::default();
            let mut accepted: Vec<_> = (0..=QUEUED_PER_WORKER)
                .map(|_| {
                    let (workers, released) = (workers.clone(), release.token());
                    tokio::spawn(async move {
                        let wait = move |_: &CancellationToken| {
                            while !released.is_cancelled() {
                                thread::sleep(Duration::from_millis(1));
                            }
                        };
                        workers.run(Lane::Long, wait).await
                    })
                })
                .collect();
            while workers.long.admitted.available_permits() > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            assert_eq!(workers.run(Lane::Long, |_| ()).await, Err(WorkError::Busy));
            assert_eq!(workers.run(Lane::Short, |_| 1).await, Ok(1));
            drop(release);
            for work in accepted.drain(..) {
                assert_eq!(work.await.unwrap(), Ok(()));
            }
        });
    }

    #[test]
    fn reports_work_that_panics() {
        runtime().block_on(async {
            let workers = Workers::new(1);
            let panicked = workers.run(Lane::Short, |_| -> () { panic!("expected by the test") }).await;
            assert_eq!(panicked, Err(WorkError::Panicked));
            assert_eq!(workers.run(Lane::Short, |_| 1).await, Ok(1));
        });
    }
}
