//! Containers of endpoints: servers with `/ping` and `/invocations` at a URL, or started by a command.
//!
//! [`HttpContainer`] forwards requests to a server that runs already. [`ContainerProcess`] starts one, restarts it when it
//! ends, and stops it with this process.

mod http_container;
mod process;
mod process_group;

pub use http_container::{ContainerUrlError, HttpContainer};
pub use process::{ContainerProcess, ProcessError, stop_containers};
