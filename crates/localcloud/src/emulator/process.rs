//! MiniStack as a child process. It and its children end with this process.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use axum::body::Bytes;
use hyper::{Request, StatusCode};
use mysfits_sagemaker::http::{ACCOUNT, REGION};
use tokio::{
    process::{Child, ChildStdin, Command},
    time::{Instant, sleep, timeout},
};

use super::Emulator;
use crate::{
    environment, signals,
    state::{create_private, create_private_dir},
};

/// How long MiniStack may take to start, and to stop.
const START: Duration = Duration::from_mins(1);
const STOP: Duration = Duration::from_secs(8);
const POLL: Duration = Duration::from_millis(50);

/// The file in the state folder that MiniStack's log goes to.
pub const LOG: &str = "ministack.log";

/// The file in the state folder with the signed calls: access key, action, resource, and whether IAM allows it.
pub const CALLS: &str = "calls.jsonl";

/// The Python files, which are written into the state folder and run there.
const SOURCES: [(&str, &str); 6] = [
    ("access.py", include_str!("../../python/access.py")),
    ("launcher.py", include_str!("../../python/launcher.py")),
    ("calls.py", include_str!("../../python/calls.py")),
    ("patches.py", include_str!("../../python/patches.py")),
    ("registry.py", include_str!("../../python/registry.py")),
    ("resources.py", include_str!("../../python/resources.py")),
];

/// A running MiniStack.
#[derive(Debug)]
pub struct MiniStack {
    child: Child,
    /// The launcher stops when this is closed, however this process ends. Not in `child`, because waiting would close it.
    stdin: Option<ChildStdin>,
    /// Its process group, which has its process id; also known after its end.
    group: Option<u32>,
    temporary: PathBuf,
}

/// Why MiniStack cannot run.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// A file cannot be written.
    #[error("{} cannot be written", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The interpreter cannot be started.
    #[error("{} cannot be started; --python must name an interpreter with MiniStack", python.display())]
    Start {
        /// Which.
        python: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// MiniStack ended unexpectedly.
    #[error("MiniStack ended unexpectedly ({status}); the end of its log {}:\n{words}", log.display())]
    Ended {
        /// Its exit status.
        status: String,
        /// The end of its log.
        words: String,
        /// The log file.
        log: PathBuf,
    },
    /// MiniStack does not respond.
    #[error("MiniStack does not answer at {url} after {} s; see {}", START.as_secs(), log.display())]
    Silent {
        /// Its URL.
        url: String,
        /// The log file.
        log: PathBuf,
    },
}

impl MiniStack {
    /// Starts MiniStack in `folder` on the emulator's port, and waits until it is ready. `services` is the URL of the services
    /// that MiniStack does not have.
    pub(crate) async fn start(
        python: &Path,
        folder: &Path,
        emulator: &Emulator,
        port: u16,
        services: &str,
    ) -> Result<Self, EmulatorError> {
        let temporary = folder.join("tmp");
        // Remove files of an interrupted run.
        let _ = fs::remove_dir_all(&temporary);
        create_private_dir(&temporary).map_err(file_error(&temporary))?;
        let programs = folder.join("python");
        create_private_dir(&programs).map_err(file_error(&programs))?;
        for (name, source) in SOURCES {
            let path = programs.join(name);
            fs::write(&path, source).map_err(file_error(&path))?;
        }
        let log_path = folder.join(LOG);
        let log = create_private(&log_path).map_err(file_error(&log_path))?;
        let errors = log.try_clone().map_err(file_error(&log_path))?;
        let mut command = Command::new(python);
        environment::clear(&mut command);
        let credentials = emulator.credentials();
        let mut child = command
            .arg(programs.join("launcher.py"))
            // Requests must be signed, and IAM policies hold. The administrator's key is this cloud's.
            .env("AUTH", "true")
            .env("AWS_ACCESS_KEY_ID", credentials.id())
            .env("AWS_SECRET_ACCESS_KEY", credentials.secret())
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("LOG_LEVEL", "INFO")
            .env("MINISTACK_ACCOUNT_ID", ACCOUNT)
            .env("MINISTACK_REGION", REGION)
            .env("PERSIST_STATE", "0")
            // Unused servers on other ports.
            .env("SFTP_ENABLED", "0")
            .env("IOT_MTLS_ENABLED", "0")
            // The code of functions is unpacked here, and deleted at the end.
            .env("HOME", &temporary)
            .env("TMPDIR", &temporary)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUNBUFFERED", "1")
            .env("MYSFITS_AWS_JSON_URL", services)
            .env("MYSFITS_CALLS", folder.join(CALLS))
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| EmulatorError::Start { python: python.to_owned(), source })?;
        let mut ministack = Self { group: child.id(), stdin: child.stdin.take(), child, temporary };
        match ministack.until_ready(emulator, &log_path).await {
            Ok(()) => Ok(ministack),
            Err(error) => {
                ministack.stop().await;
                Err(error)
            }
        }
    }

    async fn until_ready(&mut self, emulator: &Emulator, log: &Path) -> Result<(), EmulatorError> {
        let deadline = Instant::now() + START;
        let url = format!("{}/_ministack/health", emulator.url());
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(ended(&status.to_string(), log));
            }
            if let Ok(request) = Request::get(&url).body(Bytes::new())
                && let Ok((StatusCode::OK, _)) = emulator.client().call("ministack", request).await
            {
                return Ok(());
            }
            sleep(POLL).await;
        }
        Err(EmulatorError::Silent { url, log: log.to_owned() })
    }

    /// Waits until MiniStack ends unexpectedly; returns the error.
    pub(crate) async fn ended(&mut self, log: &Path) -> EmulatorError {
        let status = self.child.wait().await;
        ended(&status.map_or_else(|error| error.to_string(), |status| status.to_string()), log)
    }

    /// Stops MiniStack with its children, and deletes its temporary files.
    pub(crate) async fn stop(mut self) {
        drop(self.stdin.take());
        let ended = timeout(STOP, self.child.wait()).await;
        // Functions or the launcher may still run.
        if let Some(group) = self.group {
            // Fails if all have ended.
            let _ = signals::kill_group(group);
        }
        if ended.is_err() {
            let _ = self.child.wait().await;
        }
        let _ = fs::remove_dir_all(&self.temporary);
    }
}

fn file_error(path: &Path) -> impl FnOnce(io::Error) -> EmulatorError {
    move |source| EmulatorError::File { path: path.to_owned(), source }
}

/// How many lines of the log an error repeats.
const LAST_LINES: usize = 12;

fn ended(status: &str, log: &Path) -> EmulatorError {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let words = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n");
    EmulatorError::Ended { status: status.to_owned(), words, log: log.to_owned() }
}
