//! Codes that are mailed, to confirm an address or to reset a password.

use std::time::{Duration, SystemTime};

use super::{
    error::CognitoError,
    system::{has_passed, random},
};

/// The most attempts with one code, and the most codes of a user in an hour.
pub(super) const MAX_PER_CODE: u32 = 5;

pub(super) const ATTEMPTS: CognitoError =
    CognitoError::LimitExceeded("Attempt limit exceeded, please try after some time.");

/// A code, and its use.
pub(super) struct MailedCode {
    pub(super) digits: String,
    sent: SystemTime,
    n_wrong: u32,
    /// The number of codes that were sent since `first_sent`.
    pub(super) n_sent: u32,
    first_sent: SystemTime,
}

impl MailedCode {
    pub(super) fn new(now: SystemTime) -> Result<Self, CognitoError> {
        Ok(Self { digits: digits()?, sent: now, n_wrong: 0, n_sent: 1, first_sent: now })
    }

    /// Replaces the code.
    pub(super) fn renew(&mut self, now: SystemTime) -> Result<(), CognitoError> {
        if has_passed(self.first_sent, Duration::from_hours(1), now) {
            *self = Self::new(now)?;
            return Ok(());
        }
        if self.n_sent >= MAX_PER_CODE {
            return Err(ATTEMPTS);
        }
        *self = Self { digits: digits()?, sent: now, n_wrong: 0, n_sent: self.n_sent + 1, ..*self };
        Ok(())
    }

    /// Checks what a visitor entered, and counts wrong attempts.
    pub(super) fn check(
        &mut self,
        entered: &str,
        lifetime: Duration,
        now: SystemTime,
    ) -> Result<(), CognitoError> {
        if self.n_wrong >= MAX_PER_CODE {
            return Err(ATTEMPTS);
        }
        if has_passed(self.sent, lifetime, now) {
            return Err(CognitoError::ExpiredCode);
        }
        if self.digits != entered.trim() {
            self.n_wrong += 1;
            return Err(CognitoError::CodeMismatch);
        }
        Ok(())
    }
}

/// Returns six random digits.
fn digits() -> Result<String, CognitoError> {
    Ok(format!("{:06}", u32::from_be_bytes(random()?) % 1_000_000))
}
