//! The edge against a service that this process plays: what is sent, what is tried again, what refusals become.
#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

mod fake;
mod hosting;
mod integrity;
mod ownership;
mod small_client;
