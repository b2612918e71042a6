//! Runs a Lambda function without Lambda, for tests and measurements: a fake [`RuntimeApi`], and a [`TlsProxy`] in front of an
//! HTTP server.

mod runtime_api;
mod tls;

use std::{
    fs, io,
    net::{Ipv4Addr, TcpListener},
};

pub use runtime_api::{FunctionReply, ReplyKind, RuntimeApi, RuntimeCall, TRACE_ID};
pub use tls::{TlsError, TlsProxy};

/// The default start of Linux's ephemeral port range.
const FIRST_EPHEMERAL_PORT: u16 = 32_768;
/// How many ports below are tried.
const N_PORTS: u16 = 4_000;

/// Returns a listener on a port outside of the system's ephemeral range.
///
/// A function whose Runtime API has stopped keeps polling for events. On an ephemeral port, a new Runtime API
/// could get the port of an earlier one, and would serve the earlier one's function.
fn listen() -> io::Result<TcpListener> {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let first = range.split_ascii_whitespace().next().and_then(|port| port.parse().ok());
    let first: u16 = first.unwrap_or(FIRST_EPHEMERAL_PORT);
    // Begun somewhere else by each process, so that a port is not used again soon.
    let offset = (std::process::id() as u16).wrapping_mul(31) % N_PORTS;
    let ports = (0..N_PORTS).map(|i| first.saturating_sub(1 + (offset + i) % N_PORTS));
    for port in ports.filter(|&port| port > 1024) {
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(listener);
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, format!("no port below {first} is free")))
}
