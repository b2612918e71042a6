//! SageMaker endpoints without a stack: created with single API calls, as in the workshop's notebook, and invoked.

use http::{Method, header};
use mysfits_deploy::{Aws, AwsError, AwsService, SAGEMAKER, ServiceRequest};
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

const RUNTIME: AwsService = AwsService {
    id: "SageMaker Runtime",
    signing_name: "sagemaker",
    host: "runtime.sagemaker",
    target: "",
    only_region: None,
};

/// An endpoint to create. Its model and its endpoint configuration have the same name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EndpointRequest<'a> {
    /// The endpoint's name.
    pub(crate) endpoint: &'a str,
    /// The algorithm's image.
    pub(crate) image: &'a str,
    /// The URI of the model artifact.
    pub(crate) artifact_uri: &'a str,
    /// The role that reads the artifact.
    pub(crate) role_arn: &'a str,
    /// The instance type.
    pub(crate) instance_type: &'a str,
}

/// Creates a model, its endpoint configuration and its endpoint. Does not wait until the endpoint is in service.
pub(crate) async fn create_endpoint(aws: &Aws, request: &EndpointRequest<'_>) -> Result<(), AwsError> {
    let EndpointRequest { endpoint: name, image, artifact_uri, role_arn, instance_type } = request;
    let tags = aws.sagemaker_tags();
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
        aws.client().json::<_, Value>(SAGEMAKER, operation, &input).await?;
    }
    Ok(())
}

/// Sends rows of CSV to an endpoint; returns its response, which is JSON.
pub(crate) async fn invoke_endpoint(aws: &Aws, endpoint: &str, csv: String) -> Result<String, AwsError> {
    let request = ServiceRequest {
        operation: "InvokeEndpoint",
        method: Method::POST,
        path: &format!("/endpoints/{endpoint}/invocations"),
        headers: vec![
            (header::CONTENT_TYPE, "text/csv".to_owned()),
            (header::ACCEPT, "application/json".to_owned()),
        ],
        body: csv.into(),
    };
    let body = aws.client().send(RUNTIME, request).await?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}
