//! Lambda's Runtime API: hands out events, takes answers, and minds the order.

use std::{
    io,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::{Path as UrlPath, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use tokio::sync::{Mutex as AsyncMutex, mpsc as async_mpsc, oneshot};

use crate::listen;

/// How long a function has for an invocation, as the events say.
const DEADLINE: Duration = Duration::from_secs(10);
/// The trace that every invocation is part of.
pub const TRACE_ID: &str = "Root=1-6567f7a0-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=1";

/// A Runtime API on a port of this machine, in a thread of its own, until it is dropped.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    prefix: String,
    next_id: AtomicU64,
    events: async_mpsc::UnboundedSender<(String, Bytes)>,
    replies: mpsc::Receiver<FunctionReply>,
    calls: Arc<Mutex<Vec<(RuntimeCall, Instant)>>>,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

/// A call of the function's, with the invocation's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuntimeCall {
    /// It asked for an event.
    Next,
    /// It was handed an event.
    Event(String),
    /// It answered.
    Response(String),
    /// It failed.
    Error(String),
    /// It could not start.
    InitError,
}

/// What the function said.
#[derive(Debug, Clone)]
pub struct FunctionReply {
    /// In which way.
    pub kind: ReplyKind,
    /// To which event; empty if it could not start.
    pub request_id: String,
    /// What.
    pub body: Bytes,
    /// When it was there, whole.
    pub at: Instant,
}

/// The ways of a function to say something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyKind {
    /// An answer.
    Response,
    /// An error instead of an answer.
    Error,
    /// An error instead of a start.
    InitError,
}

struct RuntimeState {
    events: AsyncMutex<async_mpsc::UnboundedReceiver<(String, Bytes)>>,
    replies: mpsc::Sender<FunctionReply>,
    calls: Arc<Mutex<Vec<(RuntimeCall, Instant)>>>,
}

impl RuntimeApi {
    /// Listens. When this returns, a function may be started.
    ///
    /// # Errors
    /// If there is no port or no thread.
    pub fn start() -> io::Result<Self> {
        let listener = listen()?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(async { tokio::net::TcpListener::from_std(listener) })?;
        let (events, received) = async_mpsc::unbounded_channel();
        let (sent, replies) = mpsc::channel();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let shared = RuntimeState { events: AsyncMutex::new(received), replies: sent, calls: calls.clone() };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("runtime-api".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = axum::serve(listener, router(shared)).into_future() => {}
                    _ = stopped => {}
                }
            });
        })?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self {
            address,
            // No other run's function answers by chance to an event of this one.
            prefix: format!("{}-{}", std::process::id(), now.as_nanos()),
            next_id: AtomicU64::new(0),
            events,
            replies,
            calls,
            running: Some((stop, thread)),
        })
    }

    /// Returns the variables that Lambda sets for a function, whose package is in this folder.
    #[must_use]
    pub fn environment(&self, folder: &Path) -> Vec<(&'static str, String)> {
        let fixed = [
            ("AWS_LAMBDA_FUNCTION_NAME", "recommendations"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/test"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "test"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDTEST"),
            ("AWS_SECRET_ACCESS_KEY", "not-a-secret"),
            ("AWS_SESSION_TOKEN", "token"),
        ];
        let mut environment: Vec<_> = fixed.map(|(name, value)| (name, value.to_owned())).into();
        environment.push(("AWS_LAMBDA_RUNTIME_API", self.address.to_string()));
        environment.push(("LAMBDA_TASK_ROOT", folder.display().to_string()));
        environment
    }

    /// Has the function be invoked with an event, after those that wait; returns the invocation's id.
    pub fn send(&self, event: impl Into<Bytes>) -> String {
        let id = format!("{}-{}", self.prefix, self.next_id.fetch_add(1, Ordering::Relaxed));
        // The other end lives as long as this one.
        let _ = self.events.send((id.clone(), event.into()));
        id
    }

    /// Returns what the function says next, if it does in this time.
    #[must_use]
    pub fn reply(&self, patience: Duration) -> Option<FunctionReply> {
        self.replies.recv_timeout(patience).ok()
    }

    /// Returns everything the function called so far, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<RuntimeCall> {
        self.lock().iter().map(|(call, _)| call.clone()).collect()
    }

    /// When the function first asked for an event.
    #[must_use]
    pub fn first_next(&self) -> Option<Instant> {
        self.lock().iter().find(|(call, _)| *call == RuntimeCall::Next).map(|&(_, at)| at)
    }

    /// Whether the calls were those of one function that does as it should: it asks, is handed an event, answers that
    /// event, asks again.
    #[must_use]
    pub fn is_in_order(&self) -> bool {
        let calls = self.calls();
        let mut rest = calls.as_slice();
        loop {
            match rest {
                []
                | [RuntimeCall::Next | RuntimeCall::InitError]
                | [RuntimeCall::Next, RuntimeCall::Event(_)] => return true,
                [
                    RuntimeCall::Next,
                    RuntimeCall::Event(event),
                    RuntimeCall::Response(id) | RuntimeCall::Error(id),
                    after @ ..,
                ] if id == event => {
                    rest = after;
                }
                _ => return false,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(RuntimeCall, Instant)>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

impl RuntimeState {
    fn note(&self, call: RuntimeCall) -> Instant {
        let now = Instant::now();
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push((call, now));
        now
    }

    fn reply(&self, kind: ReplyKind, request_id: String, body: Bytes) -> StatusCode {
        let call = match kind {
            ReplyKind::Response => RuntimeCall::Response(request_id.clone()),
            ReplyKind::Error => RuntimeCall::Error(request_id.clone()),
            ReplyKind::InitError => RuntimeCall::InitError,
        };
        let at = self.note(call);
        let _ = self.replies.send(FunctionReply { kind, request_id, body, at });
        StatusCode::ACCEPTED
    }
}

fn router(shared: RuntimeState) -> Router {
    type Stub = State<Arc<RuntimeState>>;
    let response = async |State(stub): Stub, UrlPath(id): UrlPath<String>, body: Bytes| {
        stub.reply(ReplyKind::Response, id, body)
    };
    let error = async |State(stub): Stub, UrlPath(id): UrlPath<String>, body: Bytes| {
        stub.reply(ReplyKind::Error, id, body)
    };
    let init_error =
        async |State(stub): Stub, body: Bytes| stub.reply(ReplyKind::InitError, String::new(), body);
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(Arc::new(shared))
}

/// Waits for an event and hands it out.
async fn next(State(stub): State<Arc<RuntimeState>>) -> Response {
    stub.note(RuntimeCall::Next);
    let Some((id, event)) = stub.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    stub.note(RuntimeCall::Event(id.clone()));
    let deadline = (SystemTime::now() + DEADLINE).duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:recommendations".to_owned(),
        ),
        ("lambda-runtime-trace-id", TRACE_ID.to_owned()),
    ];
    (headers, event).into_response()
}
