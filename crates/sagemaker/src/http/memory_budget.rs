//! One limit for the memory that all requests together may hold: bodies, decoded samples and unread responses.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{MAX_BODY_BYTES, invocation::decoding_bytes};

/// What is counted: the budget is exact to a kibibyte.
const UNIT_BYTES: usize = 1024;
/// The most that all requests may hold: four batches of the largest size, decoded, and their unread responses.
const TOTAL_BYTES: usize = 80 << 20;
/// The part of it that only small requests may use: large ones do not keep them out.
const RESERVED_BYTES: usize = 16 << 20;
/// The most that a small request holds.
const SMALL_BYTES: usize = 256 << 10;

/// The memory that requests may hold together. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct MemoryBudget {
    units: Arc<Semaphore>,
    reserved_units: usize,
}

/// A part of the budget; returned when dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    budget: MemoryBudget,
    permit: Option<OwnedSemaphorePermit>,
}

/// There is not enough memory left in the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutOfBudget;

impl MemoryBudget {
    /// Returns a budget with room for one request of this size beside those that InvokeEndpoint takes.
    pub(super) fn for_payloads(max_payload_bytes: usize) -> Self {
        let batch_bytes = match max_payload_bytes {
            0..=MAX_BODY_BYTES => 0,
            larger => decoding_bytes(larger),
        };
        Self::new(TOTAL_BYTES + batch_bytes, RESERVED_BYTES)
    }

    fn new(total_bytes: usize, reserved_bytes: usize) -> Self {
        Self {
            units: Arc::new(Semaphore::new(total_bytes / UNIT_BYTES)),
            reserved_units: reserved_bytes / UNIT_BYTES,
        }
    }

    /// Returns a reservation of nothing, to be grown.
    pub(super) fn reserve(&self) -> Reservation {
        Reservation { budget: self.clone(), permit: None }
    }
}

impl Reservation {
    fn units(&self) -> usize {
        self.permit.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }

    /// Makes it this large: grows it if the budget has room, or returns what is too much.
    ///
    /// # Errors
    /// [`OutOfBudget`] if the budget has no room now; the reservation is as it was.
    pub(super) fn resize(&mut self, bytes: usize) -> Result<(), OutOfBudget> {
        let (held, wanted) = (self.units(), bytes.div_ceil(UNIT_BYTES));
        if wanted <= held {
            drop(self.permit.as_mut().and_then(|permit| permit.split(held - wanted)));
            return Ok(());
        }
        let additional = wanted - held;
        let MemoryBudget { units, reserved_units } = &self.budget;
        // Two that check at once may both pass; the total is held all the same.
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
    fn returns_what_is_dropped_or_shrunk() {
        let budget = MemoryBudget::new(4 * MIB, 0);
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
    fn keeps_a_part_for_small_requests() {
        let budget = MemoryBudget::new(4 * MIB, MIB);
        let mut large = budget.reserve();
        assert_eq!(large.resize(4 * MIB), Err(OutOfBudget));
        assert_eq!(large.resize(3 * MIB), Ok(()));
        let mut small: Vec<_> = (0..5).map(|_| budget.reserve()).collect();
        let resized: Vec<_> = small.iter_mut().map(|small| small.resize(SMALL_BYTES).is_ok()).collect();
        assert_eq!(resized, [true, true, true, true, false]);
    }
}
