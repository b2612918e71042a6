//! A fake service: returns canned responses in order, and records the requests.

use std::{
    collections::VecDeque,
    fs::File,
    io::Write as _,
    sync::{Arc, Mutex},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use mysfits_infra::Stage;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use super::Aws;

/// A received request.
#[derive(Debug, Clone)]
pub struct ReceivedRequest {
    /// Method and path.
    pub line: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl ReceivedRequest {
    /// Returns a header's value.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }
}

/// A response: status, headers with a line end after each, and body.
type CannedResponse = (u16, String, String);

/// The folder for the requests with their responses, which `recorded_calls.py` checks against AWS's service models.
const RECORDED_CALLS: &str = "MYSFITS_RECORDED_CALLS";

/// The fake service.
pub struct FakeService {
    responses: Arc<Mutex<VecDeque<CannedResponse>>>,
    requests: Arc<Mutex<Vec<ReceivedRequest>>>,
}

const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::123456789012:user/tester</Arn><UserId>U</UserId><Account>123456789012</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";

impl FakeService {
    /// Starts the service with these responses (status and body) after that of `GetCallerIdentity`; returns it with its client.
    pub async fn start(responses: &[(u16, &str)]) -> (Self, Aws) {
        let responses: Vec<_> = responses.iter().map(|&(status, body)| (status, "", body)).collect();
        Self::start_with_headers(&responses).await
    }

    /// The same with response headers: `name: value` with a line end after each.
    pub async fn start_with_headers(responses: &[(u16, &str, &str)]) -> (Self, Aws) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let responses = [(200, "", IDENTITY)].iter().chain(responses);
        let responses =
            responses.map(|(status, head, body)| (*status, (*head).to_owned(), (*body).to_owned())).collect();
        let fake = Self { responses: Arc::new(Mutex::new(responses)), requests: Arc::default() };
        let (responses, requests) = (fake.responses.clone(), fake.requests.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, &responses, &requests).await;
            }
        });
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "AKIDEXAMPLE",
                "secret",
                Some("token".to_owned()),
                None,
                "test",
            )))
            .endpoint_url(url)
            .build();
        let aws = Aws::from_config(&config, Stage::DEFAULT).await.unwrap();
        (fake, aws)
    }

    /// Returns the requests after `GetCallerIdentity`.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.requests.lock().unwrap()[1..].to_vec()
    }
}

async fn serve(
    stream: TcpStream,
    responses: &Mutex<VecDeque<CannedResponse>>,
    requests: &Mutex<Vec<ReceivedRequest>>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    let body = String::from_utf8(body).unwrap();
    let request = ReceivedRequest { line: line.trim_end().to_owned(), headers, body };
    let next = responses.lock().unwrap().pop_front();
    if let Some(response) = &next {
        record(&request, response);
    }
    requests.lock().unwrap().push(request);
    let (status, head, body) = next.unwrap_or((418, String::new(), "unexpected request".to_owned()));
    let length = if head.contains("content-length: ") {
        String::new()
    } else {
        format!("content-length: {}\r\n", body.len())
    };
    let response = format!("HTTP/1.1 {status} x\r\n{head}{length}connection: close\r\n\r\n{body}");
    stream.write_all(response.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

/// Appends a request with its response to the recorded calls, if they are wanted.
fn record(request: &ReceivedRequest, (status, head, response): &CannedResponse) {
    let Some(folder) = std::env::var_os(RECORDED_CALLS) else { return };
    let path = std::path::Path::new(&folder).join(format!("{}.jsonl", std::process::id()));
    let call = serde_json::json!({
        "line": request.line, "headers": request.headers, "body": request.body,
        "status": status, "head": head, "response": response,
    });
    let mut file = File::options().create(true).append(true).open(path).unwrap();
    // One write, for tests run at the same time.
    file.write_all(format!("{call}\n").as_bytes()).unwrap();
}
