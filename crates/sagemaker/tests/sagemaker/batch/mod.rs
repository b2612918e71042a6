//! Batch transform: records, filters, joins.

mod json_path;
mod payloads;
mod processing;
