//! Standard output and standard error that may be closed or full.
//!
//! `println!` and `eprintln!` panic when they cannot write: in `program | head -1`, or on a full disk. [`outln!`] returns
//! an error instead, and [`errln!`] ignores it, because there is nowhere left to report it to. The program's `main` passes
//! its error to [`report`]: it ends with status 141 and no message when the reader of a pipe is gone, as Unix programs do,
//! and with a message and status 1 on all other errors.
//!
//! ```
//! use std::process::ExitCode;
//!
//! use mysfits_output::{OutputError, outln, report};
//!
//! fn main() -> ExitCode {
//!     match run() {
//!         Ok(()) => ExitCode::SUCCESS,
//!         Err(error) => report(&error),
//!     }
//! }
//!
//! fn run() -> Result<(), OutputError> {
//!     outln!("{} mysfits", 12)
//! }
//! ```

use std::{
    error::Error,
    fmt,
    io::{self, Write as _},
    process::ExitCode,
};

/// The exit status of a program whose reader is gone: 128 and the number of SIGPIPE, as a shell reports it.
pub const CLOSED_STATUS: u8 = 128 + 13;

/// Standard output cannot be written to.
#[derive(Debug)]
pub struct OutputError(io::Error);

impl OutputError {
    /// Returns whether the reader of the pipe is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

impl From<io::Error> for OutputError {
    /// For programs that write to [`io::stdout`] themselves.
    fn from(error: io::Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot write to standard output")
    }
}

impl Error for OutputError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// Writes to standard output, and returns an [`OutputError`] where `print!` panics.
#[macro_export]
macro_rules! out {
    ($($argument:tt)*) => {
        $crate::write_stdout(::core::format_args!($($argument)*))
    };
}

/// Writes a line to standard output, and returns an [`OutputError`] where `println!` panics.
#[macro_export]
macro_rules! outln {
    () => {
        $crate::write_stdout(::core::format_args!("\n"))
    };
    ($($argument:tt)*) => {
        $crate::write_stdout(::core::format_args!("{}\n", ::core::format_args!($($argument)*)))
    };
}

/// Writes a line to standard error, and ignores errors where `eprintln!` panics.
#[macro_export]
macro_rules! errln {
    () => {
        $crate::write_stderr(::core::format_args!("\n"))
    };
    ($($argument:tt)*) => {
        $crate::write_stderr(::core::format_args!("{}\n", ::core::format_args!($($argument)*)))
    };
}

/// Writes to standard output at once, for [`out!`] and [`outln!`].
///
/// # Errors
/// [`OutputError`] if it is closed, or the disk full.
pub fn write_stdout(text: fmt::Arguments<'_>) -> Result<(), OutputError> {
    let mut stdout = io::stdout().lock();
    stdout.write_fmt(text)?;
    Ok(stdout.flush()?)
}

/// Writes to standard error if that is possible, for [`errln!`].
pub fn write_stderr(text: fmt::Arguments<'_>) {
    let _ = io::stderr().lock().write_fmt(text);
}

/// Reports an error with its causes on standard error, and returns the exit status 1.
///
/// If the cause is that the reader of standard output is gone, returns [`CLOSED_STATUS`] without a message.
pub fn report(error: &(dyn Error + 'static)) -> ExitCode {
    let mut message = String::from("error");
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref().is_some_and(OutputError::is_closed) {
            return ExitCode::from(CLOSED_STATUS);
        }
        message.push_str(": ");
        message.push_str(&error.to_string());
        cause = error.source();
    }
    errln!("{message}");
    ExitCode::FAILURE
}

/// The README's examples, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(OutputError);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the report is incomplete")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn closed_output_is_found_behind_other_errors() {
        let status = |kind: io::ErrorKind| format!("{:?}", report(&Outer(OutputError(kind.into()))));
        assert_eq!(status(io::ErrorKind::BrokenPipe), format!("{:?}", ExitCode::from(141)));
        assert_eq!(status(io::ErrorKind::StorageFull), format!("{:?}", ExitCode::FAILURE));
        // Another pipe than standard output.
        let other = io::Error::from(io::ErrorKind::BrokenPipe);
        assert_eq!(format!("{:?}", report(&other)), format!("{:?}", ExitCode::FAILURE));
    }
}
