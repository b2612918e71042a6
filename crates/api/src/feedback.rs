//! What visitors say about their recommendations, which the host of the router may store.

use std::io;

use mysfits_domain::Feedback;

/// A store of feedback. A host that stores feedback passes one to
/// [`RecommendationApi::feedback`](crate::RecommendationApi::feedback).
pub trait FeedbackStore: Send + Sync + 'static {
    /// Stores feedback. Called from asynchronous code, so it must not take longer than to append a line to a file.
    ///
    /// # Errors
    /// If it cannot be stored. The client gets 503, and the error is logged.
    fn store(&self, feedback: &Feedback) -> io::Result<()>;
}
