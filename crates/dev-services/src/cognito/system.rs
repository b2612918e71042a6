//! Random numbers, and whether a time has passed.

use std::time::{Duration, SystemTime};

use super::error::CognitoError;

/// Returns random bytes.
pub(super) fn random<const N: usize>() -> Result<[u8; N], CognitoError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| CognitoError::Internal)?;
    Ok(bytes)
}

/// Returns whether the time has passed. If the clock was set back, it has not.
pub(super) fn has_passed(since: SystemTime, time: Duration, now: SystemTime) -> bool {
    now.duration_since(since).is_ok_and(|passed| passed >= time)
}
