//! Options of the routes.

use super::memory_budget::MemoryBudget;
use crate::account::AccountRegion;

/// The options of [`router_with`](super::router_with). By default, requests are handled as in the toolkit of
/// Amazon's built-in algorithms, a request to `/invocations` may have 6 MiB, and the owner is the default [`AccountRegion`].
#[derive(Debug, Clone)]
pub struct RouterOptions {
    pub(super) strict: bool,
    pub(super) max_payload_mb: u32,
    pub(super) owner: AccountRegion,
    pub(super) memory: MemoryBudget,
}

/// The largest `MaxPayloadInMB` of a batch transform job.
const MAX_PAYLOAD_MB: u32 = 100;

impl Default for RouterOptions {
    fn default() -> Self {
        let max_payload_mb = (super::MAX_BODY_BYTES >> 20) as u32;
        Self {
            strict: false,
            max_payload_mb,
            owner: AccountRegion::default(),
            memory: MemoryBudget::default(),
        }
    }
}

impl RouterOptions {
    /// Rejects probable mistakes of clients: an empty body (400), no content type (415), an `Accept` without a known format
    /// (406). By default, these requests get an empty 204, are read as JSON, and get JSON.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Sets the largest request to `/invocations`, in MiB: a batch transform job's `MaxPayloadInMB`. By default, 6;
    /// values outside of 1 to 100 are clamped. The limit of InvokeEndpoint stays [`MAX_BODY_BYTES`](super::MAX_BODY_BYTES).
    ///
    /// Above 6, the memory budget grows by three times this size: one such request and its decoded samples.
    #[must_use]
    pub fn max_payload_mb(mut self, mb: u32) -> Self {
        self.max_payload_mb = mb.clamp(1, MAX_PAYLOAD_MB);
        self
    }

    /// Sets the account and the region of the endpoints, as error messages name them.
    #[must_use]
    pub fn owner(mut self, owner: AccountRegion) -> Self {
        self.owner = owner;
        self
    }

    /// Sets the budget for bodies, decoded samples and unread responses. Routers with clones of a budget share it. By default,
    /// 85 MiB.
    #[must_use]
    pub fn memory(mut self, budget: MemoryBudget) -> Self {
        self.memory = budget;
        self
    }

    pub(super) const fn max_payload_bytes(&self) -> usize {
        (self.max_payload_mb as usize) << 20
    }
}
