//! Requests and responses.

/// How long the page waits for one response, in milliseconds.
#[cfg_attr(not(target_arch = "wasm32"), expect(dead_code, reason = "only a browser sends requests"))]
pub const TIMEOUT_MS: u32 = 12_000;

/// A request to a service.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(target_arch = "wasm32"), expect(dead_code, reason = "only a browser sends requests"))]
pub struct FetchRequest<'a> {
    /// GET, POST or PUT.
    pub method: &'a str,
    pub url: &'a str,
    /// The body, as JSON.
    pub json: Option<&'a str>,
    /// Further headers. With any, the caller sets `content-type` too.
    pub headers: &'a [(&'a str, &'a str)],
    /// Whether the browser completes the request if the visitor leaves the page.
    pub keepalive: bool,
}

impl<'a> FetchRequest<'a> {
    pub const fn get(url: &'a str) -> Self {
        Self { method: "GET", url, json: None, headers: &[], keepalive: false }
    }

    /// A POST request with a JSON body.
    pub const fn post(url: &'a str, json: &'a str) -> Self {
        Self { method: "POST", url, json: Some(json), headers: &[], keepalive: false }
    }
}

/// A complete response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchResponse {
    pub status: u16,
    pub body: String,
    /// The seconds of the `Retry-After` header, if there is one that the page may read.
    pub retry_after: Option<u32>,
}

/// Why there is no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    all(not(test), not(target_arch = "wasm32")),
    expect(dead_code, reason = "only a browser sends requests")
)]
pub enum FetchError {
    /// The request failed: name resolution, certificate, CORS, connection refused.
    Unreachable,
    /// The browser has no network.
    Offline,
    /// No complete response arrived within [`TIMEOUT_MS`].
    TimedOut,
}
