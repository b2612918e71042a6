//! Clients that send large batches and never read the responses.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use crate::{
    program::Running,
    support::{model, packed},
};

/// The rows of a batch, of which each neighbour is wanted: the response is more than ten times as long.
const ROWS: usize = 100_000;

/// A server, and connections with unread responses.
struct Unread {
    server: Running,
    idle_bytes: usize,
    connections: Vec<TcpStream>,
    _folder: tempfile::TempDir,
}

impl Unread {
    fn start(n_connections: usize, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.tar.gz");
        fs::write(&path, packed(model())).unwrap();
        let endpoint = format!("knn={}", path.display());
        let server = Running::start(&[&["serve", "--endpoint", &endpoint], arguments].concat());
        let idle_bytes = resident_bytes(server.id());
        let body = "1,2,3,4,5\n".repeat(ROWS);
        let request = format!(
            "POST /invocations HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\n\
             accept: application/json; verbose=true\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let connect = || {
            let mut stream = TcpStream::connect(&server.address).unwrap();
            stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
            // A server that rejects the request need not read all of it.
            let _ = stream.write_all(request.as_bytes());
            stream
        };
        let connections = (0..n_connections).map(|_| connect()).collect();
        Self { server, idle_bytes, connections, _folder: folder }
    }

    /// Checks that health and metrics are served, and returns the requests in flight, without that for the metrics.
    fn in_flight(&self) -> usize {
        assert!(self.server.get("/ping").starts_with("HTTP/1.1 200 "));
        let metrics = self.server.get("/metrics");
        let line = metrics.lines().find_map(|line| line.strip_prefix("http_requests_in_flight "));
        line.unwrap().parse::<usize>().unwrap() - 1
    }

    fn grown_mib(&self) -> usize {
        resident_bytes(self.server.id()).saturating_sub(self.idle_bytes) >> 20
    }

    /// Returns how many connections the server has closed, and drops them.
    fn remove_closed(&mut self) -> usize {
        let before = self.connections.len();
        self.connections.retain_mut(|stream| {
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            // What the kernel buffered is read, until the end or a reset.
            let mut buffer = [0; 4096];
            loop {
                match stream.read(&mut buffer) {
                    Ok(0) => return false,
                    Ok(_) => {}
                    Err(error) => {
                        return matches!(
                            error.kind(),
                            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                        );
                    }
                }
            }
        });
        before - self.connections.len()
    }
}

fn resident_bytes(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<usize>().unwrap() * 1024
}

#[test]
fn unread_responses_need_no_more_than_the_memory_for_requests() {
    let unread = Unread::start(200, &["--request-memory-mb", "64"]);
    thread::sleep(Duration::from_secs(1));
    let (in_flight, grown) = (unread.in_flight(), unread.grown_mib());
    // Some responses are under way; all others were rejected.
    assert!((1..=30).contains(&in_flight), "{in_flight}");
    // The responses would be 200 times 15 MB, the decoded samples 200 times 2 MB.
    assert!(grown < 64, "{grown} MiB");
}

#[test]
#[ignore = "takes two minutes: cargo xtask test --nightly"]
fn four_thousand_connections_are_closed_within_the_default_memory() {
    let mut unread = Unread::start(4096, &[]);
    let begun = Instant::now();
    let (mut most_mib, mut most_in_flight) = (0, 0);
    // Those that wait for a worker begin late; each then has the write timeout of 30 s.
    loop {
        most_mib = most_mib.max(unread.grown_mib());
        let in_flight = unread.in_flight();
        most_in_flight = most_in_flight.max(in_flight);
        if in_flight == 0 || begun.elapsed() > Duration::from_mins(3) {
            break;
        }
        thread::sleep(Duration::from_secs(1));
    }
    eprintln!("{most_mib} MiB, {most_in_flight} in flight, {:?}", begun.elapsed());
    assert!(most_mib < 512, "{most_mib} MiB");
    assert!(most_in_flight > 0);
    assert_eq!(unread.in_flight(), 0);
    assert_eq!(unread.remove_closed(), 4096);
}
