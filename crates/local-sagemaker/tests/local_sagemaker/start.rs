use std::time::{Duration, Instant};

use clap::Parser;
use local_sagemaker::start::{LocalServices, StartArgs};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    control_plane::IMAGE,
    support::{Answer, always, packed, request, send},
};

const ROLE: &str = "arn:aws:iam::111122223333:role/any";

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    start: StartArgs,
}

/// The arguments of `start`.
pub fn start_args(args: &[&str]) -> StartArgs {
    Cli::parse_from(["start"].iter().chain(args)).start
}

/// The services at an address of their own, at which they use themselves.
pub struct Services {
    pub services: LocalServices,
    host: String,
}

impl Services {
    pub async fn start(args: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut services = start_args(args).open(address).unwrap();
        let router = services.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        services.restore().await;
        Self { services, host: address.to_string() }
    }

    pub async fn ask(
        &self,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let mut headers = headers.to_vec();
        if !headers.iter().any(|(name, _)| *name == "host") {
            headers.push(("host", &self.host));
        }
        send(self.services.router(), request(method, uri, &headers, body.into())).await
    }

    /// Sends a request that claims to be signed.
    async fn signed(
        &self,
        who: &str,
        service: &str,
        request: (&str, &str, &[(&str, &str)], Vec<u8>),
    ) -> Answer {
        let (account, region) = who.split_once('/').unwrap();
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={account}/20261130/{region}/{service}/aws4_request, SignedHeaders=host, \
             Signature=0"
        );
        let (method, uri, headers, body) = request;
        let mut headers = headers.to_vec();
        headers.push(("authorization", &authorization));
        self.ask(method, uri, &headers, body).await
    }

    async fn json(&self, who: &str, target: &str, input: Value) -> Result<Value, (String, String)> {
        let service = if target.starts_with("SageMaker") { "sagemaker" } else { "logs" };
        let headers = [("x-amz-target", target)];
        let answer = self
            .signed(who, service, ("POST", "/", headers.as_slice(), input.to_string().into_bytes()))
            .await;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        if answer.status == 200 {
            return Ok(body);
        }
        Err((body["__type"].as_str().unwrap().to_owned(), body["message"].as_str().unwrap().to_owned()))
    }

    pub async fn sagemaker(&self, operation: &str, input: Value) -> Value {
        self.json("local/us-east-1", &format!("SageMaker.{operation}"), input).await.unwrap()
    }

    async fn put(&self, path: &str, body: impl Into<Vec<u8>>) {
        let answer = self.ask("PUT", path, &[], body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// An endpoint that answers 7.
    pub async fn endpoint(&self, name: &str) {
        self.put("/data", "").await;
        self.put("/data/model.tar.gz", packed(always(7.0))).await;
        self.sagemaker("CreateModel", model("m")).await;
        let variant = json!({
            "VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1,
        });
        self.sagemaker(
            "CreateEndpointConfig",
            json!({ "EndpointConfigName": "c", "ProductionVariants": [variant] }),
        )
        .await;
        self.sagemaker("CreateEndpoint", json!({ "EndpointName": name, "EndpointConfigName": "c" })).await;
    }
}

fn model(name: &str) -> Value {
    json!({
        "ModelName": name,
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": { "Image": IMAGE, "ModelDataUrl": "s3://data/model.tar.gz" },
    })
}

#[tokio::test]
async fn one_port_serves_an_endpoint_from_s3() {
    let services = Services::start(&[]).await;
    let begin = Instant::now();
    services.endpoint("e").await;
    // The first description has the final status: waiters ask again after 30 s only.
    let described = services.sagemaker("DescribeEndpoint", json!({ "EndpointName": "e" })).await;
    assert_eq!(described["EndpointStatus"], "InService", "{described}");
    assert_eq!(described["EndpointArn"], "arn:aws:sagemaker:us-east-1:000000000000:endpoint/e");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    let invoke = async |who: Option<&str>| {
        let request = ("POST", "/endpoints/e/invocations", [("content-type", "text/csv")], b"1,2".to_vec());
        let (method, uri, headers, body) = request;
        match who {
            Some(who) => services.signed(who, "sagemaker", (method, uri, &headers, body)).await,
            None => services.ask(method, uri, &headers, body).await,
        }
    };
    for who in [None, Some("local/us-east-1"), Some("000000000000/us-east-1")] {
        let answer = invoke(who).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (200, r#"{"predictions": [{"predicted_label": 7.0}]}"#)
        );
    }
    // Another account has no such endpoint.
    let other = invoke(Some("111122223333/us-east-1")).await;
    assert_eq!(
        (other.status.as_u16(), other.text()),
        (400, r#"{"Message":"Endpoint e of account 111122223333 not found."}"#)
    );
    assert_eq!(invoke(Some("local/eu-west-1")).await.status, 400);
}

#[tokio::test]
async fn accounts_and_regions_have_records_of_their_own() {
    let services = Services::start(&[]).await;
    services.put("/data", "").await;
    services.put("/data/model.tar.gz", packed(always(1.0))).await;
    for (who, arn) in [
        ("111122223333/eu-west-1", "arn:aws:sagemaker:eu-west-1:111122223333:model/m"),
        ("111122223333/us-east-1", "arn:aws:sagemaker:us-east-1:111122223333:model/m"),
        ("AKIAIOSFODNN7EXAMPLE/us-east-1", "arn:aws:sagemaker:us-east-1:000000000000:model/m"),
    ] {
        let created = services.json(who, "SageMaker.CreateModel", model("m")).await.unwrap();
        assert_eq!(created, json!({ "ModelArn": arn }));
    }
    let (code, message) =
        services.json("local/us-east-1", "SageMaker.CreateDomain", json!({})).await.unwrap_err();
    assert_eq!(code, "UnknownOperationException");
    assert!(message.contains("docs/local-sagemaker/reference.md"), "{message}");
}

#[tokio::test]
async fn objects_are_written_listed_copied_and_deleted() {
    let services = Services::start(&[]).await;
    services.put("/bucket", "").await;
    services.put("/bucket", "").await;
    services.put("/bucket/folder/a%20b.txt", "0123456789").await;
    let range = services.ask("GET", "/bucket/folder/a%20b.txt", &[("range", "bytes=2-4")], "").await;
    assert_eq!((range.status.as_u16(), range.text()), (206, "234"));
    // Virtual-host style, and a chunked body with a trailer.
    let host = ("host", "bucket.localhost:4600");
    let chunked = [
        host,
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "5"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    let answer = services.ask("PUT", "/folder/c", &chunked, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = services.ask("GET", "/folder/c", &[host], "").await;
    assert_eq!((answer.text(), answer.header("content-encoding")), ("hello", ""));
    // What is only a folder is no object.
    for (method, status) in [("GET", 404), ("HEAD", 404), ("DELETE", 204)] {
        assert_eq!(services.ask(method, "/bucket/folder", &[], "").await.status.as_u16(), status, "{method}");
    }
    let presigned = "/bucket/folder/c?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x%2F20261130%2Fus-east-1%2Fs3%2F\
                     aws4_request&X-Amz-Date=20200101T000000Z&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature=0";
    assert_eq!(services.ask("GET", presigned, &[], "").await.text(), "hello");
    let copy = [("x-amz-copy-source", "/bucket/folder/c")];
    assert_eq!(services.ask("PUT", "/bucket/d", &copy, "").await.status, 200);
    let list = services.ask("GET", "/bucket?list-type=2&max-keys=2", &[], "").await;
    let list = list.text();
    assert!(list.contains("<Key>d</Key>") && list.contains("<Key>folder/a b.txt</Key>"), "{list}");
    assert!(list.contains("<NextContinuationToken>") && !list.contains("folder/c"), "{list}");
    assert_eq!(services.ask("DELETE", "/bucket", &[], "").await.status, 409);
    assert_eq!(services.ask("DELETE", "/bucket/d", &[], "").await.status, 204);
    let missing = services.ask("GET", "/bucket/d", &[], "").await;
    assert_eq!(missing.status, 404);
    assert!(
        missing.text().contains("<Message>The specified key does not exist.</Message>"),
        "{}",
        missing.text()
    );
    assert_eq!(services.ask("GET", "/none/d", &[], "").await.status, 404);
}

#[tokio::test]
async fn another_s3_is_named_in_the_error() {
    let services = Services::start(&["--s3-url", "http://127.0.0.1:9"]).await;
    let answer = services.ask("GET", "/bucket/key", &[], "").await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("AWS_ENDPOINT_URL_S3=http://127.0.0.1:9"), "{}", answer.text());
}

#[tokio::test]
async fn sts_and_iam_answer_for_the_account_of_the_key() {
    let services = Services::start(&[]).await;
    let ask = async |service: &str, form: &str| {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let request = ("POST", "/", headers.as_slice(), form.as_bytes().to_vec());
        let answer = services.signed("111122223333/us-east-1", service, request).await;
        (answer.status.as_u16(), answer.text().to_owned())
    };
    for (service, form, status, expected) in [
        ("sts", "Action=GetCallerIdentity&Version=2011-06-15", 200, "<Account>111122223333</Account>"),
        (
            "sts",
            "Action=AssumeRole&RoleSessionName=s&RoleArn=arn%3Aaws%3Aiam%3A%3A210987654321%3Arole%2Fr",
            200,
            "<AccessKeyId>210987654321</AccessKeyId>",
        ),
        ("sts", "Action=AssumeRole&RoleSessionName=s", 400, "Value null at 'RoleArn'"),
        ("iam", "Action=GetRole&RoleName=r", 200, "<Arn>arn:aws:iam::111122223333:role/r</Arn>"),
        ("iam", "Action=GetRole&RoleName=a%3Cb", 400, "a&lt;b"),
        ("iam", "Action=CreateRole", 400, "<Code>InvalidAction</Code>"),
    ] {
        let (answered, text) = ask(service, form).await;
        assert!(answered == status && text.contains(expected), "{form}: {answered} {text}");
    }
}

#[tokio::test]
async fn logs_are_read_page_by_page() {
    let services = Services::start(&[]).await;
    let logs = async |operation: &str, input: Value| {
        services.json("local/us-east-1", &format!("Logs_20140328.{operation}"), input).await
    };
    let stream = json!({ "logGroupName": "/g", "logStreamName": "job/algo-1" });
    assert_eq!(logs("CreateLogStream", stream.clone()).await.unwrap_err().0, "ResourceNotFoundException");
    logs("CreateLogGroup", json!({ "logGroupName": "/g" })).await.unwrap();
    logs("CreateLogStream", stream.clone()).await.unwrap();
    assert_eq!(
        logs("CreateLogStream", stream.clone()).await.unwrap_err().0,
        "ResourceAlreadyExistsException"
    );
    let events: Vec<Value> =
        (0..5).map(|i| json!({ "timestamp": 1000 + i, "message": format!("line {i}") })).collect();
    let mut put = stream.clone();
    put["logEvents"] = events.into();
    logs("PutLogEvents", put).await.unwrap();
    let streams =
        logs("DescribeLogStreams", json!({ "logGroupName": "/g", "logStreamNamePrefix": "job/" })).await;
    assert_eq!(streams.unwrap()["logStreams"][0]["logStreamName"], "job/algo-1");

    let (mut lines, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut get = stream.clone();
        get["startFromHead"] = true.into();
        get["limit"] = 2.into();
        get["startTime"] = 1001.into();
        if !token.is_null() {
            get["nextToken"] = token.clone();
        }
        let page = logs("GetLogEvents", get).await.unwrap();
        let events = page["events"].as_array().unwrap();
        if events.is_empty() {
            assert_eq!(page["nextForwardToken"], token);
            break;
        }
        lines.extend(events.iter().map(|event| event["message"].as_str().unwrap().to_owned()));
        token = page["nextForwardToken"].clone();
    }
    assert_eq!(lines, ["line 1", "line 2", "line 3", "line 4"]);
    let mut last = stream.clone();
    last["limit"] = 1.into();
    assert_eq!(logs("GetLogEvents", last).await.unwrap()["events"][0]["message"], "line 4");
    let filter = json!({ "logGroupName": "/g", "filterPattern": "line 3" });
    let found = logs("FilterLogEvents", filter).await.unwrap();
    assert_eq!(found["events"].as_array().unwrap().len(), 1, "{found}");
    for (operation, input, expected) in [
        (
            "GetLogEvents",
            json!({ "logGroupName": "/g", "logStreamName": "job/algo-1", "unmask": true }),
            "unmask",
        ),
        (
            "FilterLogEvents",
            json!({ "logGroupName": "/g", "filterPattern": "{ $.a = 1 }" }),
            "filter pattern",
        ),
        ("DescribeLogGroups", json!({ "limit": 51 }), "between 1 and 50"),
        ("CreateLogGroup", json!({ "logGroupName": "a:b" }), "regular expression"),
    ] {
        let (code, message) = logs(operation, input).await.unwrap_err();
        assert!(code == "InvalidParameterException" && message.contains(expected), "{code}: {message}");
    }
}

#[tokio::test]
async fn reset_deletes_records_logs_and_buckets() {
    let services = Services::start(&["--chaos"]).await;
    services.endpoint("e").await;
    let health = services.ask("GET", "/_local/health", &[], "").await;
    let health: Value = serde_json::from_slice(&health.body).unwrap();
    assert_eq!((&health["status"], &health["version"]), (&json!("ok"), &json!(env!("CARGO_PKG_VERSION"))));
    services.sagemaker("DescribeEndpoint", json!({ "EndpointName": "e" })).await;
    let faults = services.ask("PUT", "/chaos/e", &[], r#"{"modelError": 1}"#).await;
    assert_eq!(faults.status, 200, "{}", faults.text());
    let csv = [("content-type", "text/csv")];
    assert_eq!(services.ask("POST", "/endpoints/e/invocations", &csv, "1,2").await.status, 424);

    assert_eq!(services.ask("POST", "/_local/reset", &[], "").await.status, 204);
    assert_eq!(services.sagemaker("ListModels", json!({})).await, json!({ "Models": [] }));
    assert_eq!(services.ask("GET", "/data/model.tar.gz", &[], "").await.status, 404);
    assert_eq!(services.ask("POST", "/endpoints/e/invocations", &csv, "1,2").await.status, 400);
}

#[tokio::test]
async fn an_endpoint_begins_with_the_faults_of_its_name() {
    let services = Services::start(&["--fault", "e=model-error=1"]).await;
    services.endpoint("e").await;
    services.sagemaker("DescribeEndpoint", json!({ "EndpointName": "e" })).await;
    let csv = [("content-type", "text/csv")];
    assert_eq!(services.ask("POST", "/endpoints/e/invocations", &csv, "1,2").await.status, 424);
    // Without --chaos, clients cannot set faults.
    assert_eq!(services.ask("PUT", "/chaos/e", &[], "{}").await.status, 404);
}

#[tokio::test]
async fn endpoints_of_the_command_line_serve_every_account() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.tar.gz");
    std::fs::write(&model, packed(always(4.0))).unwrap();
    let services = Services::start(&["--endpoint", &format!("mine={}", model.display())]).await;
    let (path, headers) = ("/endpoints/mine/invocations", [("content-type", "text/csv")]);
    let answer = services.ask("POST", path, &headers, "1,2").await;
    assert_eq!(answer.text(), r#"{"predictions": [{"predicted_label": 4.0}]}"#);
    for who in ["111122223333/us-east-1", "444455556666/eu-west-1"] {
        let request = ("POST", path, headers.as_slice(), b"1,2".to_vec());
        assert_eq!(services.signed(who, "sagemaker", request).await.status, 200, "{who}");
    }
}
