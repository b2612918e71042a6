//! Endpoints: creation, update, weights and deletion.

use std::{collections::BTreeMap, fmt::Debug, sync::Arc};

use mysfits_sagemaker as hosting;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    SageMakerService,
    endpoint_config::{EndpointConfig, EndpointVariant, VariantHosting, check_weight},
    members::refuse_others,
    model::ModelContainer,
    names::{self, RecordKind},
    reason,
    store::{NewRecord, Record, RecordData, RecreatedData},
};
use crate::aws::{
    json::{ApiError, Input, member, required},
    time::ApiTimestamp,
};

/// The member of the current configuration, or of that of the creation.
const CONFIG: &str = "EndpointConfigName";
/// The largest number of instances of a variant that an update may ask for.
const MAX_INSTANCES: u32 = 1000;

#[derive(Debug)]
pub(super) struct Endpoint {
    status: EndpointStatus,
    failure: Option<String>,
    /// What is in service; `None` until the creation is complete.
    serving: Option<ServingEndpoint>,
}

/// What an endpoint in service runs.
#[derive(Debug, Clone)]
struct ServingEndpoint {
    deployed: DeploymentOrder,
    endpoint: Arc<hosting::Endpoint>,
    since: ApiTimestamp,
    /// Weights and counts that are not yet in effect, by the variants' names.
    desired: BTreeMap<String, DesiredCapacity>,
}

/// The statuses, with the API's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndpointStatus {
    Creating,
    Updating,
    InService,
    Deleting,
    Failed,
}

/// An endpoint to deploy. Everything is looked up during the request, because models and configurations may be deleted later.
#[derive(Debug, Clone)]
pub(super) struct DeploymentOrder {
    config_name: String,
    pub(super) config: EndpointConfig,
    /// The models of the variants, in the same order.
    pub(super) containers: Vec<ModelContainer>,
}

/// A new weight or instance count of a variant.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DesiredCapacity {
    variant_name: String,
    desired_weight: Option<f32>,
    desired_instance_count: Option<u32>,
}

/// A property that an update may reset although it retains all others.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct VariantProperty {
    variant_property_type: String,
}

impl RecordData for Endpoint {
    const KIND: RecordKind = RecordKind::ENDPOINT;

    fn status(&self) -> Option<&dyn Debug> {
        Some(&self.status)
    }

    fn describe(record: &Record<Self>, described: &mut Input) {
        if let Some(serving) = &record.data.serving {
            described.insert("ProductionVariants".to_owned(), serving.describe_variants());
            let EndpointConfig { async_inference, data_capture, .. } = &serving.deployed.config;
            if let Some(options) = async_inference {
                described.insert("AsyncInferenceConfig".to_owned(), options.described.clone());
            }
            if let Some(capture) = data_capture {
                described.insert("DataCaptureConfig".to_owned(), capture.describe());
            }
        }
        if let Some(failure) = &record.data.failure {
            described.insert("FailureReason".to_owned(), failure.as_str().into());
        }
    }
}

impl RecreatedData for Endpoint {
    const CREATE: &'static str = "CreateEndpoint";

    fn is_kept(&self) -> bool {
        self.status != EndpointStatus::Deleting
    }

    fn changes(&self) -> Value {
        json!(self.serving.as_ref().map(ServingEndpoint::capacities))
    }
}

impl Record<Endpoint> {
    pub(super) fn has_variant(&self, name: &str) -> bool {
        let variants = self.data.serving.as_ref().map(|serving| &serving.deployed.config.variants);
        variants.is_some_and(|variants| variants.iter().any(|variant| variant.name == name))
    }

    /// An endpoint that is being made or changed is neither changed nor deleted.
    fn settled(&self) -> Result<(), ApiError> {
        match self.data.status {
            EndpointStatus::InService | EndpointStatus::Failed => Ok(()),
            EndpointStatus::Creating | EndpointStatus::Updating | EndpointStatus::Deleting => {
                Err(ApiError::validation(format!("Cannot update in-progress endpoint \"{}\".", self.arn)))
            }
        }
    }

