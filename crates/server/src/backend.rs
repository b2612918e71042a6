//! The backends of the API: those of the Lambda function, and the model itself.

use std::{net::SocketAddr, sync::Arc};

use clap::ValueEnum;
use mysfits_api::{ModelBackend, Recommender, TableBackend};
use mysfits_model::RecommendationModel;

/// A backend of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DevBackend {
    /// The decision table: the model's recommendation for every entry, looked up
    Embedded,
    /// The model, evaluated at each request
    Model,
    /// This server's own SageMaker endpoint, called through the AWS SDK, as in the workshop
    #[cfg(feature = "endpoint")]
    Endpoint,
    /// The endpoint, with the decision table as its fallback
    #[cfg(feature = "endpoint")]
    Fallback,
}

/// The endpoint that this server hosts.
#[derive(Debug, Clone, Copy)]
pub struct OwnEndpoint<'a> {
    /// The name of the endpoint.
    pub name: &'a str,
    /// The address of this server.
    pub address: SocketAddr,
}

impl DevBackend {
    /// Returns the backend for a model.
    #[must_use]
    pub fn recommender(self, model: RecommendationModel, own: &OwnEndpoint<'_>) -> Arc<dyn Recommender> {
        #[cfg(not(feature = "endpoint"))]
        let _ = own;
        match self {
            Self::Embedded => Arc::new(TableBackend::from_model(model)),
            Self::Model => Arc::new(ModelBackend::new(model)),
            #[cfg(feature = "endpoint")]
            Self::Endpoint => Arc::new(own.client(mysfits_api::Timeouts::STANDALONE)),
            #[cfg(feature = "endpoint")]
            Self::Fallback => Arc::new(mysfits_api::Fallback::new(
                own.client(mysfits_api::Timeouts::WITH_FALLBACK),
                TableBackend::from_model(model),
            )),
        }
    }
}

#[cfg(feature = "endpoint")]
impl OwnEndpoint<'_> {
    fn client(&self, timeouts: mysfits_api::Timeouts) -> mysfits_api::SageMakerBackend {
        use mysfits_api::{Credentials, RootCertificates, SageMakerBackend, SageMakerSettings};

        SageMakerBackend::new(SageMakerSettings {
            name: self.name.to_owned(),
            // This server checks neither region nor signature.
            region: "us-east-1".to_owned(),
            url: Some(crate::origin::local_origin(self.address)),
            credentials: Credentials::new("local", "local", None, None, "local"),
            roots: RootCertificates::amazon(),
            timeouts,
        })
    }
}
