//! A common limit for the memory of all requests: bodies, decoded samples and unread responses.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{MAX_ASYNC_BODY_BYTES, MAX_BODY_BYTES};

/// The precision of the budget.
const UNIT_BYTES: usize = 1024;
/// The default budget: four batches of the largest size, decoded, and their unread responses.
const DEFAULT_BYTES: usize = 85 << 20;
/// A part of the budget is reserved for small requests, so that large ones cannot block them: one in this many bytes.
const RESERVED_DIVISOR: usize = 5;
/// The most memory of a small request.
const SMALL_BYTES: usize = 256 << 10;
/// The largest ratio of decoded dense samples to their body: two bytes for a digit and its separator, four for the number.
const MAX_DENSE_GROWTH: usize = 2;

/// Returns the most memory that a body of this length and its decoded samples need.
pub(super) const fn decoding_bytes(body_bytes: usize) -> usize {
    body_bytes * (1 + MAX_DENSE_GROWTH)
}

/// The memory budget of all requests: bodies, decoded samples and unread responses. Clones share it. A fifth is
/// reserved for requests that need at most 256 KiB.
#[derive(Debug, Clone)]
pub struct MemoryBudget {
    units: Arc<Semaphore>,
    reserved_units: usize,
}

/// A part of the budget; returned when dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    budget: MemoryBudget,
    permit: Option<OwnedSemaphorePermit>,
}

/// The budget has not enough memory left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Other requests hold too much memory. Please try again.")]
pub(super) struct OutOfBudget;

impl MemoryBudget {
    /// Returns a budget of so many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let units = (bytes / UNIT_BYTES).min(Semaphore::MAX_PERMITS);
        Self { units: Arc::new(Semaphore::new(units)), reserved_units: units / RESERVED_DIVISOR }
    }

    /// Adds memory for one request of the largest size, if it is larger than those of InvokeEndpoint.
    pub(super) fn with_batch(self, max_payload_bytes: usize) -> Self {
        if max_payload_bytes > MAX_BODY_BYTES {
            self.units.add_permits(decoding_bytes(max_payload_bytes) / UNIT_BYTES);
        }
        self
    }

    /// Returns a budget for asynchronous invocations: one of the largest size, decoded, and its response.
    pub(super) fn for_async_invocations() -> Self {
        let bytes = decoding_bytes(MAX_ASYNC_BODY_BYTES) + MAX_ASYNC_BODY_BYTES;
        Self::new(bytes * RESERVED_DIVISOR / (RESERVED_DIVISOR - 1))
    }

    /// Returns an empty reservation.
    pub(super) fn reserve(&self) -> Reservation {
        Reservation { budget: self.clone(), permit: None }
    }
}

impl Default for MemoryBudget {
    /// Returns a budget of 85 MiB.
    fn default() -> Self {
        Self::new(DEFAULT_BYTES)
    }
}

impl Reservation {
    fn units(&self) -> usize {
        self.permit.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }

    /// Grows or shrinks the reservation to this size.
    ///
    /// # Errors
    /// [`OutOfBudget`] if the budget has not enough memory left; the reservation does not change.
    pub(super) fn resize(&mut self, bytes: usize) -> Result<(), OutOfBudget> {
        let (held, wanted) = (self.units(), bytes.div_ceil(UNIT_BYTES));
        if wanted <= held {
            drop(self.permit.as_mut().and_then(|permit| permit.split(held - wanted)));
            return Ok(());
        }
        let additional = wanted - held;
        let MemoryBudget { units, reserved_units } = &self.budget;
        // Concurrent checks may both pass; the semaphore still limits the total.
        let is_large = bytes > SMALL_BYTES;
        if is_large && units.available_permits() < additional.saturating_add(*reserved_units) {
            return Err(OutOfBudget);
        }
        let additional = u32::try_from(additional).map_err(|_| OutOfBudget)?;
        let permit = units.clone().try_acquire_many_owned(additional).map_err(|_| OutOfBudget)?;
        match &mut self.permit {
            Some(held) => held.merge(permit),
            none => *none = Some(permit),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    #[test]
    fn dropping_and_shrinking_return_memory() {
        let budget =
            MemoryBudget { units: Arc::new(Semaphore::new(4 * MIB / UNIT_BYTES)), reserved_units: 0 };
        let (mut first, mut second) = (budget.reserve(), budget.reserve());
        assert_eq!(first.resize(3 * MIB), Ok(()));
        assert_eq!(second.resize(2 * MIB), Err(OutOfBudget));
        assert_eq!(first.resize(2 * MIB), Ok(()));
        assert_eq!(second.resize(2 * MIB), Ok(()));
        drop(first);
        assert_eq!(second.resize(4 * MIB), Ok(()));
        assert_eq!(second.resize(4 * MIB + 1), Err(OutOfBudget));
        assert_eq!(second.units() * UNIT_BYTES, 4 * MIB);
        assert_eq!(second.resize(0), Ok(()));
        assert_eq!(budget.units.available_permits() * UNIT_BYTES, 4 * MIB);
    }

    #[test]
    fn reserves_a_part_for_small_requests() {
        let budget = MemoryBudget::new(5 * MIB);
        let mut large = budget.reserve();
        assert_eq!(large.resize(5 * MIB), Err(OutOfBudget));
        assert_eq!(large.resize(4 * MIB), Ok(()));
        let mut small: Vec<_> = (0..5).map(|_| budget.reserve()).collect();
        let resized: Vec<_> = small.iter_mut().map(|small| small.resize(SMALL_BYTES).is_ok()).collect();
        assert_eq!(resized, [true, true, true, true, false]);
    }
}