    fn begin_update(&mut self) {
        self.data.status = EndpointStatus::Updating;
        self.data.failure = None;
        self.modified = ApiTimestamp::now();
    }
}

impl ServingEndpoint {
    fn describe_variants(&self) -> Value {
        let DeploymentOrder { config, containers, .. } = &self.deployed;
        let variants = config.variants.iter().zip(containers);
        variants.map(|(variant, container)| self.describe(variant, container)).collect()
    }

    fn describe(&self, variant: &EndpointVariant, container: &ModelContainer) -> Value {
        let desired = self.desired.get(&variant.name);
        let desired_weight = desired.and_then(|desired| desired.desired_weight).unwrap_or(variant.weight);
        let mut described = json!({
            "VariantName": variant.name,
            "DeployedImages": [{
                "SpecifiedImage": container.image,
                "ResolvedImage": container.image,
                "ResolutionTime": Value::from(self.since),
            }],
            "CurrentWeight": variant.weight,
            "DesiredWeight": desired_weight,
        });
        match &variant.hosting {
            VariantHosting::Serverless { config, .. } => {
                described["CurrentServerlessConfig"] = config.clone();
            }
            VariantHosting::Instances { count } => {
                let desired_count = desired.and_then(|desired| desired.desired_instance_count);
                described["CurrentInstanceCount"] = (*count).into();
                described["DesiredInstanceCount"] = desired_count.unwrap_or(*count).into();
            }
        }
        described
    }

    /// Returns the weights and counts of the variants. Desired ones count as if they were in effect.
    fn capacities(&self) -> Vec<DesiredCapacity> {
        let variants = self.deployed.config.variants.iter().cloned().map(|mut variant| {
            if let Some(desired) = self.desired.get(&variant.name) {
                variant.apply(desired);
            }
            let desired_instance_count = match variant.hosting {
                VariantHosting::Instances { count } => Some(count),
                VariantHosting::Serverless { .. } => None,
            };
            let (variant_name, desired_weight) = (variant.name, Some(variant.weight));
            DesiredCapacity { variant_name, desired_weight, desired_instance_count }
        });
        variants.collect()
    }

    /// Puts the desired weights and counts into effect. Requests under way are not affected.
    fn apply_desired(&mut self) {
        for variant in &mut self.deployed.config.variants {
            if let Some(desired) = self.desired.remove(&variant.name) {
                variant.apply(&desired);
            }
        }
        self.desired.clear();
        let deployment = self.endpoint.deployment();
        let weighted = deployment.variants().iter().map(|served| {
            let variants = &self.deployed.config.variants;
            let weight = variants.iter().find(|variant| variant.name == served.name());
            served.clone().with_weight(weight.map_or(served.weight(), |variant| variant.weight))
        });
        // The names are those of the present deployment, so that this cannot fail.
        if let Ok(changed) = deployment.with_variants(weighted.collect()) {
            self.endpoint.deploy(changed);
        }
    }
}

impl EndpointVariant {
    fn apply(&mut self, desired: &DesiredCapacity) {
        self.weight = desired.desired_weight.unwrap_or(self.weight);
        if let (VariantHosting::Instances { count }, Some(desired)) =
            (&mut self.hosting, desired.desired_instance_count)
        {
            *count = desired;
        }
    }
}

impl SageMakerService {
    fn order(&self, input: &Input) -> Result<DeploymentOrder, ApiError> {
        let config_name = names::name(input, CONFIG)?;
        let state = self.state();
        let config = state.configs.get(&config_name)?.data.clone();
        let containers =
            config.variants.iter().map(|variant| Ok(state.models.get(&variant.model)?.data.clone()));
        let containers = containers.collect::<Result<_, ApiError>>()?;
        Ok(DeploymentOrder { config_name, config, containers })
    }

