//! Whether what was deployed answers: asked as a visitor would ask.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, header};
use mysfits_domain::catalogue;
use mysfits_site::settings::CONFIG;
use serde::Deserialize;

use crate::{
    aws::client::AwsResponse, deployer::StackDeployer, error::DeployError, poll::poll, site::INDEX,
    upload::SiteContent,
};

/// For how long a new address may be unknown and an old page be shown.
const TIMEOUT: Duration = Duration::from_mins(3);
/// The workshop's question.
const ENTRY: &[u8] = br#"{"entry": [1,2,3,4,5]}"#;

#[derive(Deserialize)]
struct ApiResponse {
    #[serde(rename = "recommendedMysfit")]
    recommended_mysfit: String,
}

impl StackDeployer {
    /// Requests a recommendation, the first page and the settings until the responses are correct.
    pub(crate) async fn smoke_test(
        &self,
        api_url: &str,
        site_url: &str,
        site: &SiteContent,
    ) -> Result<(), DeployError> {
        let url = format!("{}/recommendations", api_url.trim_end_matches('/'));
        // The content type of `curl -d`, as in the workshop.
        let form = [(header::CONTENT_TYPE, "application/x-www-form-urlencoded")];
        self.try_until("the API", &url, Method::POST, &form, ENTRY, mysfit).await?;
        for key in [INDEX, CONFIG] {
            let url = format!("{}/{key}", site_url.trim_end_matches('/'));
            let expected = site.content(key).cloned().unwrap_or_default();
            self.try_until("the site", &url, Method::GET, &[], b"", |answer| same(answer, &expected)).await?;
        }
        Ok(())
    }

    async fn try_until(
        &self,
        what: &'static str,
        url: &str,
        method: Method,
        headers: &[(header::HeaderName, &str)],
        body: &'static [u8],
        check: impl Fn(&AwsResponse) -> Result<String, String>,
    ) -> Result<(), DeployError> {
        self.console.doing(format!("waiting for an answer of {url}"));
        let begun = Instant::now();
        let (mut tries, mut problem) = (0, String::new());
        let answered = poll(url, TIMEOUT, async || {
            tries += 1;
            let response = self.aws.client.public(method.clone(), url, headers, body).await;
            match response.and_then(|response| check(&response)) {
                Ok(good) => {
                    self.console.line(format!("{url}: {good}"));
                    return Ok(Some(()));
                }
                Err(found) => problem = found,
            }
            Ok(None)
        })
        .await;
        match answered {
            Err(DeployError::Timeout { .. }) => {
                let (url, seconds) = (url.to_owned(), begun.elapsed().as_secs());
                Err(DeployError::Smoke { what, url, tries, seconds, problem })
            }
            answered => answered,
        }
    }
}

/// Checks that a response recommends an existing mysfit.
fn mysfit(answer: &AwsResponse) -> Result<String, String> {
    let wrong = || format!("status {}, {}", answer.status, beginning(&answer.body));
    let recommendation: ApiResponse = serde_json::from_slice(&answer.body).map_err(|_| wrong())?;
    let mysfit = catalogue().iter().find(|mysfit| mysfit.id.to_string() == recommendation.recommended_mysfit);
    let mysfit = mysfit.filter(|_| answer.status == 200).ok_or_else(wrong)?;
    Ok(format!("recommends {}", mysfit.name.en))
}

/// Checks that a response is the uploaded file.
fn same(answer: &AwsResponse, expected: &Bytes) -> Result<String, String> {
    if answer.status == 200 && answer.body == *expected {
        return Ok(format!("{} bytes", expected.len()));
    }
    Err(format!(
        "status {}, {}; expected status 200 and the uploaded file",
        answer.status,
        beginning(&answer.body)
    ))
}

fn beginning(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    format!("{} bytes: {:?}", body.len(), text.chars().take(160).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> AwsResponse {
        AwsResponse { status, error_type: None, location: None, body: Bytes::from_static(body.as_bytes()) }
    }

    #[test]
    fn accepts_only_existing_mysfits() {
        let first = &catalogue()[0];
        let good = format!(r#"{{"recommendedMysfit":"{}"}}"#, first.id);
        let good = AwsResponse { status: 200, error_type: None, location: None, body: good.into() };
        assert_eq!(mysfit(&good), Ok(format!("recommends {}", first.name.en)));
        assert!(mysfit(&AwsResponse { status: 503, ..good }).is_err());
        let unknown = r#"{"recommendedMysfit":"00000000-0000-0000-0000-000000000000"}"#;
        assert!(mysfit(&answer(200, unknown)).is_err());
        let refusal = mysfit(&answer(502, r#"{"message": "Internal server error"}"#));
        assert!(
            refusal
                .is_err_and(|problem| problem.contains("502") && problem.contains("Internal server error"))
        );
    }

    #[test]
    fn accepts_only_the_uploaded_file() {
        let expected = Bytes::from_static(b"<!doctype html>");
        assert!(same(&answer(200, "<!doctype html>"), &expected).is_ok());
        assert!(same(&answer(404, "<!doctype html>"), &expected).is_err());
        assert!(same(&answer(200, "an older page"), &expected).is_err());
    }
}
