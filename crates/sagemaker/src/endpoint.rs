//! Endpoints: models by name, replaceable while they serve.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::{ArcSwap, ArcSwapOption};
use axum::http::HeaderValue;
use mysfits_knn::Model;

use crate::faults::{Faults, Schedule};

/// A name under which a model is served.
#[derive(Debug)]
pub struct Endpoint {
    name: String,
    model: ArcSwap<Model>,
    /// The variant's name, as responses send it.
    variant: ArcSwap<HeaderValue>,
    /// None as long as nothing goes wrong on purpose: a request then pays no more than a look.
    schedule: ArcSwapOption<Schedule>,
}

/// A name that SageMaker would not accept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an endpoint name: 1 to 63 letters, digits and hyphens, no hyphen first or last")]
pub struct EndpointNameError(pub String);

/// A variant name that SageMaker would not accept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a variant name: 1 to 63 letters, digits and hyphens, no hyphen first or last")]
pub struct VariantNameError(pub String);

/// The name of an endpoint's variant by default: the one that SageMaker's own SDK gives it.
pub const DEFAULT_VARIANT: &str = "AllTraffic";

/// The longest name of an endpoint, and of SageMaker's other things, in characters.
pub const MAX_NAME_CHARS: usize = 63;

/// Whether a text has the form of SageMaker's names: letters, digits and hyphens, no hyphen first or last. Its length is
/// another matter: [`MAX_NAME_CHARS`].
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl Endpoint {
    /// An endpoint that serves `model`, by default as variant [`DEFAULT_VARIANT`].
    ///
    /// # Errors
    /// [`EndpointNameError`] if SageMaker would not accept the name.
    pub fn new(name: impl Into<String>, model: impl Into<Arc<Model>>) -> Result<Self, EndpointNameError> {
        let name = name.into();
        if !is_name(&name) || name.len() > MAX_NAME_CHARS {
            return Err(EndpointNameError(name));
        }
        Ok(Self {
            name,
            model: ArcSwap::new(model.into()),
            variant: ArcSwap::from_pointee(HeaderValue::from_static(DEFAULT_VARIANT)),
            schedule: ArcSwapOption::empty(),
        })
    }

    /// The name.
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

    /// Names the variant from now on.
    ///
    /// # Errors
    /// [`VariantNameError`] if SageMaker would not accept the name.
    pub fn set_variant(&self, name: &str) -> Result<(), VariantNameError> {
        let invalid = || VariantNameError(name.to_owned());
        if !is_name(name) || name.len() > MAX_NAME_CHARS {
            return Err(invalid());
        }
        self.variant.store(Arc::new(HeaderValue::from_str(name).map_err(|_| invalid())?));
        Ok(())
    }

    /// The model that serves now.
    #[must_use]
    pub fn model(&self) -> Arc<Model> {
        self.model.load_full()
    }

    /// Serves another model from now on; requests under way finish with the one they began with.
    pub fn replace_model(&self, model: impl Into<Arc<Model>>) {
        self.model.store(model.into());
    }

    /// What goes wrong on purpose.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.schedule.load().as_ref().map_or(Faults::NONE, |schedule| schedule.faults)
    }

    /// From now on this goes wrong, and nothing else; the count of requests begins anew.
    pub fn set_faults(&self, faults: Faults) {
        self.schedule.store((faults != Faults::NONE).then(|| Arc::new(Schedule::new(faults))));
    }

    /// The faults, to ask what the next request meets; none if nothing goes wrong.
    pub(crate) fn schedule(&self) -> Option<Arc<Schedule>> {
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
    /// These endpoints; the first is the one that `/invocations` asks. Of equal names the last counts.
    #[must_use]
    pub fn new(endpoints: impl IntoIterator<Item = Endpoint>) -> Self {
        endpoints.into_iter().map(Arc::new).collect()
    }

    /// The endpoint with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Endpoint>> {
        self.by_name.get(name)
    }

    /// The endpoint that `/invocations` asks: the first; none if there are none.
    #[must_use]
    pub fn default_endpoint(&self) -> Option<&Arc<Endpoint>> {
        self.default.as_ref()
    }

    /// All endpoints, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Endpoint>> {
        self.by_name.values()
    }
}

/// Endpoints that are shared with another set: who adds or removes endpoints makes a set anew, and those that stay keep
/// their models and faults.
impl FromIterator<Arc<Endpoint>> for Endpoints {
    fn from_iter<I: IntoIterator<Item = Arc<Endpoint>>>(endpoints: I) -> Self {
        let endpoints: Vec<Arc<Endpoint>> = endpoints.into_iter().collect();
        let default = endpoints.first().cloned();
        let by_name = endpoints.into_iter().map(|endpoint| (endpoint.name.clone(), endpoint)).collect();
        Self { by_name: Arc::new(by_name), default }
    }
}
