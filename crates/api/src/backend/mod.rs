//! Backends: a decision table ([`TableBackend`]), a model in this process ([`ModelBackend`]), a SageMaker endpoint
//! (`SageMakerBackend`, with the feature `endpoint`), and one backend with another as its fallback ([`Fallback`]).

mod circuit_breaker;
mod fallback;
mod model;
#[cfg(feature = "endpoint")]
mod sagemaker;
mod table;

pub use fallback::Fallback;
pub use model::ModelBackend;
#[cfg(feature = "endpoint")]
pub use sagemaker::{
    Credentials, RootCertificates, RootCertificatesError, SageMakerBackend, SageMakerSettings, Timeouts,
};
pub use table::TableBackend;
