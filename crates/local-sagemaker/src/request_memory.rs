//! The memory that clients can make a server use, and how it is divided.

use clap::Args;
#[cfg(any(test, feature = "services"))]
use mysfits_sagemaker::http::MemoryBudget;

/// The default of `--request-memory-mb`.
pub const DEFAULT_REQUEST_MEMORY_MB: u32 = 512;
/// What a connection needs at most, besides the bodies of requests and responses: 32 KiB of read-ahead, buffers of heads, and
/// the state of a request, as measured with some to spare.
const CONNECTION_BYTES: usize = 64 << 10;

/// The most memory for connections and requests.
///
/// A half is for connections, 64 KiB each. A sixth is for bodies, decoded samples and unread responses. The rest is
/// for the search itself and for the allocator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct RequestMemory {
    /// The most memory for connections and requests, in MiB, 64 or more
    #[arg(
        long = "request-memory-mb",
        value_name = "MB",
        default_value_t = DEFAULT_REQUEST_MEMORY_MB,
        value_parser = clap::value_parser!(u32).range(64..=1 << 20)
    )]
    pub mb: u32,
}

impl Default for RequestMemory {
    fn default() -> Self {
        Self { mb: DEFAULT_REQUEST_MEMORY_MB }
    }
}

impl RequestMemory {
    fn bytes(self) -> usize {
        (self.mb as usize) << 20
    }

    /// Returns how many connections fit.
    pub(crate) fn connections(self) -> usize {
        self.bytes() / 2 / CONNECTION_BYTES
    }

    /// Returns the budget for bodies, decoded samples and unread responses.
    #[cfg(any(test, feature = "services"))]
    pub(crate) fn budget(self) -> MemoryBudget {
        MemoryBudget::new(self.bytes() / 6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_memory_is_enough_for_4096_connections() {
        assert_eq!(RequestMemory::default().connections(), 4096);
        assert_eq!(RequestMemory { mb: 64 }.connections(), 512);
    }
}
