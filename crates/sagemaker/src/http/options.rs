//! What can be chosen about the routes.

/// The options of [`router_with`](super::router_with). By default, requests are treated as the toolkit of Amazon's
/// built-in algorithms treats them, and a request to `/invocations` may have 6 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouterOptions {
    strict: bool,
    max_payload_mb: u32,
}

/// The largest `MaxPayloadInMB` of a batch transform job.
const MAX_PAYLOAD_MB: u32 = 100;

impl Default for RouterOptions {
    fn default() -> Self {
        Self { strict: false, max_payload_mb: (super::MAX_BODY_BYTES >> 20) as u32 }
    }
}

impl RouterOptions {
    /// Refuses what a client may have done by mistake: an empty body (400), no content type (415), an `Accept` that names
    /// no format (406). By default, these requests are answered with an empty 204, read as JSON, and answered in JSON.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Sets the largest request to `/invocations`, in MiB: a batch transform job's `MaxPayloadInMB`. By default, 6;
    /// values outside of 1 to 100 are clamped. The limit of InvokeEndpoint stays [`MAX_BODY_BYTES`](super::MAX_BODY_BYTES).
    ///
    /// The memory that all requests may hold together grows by what one request of this size needs.
    #[must_use]
    pub fn max_payload_mb(mut self, mb: u32) -> Self {
        self.max_payload_mb = mb.clamp(1, MAX_PAYLOAD_MB);
        self
    }

    pub(super) const fn is_strict(self) -> bool {
        self.strict
    }

    pub(super) const fn payload_mb(self) -> u32 {
        self.max_payload_mb
    }

    pub(super) const fn max_payload_bytes(self) -> usize {
        (self.max_payload_mb as usize) << 20
    }
}
