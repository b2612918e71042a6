//! `DescribeEndpoint` and `ListEndpoints` for endpoints that a process hosts without a control plane.

use std::{fmt::Debug, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::post,
};
use mysfits_sagemaker::{AccountRegion, Endpoints};
use serde_json::{Value, json};

use super::{
    TARGET_PREFIX,
    endpoint::EndpointStatus,
    names::RecordKind,
    store::{AnyStore as _, NewRecord, Record, RecordData, Store},
};
use crate::aws::json::{ApiError, Input, read_call, respond};

/// The longest request, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// An endpoint of the process.
#[derive(Debug)]
struct HostedEndpoint {
    variants: Value,
}

impl RecordData for HostedEndpoint {
    const KIND: RecordKind = RecordKind::ENDPOINT;

    fn status(&self) -> Option<&dyn Debug> {
        Some(&EndpointStatus::InService)
    }

    fn describe(record: &Record<Self>, described: &mut Input) {
        described.insert("EndpointConfigName".to_owned(), record.name.as_str().into());
        described.insert("ProductionVariants".to_owned(), record.data.variants.clone());
    }
}

/// Returns the route of these two operations, `POST /` in AWS JSON 1.1, for these endpoints. The SageMaker Python SDK v3
/// asks it before it invokes an endpoint. Configurations do not exist; each has the name of its endpoint.
/// Of names that differ in their case only, one is described.
pub fn hosted_endpoints(endpoints: &Endpoints) -> Router {
    let mut store = Store::new(&AccountRegion::default());
    for endpoint in endpoints.iter() {
        let input = Input::from_iter([("EndpointName".to_owned(), endpoint.name().into())]);
        if let Ok(new) = NewRecord::new(RecordKind::ENDPOINT, &input) {
            let deployment = endpoint.deployment();
            let variants = deployment.variants().iter().map(|variant| {
                json!({
                    "VariantName": variant.name(),
                    "CurrentWeight": variant.weight(),
                    "CurrentInstanceCount": 1,
                })
            });
            let _ = store.insert(new, HostedEndpoint { variants: variants.collect() });
        }
    }
    Router::new()
        .route("/", post(call).fallback(async || StatusCode::NOT_FOUND))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Arc::new(store))
}

async fn call(State(store): State<Arc<Store<HostedEndpoint>>>, headers: HeaderMap, body: Bytes) -> Response {
    respond(answer(&store, &headers, &body))
}

fn answer(store: &Store<HostedEndpoint>, headers: &HeaderMap, body: &[u8]) -> Result<Value, ApiError> {
    match read_call(headers, body)? {
        (TARGET_PREFIX, "DescribeEndpoint", input) => store.describe(&input),
        (TARGET_PREFIX, "ListEndpoints", input) => store.list(&input),
        (service, operation, _) => Err(ApiError::new(
            "UnknownOperationException",
            format!(
                "{service}.{operation} is not supported by `serve`; `local-sagemaker start` has a control plane"
            ),
        )),
    }
}
