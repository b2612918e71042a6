//! S3 and `CloudWatch` Logs as the control plane uses them, in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
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
    /// Parts of objects that are not complete, by upload and number.
    pub parts: BTreeMap<(String, usize), Bytes>,
    /// Bucket and key of each object that was read, in order.
    pub reads: Vec<String>,
    /// Objects that are not sent for now.
    pub withheld: BTreeSet<String>,
    /// Streams and messages.
    pub log: Vec<(String, String)>,
    uploads: usize,
}

type Shared = Arc<Mutex<Held>>;
type Parameters = Query<BTreeMap<String, String>>;

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
            .route("/{bucket}/{*key}", get(object).put(put).post(change_upload).delete(abort_upload))
            .layer(DefaultBodyLimit::disable())
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

    pub fn text(&self, key: &str) -> Option<String> {
        self.bytes(key).map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// The first object whose name begins like this.
    pub fn text_below(&self, prefix: &str) -> Option<String> {
        let held = self.held.lock().unwrap();
        let (_, bytes) = held.objects.iter().find(|(name, _)| name.starts_with(prefix))?;
        Some(String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// The messages of all streams whose names have this text.
    pub fn messages(&self, stream: &str) -> Vec<String> {
        let held = self.held.lock().unwrap();
        held.log.iter().filter(|(name, _)| name.contains(stream)).map(|(_, text)| text.clone()).collect()
    }
}

async fn object(State(held): State<Shared>, Path((bucket, key)): Path<(String, String)>) -> Response {
    let name = format!("{bucket}/{key}");
    held.lock().unwrap().reads.push(name.clone());
    while held.lock().unwrap().withheld.contains(&name) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let body = held.lock().unwrap().objects.get(&name).cloned();
    body.map_or_else(|| StatusCode::NOT_FOUND.into_response(), axum::response::IntoResponse::into_response)
}

async fn put(
    State(held): State<Shared>,
    Path((bucket, key)): Path<(String, String)>,
    Query(query): Parameters,
    body: Bytes,
) -> Response {
    let mut held = held.lock().unwrap();
    let Some(upload) = query.get("uploadId") else {
        held.objects.insert(format!("{bucket}/{key}"), body);
        return StatusCode::OK.into_response();
    };
    let number = query["partNumber"].parse().unwrap();
    held.parts.insert((upload.clone(), number), body);
    [("etag", format!("\"{number}\""))].into_response()
}

async fn change_upload(
    State(held): State<Shared>,
    Path((bucket, key)): Path<(String, String)>,
    Query(query): Parameters,
    body: Bytes,
) -> Response {
    let mut held = held.lock().unwrap();
    let Some(upload) = query.get("uploadId") else {
        assert!(query.contains_key("uploads"));
        held.uploads += 1;
        let upload = held.uploads;
        return format!(
            "<InitiateMultipartUploadResult><UploadId>u/{upload}</UploadId></InitiateMultipartUploadResult>"
        )
        .into_response();
    };
    let (parts, rest): (BTreeMap<_, _>, BTreeMap<_, _>) =
        std::mem::take(&mut held.parts).into_iter().partition(|((id, _), _)| id == upload);
    held.parts = rest;
    let listed = parts.keys().map(|(_, number)| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>&quot;{number}&quot;</ETag></Part>")
    });
    let listed: String = listed.collect();
    assert_eq!(body, format!("<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>"));
    let whole: Vec<u8> = parts.into_values().flatten().collect();
    held.objects.insert(format!("{bucket}/{key}"), whole.into());
    "<CompleteMultipartUploadResult/>".into_response()
}

async fn abort_upload(State(held): State<Shared>, Query(query): Parameters) -> StatusCode {
    held.lock().unwrap().parts.retain(|(id, _), _| *id != query["uploadId"]);
    StatusCode::NO_CONTENT
}

async fn list(State(held): State<Shared>, Path(bucket): Path<String>, Query(query): Parameters) -> String {
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
