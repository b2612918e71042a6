//! Services of the query protocol: IAM and CloudFormation.

use std::fmt::Write as _;

use anyhow::{Result, ensure};
use mysfits_e2e::api::{Api, ApiAnswer};

/// Calls an operation; returns the response's body.
///
/// # Errors
/// If the status is not 200.
pub async fn call(service: &Api, version: &str, parameters: &[(&str, &str)]) -> Result<String> {
    let answer = ask(service, version, parameters).await?;
    ensure!(answer.status == 200, "{parameters:?}: {} {}", answer.status, answer.body);
    Ok(answer.body)
}

/// Calls an operation; returns the response, whatever its status.
pub async fn ask(service: &Api, version: &str, parameters: &[(&str, &str)]) -> Result<ApiAnswer> {
    let mut body = format!("Version={version}");
    for (name, value) in parameters {
        let _ = write!(body, "&{name}={}", encode(value));
    }
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    service.ask("POST", "/", &headers, Some(body.as_bytes())).await
}

/// Percent-encodes all but letters and digits.
fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(byte.into());
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
