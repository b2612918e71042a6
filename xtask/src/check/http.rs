//! Requests by curl, which every step of the guide has: no client is compiled into xtask for them.

use std::{io::Write as _, process::Stdio};

use serde_json::Value;

use crate::process::program;

/// How long an answer may take, in seconds.
const TIMEOUT: &str = "10";

#[derive(Debug)]
pub struct CurlResponse {
    pub status: u16,
    /// The status line and the headers, in lower case.
    head: String,
    pub body: String,
}

impl CurlResponse {
    /// Returns the body as JSON; `null` if it is not valid JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Returns whether there is a header of this name with this value, both in lower case.
    pub fn has(&self, name: &str, value: &str) -> bool {
        let header = format!("{name}: {value}");
        self.head.lines().any(|line| line.trim_end() == header)
    }
}

pub fn get(url: &str) -> Result<CurlResponse, String> {
    ask(&[url], "")
}

/// Sends a body with POST.
pub fn post(url: &str, headers: &[&str], body: &str) -> Result<CurlResponse, String> {
    let mut arguments = vec!["--data-binary", "@-", url];
    arguments.extend(headers.iter().flat_map(|header| ["--header", header]));
    ask(&arguments, body)
}

/// Sends a request with curl, with these arguments and this body.
pub fn ask(arguments: &[&str], body: &str) -> Result<CurlResponse, String> {
    let mut curl = program("curl");
    // The head first, a blank line, the body: what is on the wire, in one stream.
    curl.args(["--silent", "--show-error", "--include", "--max-time", TIMEOUT]).args(arguments);
    curl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = curl.spawn().map_err(|error| format!("curl cannot be started: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // curl that does not read has failed, and says so below.
        let _ = stdin.write_all(body.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| format!("curl: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    parse(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| "the answer is no HTTP".to_owned())
}

fn parse(text: &str) -> Option<CurlResponse> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    // Before the answer a server may say that it goes on.
    if head.starts_with("HTTP/1.1 100") {
        return parse(body);
    }
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(CurlResponse { status, head: head.to_lowercase(), body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_falls_apart_into_status_head_and_body() {
        let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Type: a/b\r\nX: y: z\r\n\r\n{}\r\n\r\nrest";
        let answer = parse(text).unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (404, "{}\r\n\r\nrest"));
        assert!(answer.has("content-type", "a/b") && answer.has("x", "y: z") && !answer.has("x", "y"));
        assert!(parse("nonsense").is_none());
    }
}
