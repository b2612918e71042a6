//! SIGTERM and SIGINT: they end a command at once, or shut down its server.
//!
//! Process 1 of a container has no default action for SIGTERM and SIGINT: without a handler it would ignore both.

use std::{
    io::{self, Write as _},
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use mysfits_sagemaker::training::Job;
use tokio::runtime::Builder;

#[cfg(feature = "services")]
use crate::containers;

/// Ends the process on a signal until it is [disarmed](Self::disarm).
#[derive(Debug)]
pub struct ExitOnSignal {
    is_armed: Arc<AtomicBool>,
}

impl ExitOnSignal {
    /// Ignores signals from now on.
    pub fn disarm(self) {
        self.is_armed.store(false, Ordering::Relaxed);
    }
}

/// Ends the process on SIGTERM (exit status 143) or SIGINT (130) from now on; a training job stops writing first.
///
/// # Errors
/// If a handler cannot be installed.
pub fn exit_on_signal(job: Option<Job>) -> io::Result<ExitOnSignal> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let mut signals = {
        // Installed before this returns: a signal that comes now is not lost.
        let _context = runtime.enter();
        Signals::new()?
    };
    let armed = Arc::new(AtomicBool::new(true));
    let is_armed = armed.clone();
    let wait = move || {
        let (name, status) = runtime.block_on(signals.recv());
        if !armed.load(Ordering::Relaxed) {
            return;
        }
        let _output = job.as_ref().map(Job::stop_output);
        #[cfg(feature = "services")]
        containers::stop_containers();
        // A closed standard error is no reason to stop.
        let _ = writeln!(io::stderr(), "error: ended by {name}");
        process::exit(status)
    };
    thread::Builder::new().name("signals".to_owned()).spawn(wait)?;
    Ok(ExitOnSignal { is_armed })
}

/// Returns a future that completes at Ctrl-C, or at SIGTERM on Unix. From this call on, not from the first poll, these
/// signals do not end the process by themselves.
///
/// # Panics
/// Outside of a tokio runtime.
pub fn stop_signal() -> impl Future<Output = ()> {
    // Without a handler the system's default applies, which also ends the process.
    let signals = Signals::new();
    async move {
        match signals {
            Ok(mut signals) => drop(signals.recv().await),
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for a signal and returns its name and the exit status that shells use for it.
    async fn recv(&mut self) -> (&'static str, i32) {
        tokio::select! {
            _ = self.terminate.recv() => ("SIGTERM", 128 + 15),
            _ = self.interrupt.recv() => ("SIGINT", 128 + 2),
        }
    }
}

#[cfg(not(unix))]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    async fn recv(&mut self) -> (&'static str, i32) {
        self.interrupt.recv().await;
        ("Ctrl-C", 128 + 2)
    }
}
