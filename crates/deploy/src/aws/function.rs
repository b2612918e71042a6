//! Lambda: the state of the function.

use http::{Method, header};
use serde::Deserialize;
use serde_json::json;

use super::{
    Aws,
    buckets::base64_of_hex,
    client::{AwsService, ServiceRequest},
};
use crate::error::{AwsError, DeployError};

pub(super) const LAMBDA: AwsService =
    AwsService { id: "Lambda", signing_name: "lambda", host: "lambda", target: "", only_region: None };

/// The state of a function.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionState {
    /// `Active`, `Pending`, `Inactive`, `Failed`.
    pub state: Option<String>,
    /// Its memory in MB.
    pub memory_size: Option<u64>,
    /// The size of its code in bytes.
    pub code_size: Option<u64>,
    /// SHA-256 of its code's zip file, in Base64.
    pub code_sha256: Option<String>,
    /// The status of the latest update: `Successful`, `InProgress`, `Failed`.
    pub last_update_status: Option<String>,
    /// Its architectures.
    #[serde(default)]
    pub architectures: Vec<String>,
}

impl Aws {
    /// Returns the state of a function; `None` if it does not exist.
    pub(crate) async fn function(&self, name: &str) -> Result<Option<FunctionState>, AwsError> {
        let call = ServiceRequest {
            operation: "GetFunctionConfiguration",
            method: Method::GET,
            path: &format!("/2015-03-31/functions/{name}/configuration"),
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        };
        match self.client.send(LAMBDA, call).await {
            Ok(body) => serde_json::from_slice(&body).map(Some).map_err(|problem| AwsError {
                service: LAMBDA.id,
                operation: "GetFunctionConfiguration",
                code: None,
                message: format!("unreadable: {problem}"),
            }),
            Err(error) if error.is("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Starts to replace the code of a function by a zip file in S3.
    pub(crate) async fn update_code(
        &self,
        name: &str,
        bucket: &str,
        key: &str,
        architecture: &str,
    ) -> Result<(), AwsError> {
        let body = json!({ "S3Bucket": bucket, "S3Key": key, "Architectures": [architecture] });
        let call = ServiceRequest {
            operation: "UpdateFunctionCode",
            method: Method::PUT,
            path: &format!("/2015-03-31/functions/{name}/code"),
            headers: vec![(header::CONTENT_TYPE, "application/json".to_owned())],
            body: body.to_string().into(),
        };
        self.client.send(LAMBDA, call).await?;
        Ok(())
    }

    /// Checks that a function's code is the zip file with this SHA-256, in hexadecimal digits.
    ///
    /// # Errors
    /// [`DeployError::ForeignCode`] if it is not; Lambda's.
    pub(crate) async fn check_code(&self, name: &str, sha256: &str) -> Result<(), DeployError> {
        let packaged = base64_of_hex(sha256);
        let function = self.function(name).await?;
        let deployed =
            function.and_then(|function| function.code_sha256).unwrap_or_else(|| "none".to_owned());
        if deployed == packaged {
            return Ok(());
        }
        Err(DeployError::ForeignCode { function: name.to_owned(), deployed, packaged })
    }
}
