//! Threads for predictions: as many at once as there are cores, with a bounded queue in front, and a lane of their own
//! for requests that take little time.

use std::sync::Arc;

use mysfits_knn::CancellationToken;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// How many requests wait for a worker of a lane, for each worker; further ones are refused.
const QUEUED_PER_WORKER: usize = 16;

/// How long a request takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Less than a second of one core.
    Short,
    /// Longer, or not known.
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
    /// A permit for each request that runs or waits.
    admitted: Semaphore,
    /// The threads that a batch is spread over; `None` uses rayon's global ones. A lane that shared them would wait for
    /// the other's batches.
    pool: Option<ThreadPool>,
}

/// Why work was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WorkError {
    /// The queue is full.
    Busy,
    /// The work panicked.
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
    /// `count` workers a lane.
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
            // Without threads of their own short requests share the others': slower, and right.
            .inspect_err(|error| tracing::warn!(%error, "no threads for short requests"));
        Self { short: lane(pool.ok()), long: lane(None) }
    }

    fn lane(&self, lane: Lane) -> &Arc<LaneWorkers> {
        match lane {
            Lane::Short => &self.short,
            Lane::Long => &self.long,
        }
    }

    /// Does the work when a worker is free. The token that it gets is cancelled when the caller stops waiting: when the
    /// client has hung up, or the time is over.
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

    /// Does the work however many wait: for a part of a response that has begun.
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
            // Returned when the work has ended, which is after its caller has gone.
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
    fn cancels_work_whose_caller_has_gone() {
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
    fn refuses_what_the_queue_has_no_room_for_and_keeps_the_other_lane_open() {
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
            let panicked = workers.run(Lane::Short, |_| -> () { panic!("as the test wants it") }).await;
            assert_eq!(panicked, Err(WorkError::Panicked));
            assert_eq!(workers.run(Lane::Short, |_| 1).await, Ok(1));
        });
    }
}
