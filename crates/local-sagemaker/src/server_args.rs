//! Command-line arguments that `start` and `serve` share.

use clap::Args;

use crate::{access::AccessArgs, chaos::ChaosArgs};

/// Fault injection, and the hosts and origins that may send requests.
#[derive(Debug, Clone, Default, Args)]
#[expect(missing_docs, reason = "a flattened argument's doc comment would become the program's description")]
pub struct ServerArgs {
    #[command(flatten)]
    pub chaos: ChaosArgs,
    #[command(flatten)]
    pub access: AccessArgs,
}
