//! Creates the configured backend, and only what it needs.

use std::{path::Path, sync::Arc};

use mysfits_api::{
    Embedded, Endpoint, Fallback, Recommender, UnfitModel,
    table::{self, TableFileError},
};

use crate::config::Backend;

/// Why the backend cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The table is missing, malformed, or another build's.
    #[error(transparent)]
    Table(#[from] TableFileError),
    /// The table does not answer our questions.
    #[error("the package's decision table cannot be used")]
    Unfit(#[from] UnfitModel),
}

impl Backend {
    /// Creates the backend: reads the table and creates the client, but opens no connection.
    ///
    /// # Errors
    /// [`BackendError`] if a table is needed and it is missing or does not match this build.
    pub fn recommender(self) -> Result<Arc<dyn Recommender>, BackendError> {
        Ok(match self {
            Self::Embedded { folder } => Arc::new(embedded(&folder)?),
            Self::Endpoint(settings) => Arc::new(Endpoint::new(settings)),
            Self::Fallback { endpoint, folder } => {
                Arc::new(Fallback::new(Endpoint::new(endpoint), embedded(&folder)?))
            }
        })
    }
}

fn embedded(folder: &Path) -> Result<Embedded, BackendError> {
    Ok(Embedded::new(&table::read(folder)?)?)
}
