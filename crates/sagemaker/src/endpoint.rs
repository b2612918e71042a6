//! Endpoints: models by name, replaceable at run time.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::{ArcSwap, ArcSwapOption};
use axum::http::HeaderValue;
use mysfits_knn::Model;

use crate::faults::{FaultSchedule, Faults};

/// An endpoint: a model with a name and a production variant.
#[derive(Debug)]
pub struct Endpoint {
    name: String,
    model: ArcSwap<Model>,
    /// The name of the variant, as a header value of responses.
    variant: ArcSwap<HeaderValue>,
    /// `None` without fault injection.
    schedule: ArcSwapOption<FaultSchedule>,
}

/// An invalid endpoint name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an endpoint name: 1 to 63 letters, digits and hyphens, no hyphen first or last")]
pub struct EndpointNameError(pub String);

/// An invalid variant name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a variant name: 1 to 63 letters, digits and hyphens, no hyphen first or last")]
pub struct VariantNameError(pub String);

/// The default name of an endpoint's variant, as in SageMaker's SDK.
pub const DEFAULT_VARIANT: &str = "AllTraffic";

/// The longest name of an endpoint and of other SageMaker resources, in characters.
pub const MAX_NAME_CHARS: usize = 63;

/// Returns whether a text is a valid name of a SageMaker resource: 1 to [`MAX_NAME_CHARS`] letters, digits and hyphens, no
/// hyphen first or last.
#[must_use]
pub fn is_valid_resource_name(text: &str) -> bool {
    text.len() <= MAX_NAME_CHARS && matches_name_pattern(text)
}

/// Returns whether a text matches the pattern of names, whatever its length.
pub(crate) fn matches_name_pattern(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl Endpoint {
    /// Creates an endpoint for `model` with the variant [`DEFAULT_VARIANT`].
    ///
    /// # Errors
    /// [`EndpointNameError`] if the name is invalid in SageMaker.
    pub fn new(name: impl Into<String>, model: impl Into<Arc<Model>>) -> Result<Self, EndpointNameError> {
        let name = name.into();
        if !is_valid_resource_name(&name) {
            return Err(EndpointNameError(name));
        }
        Ok(Self {
            name,
            model: ArcSwap::new(model.into()),
            variant: ArcSwap::from_pointee(HeaderValue::from_static(DEFAULT_VARIANT)),
            schedule: ArcSwapOption::empty(),
        })
    }

    /// Returns the name of the endpoint.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name of the endpoint's only production variant.
    #[must_use]
    pub fn variant(&self) -> String {
        self.variant_header().to_str().unwrap_or_default().to_owned()
    }

    /// Returns the variant's name as a header's value.
    pub(crate) fn variant_header(&self) -> HeaderValue {
        HeaderValue::clone(&self.variant.load())
    }

    /// Changes the name of the variant.
    ///
    /// # Errors
    /// [`VariantNameError`] if the name is invalid in SageMaker.
    pub fn set_variant(&self, name: &str) -> Result<(), VariantNameError> {
        let invalid = || VariantNameError(name.to_owned());
        if !is_valid_resource_name(name) {
            return Err(invalid());
        }
        self.variant.store(Arc::new(HeaderValue::from_str(name).map_err(|_| invalid())?));
        Ok(())
    }

    /// Returns the current model.
    #[must_use]
    pub fn model(&self) -> Arc<Model> {
        self.model.load_full()
    }

    /// Replaces the model; running requests finish with the old one.
    pub fn replace_model(&self, model: impl Into<Arc<Model>>) {
        self.model.store(model.into());
    }

    /// Returns the injected faults.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.schedule.load().as_ref().map_or(Faults::NONE, |schedule| schedule.faults)
    }

    /// Replaces the injected faults and resets their counts of requests.
    pub fn set_faults(&self, faults: Faults) {
        self.schedule.store((faults != Faults::NONE).then(|| Arc::new(FaultSchedule::new(faults))));
    }

    /// Returns the schedule of faults; `None` without fault injection.
    pub(crate) fn schedule(&self) -> Option<Arc<FaultSchedule>> {
        self.schedule.load().as_ref().map(Arc::clone)
    }
}

/// All endpoints of a process. Cheap to clone: clones share the endpoints.
#[derive(Debug, Clone)]
pub struct Endpoints {
    by_name: Arc<BTreeMap<String, Arc<Endpoint>>>,
    default: Option<Arc<Endpoint>>,
}

impl Endpoints {
    /// Creates a set of endpoints. `/invocations` uses the first. Of equal names, the last wins.
    #[must_use]
    pub fn new(endpoints: impl IntoIterator<Item = Endpoint>) -> Self {
        endpoints.into_iter().map(Arc::new).collect()
    }

    /// Returns the endpoint with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Endpoint>> {
        self.by_name.get(name)
    }

    /// Returns the endpoint that `/invocations` uses, the first.
    #[must_use]
    pub fn default_endpoint(&self) -> Option<&Arc<Endpoint>> {
        self.default.as_ref()
    }

    /// Returns all endpoints, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Endpoint>> {
        self.by_name.values()
    }
}

/// Creates a set from shared endpoints: to add or remove endpoints, create a new set. The endpoints keep their models and
/// faults.
impl FromIterator<Arc<Endpoint>> for Endpoints {
    fn from_iter<I: IntoIterator<Item = Arc<Endpoint>>>(endpoints: I) -> Self {
        let endpoints: Vec<Arc<Endpoint>> = endpoints.into_iter().collect();
        let default = endpoints.first().cloned();
        let by_name = endpoints.into_iter().map(|endpoint| (endpoint.name.clone(), endpoint)).collect();
        Self { by_name: Arc::new(by_name), default }
    }
}
