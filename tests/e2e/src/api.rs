//! The same questions, put to the API without a browser: by curl, as the workshop does.

use std::{collections::BTreeMap, fmt, process::Stdio};

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Entry, MysfitId, Recommendation};
use tokio::{io::AsyncWriteExt as _, process::Command};

/// How long an answer may take, in seconds: longer than API Gateway waits.
const MAX_TIME: &str = "40";

/// The region in which the local cloud's requests are signed.
const REGION: &str = "us-east-1";

/// An API at an address, with the path that leads to it.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
    /// A service, and the key that signs for it.
    signed: Option<(String, AccessKey)>,
}

/// An access key of AWS or the local cloud.
#[derive(Clone)]
pub struct AccessKey {
    /// The access key id.
    pub id: String,
    /// The secret access key.
    pub secret: String,
}

impl fmt::Debug for AccessKey {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl AccessKey {
    /// Returns the key in the environment variables of the AWS SDKs.
    ///
    /// # Errors
    /// If it is not there.
    pub fn from_variables(variables: &BTreeMap<String, String>) -> Result<Self> {
        let variable =
            |name: &str| variables.get(name).cloned().with_context(|| format!("{name} is not set"));
        Ok(Self { id: variable("AWS_ACCESS_KEY_ID")?, secret: variable("AWS_SECRET_ACCESS_KEY")? })
    }
}

/// An answer: status, head and body as they came.
#[derive(Debug, Clone)]
pub struct ApiAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Status line and headers, in lower case.
    pub head: String,
    /// The body.
    pub body: String,
}

impl ApiAnswer {
    /// A header's value, in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(header, _)| *header == name).map(|(_, value)| value.trim()).next()
    }
}

impl Api {
    /// Returns the API below this URL.
    ///
    /// # Errors
    /// If it is no URL of HTTP.
    pub fn new(url: &str) -> Result<Self> {
        let is_http = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
        ensure!(is_http, "{url:?} must look like http://127.0.0.1:8080 or https://example.com/prod");
        Ok(Self { base: url.trim_end_matches('/').to_owned(), signed: None })
    }

    /// Signs all requests as requests for this service (AWS Signature Version 4).
    #[must_use]
    pub fn signed(self, service: &str, key: AccessKey) -> Self {
        Self { signed: Some((service.to_owned(), key)), ..self }
    }

    /// Returns its origin: scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        crate::page::origin(&self.base)
    }

    /// Returns the mysfit that the API recommends for an entry.
    ///
    /// # Errors
    /// If the API cannot be reached or its response holds no recommendation.
    pub async fn recommend(&self, entry: Entry) -> Result<MysfitId> {
        let numbers = entry.answers().map(mysfits_domain::Answer::get);
        let answer = self.post(&format!("{{\"entry\": {numbers:?}}}")).await?;
        ensure!(answer.status == 200, "the API answers {numbers:?} with {}", answer.body);
        let recommendation: Recommendation =
            serde_json::from_str(&answer.body).with_context(|| answer.body.clone())?;
        Ok(recommendation.recommended_mysfit)
    }

    /// `curl -d BODY URL/recommendations -X POST`: with the headers that curl sends.
    ///
    /// # Errors
    /// If there is no answer, or none that is HTTP.
    pub async fn post(&self, body: &str) -> Result<ApiAnswer> {
        self.ask("POST", "/recommendations", &[], Some(body.as_bytes())).await
    }

    /// Any request; a body without a content type is sent as curl sends it, as a form.
    ///
    /// # Errors
    /// If there is no answer, or none that is HTTP.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<ApiAnswer> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--include", "--max-time", MAX_TIME, "--request", method]);
        // curl would wait for leave to send a large body; API Gateway never gives it.
        curl.args(["--header", "Expect:"]);
        for (name, value) in headers {
            curl.args(["--header", &format!("{name}: {value}")]);
        }
        if let Some((service, key)) = &self.signed {
            curl.args(["--aws-sigv4", &format!("aws:amz:{REGION}:{service}")]);
            curl.args(["--user", &format!("{}:{}", key.id, key.secret)]);
        }
        if body.is_some() {
            curl.args(["--data-binary", "@-"]);
        }
        curl.arg(format!("{}{path}", self.base));
        curl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = curl.spawn().context("cannot start curl")?;
        let mut stdin = child.stdin.take().context("curl has no input")?;
        // A server may answer before it has read everything; then curl stops to read, which is no failure.
        let _ = stdin.write_all(body.unwrap_or_default()).await;
        drop(stdin);
        let output = child.wait_with_output().await?;
        ensure!(
            output.status.success(),
            "{method} {}{path}: {}",
            self.base,
            String::from_utf8_lossy(&output.stderr).trim()
        );
        parse(&String::from_utf8_lossy(&output.stdout))
    }
}

/// Parts head and body; interim answers (100 Continue) are passed over.
fn parse(printed: &str) -> Result<ApiAnswer> {
    let mut rest = printed;
    loop {
        let (head, body) = rest.split_once("\r\n\r\n").context("the answer has no end of head")?;
        let head = head.to_ascii_lowercase();
        let status: u16 = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.get(..3)?.parse().ok())
            .with_context(|| format!("the answer's head is {head:?}"))?;
        if status >= 200 {
            return Ok(ApiAnswer { status, head, body: body.to_owned() });
        }
        rest = body;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_http_are_taken() {
        for url in ["http://127.0.0.1:8080", "http://127.0.0.1:8080/", "https://example.com/prod"] {
            assert!(!Api::new(url).unwrap().base.ends_with('/'), "{url}");
        }
        for url in ["ftp://example.com", "127.0.0.1:8080"] {
            assert!(Api::new(url).is_err(), "{url}");
        }
    }

    #[test]
    fn an_answer_is_parted_and_interim_ones_passed_over() {
        let answer = parse(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n\r\naway",
        );
        let answer = answer.unwrap();
        assert_eq!(
            (answer.status, answer.header("retry-after"), answer.body.as_str()),
            (503, Some("5"), "away")
        );
        assert!(parse("curl: no").is_err());
    }
}
