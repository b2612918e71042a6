//! Endpoints: creation, update and deletion.

use std::sync::Arc;

use bytes::Buf as _;
use mysfits_sagemaker::{self as hosting, artifact::Artifact};
use serde_json::{Value, json};

use super::{
    SageMakerService,
    endpoint_config::{EndpointVariant, VariantHosting},
    model::ModelContainer,
    names::{self, RecordKind},
    reason,
    store::{NewRecord, Record, RecordData},
};
use crate::aws::{
    http_client::causes,
    json::{ApiError, Input},
    logs::LogStream,
    time::ApiTimestamp,
};

/// The member of the current configuration, or of that of the creation.
const CONFIG: &str = "EndpointConfigName";

#[derive(Debug)]
pub(super) struct Endpoint {
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

/// The statuses, with the API's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EndpointStatus {
    Creating,
    Updating,
    InService,
    Deleting,
    Failed,
}

impl RecordData for Endpoint {
    const KIND: RecordKind = RecordKind::ENDPOINT;

    fn saved(&self) -> Option<Value> {
        (self.status != EndpointStatus::Deleting).then_some(Value::Null)
    }

    fn status(&self) -> Option<String> {
        Some(format!("{:?}", self.status))
    }

    fn describe(record: &Record<Self>, described: &mut Input) {
        if let Some(serving) = &record.data.serving {
            described.insert("ProductionVariants".to_owned(), json!([serving.describe()]));
        }
        if let Some(failure) = &record.data.failure {
            described.insert("FailureReason".to_owned(), failure.as_str().into());
        }
    }
}

impl Record<Endpoint> {
    pub(super) fn has_variant(&self, name: &str) -> bool {
        self.data.serving.as_ref().is_some_and(|serving| serving.variant.name == name)
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
        let config = names::name(input, CONFIG)?;
        let state = self.state();
        let variant = state.configs.get(&config)?.data.clone();
        let container = state.models.get(&variant.model)?.data.clone();
        Ok(Order { config, variant, container })
    }

    pub(super) fn create_endpoint(&self, input: &Input) -> Result<Value, ApiError> {
        let mut new = NewRecord::new(RecordKind::ENDPOINT, input)?;
        // Other members of the request are not described.
        new.input.retain(|member, _| member == CONFIG);
        let name = new.name.clone();
        let order = self.order(input)?;
        let endpoint = Endpoint { status: EndpointStatus::Creating, failure: None, serving: None };
        self.state().endpoints.insert(new, endpoint)?;
        self.deploy(name.clone(), order);
        Ok(self.arn_only(RecordKind::ENDPOINT, &name))
    }

    pub(super) fn update_endpoint(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::ENDPOINT.name(input)?;
        let order = self.order(input)?;
        let name = {
            let mut state = self.state();
            let endpoint = state.endpoints.get_mut(&name)?;
            endpoint.settled()?;
            endpoint.data.status = EndpointStatus::Updating;
            endpoint.data.failure = None;
            endpoint.modified = ApiTimestamp::now();
            endpoint.name.clone()
        };
        self.deploy(name.clone(), order);
        Ok(self.arn_only(RecordKind::ENDPOINT, &name))
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
        let bytes = self.0.s3.get(&container.data).await.map_err(|error| {
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
            .logs
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
            let loaded = match &endpoint.data.serving {
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
                endpoint.input.insert(CONFIG.to_owned(), config.into());
                endpoint.data.status = EndpointStatus::InService;
                endpoint.data.serving =
                    Some(ServingEndpoint { variant, container, endpoint: model, since: ApiTimestamp::now() });
            }
            Err(failure) => {
                // The previous model continues to serve, as after SageMaker's rollback.
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
