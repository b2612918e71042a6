//! A circuit breaker. The current time is a parameter of its functions.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The number of consecutive failures that opens the circuit.
const MAX_FAILURES: u32 = 3;
/// How long the circuit stays open before the next probe.
const COOLDOWN: Duration = Duration::from_secs(5);

/// Circuit breaker that counts consecutive failures.
#[derive(Debug, Default)]
pub(super) struct CircuitBreaker {
    state: Mutex<CircuitState>,
}

#[derive(Debug, Clone, Copy, Default)]
struct CircuitState {
    failures: u32,
    /// While open: when the next probe is allowed. A probe postpones it.
    open_until: Option<Instant>,
}

/// A permit for one request. Its result must be reported; a permit that is dropped (the client disconnected)
/// does not count.
#[derive(Debug)]
#[must_use]
pub(super) struct Permit<'a>(&'a CircuitBreaker);

impl CircuitBreaker {
    /// Returns a permit, unless the circuit is open.
    pub(super) fn try_acquire(&self, now: Instant) -> Option<Permit<'_>> {
        let mut state = self.lock();
        if let Some(end) = &mut state.open_until {
            if now < *end {
                return None;
            }
            // This request is the probe. Others are refused until its result, at most for another interval.
            *end = now + COOLDOWN;
        }
        Some(Permit(self))
    }

    /// No code panics while it holds the lock, and a poisoned count would still be valid.
    fn lock(&self) -> MutexGuard<'_, CircuitState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// Reports a success: closes the circuit.
    pub(super) fn succeeded(self) {
        *self.0.lock() = CircuitState::default();
    }

    /// Reports a failure.
    pub(super) fn failed(self, now: Instant) {
        let mut state = self.0.lock();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= MAX_FAILURES {
            state.open_until = Some(now + COOLDOWN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    fn fail(breaker: &CircuitBreaker, now: Instant) {
        breaker.try_acquire(now).expect("a permit").failed(now);
    }

    #[test]
    fn opens_after_three_consecutive_failures() {
        let (breaker, now) = (CircuitBreaker::default(), Instant::now());
        fail(&breaker, now);
        fail(&breaker, now);
        breaker.try_acquire(now).expect("a permit").succeeded();
        (0..3).for_each(|_| fail(&breaker, now));
        assert!(breaker.try_acquire(now).is_none());
        assert!(breaker.try_acquire(now + COOLDOWN.saturating_sub(MOMENT)).is_none());
        assert!(breaker.try_acquire(now + COOLDOWN).is_some());
    }

    #[test]
    fn allows_one_probe_after_the_cooldown() {
        let (breaker, now) = (CircuitBreaker::default(), Instant::now());
        (0..3).for_each(|_| fail(&breaker, now));
        let after = now + COOLDOWN;
        let permit = breaker.try_acquire(after).expect("a permit for a probe");
        assert!(breaker.try_acquire(after).is_none(), "a second probe at the same time");
        permit.failed(after + MOMENT);
        assert!(breaker.try_acquire(after + COOLDOWN).is_none(), "a failed probe opens the circuit again");
        let permit = breaker.try_acquire(after + COOLDOWN + MOMENT).expect("a permit for another probe");
        permit.succeeded();
        assert!(breaker.try_acquire(after + COOLDOWN + MOMENT).is_some());
        assert!(breaker.try_acquire(after + COOLDOWN + MOMENT).is_some());
    }

    #[test]
    fn repeats_a_probe_that_was_dropped() {
        let (breaker, now) = (CircuitBreaker::default(), Instant::now());
        (0..3).for_each(|_| fail(&breaker, now));
        let _ = breaker.try_acquire(now + COOLDOWN);
        assert!(breaker.try_acquire(now + COOLDOWN + MOMENT).is_none());
        assert!(breaker.try_acquire(now + COOLDOWN + COOLDOWN).is_some());
    }
}
