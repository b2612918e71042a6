//! Where heavy work is done: on threads that may block, and no more of it at once than there are cores.

use std::sync::Arc;

use tokio::{sync::Semaphore, task::spawn_blocking};

/// A permit for each core. Who finds none waits without holding a thread.
#[derive(Debug, Clone)]
pub(super) struct Workers(Arc<Semaphore>);

impl Workers {
    pub(super) fn new(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count)))
    }

    /// Does the work as soon as it is its turn; none if it panics.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let permit = self.0.clone().acquire_owned().await.ok()?;
        let work = move || {
            // Given back when the work is done, though its caller may have gone.
            let _permit = permit;
            work()
        };
        spawn_blocking(work).await.ok()
    }
}
