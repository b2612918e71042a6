//! Signals to processes, without the `kill` program, which a minimal system lacks.

use std::io;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// Asks a process to end (SIGTERM).
///
/// # Errors
/// The system's; also for a number that is no process id.
pub fn terminate(pid: u32) -> io::Result<()> {
    Ok(kill_process(to_pid(pid)?, Signal::TERM)?)
}

/// Ends all processes of a group (SIGKILL).
///
/// # Errors
/// The system's; also for a number that is no group's id.
pub fn kill_group(group: u32) -> io::Result<()> {
    Ok(kill_process_group(to_pid(group)?, Signal::KILL)?)
}

fn to_pid(id: u32) -> io::Result<Pid> {
    let id = i32::try_from(id).ok().and_then(Pid::from_raw);
    id.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead as _, BufReader, Read as _},
        os::unix::process::{CommandExt as _, ExitStatusExt as _},
        process::{Command, Stdio},
    };

    use super::*;

    #[test]
    fn terminates_a_process() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        terminate(child.id()).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(15));
    }

    #[test]
    fn kills_a_group_with_its_children() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 60 & echo started; wait"]).stdout(Stdio::piped()).process_group(0);
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut String::new()).unwrap();
        kill_group(child.id()).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        // The child of the child holds the pipe open for as long as it runs.
        output.read_to_end(&mut Vec::new()).unwrap();
    }

    #[test]
    fn rejects_numbers_that_are_no_process() {
        for id in [0, u32::MAX] {
            assert_eq!(terminate(id).unwrap_err().kind(), io::ErrorKind::InvalidInput);
            assert_eq!(kill_group(id).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }
}
