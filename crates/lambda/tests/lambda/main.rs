//! The function as Lambda meets it.
//!
//! - `config`: the environment, and what is said of a wrong one.
//! - `events`: events in, proxy answers out, in this process.
//! - `records`: the line that is written about an invocation.
//! - `program`: the real program against a Runtime API.
//! - `dependencies`: what must not get into the program.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test, in its helpers too")]

mod config;
mod dependencies;
mod events;
mod program;
mod records;
mod support;
