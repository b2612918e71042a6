//! Runs the program that calls AWS as a child process.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use super::{SageMakerError, io};
use crate::protocol::{Reply, Request};

/// A running program.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    requests: ChildStdin,
    replies: BufReader<ChildStdout>,
}

impl Program {
    pub(super) fn start(path: &Path) -> Result<Self, SageMakerError> {
        Self::spawn(Command::new(path).arg("serve"))
    }

    pub(super) fn spawn(command: &mut Command) -> Result<Self, SageMakerError> {
        let what = format!("cannot run {}", command.get_program().to_string_lossy());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Failures are reported as replies, so its other output is not needed.
            .stderr(Stdio::null())
            .spawn()
            .map_err(io(what))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(requests), Some(replies)) => Ok(Self { child, requests, replies: BufReader::new(replies) }),
            _ => Err(SageMakerError::Refused("the program has no standard input and output".to_owned())),
        }
    }

    pub(super) fn ask(&mut self, request: &Request) -> Result<Reply, SageMakerError> {
        let unreadable = |answer| SageMakerError::Answer { what: "the program's reply", answer };
        let mut line =
            serde_json::to_string(request).map_err(|error| SageMakerError::Refused(error.to_string()))?;
        line.push('\n');
        let mut reply = String::new();
        self.requests
            .write_all(line.as_bytes())
            .and_then(|()| self.requests.flush())
            .and_then(|()| self.replies.read_line(&mut reply))
            .map_err(io("the program that speaks with the cloud does not answer"))?;
        serde_json::from_str(&reply).map_err(|_| unreadable(reply))
    }
}

impl Drop for Program {
    /// Kills the program. It would also end when its input is closed, but only after the training job that it
    /// waits for.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
