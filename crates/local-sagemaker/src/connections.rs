//! Limits of a server's connections: how many, and how long each step may take.

use std::time::Duration;

use crate::request_memory::RequestMemory;

/// Open files that are not connections: the listener, logs, models that are reloaded.
const OTHER_FILES: usize = 32;

/// Limits of a server's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionLimits {
    /// The most connections at once. Beyond them only `/ping` and `/metrics` are answered. By default, 4,096, or fewer if the
    /// system allows fewer open files.
    pub max_connections: usize,
    /// The time for the head of a request; an idle connection is closed after it too. By default, 15 s.
    pub header_timeout: Duration,
    /// The time for the body of a request, after its head. By default, 20 s.
    pub body_timeout: Duration,
    /// The time for a client to take a part of the response that was written. By default, 30 s.
    pub write_timeout: Duration,
    /// The time for a client to take the whole response, however slowly it reads. By default, 10 min: a streamed
    /// response may take 8.
    pub response_timeout: Duration,
    /// The time for requests under way to finish when the server stops; SageMaker kills after 30 s. By default, 25 s.
    pub drain_timeout: Duration,
}

impl Default for ConnectionLimits {
    /// Returns the limits of [`within`](Self::within) for the default memory.
    fn default() -> Self {
        Self::within(RequestMemory::default())
    }
}

impl ConnectionLimits {
    /// Returns limits that fit into this memory and into the process's limit of open files, whose soft limit is raised to
    /// the hard limit.
    #[must_use]
    pub fn within(memory: RequestMemory) -> Self {
        Self {
            max_connections: max_connections(raise_open_files()).min(memory.connections()),
            header_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(20),
            write_timeout: Duration::from_secs(30),
            response_timeout: Duration::from_mins(10),
            drain_timeout: Duration::from_secs(25),
        }
    }
}

/// How many connections fit into so many open files (`None`: no limit).
fn max_connections(open_files: Option<u64>) -> usize {
    let open_files = open_files.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX));
    // Each may have a file of the site open beside its socket.
    (open_files.saturating_sub(OTHER_FILES) / 2).max(1)
}

#[cfg(unix)]
fn raise_open_files() -> Option<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    let soft = limit.current;
    limit.current = limit.maximum;
    if setrlimit(Resource::Nofile, limit).is_ok() { limit.maximum } else { soft }
}

#[cfg(not(unix))]
fn raise_open_files() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_fit_into_the_open_files() {
        assert_eq!(max_connections(None), (usize::MAX - 32) / 2);
        assert_eq!(max_connections(Some(20_000)), 9984);
        assert_eq!(max_connections(Some(1024)), 496);
        assert_eq!(max_connections(Some(256)), 112);
        assert_eq!(max_connections(Some(0)), 1);
        let little = ConnectionLimits::within(RequestMemory { mb: 64 });
        assert!(little.max_connections <= 512, "{}", little.max_connections);
    }
}
