//! The processes that a command starts, as a group that is ended as a whole.

use std::{
    io,
    process::{Child, Command, ExitStatus, Stdio},
};

/// A command of the shell with all that it starts: a process group. It is killed when this value is dropped and, on Unix,
/// when this program ends in any way.
#[derive(Debug)]
pub(super) struct ProcessGroup {
    leader: Child,
    #[cfg(unix)]
    watcher: Child,
}

impl ProcessGroup {
    /// Starts a command (`sh -c`; on Windows, `cmd /C`) with the port to listen at in `SAGEMAKER_BIND_TO_PORT`.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn start(command: &str, port: u16) -> io::Result<Self> {
        let mut shell = if cfg!(windows) { Command::new("cmd") } else { Command::new("sh") };
        shell.args([if cfg!(windows) { "/C" } else { "-c" }, command]);
        // Standard output is for the line that says that the program is ready.
        shell.env("SAGEMAKER_BIND_TO_PORT", port.to_string()).stdin(Stdio::null()).stdout(io::stderr());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut shell, 0);
        let leader = shell.spawn()?;
        #[cfg(unix)]
        let watcher = start_watcher(&leader).inspect_err(|_| send_signal(&leader, Signal::KILL))?;
        Ok(Self {
            leader,
            #[cfg(unix)]
            watcher,
        })
    }

    /// Returns the id of the first process, which is also that of the group.
    pub(super) fn id(&self) -> u32 {
        self.leader.id()
    }

    /// Returns the status of the first process if it has ended. Others of the group may go on.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.leader.try_wait()
    }

    /// Asks all processes to end, by SIGTERM; on Windows, kills the first.
    pub(super) fn terminate(&mut self) {
        #[cfg(unix)]
        send_signal(&self.leader, Signal::TERM);
        #[cfg(not(unix))]
        let _ = self.leader.kill();
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        #[cfg(unix)]
        {
            // The watcher is a member: as long as it runs, no other group has this id.
            send_signal(&self.leader, Signal::KILL);
            let _ = self.watcher.kill().and_then(|()| self.watcher.wait());
        }
        #[cfg(not(unix))]
        let _ = self.leader.kill();
        let _ = self.leader.wait();
    }
}

#[cfg(unix)]
use rustix::process::{Pid, Signal};

/// Starts a member of a group that kills the group when this program ends, also by SIGKILL: a shell that waits for the end of
/// its input, a pipe from this program.
#[cfg(unix)]
fn start_watcher(leader: &Child) -> io::Result<Child> {
    // It goes on when the group is asked to end.
    const WATCH: &str = "trap '' HUP INT TERM; read -r line; kill -s KILL 0";
    let mut watcher = Command::new("sh");
    watcher.args(["-c", WATCH]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let group = i32::try_from(leader.id()).map_err(io::Error::other)?;
    std::os::unix::process::CommandExt::process_group(&mut watcher, group);
    watcher.spawn()
}

/// Sends a signal to all processes of a group.
#[cfg(unix)]
fn send_signal(leader: &Child, signal: Signal) {
    if let Some(group) = i32::try_from(leader.id()).ok().and_then(Pid::from_raw) {
        // Fails if all of them have ended.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}
