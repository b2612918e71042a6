//! S3 as SageMaker needs it: whole objects, in path style.

use std::{fmt, fmt::Write as _, str::FromStr};

use axum::body::Bytes;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, body::Incoming};

use super::{
    client::AwsClient,
    http_client::{HttpError, MAX_RESPONSE_BYTES, read_body},
    signature::encode,
};

/// An object or a prefix of objects: `s3://bucket/key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Uri {
    /// The bucket.
    pub bucket: String,
    /// The key, or how keys begin; without a slash first.
    pub key: String,
}

/// An invalid S3 URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid S3 URI: {0:?} (expected s3://bucket/key)")]
pub struct S3UriError(String);

impl FromStr for S3Uri {
    type Err = S3UriError;

    fn from_str(text: &str) -> Result<Self, S3UriError> {
        let rest = text.strip_prefix("s3://").ok_or_else(|| S3UriError(text.to_owned()))?;
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        let is_bucket = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
        if bucket.is_empty() || !bucket.bytes().all(is_bucket) {
            return Err(S3UriError(text.to_owned()));
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

impl fmt::Display for S3Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// The most bytes of a response that is not an object.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Why a request to S3 failed.
#[derive(Debug, thiserror::Error)]
pub enum S3Error {
    /// The object or the bucket does not exist.
    #[error("there is no object at {0}")]
    Missing(S3Uri),
    /// An error response.
    #[error("{uri} was answered with {status}: {body}")]
    Status {
        /// The object.
        uri: S3Uri,
        /// The status of the response.
        status: StatusCode,
        /// The body of the response.
        body: String,
    },
    /// The response is not one of S3's.
    #[error("{0} was answered with an incomplete response")]
    Response(S3Uri),
    /// The body of the response cannot be read.
    #[error("cannot read the response for {uri}: {reason}")]
    Body {
        /// The object.
        uri: S3Uri,
        /// Why not.
        reason: String,
    },
    /// There is no response.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl AwsClient {
    /// Returns an object's content.
    ///
    /// # Errors
    /// [`S3Error`] if there is no such object, an error response, or none.
    pub async fn get(&self, uri: &S3Uri) -> Result<Bytes, S3Error> {
        let body = self.open(uri).await?;
        whole(uri, body).await
    }

    /// Returns an object's content as it arrives.
    ///
    /// # Errors
    /// [`S3Error`] if there is no object or no response.
    pub async fn open(&self, uri: &S3Uri) -> Result<Incoming, S3Error> {
        Ok(self.send_to_object(Method::GET, uri, "", Bytes::new()).await?.into_body())
    }

    /// Returns whether an object exists.
    ///
    /// # Errors
    /// [`S3Error`] if there is no such object, an error response, or none.
    pub async fn exists(&self, uri: &S3Uri) -> Result<bool, S3Error> {
        match self.send_to_object(Method::HEAD, uri, "", Bytes::new()).await {
            Ok(_) => Ok(true),
            Err(S3Error::Missing(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes an object.
    ///
    /// # Errors
    /// [`S3Error`] if there is no such object, an error response, or none.
    pub async fn put(&self, uri: &S3Uri, body: Bytes) -> Result<(), S3Error> {
        self.send_to_object(Method::PUT, uri, "", body).await.map(drop)
    }

    /// Sends a request to an object, with this query. Returns the headers and the body of the response, which is short.
    pub(super) async fn object_response(
        &self,
        method: Method,
        uri: &S3Uri,
        query: &str,
        body: Bytes,
    ) -> Result<(HeaderMap, Bytes), S3Error> {
        let (parts, body) = self.send_to_object(method, uri, query, body).await?.into_parts();
        let body = read_body(body, MAX_ANSWER_BYTES).await;
        Ok((parts.headers, body.map_err(|_| S3Error::Response(uri.clone()))?))
    }

    /// Sends a request to an object, with this query.
    pub(super) async fn send_to_object(
        &self,
        method: Method,
        uri: &S3Uri,
        query: &str,
        body: Bytes,
    ) -> Result<Response<Incoming>, S3Error> {
        let path = format!("/{}/{}{query}", uri.bucket, encode(&uri.key, true));
        self.send_to_s3(method, uri, &path, body).await
    }

    /// Sends a request to a path. `uri` is what it is about, for errors.
    async fn send_to_s3(
        &self,
        method: Method,
        uri: &S3Uri,
        path: &str,
        body: Bytes,
    ) -> Result<Response<Incoming>, S3Error> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        // The bucket was checked and the rest is encoded.
        *request.uri_mut() =
            format!("{}{path}", self.url()).parse().map_err(|_| S3Error::Missing(uri.clone()))?;
        let response = self.send("s3", request).await?;
        match response.status() {
            status if status.is_success() => Ok(response),
            StatusCode::NOT_FOUND => Err(S3Error::Missing(uri.clone())),
            status => {
                let body = read_body(response.into_body(), MAX_ANSWER_BYTES).await;
                let body = body.map(|body| String::from_utf8_lossy(&body).into_owned());
                Err(S3Error::Status { uri: uri.clone(), status, body: body.unwrap_or_default() })
            }
        }
    }

    /// Returns the keys with the URI's key as their prefix, in order.
    ///
    /// # Errors
    /// [`S3Error`] if there is no such object, an error response, or none.
    pub async fn list(&self, prefix: &S3Uri) -> Result<Vec<String>, S3Error> {
        let mut keys = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut path = format!("/{}?list-type=2&prefix={}", prefix.bucket, encode(&prefix.key, false));
            if let Some(token) = &token {
                let _ = write!(path, "&continuation-token={}", encode(token, false));
            }
            let xml = self.send_to_s3(Method::GET, prefix, &path, Bytes::new()).await?;
            let xml = whole(prefix, xml.into_body()).await?;
            let xml = String::from_utf8_lossy(&xml);
            keys.extend(elements(&xml, "Key"));
            token = elements(&xml, "NextContinuationToken").next();
            if token.is_none() {
                return Ok(keys);
            }
        }
    }
}

/// Reads the body of a response.
async fn whole(uri: &S3Uri, body: Incoming) -> Result<Bytes, S3Error> {
    let body = read_body(body, MAX_RESPONSE_BYTES).await;
    body.map_err(|reason| S3Error::Body { uri: uri.clone(), reason })
}

/// Returns the texts of all XML elements of this name. Supports elements with text and without attributes.
pub fn elements(xml: &str, name: &str) -> impl Iterator<Item = String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open)
        .skip(1)
        .filter_map(|rest| rest.split_once(&close))
        .map(|(text, _)| {
            let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
            entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
        })
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_bucket_and_a_key() {
        let uri: S3Uri = "s3://data-1/train/set 1/".parse().unwrap();
        assert_eq!((uri.bucket.as_str(), uri.key.as_str()), ("data-1", "train/set 1/"));
        assert_eq!(uri.to_string(), "s3://data-1/train/set 1/");
        for wrong in ["", "data-1/train", "https://data-1/train", "s3:///train", "s3://Data/x", "s3://a b/x"]
        {
            assert_eq!(wrong.parse::<S3Uri>(), Err(S3UriError(wrong.to_owned())));
        }
    }

    #[test]
    fn keys_are_encoded_as_s3_reads_them() {
        assert_eq!(encode("a b/ü+?.csv", true), "a%20b/%C3%BC%2B%3F.csv");
        assert_eq!(encode("a/b", false), "a%2Fb");
    }

    #[test]
    fn elements_give_their_text() {
        let xml = "<R><C><Key>a&amp;lt;b</Key></C><C><Key>2</Key></C><Next/></R>";
        assert_eq!(elements(xml, "Key").collect::<Vec<_>>(), ["a&lt;b", "2"]);
        assert_eq!(elements(xml, "Next").count(), 0);
    }
}
