//! Bodies in AWS JSON, read within limits of size and memory.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::aws::json::ApiError;

/// The longest request, in bytes.
const MAX_BYTES: usize = 4 << 20;
/// The longest request of which there may be as many as there are requests in flight, in bytes.
const MAX_SMALL_BYTES: usize = 32 << 10;
/// The most longer requests at once. Parsed, each needs several times its length.
const MAX_LARGE: usize = 4;

/// Reads bodies. Clones share the limit of long ones.
#[derive(Debug, Clone)]
pub(super) struct JsonBodies(Arc<Semaphore>);

/// A body, and its place among the long ones until it is dropped.
#[derive(Debug)]
pub(super) struct LimitedJsonBody {
    pub(super) bytes: Bytes,
    _large: Option<OwnedSemaphorePermit>,
}

impl Default for JsonBodies {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_LARGE)))
    }
}

impl JsonBodies {
    /// Reads a body whole.
    ///
    /// # Errors
    /// `ValidationException` if it is too long or breaks off; `ThrottlingException`, which SDKs retry, if too many long ones
    /// are under way.
    pub(super) async fn read(&self, body: Body) -> Result<LimitedJsonBody, ApiError> {
        let mut body = Limited::new(body, MAX_BYTES);
        let (mut bytes, mut large) = (Vec::new(), None);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| {
                ApiError::validation(format!("the request is longer than {MAX_BYTES} bytes, or broke off"))
            })?;
            let Ok(data) = frame.into_data() else { continue };
            if large.is_none() && bytes.len() + data.len() > MAX_SMALL_BYTES {
                let permit = Arc::clone(&self.0).try_acquire_owned().map_err(|_| {
                    let message = format!(
                        "more than {MAX_LARGE} requests of more than {MAX_SMALL_BYTES} bytes at once; try again"
                    );
                    ApiError::new("ThrottlingException", message)
                })?;
                large = Some(permit);
            }
            bytes.extend_from_slice(&data);
        }
        Ok(LimitedJsonBody { bytes: bytes.into(), _large: large })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn limits_long_bodies() {
        let bodies = JsonBodies::default();
        let read = async |n_bytes: usize| bodies.read(Body::from(vec![b' '; n_bytes])).await;
        let error = |read: Result<LimitedJsonBody, ApiError>| read.map_err(|error| error.code).err();
        assert_eq!(error(read(MAX_BYTES + 1).await), Some("ValidationException"));
        let mut long = Vec::new();
        for _ in 0..MAX_LARGE {
            long.push(read(MAX_BYTES).await.unwrap());
        }
        assert_eq!(error(read(MAX_SMALL_BYTES + 1).await), Some("ThrottlingException"));
        assert_eq!(read(MAX_SMALL_BYTES).await.unwrap().bytes.len(), MAX_SMALL_BYTES);
        long.pop();
        assert_eq!(error(read(MAX_SMALL_BYTES + 1).await), None);
    }
}
