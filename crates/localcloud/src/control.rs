//! Commands for a running local cloud, from another process.

use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use axum::body::{Body, Bytes};
use hyper::{Request, StatusCode};
use local_sagemaker::aws::{
    http_client::{Http, HttpError},
    signature::Credentials,
};
use mysfits_sagemaker::{
    faults::{Faults, Rate},
    http::REGION,
};
use tokio::{
    io::AsyncWriteExt as _,
    process::Command,
    time::{Instant, sleep},
};

use crate::{
    environment, signals,
    state::{StateError, StateFolder, is_running},
};

/// How long the cloud may take to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(50);

const LEFTOVERS: &str = include_str!("../python/leftovers.py");

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The state folder is invalid.
    #[error(transparent)]
    State(#[from] StateError),
    /// A variable is missing.
    #[error("the local cloud's variables lack {0}")]
    Variable(&'static str),
    /// There is no response.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The endpoint does not exist.
    #[error("endpoint {name} is not in service: {status} {message}")]
    Endpoint {
        /// Which.
        name: String,
        /// The status of the response.
        status: StatusCode,
        /// The message of the response.
        message: String,
    },
    /// The process does not stop.
    #[error("process {pid} is still running after {} s; check what it does, and kill it", STOP_TIMEOUT.as_secs())]
    Alive {
        /// Which.
        pid: u32,
    },
    /// The process cannot be stopped.
    #[error("cannot send SIGTERM to process {pid}")]
    Signal {
        /// Which.
        pid: u32,
        /// Why not.
        source: io::Error,
    },
    /// A program cannot be started.
    #[error("cannot start {}", program.display())]
    Program {
        /// Which.
        program: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The search for remaining resources failed.
    #[error("cannot search for remaining resources: the program ended with {0}")]
    Leftovers(String),
}

/// Stops the cloud of this folder, and waits for its end.
///
/// # Errors
/// [`ControlError`], also if no cloud is running.
pub async fn down(state: &StateFolder) -> Result<(), ControlError> {
    let pid = state.pid()?;
    if !is_running(pid) {
        // It was killed, so its files remain.
        state.release()?;
        return Err(StateError::Absent(state.path().to_owned()).into());
    }
    if let Err(source) = signals::terminate(pid)
        && is_running(pid)
    {
        return Err(ControlError::Signal { pid, source });
    }
    let deadline = Instant::now() + STOP_TIMEOUT;
    while is_running(pid) {
        if Instant::now() > deadline {
            return Err(ControlError::Alive { pid });
        }
        sleep(POLL_INTERVAL).await;
    }
    Ok(())
}

/// Makes an endpoint respond with 503 to all requests, or ends that.
///
/// # Errors
/// [`ControlError`].
pub async fn set_reachable(state: &StateFolder, name: &str, is_reachable: bool) -> Result<(), ControlError> {
    let faults =
        if is_reachable { Faults::NONE } else { Faults { unavailable: Rate::ALWAYS, ..Faults::NONE } };
    let environment = state.environment()?;
    let variable = |name| environment.get(name).ok_or(ControlError::Variable(name));
    let url = variable("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME")?;
    let credentials = Credentials::new(variable("AWS_ACCESS_KEY_ID")?, variable("AWS_SECRET_ACCESS_KEY")?);
    let no_name = |message: String| ControlError::Endpoint {
        name: name.to_owned(),
        status: StatusCode::NOT_FOUND,
        message,
    };
    let request =
        Request::put(format!("{url}/chaos/{name}")).body(Bytes::from(serde_json::json!(faults).to_string()));
    let mut request = request.map_err(|error| no_name(error.to_string()))?;
    credentials.sign(&mut request, "sagemaker", REGION);
    let (status, body) = Http::default().call(request.map(Body::from)).await?;
    if status.is_success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&body).into_owned();
    Err(ControlError::Endpoint { name: name.to_owned(), status, message })
}

/// Lists the remaining resources of a region, by default the cloud's, on standard output; returns whether there are any.
///
/// The search uses botocore and none of the deployer's code, so it verifies the deployer.
///
/// # Errors
/// [`ControlError`].
pub async fn leftovers(
    python: &Path,
    state: &StateFolder,
    region: Option<&str>,
) -> Result<bool, ControlError> {
    let started = |source| ControlError::Program { program: python.to_owned(), source };
    let mut command = Command::new(python);
    environment::clear(&mut command);
    command.arg("-").envs(state.environment()?).envs(region.map(|region| ("AWS_DEFAULT_REGION", region)));
    let mut child = command.stdin(Stdio::piped()).spawn().map_err(started)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(LEFTOVERS.as_bytes()).await.map_err(started)?;
    }
    let status = child.wait().await.map_err(started)?;
    match status.code() {
        Some(0) => Ok(false),
        Some(1) => Ok(true),
        _ => Err(ControlError::Leftovers(status.to_string())),
    }
}
