//! Workers that take objects from one queue.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use tokio::task::{AbortHandle, Id, JoinSet};

/// How often an object is begun: workers may be killed, but not forever.
const MAX_ATTEMPTS: u32 = 3;

/// The tasks of the workers that are busy, by the worker's number.
#[derive(Debug, Default)]
pub(super) struct BusyWorkers(Mutex<HashMap<usize, AbortHandle>>);

impl BusyWorkers {
    /// Ends what a worker does at once, as if its machine failed. Returns whether it was busy.
    pub(super) fn kill(&self, worker: usize) -> bool {
        let task = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&worker);
        task.filter(|task| !task.is_finished()).inspect(AbortHandle::abort).is_some()
    }

    fn insert(&self, worker: usize, task: AbortHandle) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(worker, task);
    }
}

/// An object in the queue.
#[derive(Debug, Clone, Copy)]
struct QueuedObject {
    index: usize,
    attempts: u32,
}

/// Lets `n_workers` workers do objects 0 to `n_objects` - 1; `work` gets the worker's number and the object's. The objects
/// of workers that panic or are killed are done again by a new worker of the same number. Returns the results in the order
/// of the objects; `None` for an object whose worker was lost three times. Ends all work when it is dropped.
pub(super) async fn run_workers<T, F>(
    n_workers: usize,
    n_objects: usize,
    busy: &BusyWorkers,
    work: impl Fn(usize, usize) -> F,
) -> Vec<Option<T>>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut queue: VecDeque<QueuedObject> =
        (0..n_objects).map(|index| QueuedObject { index, attempts: 0 }).collect();
    let mut results: Vec<Option<T>> = (0..n_objects).map(|_| None).collect();
    let mut idle: VecDeque<usize> = (0..n_workers).collect();
    let mut tasks = JoinSet::new();
    let mut running: HashMap<Id, (usize, QueuedObject)> = HashMap::new();
    loop {
        while !idle.is_empty()
            && let Some(mut object) = queue.pop_front()
            && let Some(worker) = idle.pop_front()
        {
            object.attempts += 1;
            let task = tasks.spawn(work(worker, object.index));
            running.insert(task.id(), (worker, object));
            busy.insert(worker, task);
        }
        let Some(ended) = tasks.join_next_with_id().await else { return results };
        let (id, result) = match ended {
            Ok((id, result)) => (id, Some(result)),
            Err(lost) => (lost.id(), None),
        };
        let Some((worker, object)) = running.remove(&id) else { continue };
        idle.push_back(worker);
        match result {
            Some(result) => results[object.index] = Some(result),
            None if object.attempts < MAX_ATTEMPTS => queue.push_front(object),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn objects_of_lost_workers_are_done_again() {
        let begun = Arc::new(AtomicUsize::new(0));
        let results = run_workers(2, 5, &BusyWorkers::default(), |_, object| {
            let begun = Arc::clone(&begun);
            async move {
                let is_first = begun.fetch_add(1, Ordering::Relaxed) == 0;
                assert!(!is_first, "expected by the test");
                object * 10
            }
        })
        .await;
        assert_eq!(results, [0, 10, 20, 30, 40].map(Some));
        assert_eq!(begun.load(Ordering::Relaxed), 6);
    }

    #[tokio::test]
    async fn gives_up_after_three_workers() {
        let results = run_workers(3, 2, &BusyWorkers::default(), |_, object| async move {
            assert!(object != 1, "expected by the test");
            object
        })
        .await;
        assert_eq!(results, [Some(0), None]);
    }

    #[tokio::test]
    async fn workers_can_be_killed() {
        let busy = Arc::new(BusyWorkers::default());
        let begun = Arc::new(AtomicUsize::new(0));
        let run = tokio::spawn({
            let (busy, begun) = (Arc::clone(&busy), Arc::clone(&begun));
            async move {
                run_workers(1, 1, &busy, |_, _| {
                    let n_begun = begun.fetch_add(1, Ordering::Relaxed);
                    async move {
                        if n_begun == 0 {
                            std::future::pending::<()>().await;
                        }
                        n_begun
                    }
                })
                .await
            }
        });
        while !busy.kill(0) {
            tokio::task::yield_now().await;
        }
        assert_eq!(run.await.unwrap(), [Some(1)]);
    }
}
