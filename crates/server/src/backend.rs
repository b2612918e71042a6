//! Who answers the API: the same backends as on Lambda, and the model itself.

#[cfg(feature = "endpoint")]
mod with_sdk;
#[cfg(not(feature = "endpoint"))]
mod without_sdk;

use std::{net::SocketAddr, sync::Arc};

use anyhow::Result;
use clap::ValueEnum;
use mysfits_api::{Embedded, InProcess, Recommender};
use mysfits_knn::Model;

#[cfg(feature = "endpoint")]
use self::with_sdk::{endpoint, fallback};
#[cfg(not(feature = "endpoint"))]
use self::without_sdk::{endpoint, fallback};

/// Who answers the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    /// The decision table: every entry's answer, looked up
    Embedded,
    /// The model, asked anew each time
    Model,
    /// This server's own SageMaker endpoint, through the AWS SDK: the workshop's way
    Endpoint,
    /// The endpoint; the decision table when the endpoint is away
    Fallback,
}

/// The endpoint that this very server hosts.
#[derive(Debug, Clone, Copy)]
pub struct OwnEndpoint<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where this server listens.
    pub address: SocketAddr,
}

impl Backend {
    /// The backend around a model.
    ///
    /// # Errors
    /// If the model does not fit the questionnaire, or the backend is not part of this build.
    pub fn recommender(self, model: Arc<Model>, own: &OwnEndpoint<'_>) -> Result<Arc<dyn Recommender>> {
        match self {
            Self::Embedded => Ok(Arc::new(Embedded::from_model(model)?)),
            Self::Model => Ok(Arc::new(InProcess::new(model)?)),
            Self::Endpoint => endpoint(own),
            Self::Fallback => fallback(own, Embedded::from_model(model)?),
        }
    }
}
