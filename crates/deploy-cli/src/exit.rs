//! The exit codes of `mysfits-deploy`.

use mysfits_output::CLOSED_STATUS;

/// How a command ended, as its exit code tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeployExit {
    /// Done.
    Done,
    /// Failed.
    Failed,
    /// There is nothing to change, or the command line is invalid.
    NoChanges,
    /// There is drift.
    Drift,
    /// Interrupted by a signal.
    Interrupted,
    /// The reader of standard output is gone.
    OutputClosed,
}

impl DeployExit {
    /// All ends, in the order of their codes.
    pub const ALL: [Self; 6] =
        [Self::Done, Self::Failed, Self::NoChanges, Self::Drift, Self::Interrupted, Self::OutputClosed];

    /// Returns the exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            // Also clap's code for an invalid command line.
            Self::NoChanges => 2,
            Self::Drift => 3,
            // 128 and the number of SIGINT, as a shell reports it.
            Self::Interrupted => 130,
            Self::OutputClosed => CLOSED_STATUS,
        }
    }

    /// Returns what the code means, for the documentation.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed; the error is on standard error",
            Self::NoChanges => {
                "nothing to change (`deploy --fail-on-no-changes`), or an invalid command line"
            }
            Self::Drift => "`status --drift` found drift",
            Self::Interrupted => "interrupted; run the same command again to continue",
            Self::OutputClosed => "the reader of the output is gone",
        }
    }
}
