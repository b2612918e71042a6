//! Batch transform: how objects become requests to a container, and its responses become objects.
//!
//! - [`RecordSplitter`] splits an object into records: lines, RecordIO records, or the object as a whole.
//! - [`Payloads`] joins records to request bodies up to a limit.
//! - [`DataProcessing`] selects what the container gets ([`JsonPath`]), joins its predictions with the records, and selects
//!   what is written.
//!
//! All of it is synchronous and without I/O of its own. Source: SageMaker Developer Guide, "Use Batch Transform" and
//! "Associate Prediction Results with Input Records".

mod csv_row;
mod json_path;
mod json_text;
mod payload;
mod payloads;
mod processing;
mod records;

pub use json_path::{JsonPath, JsonPathError, MAX_PATH_CHARS, SelectError};
pub use payload::Payload;
pub use payloads::{BatchStrategy, PayloadError, Payloads};
pub use processing::{AssembleWith, DataProcessing, DataProcessingOptions, ProcessingError, RecordFormat};
pub use records::{RecordSplitter, SplitError, SplitType};
