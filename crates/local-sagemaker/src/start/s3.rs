//! S3 over a folder, by `s3s` and `s3s-fs`: buckets are folders, objects are files below them.
//!
//! Requests in path style and in virtual-host style are served to every caller: signatures and presigned URLs are neither
//! verified nor do they expire. Two keys of which one is the folder of the other (`a` and `a/b`) exclude each other.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use percent_encoding::percent_decode_str;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::sync::Semaphore;

use super::{aws_chunked::DecodedBody, caller::bucket_of_host};
use crate::body::with_guard;

/// The most requests at once, until their response has been sent.
const MAX_IN_FLIGHT: usize = 256;
const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const DECODED_LENGTH: HeaderName = HeaderName::from_static("x-amz-decoded-content-length");
const TRAILER: HeaderName = HeaderName::from_static("x-amz-trailer");
/// Parameters of presigned URLs, of both signature versions.
const SIGNATURE_PARAMETERS: [&str; 10] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
    "AWSAccessKeyId",
    "Signature",
    "Expires",
];

/// Buckets in a folder.
#[derive(Clone)]
pub(super) struct S3Folder {
    service: S3Service,
    root: Arc<Path>,
    requests: Arc<Semaphore>,
}

impl fmt::Debug for S3Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Folder").field("root", &self.root).finish_non_exhaustive()
    }
}

impl S3Folder {
    /// Serves the buckets of a folder, which is created if it does not exist.
    ///
    /// # Errors
    /// If the folder cannot be used.
    pub(super) fn open(root: &Path) -> anyhow::Result<Self> {
        let cannot_use = || format!("cannot use the folder {}", root.display());
        fs::create_dir_all(root).with_context(cannot_use)?;
        let files =
            FileSystem::new(root).map_err(|error| anyhow::anyhow!("{error:?}")).with_context(cannot_use)?;
        Ok(Self {
            service: S3ServiceBuilder::new(files).build(),
            root: root.into(),
            requests: Arc::new(Semaphore::new(MAX_IN_FLIGHT)),
        })
    }

    /// Deletes all buckets.
    pub(super) fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Answers a request to S3.
    pub(super) async fn respond(&self, request: Request) -> Response {
        let Ok(permit) = Arc::clone(&self.requests).try_acquire_owned() else {
            let message = "Please reduce your request rate.";
            return error(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", message);
        };
        let Some(request) = unsigned(request) else {
            return error(StatusCode::BAD_REQUEST, "InvalidURI", "Couldn't parse the specified URI.");
        };
        let target = ObjectPath::from_request(&request);
        if let Some(response) = target.as_ref().and_then(|target| self.respond_to_folder(target)) {
            return response;
        }
        let mut response = match self.service.call(request.map(s3s::Body::http_body_unsync)).await {
            Ok(response) => response.map(Body::new),
            Err(failure) => {
                tracing::warn!(error = ?failure, "a request to S3 failed");
                return error(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "InternalError",
                    "An internal error occurred.",
                );
            }
        };
        if response.status().is_client_error() {
            response = with_message(response).await;
        }
        // In us-east-1, to create one's own bucket again is no error.
        let creates_bucket =
            target.is_some_and(|target| target.method == Method::PUT && target.key.is_empty());
        if creates_bucket && response.status() == StatusCode::CONFLICT {
            response = StatusCode::OK.into_response();
        }
        response.map(|body| with_guard(body, permit))
    }

    /// Returns the response to a request for an object that is only the folder of others, and so does not exist in S3; and
    /// to the deletion of a bucket with objects.
    fn respond_to_folder(&self, target: &ObjectPath) -> Option<Response> {
        if target.method == Method::DELETE && target.key.is_empty() && !target.has_query {
            let is_empty = |path: PathBuf| !contains_file(&path);
            let message = "The bucket you tried to delete is not empty";
            let is_deletable = target.file(&self.root).is_none_or(is_empty);
            return (!is_deletable).then(|| error(StatusCode::CONFLICT, "BucketNotEmpty", message));
        }
        let is_object = !target.key.is_empty() && !target.key.ends_with('/') && !target.has_query;
        if !is_object || !target.file(&self.root)?.is_dir() {
            return None;
        }
        match target.method {
            Method::GET => {
                Some(error(StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist."))
            }
            Method::HEAD => Some(StatusCode::NOT_FOUND.into_response()),
            Method::DELETE => Some(StatusCode::NO_CONTENT.into_response()),
            Method::PUT => {
                let message = "This key is the folder of other keys; s3s-fs cannot hold both.";
                Some(error(StatusCode::CONFLICT, "InvalidRequest", message))
            }
            _ => None,
        }
    }
}

/// The messages of errors for which s3s has none, in the service's words.
const MESSAGES: [(&str, &str); 6] = [
    ("NoSuchKey", "The specified key does not exist."),
    ("NoSuchBucket", "The specified bucket does not exist"),
    ("InvalidBucketName", "The specified bucket is not valid."),
    ("InvalidRange", "The requested range is not satisfiable"),
    ("PreconditionFailed", "At least one of the pre-conditions you specified did not hold"),
    ("NotImplemented", "The operation is not supported here."),
];
/// Errors are shorter than this, in bytes.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// Adds its message to an error that has none.
async fn with_message(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_ERROR_BYTES).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body);
    let message = MESSAGES.iter().find(|(code, _)| text.contains(&format!("<Code>{code}</Code>")));
    match message.filter(|_| !text.contains("<Message>")) {
        Some((code, message)) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            let code = format!("<Code>{code}</Code>");
            let body = text.replacen(&code, &format!("{code}<Message>{message}</Message>"), 1);
            Response::from_parts(parts, body.into())
        }
        None => Response::from_parts(parts, body.into()),
    }
}

