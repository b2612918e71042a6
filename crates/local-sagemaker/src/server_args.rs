//! Command-line arguments that `start` and `serve` share.

use clap::Args;

use crate::{access::AccessArgs, chaos::ChaosArgs, request_memory::RequestMemory};

/// Fault injection, the hosts and origins that may send requests, and the memory for them.
#[derive(Debug, Clone, Default, Args)]
#[expect(missing_docs, reason = "a flattened argument's doc comment would become the program's description")]
pub struct ServerArgs {
    #[command(flatten)]
    pub chaos: ChaosArgs,
    #[command(flatten)]
    pub access: AccessArgs,
    #[command(flatten)]
    pub memory: RequestMemory,
}
