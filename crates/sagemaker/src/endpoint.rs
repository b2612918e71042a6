//! Endpoints: models by name, replaceable at run time.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::{ArcSwap, ArcSwapOption};
use mysfits_knn::Model;

use crate::{
    faults::{FaultSchedule, Faults},
    resource_name::is_valid_resource_name,
    variant::{EndpointDeployment, Variant, VariantBackend},
};

/// An endpoint: a name, and what it runs.
#[derive(Debug)]
pub struct Endpoint {
    name: String,
    deployment: ArcSwap<EndpointDeployment>,
    /// `None` without fault injection.
    schedule: ArcSwapOption<FaultSchedule>,
}

/// An invalid endpoint name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an endpoint name: 1 to 63 letters, digits and hyphens, no hyphen first or last")]
pub struct EndpointNameError(pub String);

/// The default name of an endpoint's variant, as in SageMaker's SDK.
pub const DEFAULT_VARIANT: &str = "AllTraffic";

impl Endpoint {
    /// Creates an endpoint for `model` with the variant [`DEFAULT_VARIANT`].
    ///
    /// # Errors
    /// [`EndpointNameError`] if the name is invalid in SageMaker.
    pub fn new(
        name: impl Into<String>,
        backend: impl Into<VariantBackend>,
    ) -> Result<Self, EndpointNameError> {
        let name = name.into();
        let variant = Variant::new(DEFAULT_VARIANT, backend).map(|variant| vec![variant]);
        match variant.map(EndpointDeployment::new) {
            Ok(Ok(deployment)) => Self::with_deployment(name, deployment),
            // One variant with a valid name is a valid deployment.
            _ => Err(EndpointNameError(name)),
        }
    }

    /// Creates an endpoint that runs this deployment.
    ///
    /// # Errors
    /// [`EndpointNameError`] if the name is invalid in SageMaker.
    pub fn with_deployment(
        name: impl Into<String>,
        deployment: EndpointDeployment,
    ) -> Result<Self, EndpointNameError> {
        let name = name.into();
        if !is_valid_resource_name(&name) {
            return Err(EndpointNameError(name));
        }
        Ok(Self { name, deployment: ArcSwap::from_pointee(deployment), schedule: ArcSwapOption::empty() })
    }

    /// Returns the name of the endpoint.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what the endpoint runs.
    #[must_use]
    pub fn deployment(&self) -> Arc<EndpointDeployment> {
        self.deployment.load_full()
    }

    /// Replaces what the endpoint runs; requests under way finish with the previous deployment.
    pub fn deploy(&self, deployment: impl Into<Arc<EndpointDeployment>>) {
        self.deployment.store(deployment.into());
    }

    /// Returns the model of the first variant, if that is a k-NN model in this process.
    #[must_use]
    pub fn model(&self) -> Option<Arc<Model>> {
        knn_model(self.deployment.load().variants.first()?)
    }

    /// Returns the model of a variant, if there is one of this name and it is a k-NN model in this process.
    #[must_use]
    pub fn variant_model(&self, variant: &str) -> Option<Arc<Model>> {
        knn_model(self.deployment.load().variant(variant)?)
    }

    /// Replaces the backend of the first variant by a model; requests under way finish with the previous one.
    pub fn replace_model(&self, model: impl Into<Arc<Model>>) {
        let first = self.deployment.load().variants.first().map(|variant| variant.name().to_owned());
        if let Some(first) = first {
            self.replace_variant_model(&first, model);
        }
    }

    /// Replaces the backend of the variant of this name by a model; requests under way finish with the previous one. Does
    /// nothing if there is no such variant.
    pub fn replace_variant_model(&self, name: &str, model: impl Into<Arc<Model>>) {
        let model = model.into();
        self.deployment.rcu(|deployment| {
            let mut variants = deployment.variants.clone();
            if let Some(variant) = variants.iter_mut().find(|variant| variant.name() == name) {
                variant.backend = VariantBackend::Knn(Arc::clone(&model));
            }
            // The names are the same, so that this cannot fail.
            deployment.with_variants(variants).map_or_else(|_| Arc::clone(deployment), Arc::new)
        });
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

fn knn_model(variant: &Variant) -> Option<Arc<Model>> {
    match &variant.backend {
        VariantBackend::Knn(model) => Some(Arc::clone(model)),
        _ => None,
    }
}

/// All endpoints of a process, which can be added and removed while they are served. Cheap to clone: clones share the
/// endpoints.
#[derive(Debug, Clone, Default)]
pub struct Endpoints(Arc<ArcSwap<EndpointSet>>);

#[derive(Debug, Clone, Default)]
struct EndpointSet {
    by_name: BTreeMap<String, Arc<Endpoint>>,
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
    pub fn get(&self, name: &str) -> Option<Arc<Endpoint>> {
        self.0.load().by_name.get(name).cloned()
    }

    /// Returns the endpoint that `/invocations` uses: the first of those that the set was created with.
    #[must_use]
    pub fn default_endpoint(&self) -> Option<Arc<Endpoint>> {
        self.0.load().default.clone()
    }

    /// Returns all endpoints, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = Arc<Endpoint>> + use<> {
        self.0.load().by_name.values().cloned().collect::<Vec<_>>().into_iter()
    }

    /// Adds an endpoint, or replaces the one of the same name.
    pub fn insert(&self, endpoint: Arc<Endpoint>) {
        self.0.rcu(|set| {
            let mut set = EndpointSet::clone(set);
            set.by_name.insert(endpoint.name.clone(), Arc::clone(&endpoint));
            set
        });
    }

    /// Removes the endpoint of this name. Requests under way are finished.
    pub fn remove(&self, name: &str) {
        self.0.rcu(|set| {
            let mut set = EndpointSet::clone(set);
            set.by_name.remove(name);
            set.default.take_if(|endpoint| endpoint.name == name);
            set
        });
    }
}

/// Creates a set from shared endpoints. The endpoints keep their models and faults.
impl FromIterator<Arc<Endpoint>> for Endpoints {
    fn from_iter<I: IntoIterator<Item = Arc<Endpoint>>>(endpoints: I) -> Self {
        let endpoints: Vec<Arc<Endpoint>> = endpoints.into_iter().collect();
        let default = endpoints.first().cloned();
        let by_name = endpoints.into_iter().map(|endpoint| (endpoint.name.clone(), endpoint)).collect();
        Self(Arc::new(ArcSwap::from_pointee(EndpointSet { by_name, default })))
    }
}