    /// Creates an endpoint. Of its configuration, these weights and counts are replaced.
    pub(super) fn create_endpoint(
        &self,
        input: &Input,
        capacities: &[DesiredCapacity],
    ) -> Result<Value, ApiError> {
        refuse_others(input, "", &["EndpointName", CONFIG, "Tags"])?;
        let mut new = NewRecord::new(RecordKind::ENDPOINT, input)?;
        // Other members of the request are not described.
        new.input.retain(|member, _| member == CONFIG);
        let name = new.name.clone();
        let mut order = self.order(input)?;
        for variant in &mut order.config.variants {
            if let Some(capacity) = capacities.iter().find(|other| other.variant_name == variant.name) {
                variant.apply(capacity);
            }
        }
        let endpoint = Endpoint { status: EndpointStatus::Creating, failure: None, serving: None };
        self.state().endpoints.insert(new, endpoint)?;
        self.deploy(name.clone(), order);
        Ok(self.arn_only(RecordKind::ENDPOINT, &name))
    }

    pub(super) fn update_endpoint(&self, input: &Input) -> Result<Value, ApiError> {
        // Without a deployment configuration nothing is retained.
        let members = [
            "EndpointName",
            CONFIG,
            "RetainAllVariantProperties",
            "ExcludeRetainedVariantProperties",
            "RetainDeploymentConfig",
        ];
        refuse_others(input, "", &members)?;
        let name = RecordKind::ENDPOINT.name(input)?;
        let mut order = self.order(input)?;
        let retains = member(input, "RetainAllVariantProperties")?.unwrap_or(false);
        let excluded: Vec<VariantProperty> =
            member(input, "ExcludeRetainedVariantProperties")?.unwrap_or_default();
        let excluded: Vec<String> =
            excluded.into_iter().map(|property| property.variant_property_type).collect();
        let name = {
            let mut state = self.state();
            let endpoint = state.endpoints.get_mut(&name)?;
            endpoint.settled()?;
            if let Some(serving) = endpoint.data.serving.as_ref().filter(|_| retains) {
                order.retain(&serving.deployed.config, &excluded);
            }
            endpoint.begin_update();
            endpoint.name.clone()
        };
        self.deploy(name.clone(), order);
        Ok(self.arn_only(RecordKind::ENDPOINT, &name))
    }

    pub(super) fn update_endpoint_weights_and_capacities(&self, input: &Input) -> Result<Value, ApiError> {
        refuse_others(input, "", &["EndpointName", "DesiredWeightsAndCapacities"])?;
        let name = RecordKind::ENDPOINT.name(input)?;
        let members: Vec<Value> = required(input, "DesiredWeightsAndCapacities")?;
        let mut desired = BTreeMap::new();
        for members in members {
            let change = DesiredCapacity::deserialize(members)
                .map_err(|error| ApiError::validation(format!("DesiredWeightsAndCapacities: {error}")))?;
            if let Some(weight) = change.desired_weight {
                check_weight(weight, "desiredWeightsAndCapacities.desiredWeight")?;
            }
            if let Some(count) = change.desired_instance_count
                && !(1..=MAX_INSTANCES).contains(&count)
            {
                let member = "desiredWeightsAndCapacities.desiredInstanceCount";
                let constraint = format!("Member must have value between 1 and {MAX_INSTANCES}");
                return Err(ApiError::constraint(&count.to_string(), member, &constraint));
            }
            desired.insert(change.variant_name.clone(), change);
        }
        let name = {
            let mut state = self.state();
            let endpoint = state.endpoints.get_mut(&name)?;
            endpoint.settled()?;
            if let Some(unknown) = desired.keys().find(|name| !endpoint.has_variant(name)) {
                return Err(ApiError::validation(format!(
                    "The variant name(s) \"{unknown}\" is/are not present within endpoint configuration \"{}\".",
                    endpoint.input.get(CONFIG).and_then(Value::as_str).unwrap_or_default()
                )));
            }
            if let Some(serving) = &mut endpoint.data.serving {
                serving.desired = desired;
            }
            endpoint.begin_update();
            endpoint.name.clone()
        };
        let (service, updated) = (self.clone(), name.clone());
        tokio::spawn(async move {
            service.pause().await;
            let mut state = service.state();
            // The endpoint was deleted.
            let Ok(endpoint) = state.endpoints.get_mut(&updated) else { return };
            if let Some(serving) = &mut endpoint.data.serving {
                serving.apply_desired();
            }
            endpoint.data.status = EndpointStatus::InService;
            endpoint.modified = ApiTimestamp::now();
        });
        Ok(self.arn_only(RecordKind::ENDPOINT, &name))
    }

