//! Polling: repeats a request, with growing pauses, until it returns a result.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

use crate::error::DeployError;

/// The first pause: many operations are done quickly.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// Calls `check` until it returns a value.
///
/// # Errors
/// The error of `check`, or [`DeployError::Timeout`] after `limit`.
pub async fn poll<T, E: From<DeployError>>(
    what: impl Display,
    limit: Duration,
    mut check: impl AsyncFnMut() -> Result<Option<T>, E>,
) -> Result<T, E> {
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        if let Some(found) = check().await? {
            return Ok(found);
        }
        if begun.elapsed() > limit {
            return Err(DeployError::Timeout { what: what.to_string(), minutes: limit.as_secs() / 60 }.into());
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(MAX_PAUSE);
    }
}
