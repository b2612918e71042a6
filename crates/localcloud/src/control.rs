//! What is done to a local cloud that is running, from another process.

use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use axum::body::{Body, Bytes};
use hyper::{Request, StatusCode};
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
    environment,
    http::{Http, HttpError},
    signals,
    signature::Credentials,
    state::{StateError, StateFolder, is_running},
};

/// How long it may take to end.
const DOWN: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

const LEFTOVERS: &str = include_str!("../python/leftovers.py");

/// Why it does not do what it is told.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Its folder.
    #[error(transparent)]
    State(#[from] StateError),
    /// Its variables.
    #[error("the local cloud's variables lack {0}")]
    Variable(&'static str),
    /// It does not answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It refuses.
    #[error("endpoint {name} is not in service: {status} {message}")]
    Endpoint {
        /// Which.
        name: String,
        /// How it was answered.
        status: StatusCode,
        /// With what.
        message: String,
    },
    /// It does not end.
    #[error("process {pid} has not ended after {} s; look at what it does, and kill it", DOWN.as_secs())]
    Alive {
        /// Which.
        pid: u32,
    },
    /// It cannot be asked to end.
    #[error("process {pid} cannot be asked to end")]
    Signal {
        /// Which.
        pid: u32,
        /// Why not.
        source: io::Error,
    },
    /// A program cannot be started.
    #[error("{} cannot be started", program.display())]
    Program {
        /// Which.
        program: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The search for leftovers did not come to an end.
    #[error("leftovers cannot be looked for: the program ended with {0}")]
    Leftovers(String),
}

/// Ends the cloud that is running in this folder, and waits until it has ended.
///
/// # Errors
/// [`ControlError`]; that none is running, too.
pub async fn down(state: &StateFolder) -> Result<(), ControlError> {
    let pid = state.pid()?;
    if !is_running(pid) {
        // It was killed, and could not say so itself.
        state.release()?;
        return Err(StateError::Absent(state.path().to_owned()).into());
    }
    if let Err(source) = signals::terminate(pid)
        && is_running(pid)
    {
        return Err(ControlError::Signal { pid, source });
    }
    let deadline = Instant::now() + DOWN;
    while is_running(pid) {
        if Instant::now() > deadline {
            return Err(ControlError::Alive { pid });
        }
        sleep(POLL).await;
    }
    Ok(())
}

/// Makes an endpoint answer all calls with 503, or lets it answer again.
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

/// Lists on standard output what is left in the cloud; tells whether there is anything.
///
/// Asked through AWS's own client and APIs, and by nothing that this project deploys with: it is the proof that what
/// removes has removed.
///
/// # Errors
/// [`ControlError`].
pub async fn leftovers(python: &Path, state: &StateFolder) -> Result<bool, ControlError> {
    let started = |source| ControlError::Program { program: python.to_owned(), source };
    let mut command = Command::new(python);
    environment::clear(&mut command);
    let mut child =
        command.arg("-").envs(state.environment()?).stdin(Stdio::piped()).spawn().map_err(started)?;
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
