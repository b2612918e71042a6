//! An emulator that is played, a service over it, and ways to ask.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Query, Request, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
    routing::{any, get, post},
};
use http_body_util::BodyExt as _;
use local_sagemaker::{
    aws::{http_client::Http, signature::Credentials},
    control_plane::{Pace, SageMakerService},
};
use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_localcloud::{emulator::Emulator, service};
use mysfits_sagemaker::{AccountRegion, artifact::Artifact};
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

pub const ROLE: &str = "arn:aws:iam::123456789012:role/mysfits";
pub const IMAGE: &str = "382416733822.dkr.ecr.us-east-1.amazonaws.com/knn:1";
/// Short enough for tests, and long enough to be seen on a machine that has other things to do.
const PACE: Duration = Duration::from_millis(400);
/// The polling interval.
const INTERVAL: Duration = Duration::from_millis(4);
const PATIENCE: Duration = Duration::from_secs(20);
/// A listing's pages are small, so that there are several.
const PAGE: usize = 2;

/// What the emulator holds, and what it was asked.
#[derive(Debug, Default)]
pub struct Held {
    pub objects: BTreeMap<String, Bytes>,
    pub log_lines: Vec<(String, String)>,
    pub distributions: String,
}

pub type Shared = Arc<Mutex<Held>>;

/// A service over an emulator.
pub struct Cloud {
    pub services: Router,
    pub held: Shared,
    pub emulator: Emulator,
}

impl Cloud {
    pub async fn start() -> Self {
        let held = Shared::default();
        let emulator = play(Arc::clone(&held)).await;
        let client = emulator.client().clone();
        let services = service::router(move |owner: AccountRegion| {
            SageMakerService::new(owner, client.clone(), client.clone(), Pace(PACE))
        });
        Self { services, held, emulator }
    }

    pub fn put(&self, key: &str, body: impl Into<Bytes>) {
        self.held.lock().unwrap().objects.insert(key.to_owned(), body.into());
    }

    /// An operation of any service, `SageMakerService.CreateModel` for instance; the error as its type and its message.
    pub async fn call(&self, target: &str, input: Value) -> Result<Value, (String, String)> {
        let request = Request::post("/").header("x-amz-target", target).body(Body::from(input.to_string()));
        let (status, _, body) = ask(&self.services, request.unwrap()).await;
        let body: Value =
            if body.is_empty() { Value::Null } else { serde_json::from_str(&body).expect(&body) };
        if status == StatusCode::OK {
            return Ok(body);
        }
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Err((text("__type"), text("message")))
    }

    /// The same for SageMaker, where no error is expected.
    pub async fn sagemaker(&self, operation: &str, input: Value) -> Value {
        self.call(&format!("SageMaker.{operation}"), input).await.expect(operation)
    }

    /// The message of SageMaker's refusal.
    pub async fn refusal(&self, operation: &str, input: Value) -> String {
        self.call(&format!("SageMaker.{operation}"), input).await.expect_err(operation).1
    }

