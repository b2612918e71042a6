//! The same questions, put to the API without a browser: HTTP/1.1 over a socket, nothing more.

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Entry, MysfitId, Recommendation};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// An API at an `http://` address.
#[derive(Debug)]
pub struct Api {
    authority: String,
}

/// An answer: status, head and body as they came.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Status line and headers, in lower case.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Api {
    /// The API at this URL's host and port.
    ///
    /// # Errors
    /// If the URL is not `http://HOST:PORT`.
    pub fn new(url: &str) -> Result<Self> {
        let authority = url.trim_end_matches('/').strip_prefix("http://").filter(|rest| !rest.contains('/'));
        let authority = authority.with_context(|| format!("{url:?} must look like http://127.0.0.1:8080"))?;
        Ok(Self { authority: authority.to_owned() })
    }

    /// Who is recommended for an entry.
    ///
    /// # Errors
    /// If the API cannot be reached or does not recommend anybody.
    pub async fn recommend(&self, entry: Entry) -> Result<MysfitId> {
        let numbers = entry.answers().map(mysfits_domain::Answer::get);
        let answer = self.post(&format!("{{\"entry\": {numbers:?}}}")).await?;
        ensure!(answer.status == 200, "the API answers {numbers:?} with {}", answer.body);
        let recommendation: Recommendation =
            serde_json::from_str(&answer.body).with_context(|| answer.body.clone())?;
        Ok(recommendation.recommended_mysfit)
    }

    /// `curl -d BODY URL/recommendations -X POST`, with the headers that curl sends.
    ///
    /// # Errors
    /// If there is no answer, or none that is HTTP.
    pub async fn post(&self, body: &str) -> Result<Answer> {
        let request = format!(
            "POST /recommendations HTTP/1.1\r\nHost: {}\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\
             Content-Length: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n{body}",
            self.authority,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.authority)
            .await
            .with_context(|| format!("cannot connect to {}", self.authority))?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no end of head")?;
        let head = head.to_ascii_lowercase();
        ensure!(
            !head.contains("transfer-encoding"),
            "the answer is in pieces, which this client cannot read"
        );
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("the answer's head is {head:?}"))?;
        Ok(Answer { status, head, body: body.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::Api;

    #[test]
    fn only_plain_http_addresses_are_taken() {
        for url in ["http://127.0.0.1:8080", "http://127.0.0.1:8080/"] {
            assert_eq!(Api::new(url).unwrap().authority, "127.0.0.1:8080");
        }
        for url in ["https://example.com", "127.0.0.1:8080", "http://127.0.0.1:8080/site"] {
            assert!(Api::new(url).is_err(), "{url}");
        }
    }
}
