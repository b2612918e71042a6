//! SageMaker: creates an endpoint for a model with single API calls, as the workshop's notebook does, and
//! invokes it.
//!
//! The deployer itself creates its endpoint with CloudFormation. This module is for users without a stack of
//! their own.

use http::{Method, header};
use serde_json::{Value, json};

use super::{
    Aws,
    client::{Call, Service},
    sagemaker::SAGEMAKER,
};
use crate::error::ServiceError;

const RUNTIME: Service = Service {
    id: "SageMaker Runtime",
    signing_name: "sagemaker",
    host: "runtime.sagemaker",
    target: "",
    only_region: None,
};

/// What is to be hosted; model, endpoint configuration and endpoint are all called by the endpoint's name.
#[derive(Debug, Clone, Copy)]
pub struct HostingRequest<'a> {
    /// The endpoint's name.
    pub endpoint: &'a str,
    /// The algorithm's image.
    pub image: &'a str,
    /// Where the model lies.
    pub artifact_uri: &'a str,
    /// The role that reads it.
    pub role_arn: &'a str,
    /// The machine that it runs on.
    pub instance_type: &'a str,
    /// Our tag.
    pub tag: (&'a str, &'a str),
}

impl Aws {
    /// Makes a model, its endpoint configuration and its endpoint, and does not wait until it answers.
    ///
    /// # Errors
    /// SageMaker's; what was made before it stays.
    pub async fn host(&self, request: &HostingRequest<'_>) -> Result<(), ServiceError> {
        let HostingRequest { endpoint: name, image, artifact_uri, role_arn, instance_type, tag } = request;
        let tags = json!([{"Key": tag.0, "Value": tag.1}]);
        let model = json!({
            "ModelName": name,
            "ExecutionRoleArn": role_arn,
            "PrimaryContainer": {"Image": image, "ModelDataUrl": artifact_uri},
            "Tags": tags,
        });
        let config = json!({
            "EndpointConfigName": name,
            "ProductionVariants": [{
                "VariantName": "AllTraffic",
                "ModelName": name,
                "InstanceType": instance_type,
                "InitialInstanceCount": 1,
            }],
            "Tags": tags,
        });
        let endpoint = json!({"EndpointName": name, "EndpointConfigName": name, "Tags": tags});
        for (operation, input) in
            [("CreateModel", model), ("CreateEndpointConfig", config), ("CreateEndpoint", endpoint)]
        {
            self.client.json::<_, Value>(SAGEMAKER, operation, &input).await?;
        }
        Ok(())
    }

    /// Asks an endpoint about rows of CSV; returns its answer, which is JSON.
    ///
    /// # Errors
    /// SageMaker's, or the model's.
    pub async fn invoke(&self, endpoint: &str, csv: String) -> Result<String, ServiceError> {
        let call = Call {
            operation: "InvokeEndpoint",
            method: Method::POST,
            path: &format!("/endpoints/{endpoint}/invocations"),
            headers: vec![
                (header::CONTENT_TYPE, "text/csv".to_owned()),
                (header::ACCEPT, "application/json".to_owned()),
            ],
            body: csv.into(),
        };
        let body = self.client.send(RUNTIME, call).await?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }
}
