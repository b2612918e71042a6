//! The control plane over an S3 in memory, and ways to call it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use local_sagemaker::{
    aws::{client::AwsClient, http_client::Http, json::ApiError, signature::Credentials},
    control_plane::{Pace, SageMakerService},
};
use mysfits_sagemaker::AccountRegion;
use serde_json::{Value, json};

use crate::support::{Answer, request, send};

pub const ROLE: &str = "arn:aws:iam::123456789012:role/mysfits";
pub const IMAGE: &str = "382416733822.dkr.ecr.us-east-1.amazonaws.com/knn:1";
const PACE: Duration = Duration::from_millis(5);

type Objects = Arc<Mutex<BTreeMap<String, Bytes>>>;

/// The service, and the objects that it reads and writes, by `bucket/key`.
pub struct LocalService {
    service: SageMakerService,
    router: Router,
    objects: Objects,
}

impl LocalService {
    pub async fn start() -> Self {
        let objects = Objects::default();
        let routes = Router::new()
            .route("/", post(async || ()))
            .route("/{bucket}/{*key}", get(object).put(put))
            .with_state(Arc::clone(&objects));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let client = AwsClient::new(Http::default(), url, Credentials::random());
        let service = SageMakerService::new(AccountRegion::default(), client.clone(), client, Pace(PACE));
        Self { router: service.runtime(), service, objects }
    }

    pub fn put(&self, path: &str, body: impl Into<Bytes>) {
        self.objects.lock().unwrap().insert(path.to_owned(), body.into());
    }

    /// Waits for an object whose path begins like this, and returns it.
    pub async fn wait_for(&self, prefix: &str) -> String {
        for _ in 0..10_000 {
            let found = self
                .objects
                .lock()
                .unwrap()
                .iter()
                .find(|(path, _)| path.starts_with(prefix))
                .map(|(_, body)| String::from_utf8(body.to_vec()).unwrap());
            match found {
                Some(found) => return found,
                None => tokio::time::sleep(Duration::from_millis(2)).await,
            }
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

async fn object(State(objects): State<Objects>, Path((bucket, key)): Path<(String, String)>) -> Response {
    let body = objects.lock().unwrap().get(&format!("{bucket}/{key}")).cloned();
    body.map_or_else(|| StatusCode::NOT_FOUND.into_response(), axum::response::IntoResponse::into_response)
}

async fn put(State(objects): State<Objects>, Path((bucket, key)): Path<(String, String)>, body: Bytes) {
    objects.lock().unwrap().insert(format!("{bucket}/{key}"), body);
}
