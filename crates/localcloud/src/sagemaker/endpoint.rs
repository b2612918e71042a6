//! Endpoints: creation, update and deletion.

use std::sync::Arc;

use bytes::Buf as _;
use mysfits_sagemaker::{self as hosting, artifact::Artifact};
use serde_json::{Value, json};

use super::{
    SageMakerService, arn_only,
    endpoint_config::{EndpointVariant, VariantHosting},
    model::ModelContainer,
    names::{self, RecordKind},
    reason,
    store::{ListEntry, page},
    tags::NewTags,
};
use crate::{
    aws_json::{ApiError, Input},
    emulator::LogStream,
    time::ApiTimestamp,
};

#[derive(Debug)]
pub(super) struct Endpoint {
    name: String,
    created: ApiTimestamp,
    modified: ApiTimestamp,
    /// The current configuration, or that of the creation.
    config: String,
    status: EndpointStatus,
    failure: Option<String>,
    /// The loaded model; `None` until the creation is complete.
    serving: Option<ServingEndpoint>,
}

/// What an endpoint in service runs.
#[derive(Debug, Clone)]
struct ServingEndpoint {
    variant: EndpointVariant,
    container: ModelContainer,
    endpoint: Arc<hosting::Endpoint>,
    since: ApiTimestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EndpointStatus {
    Creating,
    Updating,
    InService,
    Deleting,
    Failed,
}

impl EndpointStatus {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Updating => "Updating",
            Self::InService => "InService",
            Self::Deleting => "Deleting",
            Self::Failed => "Failed",
        }
    }
}

impl Endpoint {
    pub(super) fn has_variant(&self, name: &str) -> bool {
        self.serving.as_ref().is_some_and(|serving| serving.variant.name == name)
    }

    /// An endpoint that is being made or changed is neither changed nor deleted.
    fn settled(&self) -> Result<(), ApiError> {
        match self.status {
            EndpointStatus::InService | EndpointStatus::Failed => Ok(()),
            EndpointStatus::Creating | EndpointStatus::Updating | EndpointStatus::Deleting => {
                Err(ApiError::validation(format!(
                    "Cannot update in-progress endpoint \"{}\".",
                    RecordKind::Endpoint.arn(&self.name)
                )))
            }
        }
    }

    fn describe(&self) -> Value {
        let mut described = json!({
            "EndpointName": self.name,
            "EndpointArn": RecordKind::Endpoint.arn(&self.name),
            "EndpointConfigName": self.config,
            "EndpointStatus": self.status.as_str(),
            "CreationTime": Value::from(self.created),
            "LastModifiedTime": Value::from(self.modified),
        });
        if let Some(serving) = &self.serving {
            described["ProductionVariants"] = json!([serving.describe()]);
        }
        if let Some(failure) = &self.failure {
            described["FailureReason"] = failure.as_str().into();
        }
        described
    }
}

impl ServingEndpoint {
    fn describe(&self) -> Value {
        let mut described = json!({
            "VariantName": self.variant.name,
            "DeployedImages": [{
                "SpecifiedImage": self.container.image,
                "ResolvedImage": self.container.image,
                "ResolutionTime": Value::from(self.since),
            }],
            "CurrentWeight": 1.0,
            "DesiredWeight": 1.0,
        });
        match &self.variant.hosting {
            VariantHosting::Serverless { config } => described["CurrentServerlessConfig"] = config.clone(),
            VariantHosting::Instances { count } => {
                described["CurrentInstanceCount"] = (*count).into();
                described["DesiredInstanceCount"] = (*count).into();
            }
        }
        described
    }
}

/// A model to load. It is looked up during the request, because models and configurations may be deleted later.
struct Order {
    config: String,
    variant: EndpointVariant,
    container: ModelContainer,
}

impl SageMakerService {
    fn order(&self, input: &Input) -> Result<Order, ApiError> {
        let config = names::name(input, "EndpointConfigName")?;
        let state = self.state();
        let variant = state.configs.get(&config)?.variant.clone();
        let container = state.models.get(&variant.model)?.container.clone();
        Ok(Order { config, variant, container })
    }

    pub(super) fn create_endpoint(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::Endpoint.name(input)?;
        let tags = NewTags::new(input)?;
        let order = self.order(input)?;
        let created = ApiTimestamp::now();
        let endpoint = Endpoint {
            name: name.clone(),
            created,
            modified: created,
            config: order.config.clone(),
            status: EndpointStatus::Creating,
            failure: None,
            serving: None,
        };
        {
            let mut state = self.state();
            state.endpoints.insert(&name, endpoint)?;
            state.tags.create(&RecordKind::Endpoint.arn(&name), tags);
        }
        self.deploy(name.clone(), order);
        Ok(arn_only(RecordKind::Endpoint, &name))
    }

