//! A circuit breaker. The current time is a parameter of its functions.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The number of consecutive failures that opens the circuit.
const PATIENCE: u32 = 3;
/// How long the circuit stays open before the next probe.
const REST: Duration = Duration::from_secs(5);

/// Circuit breaker that counts consecutive failures.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    failures: u32,
    /// While open: when the next probe is allowed. A probe postpones it.
    rests_until: Option<Instant>,
}

/// A permit for one request. Its result must be reported; a permit that is dropped (the client disconnected)
/// does not count.
#[derive(Debug)]
#[must_use]
pub(super) struct Trial<'a>(&'a Breaker);

impl Breaker {
    /// Returns a permit, unless the circuit is open.
    pub(super) fn admit(&self, now: Instant) -> Option<Trial<'_>> {
        let mut state = self.lock();
        if let Some(end) = &mut state.rests_until {
            if now < *end {
                return None;
            }
            // This request is the probe. Others are refused until its result, at most for another interval.
            *end = now + REST;
        }
        Some(Trial(self))
    }

    /// No code panics while it holds the lock, and a poisoned count would still be valid.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Trial<'_> {
    /// Reports a success: closes the circuit.
    pub(super) fn answered(self) {
        *self.0.lock() = State::default();
    }

    /// Reports a failure.
    pub(super) fn failed(self, now: Instant) {
        let mut state = self.0.lock();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= PATIENCE {
            state.rests_until = Some(now + REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    fn fail(breaker: &Breaker, now: Instant) {
        breaker.admit(now).expect("leave to ask").failed(now);
    }

    #[test]
    fn three_failures_in_a_row_are_followed_by_a_rest() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        fail(&breaker, now);
        fail(&breaker, now);
        breaker.admit(now).expect("leave to ask").answered();
        (0..3).for_each(|_| fail(&breaker, now));
        assert!(breaker.admit(now).is_none());
        assert!(breaker.admit(now + REST.saturating_sub(MOMENT)).is_none());
        assert!(breaker.admit(now + REST).is_some());
    }

    #[test]
    fn after_the_rest_one_tries_and_the_others_wait_for_what_comes_of_it() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        (0..3).for_each(|_| fail(&breaker, now));
        let after = now + REST;
        let trial = breaker.admit(after).expect("leave to try");
        assert!(breaker.admit(after).is_none(), "a second trial at the same time");
        trial.failed(after + MOMENT);
        assert!(breaker.admit(after + REST).is_none(), "one failed trial is enough for another rest");
        let trial = breaker.admit(after + REST + MOMENT).expect("leave to try again");
        trial.answered();
        assert!(breaker.admit(after + REST + MOMENT).is_some());
        assert!(breaker.admit(after + REST + MOMENT).is_some());
    }

    #[test]
    fn a_trial_that_nobody_waited_for_is_repeated() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        (0..3).for_each(|_| fail(&breaker, now));
        let _ = breaker.admit(now + REST);
        assert!(breaker.admit(now + REST + MOMENT).is_none());
        assert!(breaker.admit(now + REST + REST).is_some());
    }
}