    /// Polls until the status is final; returns all statuses and the last description.
    pub async fn settled(&self, operation: &str, input: Value, status: &str) -> (Vec<String>, Value) {
        const UNDER_WAY: [&str; 6] =
            ["Creating", "Updating", "Pending", "Stopping", "InProgress", "Deleting"];
        let (begin, mut seen) = (Instant::now(), Vec::new());
        loop {
            let described = self.sagemaker(operation, input.clone()).await;
            let now = described[status].as_str().unwrap().to_owned();
            let is_settled = !UNDER_WAY.contains(&now.as_str());
            if seen.last() != Some(&now) {
                seen.push(now);
            }
            if is_settled {
                return (seen, described);
            }
            assert!(begin.elapsed() < PATIENCE, "{operation} is still {seen:?}");
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Waits until the resource no longer exists.
    pub async fn gone(&self, operation: &str, input: Value) {
        let begin = Instant::now();
        while self.call(&format!("SageMaker.{operation}"), input.clone()).await.is_ok() {
            assert!(begin.elapsed() < PATIENCE, "{operation} {input} is still there");
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// The status and body that the runtime answers with.
    pub async fn invoke(&self, endpoint: &str, csv: &str) -> (u16, String) {
        let path = format!("/endpoints/{endpoint}/invocations");
        let request = Request::post(path).header("content-type", "text/csv").body(Body::from(csv.to_owned()));
        let (status, _, body) = ask(&self.services, request.unwrap()).await;
        (status.as_u16(), body)
    }

    /// A model of this artifact, and a configuration of the same name.
    pub async fn model(&self, name: &str, key: &str) {
        self.sagemaker("CreateModel", model(name, key)).await;
        self.sagemaker("CreateEndpointConfig", config(name, name)).await;
    }
}

pub async fn ask(router: &Router, request: Request) -> (StatusCode, HeaderMap, String) {
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, headers, String::from_utf8(body.to_vec()).unwrap())
}

pub fn model(name: &str, key: &str) -> Value {
    json!({
        "ModelName": name,
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": { "Image": IMAGE, "ModelDataUrl": format!("s3://{key}") },
    })
}

pub fn config(name: &str, model: &str) -> Value {
    json!({
        "EndpointConfigName": name,
        "ProductionVariants": [{
            "VariantName": "AllTraffic",
            "ModelName": model,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }],
    })
}

/// An artifact whose model answers with this label, whatever it is asked about two features.
pub fn artifact(label: f64) -> Vec<u8> {
    let (features, labels) = (ndarray::array![[3.0, 4.0]], ndarray::array![label]);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let model = Model::train(dataset, &Hyperparameters::classifier(1).check().unwrap()).unwrap();
    let mut bytes = Vec::new();
    Artifact { model, extra: Map::new() }.write(&mut bytes).unwrap();
    bytes
}

async fn play(held: Shared) -> Emulator {
    let routes = Router::new()
        .route("/", post(logs))
        .route("/2020-05-31/distribution", get(distributions))
        .route("/restapis/{*path}", any(echo))
        .route("/_ministack/mysfits/authorize", post(authorize))
        .route("/{bucket}", get(list))
        .route("/{bucket}/{*key}", get(object).put(put))
        .with_state(held)
        .layer(from_fn(viewers));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Emulator::new(Http::default(), url, Credentials::random())
}

async fn object(State(held): State<Shared>, Path((bucket, key)): Path<(String, String)>) -> Response {
    let body = held.lock().unwrap().objects.get(&format!("{bucket}/{key}")).cloned();
    body.map_or_else(|| StatusCode::NOT_FOUND.into_response(), axum::response::IntoResponse::into_response)
}

/// Routes viewers' requests past the services.
async fn viewers(request: Request, next: Next) -> Response {
    if request.headers().get("host").is_some_and(|host| host.as_bytes().ends_with(b".cloudfront.net")) {
        return echo(request).await;
    }
    next.run(request).await
}

async fn put(State(held): State<Shared>, Path((bucket, key)): Path<(String, String)>, body: Bytes) {
    held.lock().unwrap().objects.insert(format!("{bucket}/{key}"), body);
}

async fn list(
    State(held): State<Shared>,
    Path(bucket): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> String {
    assert_eq!(query["list-type"], "2");
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
        let group = body["logGroupName"].as_str().unwrap();
        let lines = body["logEvents"].as_array().unwrap().iter().map(|event| &event["message"]);
        let lines = lines.map(|line| (group.to_owned(), line.as_str().unwrap().to_owned()));
        held.lock().unwrap().log_lines.extend(lines);
    }
}

/// Allows one endpoint to be invoked.
async fn authorize(body: Bytes) -> String {
    let asked: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&asked["accessKeyId"], &asked["action"]),
        (&json!("ASIA1"), &json!("sagemaker:InvokeEndpoint"))
    );
    let is_allowed = asked["resource"] == "arn:aws:sagemaker:us-east-1:123456789012:endpoint/allowed";
    json!({ "denied": (!is_allowed).then_some("not authorized") }).to_string()
}

async fn distributions(State(held): State<Shared>) -> String {
    held.lock().unwrap().distributions.clone()
}

/// Says what it was asked, with a status that nothing else here gives.
async fn echo(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let text = seen(&parts.method, &parts.uri, &parts.headers, &body);
    (StatusCode::IM_A_TEAPOT, [("x-answer", "kept")], text).into_response()
}

fn seen(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> String {
    let header = |name: &str| headers.get(name).map_or("-", |value| value.to_str().unwrap());
    format!(
        "{method} {uri} host={} proto={} x-asked={} connection={} {}",
        header("host"),
        header("x-forwarded-proto"),
        header("x-asked"),
        header("connection"),
        String::from_utf8_lossy(body),
    )
}
