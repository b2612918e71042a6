//! Creates the configured backend, and only what it needs.

use std::{path::Path, sync::Arc};

use mysfits_api::{Fallback, Recommender, SageMakerBackend, TableBackend};
use mysfits_model::table_files::{self, TableFileError};

use crate::config::BackendConfig;

impl BackendConfig {
    /// Creates the backend: reads the table and creates the client, but opens no connection.
    ///
    /// # Errors
    /// [`TableFileError`] if a table is needed and it is missing or does not match this build.
    pub fn recommender(self) -> Result<Arc<dyn Recommender>, TableFileError> {
        Ok(match self {
            Self::Embedded { folder } => Arc::new(table(&folder)?),
            Self::Endpoint(settings) => Arc::new(SageMakerBackend::new(settings)),
            Self::Fallback { endpoint, folder } => {
                Arc::new(Fallback::new(SageMakerBackend::new(endpoint), table(&folder)?))
            }
        })
    }
}

fn table(folder: &Path) -> Result<TableBackend, TableFileError> {
    Ok(TableBackend::from_table(&table_files::read(folder)?))
}
