//! The wire between the browser and everything else: sees each request, and lets things go wrong on demand.
//!
//! It is the browser's proxy, not a stand-in for the site: the page keeps its own origin, and what it asks of another
//! origin comes by here too. What is encrypted goes through unread and meets no faults.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header, request::Parts};
use http_body_util::{BodyExt as _, Either, Full};
use hyper::{body::Incoming, client, server, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What hop-by-hop headers are called; each connection has its own.
const HOP_BY_HOP: [&str; 5] =
    ["connection", "keep-alive", "proxy-connection", "proxy-authorization", "transfer-encoding"];

/// Another site's words or our own.
type ProxyBody = Either<Incoming, Full<Bytes>>;

/// A running proxy; ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<ProxyState>>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct ProxyState {
    /// Whether every connection is closed without an answer, whatever the faults are.
    is_cut: bool,
    /// A path whose requests always fail.
    refused: Option<&'static str>,
    faults: Vec<(String, InjectedFault)>,
    seen: Vec<Seen>,
}

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InjectedFault {
    /// It is passed on only after this time.
    Late(Duration),
    /// The connection is closed without an answer.
    HangUp,
    /// It is answered like this, and the site never hears of it.
    Answer {
        /// HTTP status.
        status: u16,
        /// Seconds in `Retry-After`, if there is to be one.
        retry_after: Option<u32>,
        /// The media type.
        content_type: &'static str,
        /// The whole body.
        body: String,
    },
}

impl InjectedFault {
    /// Returns a status, with a problem document that says why.
    #[must_use]
    pub fn problem(status: u16, detail: &str) -> Self {
        let body = serde_json::json!({ "type": "about:blank", "status": status, "detail": detail });
        let content_type = "application/problem+json";
        Self::Answer { status, retry_after: None, content_type, body: body.to_string() }
    }

    /// Success, with this JSON.
    #[must_use]
    pub fn json(body: impl Into<String>) -> Self {
        Self::Answer { status: 200, retry_after: None, content_type: "application/json", body: body.into() }
    }

    /// Returns the same response with a `Retry-After` header.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        if let Self::Answer { retry_after, .. } = &mut self {
            *retry_after = Some(seconds);
        }
        self
    }
}

/// A request that came by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its whole body.
    pub body: String,
}

impl Proxy {
    /// Starts on a free port of this machine.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no port for the proxy")?;
        let address = listener.local_addr()?;
        let state = Arc::default();
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Ok(Self { address, state, accepting })
    }

    /// Returns where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on this happens to requests for this path; a `*` at the beginning stands for anything. A pattern that
    /// was given before has its fault replaced; of several that fit, the last one counts.
    pub fn fail(&self, pattern: &str, fault: InjectedFault) {
        let mut state = lock(&self.state);
        state.faults.retain(|(known, _)| known != pattern);
        state.faults.push((pattern.to_owned(), fault));
    }

    /// Sets whether every request fails as without a network. Faults stay as they are.
    pub fn cut(&self, is_cut: bool) {
        lock(&self.state).is_cut = is_cut;
    }

    /// From now on nothing goes wrong.
    pub fn heal(&self) {
        lock(&self.state).faults.clear();
    }

    /// Lets all requests for this path fail, whatever the faults are.
    pub fn refuse(&self, path: &'static str) {
        lock(&self.state).refused = Some(path);
    }

    /// Forgets which requests came by.
    pub fn forget(&self) {
        lock(&self.state).seen.clear();
    }

    /// Returns the requests for paths that fit a pattern, in the order in which they came by.
    #[must_use]
    pub fn seen(&self, pattern: &str) -> Vec<Seen> {
        let seen = &lock(&self.state).seen;
        seen.iter().filter(|request| fits(pattern, request.bare_path())).cloned().collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Seen {
    fn of(parts: &Parts, body: &[u8]) -> Self {
        Self {
            method: parts.method.clone(),
            path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            headers: parts.headers.clone(),
            body: String::from_utf8_lossy(body).into_owned(),
        }
    }

    fn bare_path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

impl ProxyState {
    /// Writes a request down; what is to go wrong with it.
    fn note(&mut self, request: Seen) -> Option<InjectedFault> {
        let fault = self.faults.iter().rev().find(|(pattern, _)| fits(pattern, request.bare_path()));
        let fault = fault.map(|(_, fault)| fault.clone());
        let is_refused = self.refused == Some(request.bare_path());
        self.seen.push(request);
        if self.is_cut || is_refused { Some(InjectedFault::HangUp) } else { fault }
    }
}

/// Returns whether a pattern matches a path; a `*` at its beginning matches anything.
fn fits(pattern: &str, path: &str) -> bool {
    pattern.strip_prefix('*').map_or(pattern == path, |ending| path.ends_with(ending))
}

/// Locks the state. After a panic it is still consistent, because each change is a single step.
fn lock(state: &Mutex<ProxyState>) -> MutexGuard<'_, ProxyState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, state: Arc<Mutex<ProxyState>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        let service = service_fn(move |request| {
            let state = Arc::clone(&state);
            async move { answer(&state, request).await }
        });
        let connection = server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        // A connection ends with an error when a fault wants it so, or when the browser has had enough.
        tokio::spawn(async move { drop(connection.await) });
    }
}

