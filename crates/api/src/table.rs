//! The decision table as it travels in a function's package: two files beside the program.
//!
//! [`TABLE_FILE`] holds the table in its own layout ([`DecisionTable::to_bytes`]), [`SCHEMA_FILE`] the
//! [`ModelSchema`] of the build that compiled it: what the numbers mean. Who reads checks both, so that a table made
//! for other questions is refused when a program starts and not when a visitor asks.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use mysfits_domain::{ModelSchema, SchemaMismatch};
use mysfits_knn::{DecisionTable, TableError};

/// The file of the table.
pub const TABLE_FILE: &str = "decision-table.bin";
/// The file of the schema.
pub const SCHEMA_FILE: &str = "schema.json";

/// Why there is no table in a folder, or why it cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableFileError {
    /// A file cannot be read.
    #[error(
        "cannot read {}: the decision table and its schema must both be there; package them again", path.display()
    )]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The schema is not JSON, or no schema.
    #[error("{} is no model schema", path.display())]
    MalformedSchema {
        /// Where.
        path: PathBuf,
        /// What is wrong.
        #[source]
        cause: serde_json::Error,
    },
    /// The table was made for other questions or mysfits; names both versions.
    #[error("{} does not fit", path.display())]
    Schema {
        /// Where.
        path: PathBuf,
        /// The difference.
        #[source]
        cause: SchemaMismatch,
    },
    /// The bytes are no table.
    #[error("{} is no decision table", path.display())]
    MalformedTable {
        /// Where.
        path: PathBuf,
        /// What is wrong.
        #[source]
        cause: TableError,
    },
}

/// Writes a table that this build compiled, and this build's schema, into a folder, which is made if need be. The same
/// table gives the same bytes.
///
/// # Errors
/// [`TableFileError::Write`].
pub fn write(folder: &Path, table: &DecisionTable) -> Result<(), TableFileError> {
    let put = |path: PathBuf, bytes: &[u8]| {
        fs::write(&path, bytes).map_err(|cause| TableFileError::Write { path, cause })
    };
    fs::create_dir_all(folder).map_err(|cause| TableFileError::Write { path: folder.to_owned(), cause })?;
    let path = folder.join(SCHEMA_FILE);
    // A schema is text, numbers and lists, and always has a JSON form.
    let mut schema = serde_json::to_vec_pretty(&ModelSchema::current())
        .map_err(|cause| TableFileError::Write { path: path.clone(), cause: cause.into() })?;
    schema.push(b'\n');
    put(folder.join(TABLE_FILE), &table.to_bytes())?;
    put(path, &schema)
}

/// Reads the table of a folder. That it is over our entries is for [`Embedded::new`](crate::Embedded::new) to say.
///
/// # Errors
/// [`TableFileError`] if a file is missing or malformed, or if the schema differs from that of this build;
/// the error then names both versions. The schema is read first, because this build may not be able to read
/// another build's table.
pub fn read(folder: &Path) -> Result<DecisionTable, TableFileError> {
    let get = |name: &str| {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok((path, bytes)),
            Err(cause) => Err(TableFileError::Read { path, cause }),
        }
    };
    let (path, schema) = get(SCHEMA_FILE)?;
    let schema: ModelSchema = match serde_json::from_slice(&schema) {
        Ok(schema) => schema,
        Err(cause) => return Err(TableFileError::MalformedSchema { path, cause }),
    };
    schema.fits_current().map_err(|cause| TableFileError::Schema { path, cause })?;
    let (path, table) = get(TABLE_FILE)?;
    DecisionTable::from_bytes(&table).map_err(|cause| TableFileError::MalformedTable { path, cause })
}
