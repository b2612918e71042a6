//! The clients of the mixed load, each a task that repeats what it does.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_output::errln;
use mysfits_sagemaker::{client::decode_response, codec::Format};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{FAULTY, STEADY};
use crate::{
    endpoint::{WorkloadFormat, WorkloadRows},
    http::client::ClientConnection,
    inputs::Inputs,
};

/// The difference of the labels of the two models.
pub(super) const LABEL_SHIFT: f64 = 100.0;
/// The rows of a batch, and of a verbose batch whose response is several megabytes long.
const BATCH_ROWS: usize = 1000;
const LONG_ROWS: usize = 100_000;
/// The time between two requests of a client on a connection, and between two connections.
const PAUSE: Duration = Duration::from_millis(5);
const CONNECTION_PAUSE: Duration = Duration::from_millis(100);
/// The time for a response, and for the server to close a connection that is not read: its write timeout is 30 s.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(20);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(45);
/// How a slow client reads: so many bytes, then a pause.
const SLOW_BYTES: usize = 16 << 10;
const SLOW_PAUSE: Duration = Duration::from_millis(16);
/// The most errors that are printed.
const MAX_PRINTED: u64 = 10;

/// What a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behaviour {
    SingleRows,
    Batches,
    NewConnections,
    InjectedFaults,
    SlowReader,
    NeverReads,
    CutOff,
    LeavesEarly,
    Health,
}

/// Each behaviour, what the report calls its requests, and how many clients have it.
const MIXTURE: [(Behaviour, &str, usize); 9] = [
    (Behaviour::SingleRows, "single rows", 4),
    (Behaviour::Batches, "batches of 1,000 rows", 2),
    (Behaviour::NewConnections, "single rows, a connection each", 2),
    (Behaviour::InjectedFaults, "requests to the endpoint with faults", 2),
    (Behaviour::SlowReader, "long responses, read slowly", 2),
    (Behaviour::NeverReads, "long responses, never read", 2),
    (Behaviour::CutOff, "requests cut off in the middle", 2),
    (Behaviour::LeavesEarly, "clients that leave before the response", 2),
    (Behaviour::Health, "health checks", 1),
];

/// The running clients, and what they saw.
pub(super) struct SoakClients {
    tasks: JoinSet<()>,
    shared: Arc<SoakState>,
}

struct SoakState {
    address: SocketAddr,
    requests: SoakRequests,
    is_stopping: AtomicBool,
    /// Of each behaviour, in the order of the mixture.
    counts: [AtomicU64; MIXTURE.len()],
    errors: AtomicU64,
}

/// Requests, and the labels that the first model predicts for them.
struct SoakRequests {
    single: (Vec<u8>, Vec<f64>),
    batches: [(Vec<u8>, Vec<f64>); 2],
    faulty: Vec<u8>,
    long: Vec<u8>,
}

impl SoakRequests {
    fn new(inputs: &Inputs) -> Result<Self> {
        let rows = |n_rows| WorkloadRows::Entries.draw(inputs, n_rows);
        let request = |path: &str, format: WorkloadFormat, n_rows: usize, accept: &str| {
            let body = format.encode(rows(n_rows).view());
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: {}\r\naccept: {accept}\r\n\
                 content-length: {}\r\n\r\n",
                format.content_type(),
                body.len()
            );
            [head.as_bytes(), &body].concat()
        };
        let labels = |n_rows: usize| inputs.model.predict_batch(rows(n_rows).view());
        let steady = |format, n_rows| -> Result<_> {
            let path = format!("/endpoints/{STEADY}/invocations");
            Ok((request(&path, format, n_rows, "application/json"), labels(n_rows)?))
        };
        Ok(Self {
            single: steady(WorkloadFormat::Csv, 1)?,
            batches: [steady(WorkloadFormat::Csv, BATCH_ROWS)?, steady(WorkloadFormat::Json, BATCH_ROWS)?],
            faulty: request(&format!("/endpoints/{FAULTY}/invocations"), WorkloadFormat::Csv, 1, "*/*"),
            long: request("/invocations", WorkloadFormat::Csv, LONG_ROWS, "application/json; verbose=true"),
        })
    }
}

impl SoakClients {
    /// Starts the clients.
    pub(super) fn start(address: SocketAddr, inputs: &Inputs) -> Result<Self> {
        let shared = Arc::new(SoakState {
            address,
            requests: SoakRequests::new(inputs)?,
            is_stopping: AtomicBool::new(false),
            counts: Default::default(),
            errors: AtomicU64::new(0),
        });
        let mut tasks = JoinSet::new();
        for (i, (behaviour, name, n_clients)) in MIXTURE.into_iter().enumerate() {
            for _ in 0..n_clients {
                let shared = Arc::clone(&shared);
                tasks.spawn(async move {
                    while !shared.is_stopping.load(Ordering::Relaxed) {
                        if let Err(error) = shared.run(behaviour, &shared.counts[i]).await {
                            let n_errors = shared.errors.fetch_add(1, Ordering::Relaxed);
                            if n_errors < MAX_PRINTED {
                                errln!("bench: {name}: {error:#}");
                            }
                        }
                    }
                });
            }
        }
        Ok(Self { tasks, shared })
    }

    /// Lets each client finish what it does.
    pub(super) async fn stop(&mut self) {
        self.shared.is_stopping.store(true, Ordering::Relaxed);
        while self.tasks.join_next().await.is_some() {}
    }

    /// Returns how often each behaviour was repeated.
    pub(super) fn requests(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.shared.counts.iter().map(|count| count.load(Ordering::Relaxed));
        MIXTURE.into_iter().map(|(_, name, _)| name).zip(counts)
    }

