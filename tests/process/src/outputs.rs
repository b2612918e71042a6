//! Runs programs with closed and full outputs.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    process::{Command, Stdio},
    thread,
};

/// Where the output of a program goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OutputTarget {
    /// A pipe without a reader.
    Closed,
    /// A pipe whose reader is gone after the first line.
    Head,
    /// A full disk.
    Full,
}

impl OutputTarget {
    const ALL: [Self; 3] = [Self::Closed, Self::Head, Self::Full];

    fn open(self) -> io::Result<Stdio> {
        if self == Self::Full {
            return Ok(File::options().write(true).open("/dev/full")?.into());
        }
        let (reader, writer) = io::pipe()?;
        if self == Self::Head {
            thread::spawn(move || BufReader::with_capacity(1, reader).read_line(&mut String::new()));
        }
        Ok(writer.into())
    }
}

/// Runs a program that prints something with every combination of outputs that are closed or full.
///
/// # Errors
/// If a program cannot be started.
///
/// # Panics
/// If it panics or ends by a signal; with `reports_failure` also if it ends with another status than 141 for a standard
/// output that is closed, or without a message and the status 1 for one that is full.
pub fn check_outputs(command: impl Fn() -> Command, reports_failure: bool) -> io::Result<()> {
    for stdout in OutputTarget::ALL {
        let (mut reader, writer) = io::pipe()?;
        let mut child = command().stdin(Stdio::null()).stdout(stdout.open()?).stderr(writer).spawn()?;
        let mut message = String::new();
        reader.read_to_string(&mut message)?;
        let status = child.wait()?;
        let name = format!("{:?}, standard output {stdout:?}: {status}: {message}", command());
        assert!(!message.contains("panicked") && status.code().is_some_and(|code| code != 101), "{name}");
        match stdout {
            OutputTarget::Closed if reports_failure => {
                assert_eq!((status.code(), &*message), (Some(141), ""), "{name}");
            }
            OutputTarget::Full if reports_failure => {
                assert_eq!(status.code(), Some(1), "{name}");
                assert!(
                    message.contains("cannot write to standard output: No space left on device"),
                    "{name}"
                );
            }
            _ => {}
        }
        for stderr in OutputTarget::ALL {
            let status =
                command().stdin(Stdio::null()).stdout(stdout.open()?).stderr(stderr.open()?).status()?;
            let name = format!("{:?}, {stdout:?} and {stderr:?}: {status}", command());
            assert!(status.code().is_some_and(|code| code != 101), "{name}");
        }
    }
    Ok(())
}
