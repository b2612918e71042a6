//! Child processes of the tests and of `cargo xtask`: start, wait until ready, stop.
//!
//! [`ChildProcess`] is any program, [`ServerProcess`] one that prints `ready URL` when it accepts requests. Both stop their
//! program when they are dropped, also where a test fails. Output goes to a [`LogFile`], so that no program waits for a
//! reader of its pipe. [`check_outputs`] runs a program with outputs that are closed or full.

mod child;
mod log;
mod outputs;
mod server;

pub use child::{ChildProcess, StopMethod, command_line, start_process_group};
pub use log::LogFile;
pub use outputs::check_outputs;
pub use server::ServerProcess;
