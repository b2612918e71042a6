//! What the cells of `mysfit_recommendations_knn.ipynb` call, so that they stay short and what is worth testing is tested.
//!
//! - [`show()`], [`Table`], [`Picture`]: what stands below a cell. The kernel (`evcxr_jupyter`) asks the value of a cell's last
//!   line for its looks by the method `evcxr_display`. Cells print nothing on the way: a line that is printed may reach the
//!   notebook only after the kernel has called the cell done.
//! - [`plot`]: pictures as SVG, the same bytes for the same data.
//! - [`SageMaker`]: training jobs and an endpoint, in this process or in a cloud. The AWS SDK is not among the notebook's
//!   dependencies: the program `mysfits-notebook-cloud` ([`protocol`]) speaks with AWS.
//! - [`Latencies`]: how long answers took.
//!
//! *What varies.* Times, ports and names that differ from run to run are marked by [`VARIES`]: whatever follows the mark up
//! to the next white space is not compared when the notebook is checked, and in an output with such a mark several spaces
//! count as one. Everything else is compared exactly, pictures too.
//!
//! Knows no mysfits: names and questions come from the cells.

mod latency;
pub mod plot;
pub mod protocol;
mod sagemaker;
mod show;

pub use latency::Latencies;
pub use plot::Picture;
pub use sagemaker::{Channels, SageMaker, SageMakerError, TrainingJob};
pub use show::{Shown, Table, VARIES, show, varying};
