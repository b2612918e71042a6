//! A small HTTP/1.1 client that keeps connections busy: one request at a time on each, every answer checked.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

/// A request, and the body that answers it.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    request: Vec<u8>,
    expected: String,
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

impl Exchange {
    /// A POST as curl sends it for `-d`, content type included.
    pub(crate) fn post(path: &str, body: &str, expected: String) -> Self {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: mysfits-bench\r\naccept: */*\r\n\
             content-length: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\r\n{body}",
            body.len()
        );
        Self { request: request.into_bytes(), expected }
    }
}

impl Load {
    /// Requests answered rightly in a second.
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies_ns.len() as f64 / self.seconds
    }

    /// The time, in seconds, within which this share of the requests were answered.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let last = self.latencies_ns.len().saturating_sub(1);
        self.latencies_ns.get(last * percent / 100).map_or(f64::NAN, |&ns| ns as f64 / 1e9)
    }
}

/// Puts a server under load for a while. The connections begin at different exchanges and go round.
pub(crate) async fn load(
    address: SocketAddr,
    exchanges: &[Exchange],
    n_connections: usize,
    length: Duration,
) -> Result<Load> {
    let exchanges: Arc<[Exchange]> = exchanges.into();
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
            let mut connection = Connection { stream, answer: Vec::with_capacity(4096) };
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
            eprintln!("bench: a connection to {address} ended: {error:#}");
            n_errors += 1;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    latencies_ns.sort_unstable();
    Ok(Load { seconds, latencies_ns, n_errors })
}

struct Connection {
    stream: TcpStream,
    /// The answer under way, as far as it has come.
    answer: Vec<u8>,
}

impl Connection {
    /// Sends one request and reads its whole answer, which must be 200 with the expected body.
    async fn exchange(&mut self, exchange: &Exchange) -> Result<()> {
        self.stream.write_all(&exchange.request).await?;
        self.answer.clear();
        loop {
            ensure!(self.stream.read_buf(&mut self.answer).await? > 0, "the server hung up");
            if let Some(body) = whole_body(&self.answer)? {
                ensure!(
                    body == exchange.expected.as_bytes(),
                    "the body is {}",
                    String::from_utf8_lossy(body)
                );
                return Ok(());
            }
        }
    }
}

/// The body of an answer; none if it has not come in full.
fn whole_body(answer: &[u8]) -> Result<Option<&[u8]>> {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&answer[..end]).context("the head is not text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    ensure!(status.starts_with("HTTP/1.1 200 "), "the status line is {status:?}");
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
    });
    let Some(Ok(length)) = length else { bail!("there is no content-length in {head:?}") };
    let body = &answer[end + 4..];
    ensure!(body.len() <= length, "the body is longer than its content-length");
    Ok((body.len() == length).then_some(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_length_says_so() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        assert_eq!(whole_body(answer).unwrap(), Some(b"hi".as_slice()));
        for cut in 0..answer.len() {
            assert_eq!(whole_body(&answer[..cut]).unwrap(), None, "{cut}");
        }
    }

    #[test]
    fn other_answers_are_errors() {
        for answer in [
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nhi",
        ] {
            assert!(whole_body(answer.as_bytes()).is_err(), "{answer}");
        }
    }
}
