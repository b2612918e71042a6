//! Ports below the system's ephemeral range.
//!
//! A client may keep calling the port of a stopped server. An ephemeral port could belong to another server by then.

use std::{
    fs, io,
    net::{Ipv4Addr, TcpListener},
    process,
};

/// The first port that is tried.
const FIRST: u16 = 20_000;
/// The default start of Linux's ephemeral range.
const EPHEMERAL: u16 = 32_768;

/// Binds consecutive free ports, from `base` if it is given.
///
/// # Errors
/// If a port cannot be bound, or no ports are free.
pub fn bind<const N: usize>(base: Option<u16>) -> io::Result<[TcpListener; N]> {
    if let Some(base) = base {
        return bind_at(base);
    }
    let end = ephemeral().saturating_sub(N as u16);
    if end <= FIRST {
        return Err(io::Error::other(format!(
            "there are no ports between {FIRST} and {end}; name one with --port"
        )));
    }
    // Each process starts elsewhere, so that two that start at once do not compete.
    let span = u32::from(end - FIRST);
    let start = process::id().wrapping_mul(2_654_435_761) % span;
    let bases = (0..span).step_by(N).map(|step| FIRST + ((start + step) % span) as u16);
    bases.map(bind_at).find(Result::is_ok).unwrap_or_else(|| {
        Err(io::Error::other(format!("there are no {N} free ports in a row between {FIRST} and {end}")))
    })
}

fn bind_at<const N: usize>(base: u16) -> io::Result<[TcpListener; N]> {
    let bind = |offset: usize| {
        let port = u16::try_from(usize::from(base) + offset).map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        listener.map_err(|error| io::Error::new(error.kind(), format!("port {port}: {error}")))
    };
    let listeners: Vec<TcpListener> = (0..N).map(bind).collect::<io::Result<_>>()?;
    listeners.try_into().map_err(|_| io::Error::other("as many ports as were asked for"))
}

/// The first of the system's passing ports.
fn ephemeral() -> u16 {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok();
    range.and_then(|range| range.split_whitespace().next()?.parse().ok()).unwrap_or(EPHEMERAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_consecutive_free_and_below_the_passing_ones() {
        let listeners = bind::<3>(None).unwrap();
        let ports = listeners.each_ref().map(|listener| listener.local_addr().unwrap().port());
        assert_eq!([ports[0], ports[0] + 1, ports[0] + 2], ports);
        assert!(ports[0] >= FIRST && ports[2] < ephemeral(), "{ports:?}");
    }

    #[test]
    fn a_port_that_is_taken_is_named() {
        let taken = bind::<1>(None).unwrap();
        let port = taken[0].local_addr().unwrap().port();
        let error = bind::<2>(Some(port)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("port {port}: ")), "{error}");
    }
}
