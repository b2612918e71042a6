//! A container registry in memory, with what the OCI Distribution Specification 1.1 requires for a push.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::{digest::sha256, image::MANIFEST};

/// The header of a push with the right credentials.
const AUTHORIZATION: &str = "Basic dG9rZW4=";

/// A registry.
pub struct FakeRegistry {
    /// Its URL.
    pub url: String,
    content: Arc<Mutex<Content>>,
}

/// What the registry has, by path.
#[derive(Default)]
struct Content {
    stored: HashMap<String, Bytes>,
    /// The number of requests that still fail.
    n_failures: u32,
    n_uploads: u32,
}

type RegistryResponse = (u16, String, Value);

impl FakeRegistry {
    /// Starts a registry whose first requests fail.
    pub async fn start(n_failures: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let content = Arc::new(Mutex::new(Content { n_failures, ..Content::default() }));
        let served = content.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, &served).await;
            }
        });
        Self { url, content }
    }

    /// Returns a manifest by tag or digest.
    pub fn manifest(&self, repository: &str, reference: &str) -> Bytes {
        let content = self.content.lock().unwrap();
        content.stored[&format!("/v2/{repository}/manifests/{reference}")].clone()
    }
}

impl Content {
    fn answer(
        &mut self,
        method: &str,
        target: &str,
        header: &dyn Fn(&str) -> String,
        body: Bytes,
    ) -> RegistryResponse {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let digest = query.split('&').find_map(|part| part.strip_prefix("digest="));
        let error = |status, code: &str, message: &str| {
            (status, String::new(), json!({"errors": [{"code": code, "message": message}]}))
        };
        if self.n_failures > 0 {
            self.n_failures -= 1;
            return error(503, "UNAVAILABLE", "try again");
        }
        if header("authorization") != AUTHORIZATION {
            return error(401, "UNAUTHORIZED", "authentication required");
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        match (method, folder.rsplit('/').next().unwrap_or_default()) {
            ("HEAD", _) if self.stored.contains_key(path) => (200, String::new(), Value::Null),
            ("HEAD", _) => error(404, "NOT_FOUND", "unknown"),
            ("POST", "uploads") => {
                self.n_uploads += 1;
                // A query that the client must keep, and, every other time, an absolute URL.
                let location = format!("{path}{}?_state=1", self.n_uploads);
                let base = format!("http://{}", header("host"));
                let base = if self.n_uploads.is_multiple_of(2) { base } else { String::new() };
                (202, format!("location: {base}{location}\r\n"), Value::Null)
            }
            ("PUT", "uploads") if query.contains("_state=1") => {
                let found = format!("sha256:{}", sha256(&body));
                if digest != Some(found.as_str()) {
                    return error(400, "DIGEST_INVALID", "digests differ");
                }
                let blobs = folder.trim_end_matches("/uploads");
                self.stored.insert(format!("{blobs}/{found}"), body);
                (201, String::new(), Value::Null)
            }
            ("PUT", "manifests") if header("content-type") == MANIFEST => {
                let manifest: Value = serde_json::from_slice(&body).unwrap();
                let layers = manifest["layers"].as_array().into_iter().flatten();
                let repository = folder.trim_end_matches("/manifests");
                for blob in layers.chain([&manifest["config"]]) {
                    let blob = format!("{repository}/blobs/{}", blob["digest"].as_str().unwrap());
                    if !self.stored.contains_key(&blob) {
                        return error(404, "MANIFEST_BLOB_UNKNOWN", &blob);
                    }
                }
                self.stored.insert(format!("{folder}/sha256:{}", sha256(&body)), body.clone());
                self.stored.insert(path.to_owned(), body);
                (201, String::new(), Value::Null)
            }
            _ => error(405, "UNSUPPORTED", "not a push"),
        }
    }
}

async fn serve(stream: TcpStream, content: &Mutex<Content>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let mut headers = HashMap::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let header = |name: &str| headers.get(name).cloned().unwrap_or_default();
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let answer = {
        let mut content = content.lock().unwrap_or_else(PoisonError::into_inner);
        content.answer(method, target, &header, body.into())
    };
    let (status, head, body) = answer;
    let body = if body.is_null() || method == "HEAD" { String::new() } else { body.to_string() };
    let head =
        format!("HTTP/1.1 {status} x\r\n{head}connection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes()).await.ok()
}