    /// Returns the requests in flight, without the one that asks for them.
    pub(super) async fn in_flight(&self) -> Result<u64> {
        let mut connection = ClientConnection::connect(self.shared.address).await?;
        let metrics = connection.ask(b"GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").await?;
        let metrics = String::from_utf8_lossy(&metrics);
        let number = metrics.lines().find_map(|line| line.strip_prefix("http_requests_in_flight "));
        Ok(number.context("no http_requests_in_flight")?.parse::<u64>()? - 1)
    }

    pub(super) fn errors(&self) -> u64 {
        self.shared.errors.load(Ordering::Relaxed)
    }
}

impl SoakState {
    /// Does what a client does once, or for as long as its connection is kept.
    async fn run(&self, behaviour: Behaviour, count: &AtomicU64) -> Result<()> {
        let SoakRequests { single, batches, faulty, long } = &self.requests;
        match behaviour {
            Behaviour::SingleRows => return self.keep_alive(&[single], count).await,
            Behaviour::Batches => return self.keep_alive(&[&batches[0], &batches[1]], count).await,
            Behaviour::NewConnections => {
                let mut connection = ClientConnection::connect(self.address).await?;
                ask(&mut connection, single).await?;
            }
            Behaviour::InjectedFaults => self.expect_status(faulty, &[200, 400, 503, 424]).await?,
            Behaviour::SlowReader => self.read_slowly(long).await?,
            Behaviour::NeverReads => self.never_read(long).await?,
            Behaviour::CutOff => {
                self.send(&long[..long.len() / 2]).await?;
                sleep(PAUSE).await;
            }
            Behaviour::LeavesEarly => {
                self.send(long).await?;
                sleep(PAUSE * 4).await;
            }
            Behaviour::Health => {
                self.expect_status(b"GET /ping HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", &[200]).await?;
            }
        }
        count.fetch_add(1, Ordering::Relaxed);
        sleep(CONNECTION_PAUSE).await;
        Ok(())
    }

    /// Sends requests on one connection until the clients stop, and checks each response.
    async fn keep_alive(&self, requests: &[&(Vec<u8>, Vec<f64>)], count: &AtomicU64) -> Result<()> {
        let mut connection = ClientConnection::connect(self.address).await?;
        for request in requests.iter().cycle() {
            if self.is_stopping.load(Ordering::Relaxed) {
                break;
            }
            ask(&mut connection, request).await?;
            count.fetch_add(1, Ordering::Relaxed);
            sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn send(&self, bytes: &[u8]) -> Result<TcpStream> {
        let mut stream = TcpStream::connect(self.address).await.context("cannot connect")?;
        timeout(RESPONSE_TIMEOUT, stream.write_all(bytes)).await.context("the request is not read")??;
        Ok(stream)
    }

    /// Sends a request and reads the status of the response.
    async fn expect_status(&self, request: &[u8], expected: &[u16]) -> Result<()> {
        let mut stream = self.send(request).await?;
        let mut line = [0; 12];
        timeout(RESPONSE_TIMEOUT, stream.read_exact(&mut line)).await.context("no response")??;
        let status = std::str::from_utf8(&line)?.rsplit(' ').next().and_then(|text| text.parse().ok());
        match status {
            Some(status) if expected.contains(&status) => Ok(()),
            _ => bail!("the status is {status:?}, expected one of {expected:?}"),
        }
    }

    async fn read_slowly(&self, request: &[u8]) -> Result<()> {
        let mut stream = self.send(request).await?;
        let (mut piece, mut is_first) = (vec![0; SLOW_BYTES], true);
        loop {
            let n = timeout(RESPONSE_TIMEOUT, stream.read(&mut piece)).await.context("no response")??;
            if is_first {
                ensure!(piece.starts_with(b"HTTP/1.1 200 "), "the response is no 200");
            }
            is_first = false;
            if n == 0 || piece[..n].ends_with(b"0\r\n\r\n") || self.is_stopping.load(Ordering::Relaxed) {
                return Ok(());
            }
            sleep(SLOW_PAUSE).await;
        }
    }

    /// Waits until the server closes the connection, then reads what the kernel has kept.
    async fn never_read(&self, request: &[u8]) -> Result<()> {
        let mut stream = self.send(request).await?;
        let begun = Instant::now();
        while begun.elapsed() < CLOSE_TIMEOUT {
            if self.is_stopping.load(Ordering::Relaxed) {
                return Ok(());
            }
            sleep(CONNECTION_PAUSE).await;
        }
        let mut received = Vec::new();
        let read = timeout(RESPONSE_TIMEOUT, stream.read_to_end(&mut received)).await;
        ensure!(read.is_ok(), "a connection that is not read was not closed");
        ensure!(received.starts_with(b"HTTP/1.1 200 "), "the response is no 200");
        ensure!(!received.ends_with(b"0\r\n\r\n"), "the response was complete: too short for this test");
        Ok(())
    }
}

/// Sends a request and checks the response: the labels of one of the two models.
async fn ask(connection: &mut ClientConnection, (request, expected): &(Vec<u8>, Vec<f64>)) -> Result<()> {
    let body = timeout(RESPONSE_TIMEOUT, connection.ask(request)).await.context("no response")??;
    let predictions = decode_response(Format::Json, &body)?;
    let is_from = |shift: f64| {
        predictions.len() == expected.len()
            && predictions.iter().zip(expected).all(|(found, label)| found.predicted_label == label + shift)
    };
    ensure!(is_from(0.0) || is_from(LABEL_SHIFT), "the labels are those of neither model");
    Ok(())
}
