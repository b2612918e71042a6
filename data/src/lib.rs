//! The synthetic survey: the answers of a million visitors and the mysfit each would adopt.
//!
//! Answers are uniform; the label is drawn with probability softmax(-0.15 · squared distance to the mysfit's prototype).
//! Because the distribution is known, so is the best accuracy that any model can reach: [`Distribution::ceiling`].
//!
//! No I/O but to a writer that is handed in, no HTTP, no AWS. The same seed gives the same rows, byte for byte, on every
//! platform: the generator is `ChaCha8`, the exponential is computed in software, and probabilities are whole numbers
//! of 2^-32.
//!
//! ```
//! use mysfits_data::{Distribution, Layout, Survey};
//!
//! let distribution = Distribution::from_prototypes();
//! let mut csv = Vec::new();
//! Survey::new(&distribution, 7).take(3).try_for_each(|sample| Layout::LabelLast.write_row(sample, &mut csv))?;
//! assert_eq!(String::from_utf8(csv)?.lines().count(), 3);
//! assert!(distribution.ceiling() > 0.7);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `cli` | the program `mysfits-data`: CSV files, the description as text and picture; off by default |

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod description;
mod distribution;
mod feedback;
mod prototypes;
mod survey;

pub use description::{Association, Description};
pub use distribution::Distribution;
pub use feedback::{FeedbackError, samples_from_feedback};
pub use prototypes::{PrototypeError, Prototypes};
pub use survey::{Layout, Sample, Survey};

/// The default number of rows of the survey.
pub const DEFAULT_ROWS: usize = 1_000_000;
/// The most rows that a model can be trained with: row numbers have 32 bits.
pub const MAX_ROWS: u64 = u32::MAX as u64;
/// The default seed of the survey.
pub const DEFAULT_SEED: u64 = 7;
/// The divisor of the holdout: the last `n / HOLDOUT_DIVISOR` of `n` rows are for tests.
pub const HOLDOUT_DIVISOR: usize = 10;
/// The default number of neighbours, as in the workshop.
pub const DEFAULT_K: usize = 10;
/// The default number of training rows of a model, as in the workshop.
pub const DEFAULT_SAMPLE_SIZE: usize = 100_000;

/// Returns the number of training rows among `n_rows`; the rest are held out.
#[must_use]
pub const fn train_rows(n_rows: usize) -> usize {
    n_rows - n_rows / HOLDOUT_DIVISOR
}