/// Returns whether there is a file in a folder or below it.
fn contains_file(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => contains_file(&entry.path()),
        _ => true,
    })
}

/// A request's bucket and key.
#[derive(Debug)]
struct ObjectPath {
    method: Method,
    bucket: String,
    key: String,
    has_query: bool,
}

impl ObjectPath {
    /// Returns `None` for a request that names no bucket.
    fn from_request(request: &Request) -> Option<Self> {
        let uri = request.uri();
        let path = percent_decode_str(uri.path()).decode_utf8().ok()?;
        let path = path.strip_prefix('/')?;
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        (!bucket.is_empty()).then(|| Self {
            method: request.method().clone(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            // The SDKs for Rust and JavaScript name the operation in the query: `x-id=GetObject`.
            has_query: uri.query().is_some_and(|query| !query.is_empty() && !query.starts_with("x-id=")),
        })
    }

    /// Returns the object's file; `None` if that would be outside of the bucket.
    fn file(&self, root: &Path) -> Option<PathBuf> {
        let parts = self.key.split('/');
        let is_inside = |part: &str| !matches!(part, "." | "..") && !part.contains('\\');
        let is_bucket = is_inside(&self.bucket);
        (is_bucket && parts.clone().all(is_inside))
            .then(|| parts.fold(root.join(&self.bucket), |path, part| path.join(part)))
    }
}

/// Returns the request in path style, without its signature, and with a decoded body; `None` if the URI would be invalid.
fn unsigned(request: Request) -> Option<Request> {
    let bucket = bucket_of_host(&request);
    let (mut parts, body) = request.into_parts();
    parts.uri = unsigned_uri(&parts.uri, bucket.as_deref())?;
    let headers = &mut parts.headers;
    headers.remove(header::AUTHORIZATION);
    let hash = headers.remove(CONTENT_SHA256);
    let is_chunked = hash.is_some_and(|hash| hash.as_bytes().starts_with(b"STREAMING-"));
    let body = if is_chunked {
        decoded_headers(headers);
        Body::new(DecodedBody::new(body))
    } else {
        body
    };
    Some(Request::from_parts(parts, body))
}

fn unsigned_uri(uri: &Uri, bucket: Option<&str>) -> Option<Uri> {
    let mut text = bucket.map_or_else(String::new, |bucket| format!("/{bucket}"));
    text.push_str(uri.path());
    let is_kept = |pair: &&str| {
        let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
        !SIGNATURE_PARAMETERS.contains(&name)
    };
    let query: Vec<&str> =
        uri.query().into_iter().flat_map(|query| query.split('&')).filter(is_kept).collect();
    if !query.is_empty() {
        text.push('?');
        text.push_str(&query.join("&"));
    }
    text.parse().ok()
}

/// Makes the headers of an encoded body those of the decoded one.
fn decoded_headers(headers: &mut HeaderMap) {
    headers.remove(TRAILER);
    headers.remove(header::TRANSFER_ENCODING);
    if let Some(length) = headers.remove(DECODED_LENGTH) {
        headers.insert(header::CONTENT_LENGTH, length);
    }
    let encodings = headers.remove(header::CONTENT_ENCODING);
    let encodings = encodings.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let rest: Vec<&str> = encodings
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && *name != "aws-chunked")
        .collect();
    if let Some(rest) = HeaderValue::from_str(&rest.join(",")).ok().filter(|rest| !rest.is_empty()) {
        headers.insert(header::CONTENT_ENCODING, rest);
    }
}

/// Returns an error of S3.
pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}