    /// Loads the models and puts them into service. The earlier deployment serves until then.
    fn deploy(&self, name: String, order: DeploymentOrder) {
        let service = self.clone();
        tokio::spawn(async move {
            service.pause().await;
            let loaded = service.load(&name, &order).await;
            service.settle(&name, order, loaded);
        });
    }

    /// Records the result of a creation or an update.
    fn settle(
        &self,
        name: &str,
        order: DeploymentOrder,
        loaded: Result<hosting::EndpointDeployment, String>,
    ) {
        let mut state = self.state();
        // The endpoint was deleted.
        let Ok(endpoint) = state.endpoints.get_mut(name) else { return };
        endpoint.modified = ApiTimestamp::now();
        let deployed = loaded.and_then(|deployment| {
            if let Some(ServingEndpoint { endpoint, .. }) = &endpoint.data.serving {
                endpoint.deploy(deployment);
                return Ok(Arc::clone(endpoint));
            }
            let endpoint = hosting::Endpoint::with_deployment(name, deployment);
            endpoint.map(Arc::new).map_err(|error| error.to_string())
        });
        match deployed {
            Ok(served) => {
                self.0.serving.insert(Arc::clone(&served));
                endpoint.input.insert(CONFIG.to_owned(), order.config_name.as_str().into());
                endpoint.data.status = EndpointStatus::InService;
                let (since, desired) = (ApiTimestamp::now(), BTreeMap::new());
                endpoint.data.serving =
                    Some(ServingEndpoint { deployed: order, endpoint: served, since, desired });
            }
            Err(failure) => {
                // The previous deployment continues to serve, as after SageMaker's rollback.
                let is_rolled_back = endpoint.data.serving.is_some();
                endpoint.data.status =
                    if is_rolled_back { EndpointStatus::InService } else { EndpointStatus::Failed };
                endpoint.data.failure = Some(reason(&failure));
            }
        }
    }

    pub(super) fn delete_endpoint(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::ENDPOINT.name(input)?;
        let mut state = self.state();
        let endpoint = state.endpoints.get_mut(&name)?;
        endpoint.settled()?;
        endpoint.data.status = EndpointStatus::Deleting;
        self.0.serving.remove(&endpoint.name);
        self.remove_later(name, |records| &mut records.endpoints);
        Ok(Value::Null)
    }
}

impl DeploymentOrder {
    /// Keeps the properties of variants of the same names, except the excluded ones.
    fn retain(&mut self, before: &EndpointConfig, excluded: &[String]) {
        let keeps = |property: &str| !excluded.iter().any(|excluded| excluded == property);
        for variant in &mut self.config.variants {
            let Some(old) = before.variants.iter().find(|old| old.name == variant.name) else { continue };
            if keeps("DesiredWeight") {
                variant.weight = old.weight;
            }
            if keeps("DesiredInstanceCount")
                && let (VariantHosting::Instances { count }, VariantHosting::Instances { count: old }) =
                    (&mut variant.hosting, &old.hosting)
            {
                *count = *old;
            }
        }
        if keeps("DataCaptureConfig") {
            self.config.data_capture.clone_from(&before.data_capture);
        }
    }
}