/// Answers a request; an error closes the connection.
async fn answer(state: &Mutex<ProxyState>, request: Request<Incoming>) -> Result<Response<ProxyBody>> {
    if request.method() == Method::CONNECT {
        return tunnel(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let fault = lock(state).note(Seen::of(&parts, &body));
    match fault {
        None => {}
        Some(InjectedFault::Late(time)) => tokio::time::sleep(time).await,
        Some(InjectedFault::HangUp) => bail!("injected fault: connection closed"),
        Some(InjectedFault::Answer { status, retry_after, content_type, body }) => {
            let mut answer = Response::new(Either::Right(Full::from(body)));
            *answer.status_mut() = StatusCode::from_u16(status)?;
            let headers = answer.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            // As the API does: the page may stand at another origin.
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            if let Some(seconds) = retry_after {
                headers.insert(header::RETRY_AFTER, seconds.into());
            }
            return Ok(answer);
        }
    }
    pass_on(parts, body).await
}

/// Asks where the request wants to go, over a connection of its own.
async fn pass_on(mut parts: Parts, body: Bytes) -> Result<Response<ProxyBody>> {
    let stream = connect(&parts.uri, 80).await?;
    let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move { drop(connection.await) });
    // A proxy is asked for a whole URL, a site for a path.
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = path.parse()?;
    strip(&mut parts.headers);
    let mut answer = sender.send_request(Request::from_parts(parts, Full::new(body))).await?;
    strip(answer.headers_mut());
    Ok(answer.map(Either::Left))
}

/// Lets two encrypted ends talk.
async fn tunnel(request: Request<Incoming>) -> Result<Response<ProxyBody>> {
    let mut there = connect(request.uri(), 443).await?;
    tokio::spawn(async move {
        if let Ok(here) = hyper::upgrade::on(request).await {
            // Either end may hang up whenever it likes.
            let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(here), &mut there).await;
        }
    });
    Ok(Response::new(Either::Right(Full::default())))
}

async fn connect(uri: &Uri, default_port: u16) -> Result<TcpStream> {
    let host = uri.host().context("a proxy is asked for whole URLs")?;
    // Browsers take every name below `localhost` for this machine, resolvers do not.
    let host = if host.ends_with(".localhost") { "127.0.0.1" } else { host.trim_matches(['[', ']']) };
    let port = uri.port_u16().unwrap_or(default_port);
    TcpStream::connect((host, port)).await.with_context(|| format!("cannot connect to {host}:{port}"))
}

