//! Deployments of endpoints: the models of all variants, loaded from S3.

use std::sync::Arc;

use bytes::Buf as _;
use mysfits_sagemaker::{
    EndpointDeployment, MultiModel, ObjectStore, Variant, VariantBackend, artifact::Artifact,
};

use super::{
    SageMakerService,
    endpoint::DeploymentOrder,
    endpoint_config::{EndpointVariant, VariantHosting},
    model::{ModelContainer, ModelMode},
};
use crate::aws::{http_client::causes, logs::LogStream};

impl SageMakerService {
    /// Loads what an endpoint is to run; the error is the reason why it cannot.
    pub(super) async fn load(
        &self,
        name: &str,
        order: &DeploymentOrder,
    ) -> Result<EndpointDeployment, String> {
        let mut variants = Vec::new();
        for (variant, container) in order.config.variants.iter().zip(&order.containers) {
            let backend = match container.mode {
                ModelMode::SingleModel => self.load_model(name, variant, container).await?,
                ModelMode::MultiModel => {
                    let models = MultiModel::new(self.objects(), container.data.to_string());
                    VariantBackend::MultiModel(Arc::new(models))
                }
            };
            let served = Variant::new(&variant.name, backend).map_err(|error| error.to_string())?;
            let served = served.with_weight(variant.weight);
            variants.push(match variant.hosting {
                VariantHosting::Serverless { max_concurrency, .. } => served.serverless(max_concurrency),
                VariantHosting::Instances { .. } => served,
            });
        }
        let mut deployment = EndpointDeployment::new(variants).map_err(|error| error.to_string())?;
        if let Some(options) = &order.config.async_inference {
            deployment = deployment.with_async_inference(options.to_runtime(self.objects()));
        }
        if let Some(capture) = &order.config.data_capture
            && let Some(capture) = capture.to_runtime(self.objects())
        {
            deployment = deployment.with_data_capture(capture);
        }
        Ok(deployment)
    }

    fn objects(&self) -> Arc<dyn ObjectStore> {
        Arc::new(self.0.s3.clone())
    }

    async fn load_model(
        &self,
        name: &str,
        variant: &EndpointVariant,
        container: &ModelContainer,
    ) -> Result<VariantBackend, String> {
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
        let artifact = artifact.map_err(|error| {
            format!(
                "The primary container for production variant {} did not pass the ping health check. Please check \
                 CloudWatch logs for this endpoint. ({} cannot be loaded: {error})",
                variant.name, container.data
            )
        })?;
        Ok(artifact.model.into())
    }
}
