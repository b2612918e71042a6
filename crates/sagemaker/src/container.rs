//! What an endpoint needs from outside: containers that run other models, and a store of objects.

use std::{fmt::Debug, pin::Pin};

use axum::{
    body::Body,
    http::{HeaderValue, Request, Response},
};
use bytes::Bytes;

/// A future on the heap, for traits whose implementations are chosen at run time.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A server that meets SageMaker's contract for hosting containers: `GET /ping` and `POST /invocations`.
pub trait Container: Debug + Send + Sync {
    /// Sends a request to `/invocations`. Only the path of its URI is set. The response may have any status, and its body
    /// may still be arriving. Callers limit the time and the size.
    fn invoke(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, ContainerError>>;

    /// Returns whether `GET /ping` is answered with 200.
    fn is_healthy(&self) -> BoxFuture<'_, bool>;
}

/// An error of [`Container::invoke`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContainerError {
    /// The container does not accept connections, for instance because it is being restarted.
    #[error("the container is not reachable: {0}")]
    Unreachable(String),
    /// The connection broke off before the response was complete.
    #[error("the container closed the connection before its response was complete: {0}")]
    Broken(String),
}

/// A store of objects with URIs like `s3://bucket/key`: the inputs and outputs of asynchronous invocations, captured data,
/// and the models of multi-model endpoints.
pub trait ObjectStore: Debug + Send + Sync {
    /// Returns an object of at most `max_bytes` bytes.
    fn get<'a>(&'a self, uri: &'a str, max_bytes: usize) -> BoxFuture<'a, Result<StoredObject, ObjectError>>;

    /// Writes an object.
    fn put<'a>(&'a self, uri: &'a str, body: Bytes) -> BoxFuture<'a, Result<(), ObjectError>>;
}

/// An object of an [`ObjectStore`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// The content.
    pub body: Bytes,
    /// The media type that the object was written with, if any.
    pub content_type: Option<HeaderValue>,
}

/// An error of an [`ObjectStore`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectError {
    /// The object does not exist, or its URI is invalid.
    #[error("there is no object at {0}")]
    NotFound(String),
    /// The object is larger than allowed.
    #[error("the object at {uri} is larger than {max_bytes} bytes")]
    TooLarge {
        /// The object's URI.
        uri: String,
        /// The largest size, in bytes.
        max_bytes: usize,
    },
    /// The store failed.
    #[error("{0}")]
    Failed(String),
}
