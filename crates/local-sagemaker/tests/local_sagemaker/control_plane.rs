//! The control plane over `fake_aws`, and ways to call it.

use std::time::Duration;

use axum::{Router, body::Bytes};
use local_sagemaker::{
    aws::json::ApiError,
    control_plane::{Pace, SageMakerService},
};
use mysfits_sagemaker::AccountRegion;
use serde_json::{Value, json};

use crate::{
    fake_aws::FakeAws,
    support::{Answer, request, send},
};

pub const ROLE: &str = "arn:aws:iam::123456789012:role/mysfits";
pub const IMAGE: &str = "382416733822.dkr.ecr.us-east-1.amazonaws.com/knn:1";
const PACE: Duration = Duration::from_millis(5);

/// The service, and the S3 that it reads and writes.
pub struct LocalService {
    service: SageMakerService,
    router: Router,
    aws: FakeAws,
}

impl LocalService {
    pub async fn start() -> Self {
        let aws = FakeAws::start().await;
        let (s3, logs) = (aws.client.clone(), aws.client.clone());
        let service = SageMakerService::new(AccountRegion::default(), s3, logs, Pace(PACE));
        Self { router: service.runtime(), service, aws }
    }

    pub fn put(&self, path: &str, body: impl Into<Bytes>) {
        self.aws.put(path, body);
    }

    /// Waits for an object whose path begins like this, and returns it.
    pub async fn wait_for(&self, prefix: &str) -> String {
        for _ in 0..10_000 {
            if let Some(found) = self.aws.text_below(prefix) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("there is no object {prefix}")
    }

    pub async fn call(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.service.call(operation, input.as_object().unwrap()).await
    }

    /// The message of a refusal.
    pub async fn refusal(&self, operation: &str, input: Value) -> String {
        self.call(operation, input).await.expect_err(operation).message
    }

    pub async fn create_model(&self, name: &str, members: Value) {
        let mut input = json!({ "ModelName": name, "ExecutionRoleArn": ROLE });
        input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        self.call("CreateModel", input).await.unwrap();
    }

    /// Waits until an endpoint is in service, and describes it.
    pub async fn settled(&self, endpoint: &str) -> Value {
        for _ in 0..10_000 {
            let described = self.call("DescribeEndpoint", json!({ "EndpointName": endpoint })).await.unwrap();
            match described["EndpointStatus"].as_str().unwrap() {
                "InService" => return described,
                "Failed" => panic!("{described}"),
                _ => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
        panic!("{endpoint} is not in service")
    }

    pub async fn invoke(&self, endpoint: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.runtime(&format!("/endpoints/{endpoint}/invocations"), headers, body).await
    }

    pub async fn runtime(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        send(self.router.clone(), request("POST", path, headers, body.to_owned())).await
    }
}
