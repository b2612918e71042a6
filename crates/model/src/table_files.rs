//! The decision table as two files, for instance in the package of the Lambda function.
//!
//! [`TABLE_FILE`] holds the table ([`RecommendationTable::from_bytes`]), [`SCHEMA_FILE`] the [`ModelSchema`] of the build that
//! made it. Both are checked when they are read: a table for other questions is refused when a program starts, not at a
//! visitor's request.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use mysfits_domain::{ModelSchema, SchemaMismatch};

use crate::{IncompatibleModel, RecommendationTable};

/// The name of the table's file.
pub const TABLE_FILE: &str = "decision-table.bin";
/// The name of the schema's file.
pub const SCHEMA_FILE: &str = "schema.json";

/// A table that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableFileError {
    /// A file cannot be read.
    #[error("cannot read {}: the decision table and its schema must both be there; package them again", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        cause: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        cause: io::Error,
    },
    /// The schema's file is not a schema.
    #[error("{} is not a model schema", path.display())]
    InvalidSchema {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        cause: serde_json::Error,
    },
    /// The table was made for other questions or mysfits. The cause names both versions.
    #[error("{} does not match this build", path.display())]
    SchemaMismatch {
        /// The schema's file.
        path: PathBuf,
        /// The difference.
        #[source]
        cause: SchemaMismatch,
    },
    /// The table's file is not a decision table of the questionnaire.
    #[error("cannot use {}", path.display())]
    InvalidTable {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        cause: IncompatibleModel,
    },
}

/// Writes a table and this build's schema into a folder, which is created if it does not exist. The same table gives the
/// same bytes.
///
/// # Errors
/// [`TableFileError::Write`].
pub fn write(folder: &Path, table: &RecommendationTable) -> Result<(), TableFileError> {
    let write = |path: PathBuf, bytes: &[u8]| {
        fs::write(&path, bytes).map_err(|cause| TableFileError::Write { path, cause })
    };
    fs::create_dir_all(folder).map_err(|cause| TableFileError::Write { path: folder.to_owned(), cause })?;
    let path = folder.join(SCHEMA_FILE);
    // Cannot fail: a schema consists of texts, numbers and lists.
    let mut schema = serde_json::to_vec_pretty(&ModelSchema::current())
        .map_err(|cause| TableFileError::Write { path: path.clone(), cause: cause.into() })?;
    schema.push(b'\n');
    write(folder.join(TABLE_FILE), &table.decision_table().to_bytes())?;
    write(path, &schema)
}

/// Reads the table in a folder.
///
/// # Errors
/// [`TableFileError`] if a file is missing or malformed, or if the schema differs from that of this build;
/// the error then names both versions. The schema is read first, because this build may not be able to read
/// another build's table.
pub fn read(folder: &Path) -> Result<RecommendationTable, TableFileError> {
    let read = |name: &str| {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok((path, bytes)),
            Err(cause) => Err(TableFileError::Read { path, cause }),
        }
    };
    let (path, schema) = read(SCHEMA_FILE)?;
    let schema: ModelSchema = match serde_json::from_slice(&schema) {
        Ok(schema) => schema,
        Err(cause) => return Err(TableFileError::InvalidSchema { path, cause }),
    };
    schema.fits_current().map_err(|cause| TableFileError::SchemaMismatch { path, cause })?;
    let (path, table) = read(TABLE_FILE)?;
    RecommendationTable::from_bytes(&table).map_err(|cause| TableFileError::InvalidTable { path, cause })
}
