//! S3 and `CloudWatch` Logs as the control plane uses them, in memory.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use local_sagemaker::aws::{client::AwsClient, http_client::Http, signature::Credentials};
use serde_json::Value;

/// A list's pages are small, so that there are several.
const PAGE: usize = 2;

#[derive(Debug, Default)]
pub struct Held {
    /// By bucket and key.
    pub objects: BTreeMap<String, Bytes>,
    /// Streams and messages.
    pub log: Vec<(String, String)>,
}

type Shared = Arc<Mutex<Held>>;

/// The services, on a port of their own.
pub struct FakeAws {
    pub held: Shared,
    pub client: AwsClient,
}

impl FakeAws {
    pub async fn start() -> Self {
        let held = Shared::default();
        let routes = Router::new()
            .route("/", post(logs))
            .route("/{bucket}", get(list))
            .route("/{bucket}/{*key}", get(object).put(put))
            .with_state(Arc::clone(&held));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { held, client: AwsClient::new(Http::default(), url, Credentials::random()) }
    }

    pub fn put(&self, key: &str, body: impl Into<Bytes>) {
        self.held.lock().unwrap().objects.insert(key.to_owned(), body.into());
    }

    pub fn bytes(&self, key: &str) -> Option<Bytes> {
        self.held.lock().unwrap().objects.get(key).cloned()
    }

    /// The messages of all streams whose names have this text.
    pub fn messages(&self, stream: &str) -> Vec<String> {
        let held = self.held.lock().unwrap();
        held.log.iter().filter(|(name, _)| name.contains(stream)).map(|(_, text)| text.clone()).collect()
    }
}

async fn object(
    State(held): State<Shared>,
    Path((bucket, key)): Path<(String, String)>,
) -> Result<Bytes, StatusCode> {
    let name = format!("{bucket}/{key}");
    held.lock().unwrap().objects.get(&name).cloned().ok_or(StatusCode::NOT_FOUND)
}

async fn put(State(held): State<Shared>, Path((bucket, key)): Path<(String, String)>, body: Bytes) {
    held.lock().unwrap().objects.insert(format!("{bucket}/{key}"), body);
}

async fn list(
    State(held): State<Shared>,
    Path(bucket): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> String {
    let prefix = format!("{bucket}/{}", query["prefix"]);
    let held = held.lock().unwrap();
    let after = query.get("continuation-token").cloned().unwrap_or_default();
    let keys = held.objects.keys().filter(|key| key.starts_with(&prefix) && **key > after);
    let keys: Vec<&String> = keys.take(PAGE + 1).collect();
    let mut xml = "<ListBucketResult>".to_owned();
    for key in keys.iter().take(PAGE) {
        let _ = write!(xml, "<Contents><Key>{}</Key></Contents>", &key[bucket.len() + 1..]);
    }
    if keys.len() > PAGE {
        let _ = write!(xml, "<NextContinuationToken>{}</NextContinuationToken>", keys[PAGE - 1]);
    }
    xml + "</ListBucketResult>"
}

async fn logs(State(held): State<Shared>, headers: HeaderMap, body: Bytes) {
    let body: Value = serde_json::from_slice(&body).unwrap();
    if headers["x-amz-target"] == "Logs_20140328.PutLogEvents" {
        let stream = body["logStreamName"].as_str().unwrap();
        let messages = body["logEvents"].as_array().unwrap().iter().map(|event| &event["message"]);
        let messages = messages.map(|message| (stream.to_owned(), message.as_str().unwrap().to_owned()));
        held.lock().unwrap().log.extend(messages);
    }
}
