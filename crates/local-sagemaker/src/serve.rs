//! A listener that serves a router within limits until a signal stops it. Requests under way are then finished.

use std::{
    convert::Infallible,
    io::{self, IsTerminal as _},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use mysfits_output::outln;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt as _;
use tracing_subscriber::EnvFilter;

use crate::{
    access::AccessArgs,
    body::{Requests, Timed, TimedOut, kept_until_written},
    connections::ConnectionLimits,
    requests::UNLIMITED_ROUTES,
    signals::{ExitOnSignal, stop_signal},
};

/// What a connection reads ahead and buffers to write, in bytes; the head of a request is not longer.
const BUFFER_BYTES: usize = 32 * 1024;
/// Connections beyond the limit, which only serve `/ping` and `/metrics`, and 503 for all else. Further ones are closed.
const MAX_OVERFLOW: usize = 64;
/// The time for the head of a request on such a connection.
const OVERFLOW_TIMEOUT: Duration = Duration::from_secs(2);
/// The time for a client to finish sending a request when the server stops, and to take the rest of a response.
const STOP_GRACE: Duration = Duration::from_secs(2);
/// The time between two attempts to accept when the system refuses.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// Logs to standard error, at the level of `RUST_LOG`, by default `info`.
///
/// # Panics
/// If there is a logger already.
pub fn init_logging() {
    // s3s logs each request that it answers with an error.
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,s3s=off,s3s_fs=off"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // Colours are for terminals only; in a file or in CloudWatch they are noise.
    log.with_ansi(io::stderr().is_terminal()).with_target(false).log_internal_errors(false).init();
}

/// Parses an address to listen at: an IP address, or `localhost` for 127.0.0.1.
///
/// # Errors
/// If it is neither.
pub fn parse_host(text: &str) -> Result<IpAddr, String> {
    if text.eq_ignore_ascii_case("localhost") {
        return Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    text.parse().map_err(|_| "expected an IP address or localhost".to_owned())
}

/// Serves a router until SIGTERM or Ctrl-C, and prints `ready` and the address on standard output. `router` gets the
/// address, which is not known before if the port is 0.
///
/// # Errors
/// If the address cannot be used, the router cannot be made, or standard output cannot be written.
pub fn serve_until_signal(
    address: SocketAddr,
    access: &AccessArgs,
    limits: ConnectionLimits,
    signals: ExitOnSignal,
    router: impl FnOnce(SocketAddr) -> anyhow::Result<Router>,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = bind(address).await?;
        let address = listener.local_addr()?;
        let router = access.protect(router(address)?, address);
        // Installed before the server is ready: the signal may come at once.
        let stop = stop_signal();
        signals.disarm();
        outln!("ready http://{address}")?;
        let second_signal = async { stop_signal().await };
        serve(listener, router, limits, stop, second_signal).await;
        Ok(())
    })
}

/// Listens at an address; port 0 means any free one.
///
/// # Errors
/// The system's, with the address and what to do about a port in use.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let hint = if error.kind() == io::ErrorKind::AddrInUse { "; choose another with --port" } else { "" };
        io::Error::new(error.kind(), format!("cannot listen at {address}: {error}{hint}"))
    })
}

/// Serves until `stop` completes, then finishes requests that were received whole, within [`ConnectionLimits::drain_timeout`] or
/// until `abort` completes. `abort` is first polled when the server stops.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()>,
    abort: impl Future<Output = ()>,
) {
    let server = Arc::new(ServerState { router, limits, requests: Requests::default() });
    let graceful = GracefulShutdown::new();
    let (regular, overflow) =
        (Arc::new(Semaphore::new(limits.max_connections)), Arc::new(Semaphore::new(MAX_OVERFLOW)));
    // Dropped at the end, and the connections with it.
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let stream = tokio::select! {
            stream = accept(&listener) => stream,
            () = &mut stop => break,
        };
        while connections.try_join_next().is_some() {}
        let (permit, is_overflow) = if let Ok(permit) = regular.clone().try_acquire_owned() {
            (permit, false)
        } else if let Ok(permit) = overflow.clone().try_acquire_owned() {
            (permit, true)
        } else {
            continue;
        };
        connections.spawn(server.clone().connection(stream, is_overflow, permit, &graceful));
    }
    drop(listener);
    tracing::info!("stopping: no new connections, finishing requests under way");
    let mut ended = std::pin::pin!(graceful.shutdown());
    let drained = async {
        tokio::select! {
            () = &mut ended => return,
            () = async { sleep(STOP_GRACE).await; server.requests.wait_for_none().await } => {}
        }
        // Connections with half a request, or with the end of a response to write.
        let _ = timeout(STOP_GRACE, ended).await;
    };
    tokio::select! {
        () = drained => {}
        () = sleep(limits.drain_timeout) => {
            tracing::warn!("some requests were cut off after {} s", limits.drain_timeout.as_secs());
        }
        () = abort => tracing::warn!("some requests were cut off by a second signal"),
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    let mut is_failing = false;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            // The client disconnected before, or no file descriptor is free at the moment: the server goes on.
            Err(error) => {
                if !std::mem::replace(&mut is_failing, true) {
                    tracing::warn!(%error, "cannot accept a connection; retrying");
                }
                sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

/// The state that all connections share.
struct ServerState {
    router: Router,
    limits: ConnectionLimits,
    requests: Requests,
}

impl ServerState {
    /// Returns a future that serves a connection until it ends; `graceful` watches it from this call on.
    fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        is_overflow: bool,
        permit: OwnedSemaphorePermit,
        graceful: &GracefulShutdown,
    ) -> impl Future<Output = ()> + Send + use<> {
        // Responses are small and written at once: waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.limits.write_timeout));
        let mut http = http1::Builder::new();
        let header_timeout = if is_overflow { OVERFLOW_TIMEOUT } else { self.limits.header_timeout };
        http.timer(TokioTimer::new()).header_read_timeout(header_timeout).max_buf_size(BUFFER_BYTES);
        if is_overflow {
            http.keep_alive(false);
        }
        let service = service_fn(move |request| {
            let server = self.clone();
            async move { Ok::<_, Infallible>(server.respond(request, is_overflow).await) }
        });
        let connection = http.serve_connection(TokioIo::new(Box::pin(stream)), service);
        let connection = graceful.watch(connection);
        async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(permit);
        }
    }

    async fn respond(&self, request: Request<Incoming>, is_overflow: bool) -> Response {
        if is_overflow && !UNLIMITED_ROUTES.contains(&request.uri().path()) {
            return too_many_connections();
        }
        let ConnectionLimits { body_timeout, response_timeout, .. } = self.limits;
        let (under_way, timed_out) = (self.requests.begin(), TimedOut::default());
        let mut request = request.map(|body| {
            Body::new(Timed::new(Body::new(body), body_timeout, timed_out.clone(), under_way.clone()))
        });
        request.extensions_mut().insert(timed_out);
        let Ok(response) = self.router.clone().oneshot(request).await;
        under_way.set_received();
        let timed = |body| Body::new(Timed::new(body, response_timeout, TimedOut::default(), under_way));
        response.map(|body| kept_until_written(timed(body)))
    }
}

fn too_many_connections() -> Response {
    let headers = [(header::RETRY_AFTER, HeaderValue::from_static("1"))];
    (StatusCode::SERVICE_UNAVAILABLE, headers, "too many connections; try again in 1 s").into_response()
}
