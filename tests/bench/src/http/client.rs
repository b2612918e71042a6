//! A small HTTP/1.1 client that keeps connections busy: one request at a time on each, every answer checked.

use std::{
    borrow::Cow,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use mysfits_output::errln;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use super::answer::whole_body;

/// A request, and the body that answers it.
#[derive(Debug, Clone)]
pub(crate) struct HttpExchange {
    request: Vec<u8>,
    expected: Vec<u8>,
}

/// What connections saw.
#[derive(Debug)]
pub(crate) struct Load {
    seconds: f64,
    /// Of every request that was answered rightly, in nanoseconds, ascending.
    latencies_ns: Vec<u64>,
    /// Connections that failed, and answers that were others than expected.
    pub(crate) n_errors: u64,
}

impl HttpExchange {
    /// Returns a POST with a body of this type, and what must come back.
    pub(crate) fn post(path: &str, content_type: &str, body: &[u8], expected: impl Into<Vec<u8>>) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: mysfits-bench\r\naccept: */*\r\n\
             content-length: {}\r\ncontent-type: {content_type}\r\n\r\n",
            body.len()
        );
        Self { request: [head.as_bytes(), body].concat(), expected: expected.into() }
    }

    /// Returns the same request, of which another answer is expected.
    pub(crate) fn expecting(&self, expected: Vec<u8>) -> Self {
        Self { request: self.request.clone(), expected }
    }
}

impl Load {
    /// Requests answered rightly.
    pub(crate) fn n_answers(&self) -> usize {
        self.latencies_ns.len()
    }

    /// Requests answered rightly in a second.
    pub(crate) fn per_second(&self) -> f64 {
        self.n_answers() as f64 / self.seconds
    }

    /// Returns the time, in seconds, within which this share of the requests were answered.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let last = self.latencies_ns.len().saturating_sub(1);
        self.latencies_ns.get(last * percent / 100).map_or(f64::NAN, |&ns| ns as f64 / 1e9)
    }
}

/// Puts a server under load for a while. The connections begin at different exchanges and go round.
pub(crate) async fn load(
    address: SocketAddr,
    exchanges: &[HttpExchange],
    n_connections: usize,
    length: Duration,
) -> Result<Load> {
    let exchanges: Arc<[HttpExchange]> = exchanges.into();
    let mut streams = Vec::new();
    for _ in 0..n_connections {
        let stream = TcpStream::connect(address).await.context("cannot connect to the server")?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let begun = Instant::now();
    let mut connections = JoinSet::new();
    for (i, stream) in streams.into_iter().enumerate() {
        let (exchanges, first) = (exchanges.clone(), i * exchanges.len() / n_connections);
        connections.spawn(async move {
            let mut connection = ClientConnection::new(stream);
            let mut latencies_ns = Vec::with_capacity(1 << 16);
            for exchange in exchanges.iter().cycle().skip(first) {
                let sent = Instant::now();
                if sent - begun >= length {
                    break;
                }
                if let Err(error) = connection.exchange(exchange).await {
                    return (latencies_ns, Some(error));
                }
                latencies_ns.push(sent.elapsed().as_nanos() as u64);
            }
            (latencies_ns, None)
        });
    }
    let (mut latencies_ns, mut n_errors) = (Vec::new(), 0);
    while let Some(ended) = connections.join_next().await {
        let (latencies, error) = ended?;
        latencies_ns.extend(latencies);
        if let Some(error) = error {
            errln!("bench: a connection to {address} ended: {error:#}");
            n_errors += 1;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    latencies_ns.sort_unstable();
    Ok(Load { seconds, latencies_ns, n_errors })
}

/// Returns what a server answers to each request, one after the other; every answer must be 200.
pub(crate) async fn ask(address: SocketAddr, exchanges: &[HttpExchange]) -> Result<Vec<Vec<u8>>> {
    let mut connection = ClientConnection::connect(address).await?;
    let mut bodies = Vec::with_capacity(exchanges.len());
    for exchange in exchanges {
        bodies.push(connection.ask(&exchange.request).await?.into_owned());
    }
    Ok(bodies)
}

/// A connection that is kept alive.
pub(crate) struct ClientConnection {
    stream: TcpStream,
    /// The answer under way, as far as it has come.
    answer: Vec<u8>,
}

impl ClientConnection {
    /// Connects to a server.
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot connect to the server")?;
        stream.set_nodelay(true)?;
        Ok(Self::new(stream))
    }

    fn new(stream: TcpStream) -> Self {
        Self { stream, answer: Vec::with_capacity(4096) }
    }

    /// Sends one request and reads its whole answer, which must be 200 with the expected body.
    async fn exchange(&mut self, exchange: &HttpExchange) -> Result<()> {
        let body = self.ask(&exchange.request).await?;
        ensure!(*body == exchange.expected, "the body is {}", String::from_utf8_lossy(&body));
        Ok(())
    }

    /// Sends one request and reads its whole answer, which must be 200; its body.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<Cow<'_, [u8]>> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        while whole_body(&self.answer)?.is_none() {
            ensure!(self.stream.read_buf(&mut self.answer).await? > 0, "the server hung up");
        }
        whole_body(&self.answer)?.context("the answer was whole")
    }
}
