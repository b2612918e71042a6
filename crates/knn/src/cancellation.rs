//! A flag that ends a batch of searches early.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A flag that cancels a batch. Clones share the flag.
///
/// ```
/// use mysfits_knn::CancellationToken;
///
/// let token = CancellationToken::new();
/// let observer = token.clone();
/// assert!(!observer.is_cancelled());
/// token.cancel();
/// assert!(observer.is_cancelled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancellationToken(Arc<AtomicBool>);

impl CancellationToken {
    /// Returns a token that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels the work that observes this token or a clone of it. Cannot be undone.
    pub fn cancel(&self) {
        // Orders nothing: only the flag itself is shared.
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns whether [`cancel`](Self::cancel) was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