    pub(super) fn update_endpoint(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::Endpoint.name(input)?;
        let order = self.order(input)?;
        let name = {
            let mut state = self.state();
            let endpoint = state.endpoints.get_mut(&name)?;
            endpoint.settled()?;
            endpoint.status = EndpointStatus::Updating;
            endpoint.failure = None;
            endpoint.modified = ApiTimestamp::now();
            endpoint.name.clone()
        };
        self.deploy(name.clone(), order);
        Ok(arn_only(RecordKind::Endpoint, &name))
    }

    /// Loads the model and puts it into service. An earlier model serves until then.
    fn deploy(&self, name: String, order: Order) {
        let service = self.clone();
        tokio::spawn(async move {
            service.pause().await;
            let loaded = service.load(&name, &order).await;
            service.settle(&name, order, loaded);
        });
    }

    async fn load(&self, name: &str, order: &Order) -> Result<Artifact, String> {
        let Order { variant, container, .. } = order;
        let bytes = self.0.emulator.get(&container.data).await.map_err(|error| {
            format!(
                "Failed to download model data for container \"container_1\" from URL: \"{}\". Please ensure that there \
                 is an object located at the URL and that the role passed to CreateModel has permissions to download \
                 the object. ({error})",
                container.data
            )
        })?;
        let read = tokio::task::spawn_blocking(move || Artifact::read(bytes.reader())).await;
        let artifact = match read {
            Ok(read) => read.map_err(|error| causes(&error)),
            Err(panic) => Err(panic.to_string()),
        };
        let line = match &artifact {
            Ok(artifact) => {
                format!("loaded {}: {} samples", container.data, artifact.model.n_samples())
            }
            Err(error) => format!("{} cannot be loaded: {error}", container.data),
        };
        let stream = format!("{}/{}", variant.name, uuid::Uuid::new_v4().simple());
        self.0
            .emulator
            .log(&LogStream { group: format!("/aws/sagemaker/Endpoints/{name}"), stream }, &line)
            .await;
        artifact.map_err(|error| {
            format!(
                "The primary container for production variant {} did not pass the ping health check. Please check \
                 CloudWatch logs for this endpoint. ({} cannot be loaded: {error})",
                variant.name, container.data
            )
        })
    }

    /// Records the result of a creation or an update.
    fn settle(&self, name: &str, order: Order, loaded: Result<Artifact, String>) {
        let mut state = self.state();
        // The endpoint was deleted.
        let Ok(endpoint) = state.endpoints.get_mut(name) else { return };
        endpoint.modified = ApiTimestamp::now();
        let variant = &order.variant.name;
        let loaded = loaded.and_then(|Artifact { model, .. }| {
            let loaded = match &endpoint.serving {
                Some(ServingEndpoint { endpoint, .. }) => {
                    endpoint.replace_model(model);
                    Arc::clone(endpoint)
                }
                None => Arc::new(hosting::Endpoint::new(name, model).map_err(|error| error.to_string())?),
            };
            loaded.set_variant(variant).map_err(|error| error.to_string())?;
            Ok(loaded)
        });
        match loaded {
            Ok(model) => {
                let Order { config, variant, container } = order;
                self.0.serving.insert(Arc::clone(&model));
                endpoint.config = config;
                endpoint.status = EndpointStatus::InService;
                endpoint.serving =
                    Some(ServingEndpoint { variant, container, endpoint: model, since: ApiTimestamp::now() });
            }
            Err(failure) => {
                // The previous model continues to serve, as after SageMaker's rollback.
                let is_rolled_back = endpoint.serving.is_some();
                endpoint.status =
                    if is_rolled_back { EndpointStatus::InService } else { EndpointStatus::Failed };
                endpoint.failure = Some(reason(&failure));
            }
        }
    }

    pub(super) fn describe_endpoint(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::Endpoint.name(input)?;
        Ok(self.state().endpoints.get(&name)?.describe())
    }

    pub(super) fn list_endpoints(&self, input: &Input) -> Result<Value, ApiError> {
        let state = self.state();
        let entries = state.endpoints.values().map(|endpoint| ListEntry {
            name: endpoint.name.clone(),
            created: endpoint.created,
            status: Some(endpoint.status.as_str()),
            summary: json!({
                "EndpointName": endpoint.name,
                "EndpointArn": RecordKind::Endpoint.arn(&endpoint.name),
                "CreationTime": Value::from(endpoint.created),
                "LastModifiedTime": Value::from(endpoint.modified),
                "EndpointStatus": endpoint.status.as_str(),
            }),
        });
        page(entries.collect(), "Endpoints", input)
    }

    pub(super) fn delete_endpoint(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::Endpoint.name(input)?;
        let mut state = self.state();
        let endpoint = state.endpoints.get_mut(&name)?;
        endpoint.settled()?;
        endpoint.status = EndpointStatus::Deleting;
        let (service, name) = (self.clone(), endpoint.name.clone());
        self.0.serving.remove(&name);
        drop(state);
        tokio::spawn(async move {
            service.pause().await;
            let mut state = service.state();
            let _ = state.endpoints.remove(&name);
            state.tags.remove(&RecordKind::Endpoint.arn(&name));
        });
        Ok(Value::Null)
    }
}

/// An error with what it goes back to.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
