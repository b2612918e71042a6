//! A container that is a process of this program.

use std::{
    fmt,
    net::{Ipv4Addr, TcpListener},
    process::ExitStatus,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use axum::body::Body;
use bytes::Bytes;
use hyper::{Request, Response};
use mysfits_sagemaker::{BoxFuture, Container, ContainerError};

use super::{http_container::HttpContainer, process_group::ProcessGroup};

/// The time for a container to become healthy, as in SageMaker.
const STARTUP_TIMEOUT: Duration = Duration::from_mins(4);
/// The time between two looks at a process, and between two pings while it starts.
const POLL: Duration = Duration::from_millis(50);
/// The time from the end of a process to its restart: the first, doubled each time up to the last.
const RESTART_AFTER: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(30)];
/// A process that ran for so long is restarted after the first time again.
const STABLE_AFTER: Duration = Duration::from_mins(1);
/// The time from SIGTERM to SIGKILL. SageMaker waits for 30 s; a program on a desktop should end sooner.
const STOP_GRACE: Duration = Duration::from_secs(5);

/// A server that is started by a command of the shell, with the port to listen at in `SAGEMAKER_BIND_TO_PORT`.
///
/// It is a process group of its own, which gets SIGTERM, and SIGKILL 5 s later, when this value is dropped. On Unix the group
/// is killed, too, when this program is. If the command ends, it is restarted: after half a second, then after twice the time,
/// up to 30 s. Meanwhile requests fail with [`ContainerError::Unreachable`]. Its output goes to standard error.
pub struct ContainerProcess {
    client: HttpContainer,
    command: String,
    port: u16,
    supervised: Arc<Supervised>,
}

#[derive(Debug, Default)]
struct Supervised(Mutex<Supervision>);

#[derive(Debug, Default)]
struct Supervision {
    processes: Option<ProcessGroup>,
    /// The status of the last process that ended.
    ended: Option<ExitStatus>,
    is_stopped: bool,
}

/// An error of starting a container's process.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// The process or its supervisor cannot be started, or there is no free port.
    #[error("cannot start {command:?}")]
    Start {
        /// The command.
        command: String,
        /// The cause.
        source: std::io::Error,
    },
    /// The process ended before it was healthy.
    #[error(
        "{command:?} ended ({status}) before GET /ping at port {port} returned 200; it must listen at the port in SAGEMAKER_BIND_TO_PORT"
    )]
    Ended {
        /// The command.
        command: String,
        /// Its port.
        port: u16,
        /// How it ended.
        status: ExitStatus,
    },
    /// The process was not healthy in time.
    #[error(
        "GET /ping at port {port} of {command:?} did not return 200 within {} s; it must listen at the port in \
         SAGEMAKER_BIND_TO_PORT",
        STARTUP_TIMEOUT.as_secs()
    )]
    Timeout {
        /// The command.
        command: String,
        /// Its port.
        port: u16,
    },
}

impl fmt::Debug for ContainerProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContainerProcess")
            .field("command", &self.command)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// All processes, which must also end when this program does without dropping anything.
static RUNNING: Mutex<Vec<Arc<Supervised>>> = Mutex::new(Vec::new());

fn running() -> MutexGuard<'static, Vec<Arc<Supervised>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stops the processes of all containers, before the program ends.
pub fn stop_containers() {
    let all: Vec<_> = running().drain(..).collect();
    for supervised in all {
        supervised.stop();
    }
}

impl ContainerProcess {
    /// Starts a command of the shell (`sh -c`; on Windows, `cmd /C`). It is not yet healthy.
    ///
    /// # Errors
    /// [`ProcessError::Start`].
    pub fn start(command: &str) -> Result<Self, ProcessError> {
        let failed = |source| ProcessError::Start { command: command.to_owned(), source };
        // Free now; only another program that takes any free port could take it first.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        drop(listener);
        let url = format!("http://127.0.0.1:{port}");
        let client = HttpContainer::new(&url).map_err(|error| failed(std::io::Error::other(error)))?;
        let supervised = Arc::new(Supervised::default());
        supervised.lock().processes = Some(ProcessGroup::start(command, port).map_err(failed)?);
        running().push(Arc::clone(&supervised));
        let process = Self { client, command: command.to_owned(), port, supervised };
        let (command, supervised) = (command.to_owned(), Arc::clone(&process.supervised));
        let supervise = move || supervised.supervise(&command, port);
        let thread = thread::Builder::new().name(format!("container {port}")).spawn(supervise);
        thread.map_err(|source| ProcessError::Start { command: process.command.clone(), source })?;
        Ok(process)
    }

    /// Waits until `GET /ping` returns 200.
    ///
    /// # Errors
    /// [`ProcessError::Ended`], or [`ProcessError::Timeout`] after 4 min.
    pub async fn wait_until_healthy(&self) -> Result<(), ProcessError> {
        let begun = Instant::now();
        let (command, port) = (self.command.clone(), self.port);
        while begun.elapsed() < STARTUP_TIMEOUT {
            if self.client.is_healthy().await {
                return Ok(());
            }
            if let Some(status) = self.supervised.lock().ended {
                return Err(ProcessError::Ended { command, port, status });
            }
            tokio::time::sleep(POLL).await;
        }
        Err(ProcessError::Timeout { command, port })
    }

    /// Returns the id of the process, which is also that of its group; `None` while it is not running.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.supervised.lock().processes.as_ref().map(ProcessGroup::id)
    }
}

impl Drop for ContainerProcess {
    fn drop(&mut self) {
        running().retain(|other| !Arc::ptr_eq(other, &self.supervised));
        self.supervised.stop();
    }
}

impl Container for ContainerProcess {
    fn invoke(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, ContainerError>> {
        self.client.invoke(request)
    }

    fn is_healthy(&self) -> BoxFuture<'_, bool> {
        self.client.is_healthy()
    }
}

impl Supervised {
    fn lock(&self) -> MutexGuard<'_, Supervision> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Restarts the command when it ends, until it is stopped.
    fn supervise(&self, command: &str, port: u16) {
        let [first, last] = RESTART_AFTER;
        let (mut wait, mut begun) = (first, Instant::now());
        loop {
            thread::sleep(POLL);
            let mut state = self.lock();
            if state.is_stopped {
                return;
            }
            let Some(processes) = &mut state.processes else {
                if begun.elapsed() >= wait {
                    wait = (2 * wait).min(last);
                    begun = Instant::now();
                    match ProcessGroup::start(command, port) {
                        Ok(processes) => state.processes = Some(processes),
                        Err(error) => tracing::warn!(command, %error, "a container cannot be restarted"),
                    }
                }
                continue;
            };
            let Ok(Some(status)) = processes.try_wait() else { continue };
            if begun.elapsed() >= STABLE_AFTER {
                wait = first;
            }
            tracing::warn!(command, %status, restart_after = ?wait, "a container has ended");
            // Also what the command started, and left behind.
            (state.processes, state.ended, begun) = (None, Some(status), Instant::now());
        }
    }

    fn stop(&self) {
        let mut state = self.lock();
        state.is_stopped = true;
        let Some(mut processes) = state.processes.take() else { return };
        processes.terminate();
        let begun = Instant::now();
        while begun.elapsed() < STOP_GRACE && matches!(processes.try_wait(), Ok(None)) {
            thread::sleep(POLL / 5);
        }
    }
}
