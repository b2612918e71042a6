//! Lambda: what the function is like.

use http::Method;
use serde::Deserialize;

use super::{
    Aws,
    client::{Call, Service},
};
use crate::error::ServiceError;

const LAMBDA: Service =
    Service { id: "Lambda", signing_name: "lambda", host: "lambda", target: "", only_region: None };

/// A function, so far as it matters here.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionState {
    /// `Active`, `Pending`, `Inactive`, `Failed`.
    pub state: Option<String>,
    /// Its memory.
    pub memory_size: Option<u64>,
    /// The size of its code.
    pub code_size: Option<u64>,
    /// For which processors it is.
    #[serde(default)]
    pub architectures: Vec<String>,
}

impl Aws {
    /// A function; none if there is no such function.
    ///
    /// # Errors
    /// Lambda's.
    pub async fn function(&self, name: &str) -> Result<Option<FunctionState>, ServiceError> {
        let call = Call {
            operation: "GetFunctionConfiguration",
            method: Method::GET,
            path: &format!("/2015-03-31/functions/{name}/configuration"),
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        };
        match self.client.send(LAMBDA, call).await {
            Ok(body) => serde_json::from_slice(&body).map(Some).map_err(|problem| ServiceError {
                service: LAMBDA.id,
                operation: "GetFunctionConfiguration",
                code: None,
                message: format!("unreadable: {problem}"),
            }),
            Err(error) if error.is("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }
}
