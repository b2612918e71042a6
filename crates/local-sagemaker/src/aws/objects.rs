//! S3 as the store of endpoints: inputs and outputs of asynchronous invocations, captured data, models.

use axum::body::Bytes;
use mysfits_sagemaker::{BoxFuture, ObjectError, ObjectStore};

use super::{
    client::AwsClient,
    s3::{S3Error, S3Uri},
};

impl ObjectStore for AwsClient {
    fn get<'a>(&'a self, uri: &'a str, max_bytes: usize) -> BoxFuture<'a, Result<Bytes, ObjectError>> {
        Box::pin(async move {
            let body = Self::get(self, &parse(uri)?).await.map_err(|error| object_error(uri, &error))?;
            if body.len() > max_bytes {
                return Err(ObjectError::TooLarge { uri: uri.to_owned(), max_bytes });
            }
            Ok(body)
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
