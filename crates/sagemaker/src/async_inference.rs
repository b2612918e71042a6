//! Asynchronous inference: where an endpoint reads requests from and writes results to.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::container::ObjectStore;

/// The default number of invocations at once.
pub const DEFAULT_CONCURRENT_INVOCATIONS: u32 = 4;
/// The most invocations of an endpoint that wait or run; further ones are refused.
pub(crate) const MAX_QUEUED_INVOCATIONS: usize = 1024;

/// The configuration of an asynchronous endpoint, and its queue.
#[derive(Debug)]
pub struct AsyncInference {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) output_path: String,
    pub(crate) failure_path: Option<String>,
    /// A permit for each invocation that may run.
    pub(crate) running: Arc<Semaphore>,
    /// A permit for each invocation that may wait or run.
    pub(crate) queued: Arc<Semaphore>,
}

impl AsyncInference {
    /// Creates a configuration that writes responses below `output_path`, for instance `s3://bucket/results`. By default,
    /// failures are only logged, and [`DEFAULT_CONCURRENT_INVOCATIONS`] run at once.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, output_path: &str) -> Self {
        Self {
            store,
            output_path: output_path.trim_end_matches('/').to_owned(),
            failure_path: None,
            running: Arc::new(Semaphore::new(DEFAULT_CONCURRENT_INVOCATIONS as usize)),
            queued: Arc::new(Semaphore::new(MAX_QUEUED_INVOCATIONS)),
        }
    }

    /// Writes the messages of failed invocations below this path.
    #[must_use]
    pub fn with_failure_path(mut self, path: &str) -> Self {
        self.failure_path = Some(path.trim_end_matches('/').to_owned());
        self
    }

    /// Sets how many invocations run at once.
    #[must_use]
    pub fn with_concurrent_invocations(mut self, count: u32) -> Self {
        self.running = Arc::new(Semaphore::new(count as usize));
        self
    }
}
