//! Reports an initialization error to Lambda, which then shows the cause instead of the exit status.

use std::{
    error::Error,
    io::{self, Write as _},
};

use http::Request;
use lambda_runtime::Diagnostic;
use lambda_runtime_api_client::{BoxError, PooledClient, body::Body};

/// The path of Lambda's API.
const PATH: &str = "/2018-06-01/runtime/init/error";

/// Reports an initialization error with its causes.
///
/// # Errors
/// If the request to Lambda fails.
///
/// # Panics
/// If `AWS_LAMBDA_RUNTIME_API` is not set: the program does not run in Lambda.
pub async fn report(error: &(dyn Error + Sync), name: &str) -> Result<(), BoxError> {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message.push_str(": ");
        message.push_str(&error.to_string());
        cause = error.source();
    }
    // Also in the log; a failed write is not an error.
    let _ = writeln!(io::stderr(), "{message}");
    let diagnostic = Diagnostic { error_type: name.to_owned(), error_message: message };
    let request = Request::post(PATH)
        .header("content-type", "application/json")
        .header("lambda-runtime-function-error-type", name)
        .body(Body::from(serde_json::to_string(&diagnostic)?))?;
    PooledClient::builder().build().call(request).await?;
    Ok(())
}
