//! Production variants: what serves the requests of an endpoint, and how requests are distributed.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::HeaderValue;
use mysfits_knn::Model;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    async_inference::AsyncInference, container::Container, data_capture::DataCapture,
    multi_model::MultiModel, resource_name::is_valid_resource_name,
};

/// The most variants of an endpoint, by the service model.
pub const MAX_VARIANTS: usize = 10;

/// What serves the requests of a variant.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum VariantBackend {
    /// A k-NN model in this process.
    Knn(Arc<Model>),
    /// Any server with `/ping` and `/invocations`.
    Container(Arc<dyn Container>),
    /// k-NN models that are loaded when they are first requested.
    MultiModel(Arc<MultiModel>),
}

impl From<Model> for VariantBackend {
    fn from(model: Model) -> Self {
        Self::Knn(Arc::new(model))
    }
}

impl From<Arc<Model>> for VariantBackend {
    fn from(model: Arc<Model>) -> Self {
        Self::Knn(model)
    }
}

/// A production variant of an endpoint. Cheap to clone: clones share the backend and the limit of concurrent requests.
#[derive(Debug, Clone)]
pub struct Variant {
    name: String,
    header: HeaderValue,
    weight: f32,
    pub(crate) backend: VariantBackend,
    serverless: Option<Arc<Semaphore>>,
}

/// An invalid variant name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a variant name: 1 to 63 letters, digits and hyphens, no hyphen first or last")]
pub struct VariantNameError(pub String);

impl Variant {
    /// Creates a variant. By default, its weight is 1 and it runs on instances.
    ///
    /// # Errors
    /// [`VariantNameError`] if the name is invalid in SageMaker.
    pub fn new(name: &str, backend: impl Into<VariantBackend>) -> Result<Self, VariantNameError> {
        let invalid = || VariantNameError(name.to_owned());
        if !is_valid_resource_name(name) {
            return Err(invalid());
        }
        let header = HeaderValue::from_str(name).map_err(|_| invalid())?;
        Ok(Self { name: name.to_owned(), header, weight: 1.0, backend: backend.into(), serverless: None })
    }

    /// Sets the weight: the variant's share of the requests is its weight divided by the sum of all weights. Negative and
    /// infinite weights count as 0. By default, 1.
    #[must_use]
    pub fn with_weight(mut self, weight: f32) -> Self {
        self.weight = if weight.is_finite() { weight.max(0.0) } else { 0.0 };
        self
    }

    /// Makes the variant serverless with this many requests at once: further ones are throttled, and requests are limited to
    /// [`MAX_SERVERLESS_BODY_BYTES`](crate::http::MAX_SERVERLESS_BODY_BYTES). By default, there is no such limit.
    #[must_use]
    pub fn serverless(mut self, max_concurrency: u32) -> Self {
        self.serverless = Some(Arc::new(Semaphore::new(max_concurrency as usize)));
        self
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the weight.
    #[must_use]
    pub fn weight(&self) -> f32 {
        self.weight
    }

    /// Returns what serves the requests.
    #[must_use]
    pub fn backend(&self) -> &VariantBackend {
        &self.backend
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    pub(crate) fn is_serverless(&self) -> bool {
        self.serverless.is_some()
    }

    /// Returns a permit for a request to a serverless variant.
    ///
    /// # Errors
    /// [`TooManyRequests`] if there are as many requests as allowed.
    pub(crate) fn admit(&self) -> Result<Option<OwnedSemaphorePermit>, TooManyRequests> {
        let Some(permits) = &self.serverless else { return Ok(None) };
        permits.clone().try_acquire_owned().map(Some).map_err(|_| TooManyRequests)
    }
}

/// A serverless variant has as many requests as allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Rate exceeded")]
pub(crate) struct TooManyRequests;

/// What an endpoint runs: its variants, asynchronous inference and data capture. It is replaced as a whole.
#[derive(Debug)]
pub struct EndpointDeployment {
    pub(crate) variants: Vec<Variant>,
    /// How far each variant is behind its share of the requests, times the sum of all weights.
    behind: Mutex<Vec<f64>>,
    pub(crate) async_inference: Option<Arc<AsyncInference>>,
    pub(crate) data_capture: Option<Arc<DataCapture>>,
}

/// An error of [`EndpointDeployment::new`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeploymentError {
    /// There are no variants, or more than [`MAX_VARIANTS`].
    #[error("an endpoint must have 1 to {MAX_VARIANTS} variants, not {0}")]
    Count(usize),
    /// Two variants have the same name.
    #[error("duplicate variant {0}")]
    Duplicate(String),
}

impl EndpointDeployment {
    /// Creates a deployment of these variants, without asynchronous inference and data capture.
    ///
    /// # Errors
    /// [`DeploymentError`] if there are too few or too many variants, or two of the same name.
    pub fn new(variants: Vec<Variant>) -> Result<Self, DeploymentError> {
        if !(1..=MAX_VARIANTS).contains(&variants.len()) {
            return Err(DeploymentError::Count(variants.len()));
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = variants.iter().find(|variant| !names.insert(variant.name())) {
            return Err(DeploymentError::Duplicate(twice.name.clone()));
        }
        let behind = Mutex::new(vec![0.0; variants.len()]);
        Ok(Self { variants, behind, async_inference: None, data_capture: None })
    }

    /// Makes the endpoint asynchronous: it accepts InvokeEndpointAsync, and no other invocations. By default, it is not.
    #[must_use]
    pub fn with_async_inference(mut self, config: impl Into<Arc<AsyncInference>>) -> Self {
        self.async_inference = Some(config.into());
        self
    }

    /// Captures requests and responses. By default, nothing is captured.
    #[must_use]
    pub fn with_data_capture(mut self, config: impl Into<Arc<DataCapture>>) -> Self {
        self.data_capture = Some(config.into());
        self
    }

    /// Returns the variants, in the order in which they were given.
    #[must_use]
    pub fn variants(&self) -> &[Variant] {
        &self.variants
    }

    /// Returns the same deployment with other variants, for instance with other weights.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn with_variants(&self, variants: Vec<Variant>) -> Result<Self, DeploymentError> {
        let Self { async_inference, data_capture, .. } = self;
        let (async_inference, data_capture) = (async_inference.clone(), data_capture.clone());
        Ok(Self { async_inference, data_capture, ..Self::new(variants)? })
    }

    /// Returns the variant of this name.
    pub(crate) fn variant(&self, name: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.name == name)
    }

    /// Selects the variant of the next request by weight: the one that is furthest behind its share, of equals the first. With
    /// weights 3 and 1, that is the first, first, second, first, and so on. If all weights are 0, the first serves all.
    pub(crate) fn next_variant(&self) -> &Variant {
        let total: f64 = self.variants.iter().map(|variant| f64::from(variant.weight)).sum();
        if self.variants.len() == 1 || total == 0.0 {
            return &self.variants[0];
        }
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = 0;
        for (i, variant) in self.variants.iter().enumerate() {
            behind[i] += f64::from(variant.weight);
            if behind[i] > behind[next] {
                next = i;
            }
        }
        behind[next] -= total;
        &self.variants[next]
    }
}