fn strip(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Returns a site that answers every connection once, with what it was asked.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = vec![0; 4096];
                let n = stream.read(&mut asked).await.unwrap();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {n}\r\nx-own: kept\r\n\r\n");
                stream.write_all(head.as_bytes()).await.unwrap();
                stream.write_all(&asked[..n]).await.unwrap();
            }
        });
        address
    }

    /// Returns what comes back for these bytes until the connection ends; empty if it just ends.
    async fn ask(proxy: &Proxy, request: &str) -> String {
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    fn get(site: SocketAddr, path: &str) -> String {
        format!(
            "GET http://{site}{path} HTTP/1.1\r\nHost: {site}\r\nConnection: close\r\nX-Mine: kept\r\n\r\n"
        )
    }

    #[tokio::test]
    async fn what_nothing_is_wrong_with_passes_unchanged_and_is_seen() {
        let (site, proxy) = (echo().await, Proxy::start().await.unwrap());
        let answer = ask(&proxy, &get(site, "/a?b=c")).await;
        assert!(answer.contains("x-own: kept"), "{answer}");
        assert!(answer.contains("GET /a?b=c HTTP/1.1\r\n"), "{answer}");
        assert!(answer.contains("x-mine: kept"), "{answer}");
        let [seen] = &proxy.seen("/a")[..] else { panic!("{:?}", proxy.seen("*")) };
        assert_eq!((&seen.method, seen.path.as_str()), (&Method::GET, "/a?b=c"));
        proxy.forget();
        assert_eq!(proxy.seen("*"), []);
    }

    #[tokio::test]
    async fn a_body_passes_and_is_seen() {
        let (site, proxy) = (echo().await, Proxy::start().await.unwrap());
        let request = format!(
            "POST http://{site}/x HTTP/1.1\r\nHost: {site}\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
        );
        assert!(ask(&proxy, &request).await.ends_with("hello"));
        assert_eq!(proxy.seen("/x")[0].body, "hello");
    }

    #[tokio::test]
    async fn faults_meet_their_paths_until_healed() {
        let (site, proxy) = (echo().await, Proxy::start().await.unwrap());
        proxy.fail("*/x", InjectedFault::problem(429, "too many").with_retry_after(7));
        let answer = ask(&proxy, &get(site, "/prod/x")).await;
        for part in ["HTTP/1.1 429 ", "retry-after: 7", "access-control-allow-origin: *", "too many"] {
            assert!(answer.contains(part), "{answer}");
        }
        assert!(ask(&proxy, &get(site, "/y")).await.contains("200 OK"));
        proxy.fail("*/x", InjectedFault::HangUp);
        assert_eq!(ask(&proxy, &get(site, "/x")).await, "");
        proxy.heal();
        assert!(ask(&proxy, &get(site, "/x")).await.contains("200 OK"));
        assert_eq!(proxy.seen("*/x").len(), 3);
    }

    #[tokio::test]
    async fn nothing_passes_while_the_network_is_cut() {
        let (site, proxy) = (echo().await, Proxy::start().await.unwrap());
        proxy.fail("/x", InjectedFault::json("{}"));
        proxy.cut(true);
        proxy.heal();
        for path in ["/x", "/y"] {
            assert_eq!(ask(&proxy, &get(site, path)).await, "");
        }
        proxy.cut(false);
        assert!(ask(&proxy, &get(site, "/y")).await.contains("200 OK"));
        proxy.refuse("/y");
        proxy.heal();
        assert_eq!(ask(&proxy, &get(site, "/y")).await, "");
    }

    #[tokio::test]
    async fn what_is_late_comes_all_the_same() {
        let (site, proxy) = (echo().await, Proxy::start().await.unwrap());
        let time = Duration::from_millis(80);
        proxy.fail("/x", InjectedFault::Late(time));
        let begun = std::time::Instant::now();
        assert!(ask(&proxy, &get(site, "/x")).await.contains("200 OK"));
        assert!(begun.elapsed() >= time);
    }

    #[tokio::test]
    async fn what_is_encrypted_goes_through_unread() {
        let (site, proxy) = (echo().await, Proxy::start().await.unwrap());
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        stream
            .write_all(format!("CONNECT {site} HTTP/1.1\r\nHost: {site}\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut answer = vec![0; 512];
        let n = stream.read(&mut answer).await.unwrap();
        assert!(String::from_utf8_lossy(&answer[..n]).starts_with("HTTP/1.1 200"));
        stream.write_all(b"secret").await.unwrap();
        let mut rest = String::new();
        stream.read_to_string(&mut rest).await.unwrap();
        assert!(rest.ends_with("secret"), "{rest}");
        assert_eq!(proxy.seen("*"), []);
    }

    #[tokio::test]
    async fn a_site_that_is_not_there_is_a_connection_that_ends() {
        let proxy = Proxy::start().await.unwrap();
        let closed = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        assert_eq!(ask(&proxy, &get(closed, "/")).await, "");
    }
}
