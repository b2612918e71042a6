//! A service that answers as it is told, one request after another, and remembers what it was asked.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use mysfits_deploy::aws::Aws;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Method and path.
    pub line: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Asked {
    /// A header's value.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }
}

/// A response: status, headers with a line end after each, and body.
type Response = (u16, String, String);

/// The service.
pub struct Fake {
    answers: Arc<Mutex<VecDeque<Response>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::123456789012:user/tester</Arn><UserId>U</UserId><Account>123456789012</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";

impl Fake {
    /// Starts the service, which gives these answers (status and body) after telling who asks; returns it and what
    /// talks to it.
    pub async fn start(answers: &[(u16, &str)]) -> (Self, Aws) {
        let answers: Vec<_> = answers.iter().map(|&(status, body)| (status, "", body)).collect();
        Self::start_with_headers(&answers).await
    }

    /// The same, with headers in the answers: `name: value` with a line end after each.
    pub async fn start_with_headers(answers: &[(u16, &str, &str)]) -> (Self, Aws) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers = [(200, "", IDENTITY)].iter().chain(answers);
        let answers =
            answers.map(|(status, head, body)| (*status, (*head).to_owned(), (*body).to_owned())).collect();
        let fake = Self { answers: Arc::new(Mutex::new(answers)), asked: Arc::default() };
        let (answers, asked) = (fake.answers.clone(), fake.asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, &answers, &asked).await;
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
        let aws = Aws::with(&config).await.unwrap();
        (fake, aws)
    }

    /// What was asked after the question who asks.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap()[1..].to_vec()
    }
}

async fn serve(
    stream: TcpStream,
    answers: &Mutex<VecDeque<Response>>,
    asked: &Mutex<Vec<Asked>>,
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
    asked.lock().unwrap().push(Asked { line: line.trim_end().to_owned(), headers, body });
    let next = answers.lock().unwrap().pop_front();
    let (status, head, body) = next.unwrap_or((418, String::new(), "asked once too often".to_owned()));
    let length = if head.contains("content-length: ") {
        String::new()
    } else {
        format!("content-length: {}\r\n", body.len())
    };
    let answer = format!("HTTP/1.1 {status} x\r\n{head}{length}connection: close\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}
