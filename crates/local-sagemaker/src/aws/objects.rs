//! S3 as the store of endpoints: inputs and outputs of asynchronous invocations, captured data, models.

use axum::body::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::{Method, header};
use mysfits_sagemaker::{BoxFuture, ObjectError, ObjectStore, StoredObject};

use super::{
    client::AwsClient,
    s3::{S3Error, S3Uri},
};

impl ObjectStore for AwsClient {
    fn get<'a>(&'a self, uri: &'a str, max_bytes: usize) -> BoxFuture<'a, Result<StoredObject, ObjectError>> {
        Box::pin(async move {
            let response = self.send_to_object(Method::GET, &parse(uri)?, "", Bytes::new()).await;
            let (parts, body) = response.map_err(|error| object_error(uri, &error))?.into_parts();
            let body = Limited::new(body, max_bytes).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    ObjectError::TooLarge { uri: uri.to_owned(), max_bytes }
                } else {
                    ObjectError::Failed(error.to_string())
                }
            })?;
            let content_type = parts.headers.get(header::CONTENT_TYPE).cloned();
            Ok(StoredObject { body: body.to_bytes(), content_type })
        })
    }

    fn put<'a>(&'a self, uri: &'a str, body: Bytes) -> BoxFuture<'a, Result<(), ObjectError>> {
        Box::pin(async move {
            Self::put(self, &parse(uri)?, body).await.map_err(|error| object_error(uri, &error))
        })
    }
}

fn parse(uri: &str) -> Result<S3Uri, ObjectError> {
    uri.parse().map_err(|_| ObjectError::NotFound(uri.to_owned()))
}

fn object_error(uri: &str, error: &S3Error) -> ObjectError {
    match error {
        S3Error::Missing(_) => ObjectError::NotFound(uri.to_owned()),
        error => ObjectError::Failed(error.to_string()),
    }
}
