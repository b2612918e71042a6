//! The leader: collects the samples and the test rows of the workers.

use std::{
    collections::BTreeSet,
    io,
    net::{TcpListener, TcpStream},
    sync::{Mutex, PoisonError},
    thread::{self, ScopedJoinHandle, sleep},
    time::{Duration, Instant},
};

use super::{
    CONNECT_TIMEOUT, PORT,
    connection::{HostConnection, HostSender},
    message::{EndOfRows, HostFailure, HostMessage},
};
use crate::training::{
    TrainingError, TrainingErrorKind,
    budget::TrainingBudget,
    host::{Host, HostPlace, HostSample, needed_bytes},
    hyperparameters::TrainingSettings,
    read_error::RowSink,
    reservoir::SampleRows,
};

/// Takes a row, and returns whether it was expected.
type ExpectedRowSink<'a> = dyn FnMut(&[f32], f64) -> Result<bool, TrainingError> + 'a;

/// How often the leader looks for new connections.
const ACCEPT_INTERVAL: Duration = Duration::from_millis(20);
/// How long a connection may take to say who it is.
const HELLO_TIMEOUT: Duration = Duration::from_secs(5);

/// The workers of a job.
pub(in crate::training) struct WorkerHosts {
    listener: TcpListener,
    /// The names of all hosts; the first is the leader.
    hosts: Vec<String>,
    senders: Mutex<Vec<HostSender>>,
}

/// A worker that has sent its sample.
pub(in crate::training) struct WorkerConnection(HostConnection);

impl WorkerHosts {
    /// Listens for the workers.
    pub(in crate::training) fn listen(hosts: Vec<String>) -> Result<Self, TrainingError> {
        let leader = hosts.first().map(String::as_str).unwrap_or_default();
        let listen = || {
            let listener = TcpListener::bind((leader, PORT))?;
            listener.set_nonblocking(true)?;
            Ok(listener)
        };
        let listener = listen().map_err(|error: io::Error| TrainingError::Host {
            host: leader.to_owned(),
            kind: TrainingErrorKind::Platform,
            reason: format!("it cannot listen at port {PORT}: {error}"),
        })?;
        Ok(Self { listener, hosts, senders: Mutex::default() })
    }

    /// Draws the samples of all hosts at the same time, in their order.
    pub(in crate::training) fn sample(
        &self,
        leader: &mut Host<'_, '_>,
    ) -> Result<(Vec<HostSample>, Vec<WorkerConnection>), TrainingError> {
        let (settings, place) = (leader.settings, leader.place);
        let collected = thread::scope(|scope| {
            let workers = scope.spawn(|| {
                let collected = self.collect(settings, place);
                if collected.is_err() {
                    place.peer_failed.cancel();
                }
                collected
            });
            let own = leader.sample();
            if let Err(error) = &own
                && !place.peer_failed.is_cancelled()
            {
                self.fail(error);
                place.peer_failed.cancel();
            }
            let workers = workers.join().unwrap_or_else(|panic| Err(TrainingError::from_panic(&*panic)));
            // The failure of a worker cancels the leader's reading.
            match own {
                Err(TrainingError::Cancelled) => workers.and(Err(TrainingError::Cancelled)),
                own => Ok((own?, workers?)),
            }
        });
        let (own, workers) = collected?;
        let (mut samples, mut connections) = (vec![own], Vec::new());
        for (sample, connection) in workers {
            samples.push(sample);
            connections.push(connection);
        }
        Ok((samples, connections))
    }

    /// Accepts all workers, and receives their samples.
    fn collect(
        &self,
        settings: TrainingSettings,
        place: HostPlace<'_>,
    ) -> Result<Vec<(HostSample, WorkerConnection)>, TrainingError> {
        let mut missing: BTreeSet<&str> = self.hosts.iter().skip(1).map(String::as_str).collect();
        let begin = Instant::now();
        thread::scope(|scope| {
            let mut threads = Vec::new();
            let accepted = loop {
                let Some(first) = missing.first() else { break Ok(()) };
                if let Err(error) = place.check_cancelled() {
                    break Err(error);
                }
                if begin.elapsed() > CONNECT_TIMEOUT {
                    let minutes = CONNECT_TIMEOUT.as_secs() / 60;
                    let (host, kind) = ((*first).to_owned(), TrainingErrorKind::Platform);
                    let reason = format!("it has not connected within {minutes} minutes");
                    break Err(TrainingError::Host { host, kind, reason });
                }
                let Ok((stream, _)) = self.listener.accept() else {
                    sleep(ACCEPT_INTERVAL);
                    continue;
                };
                // A connection of something else is ignored.
                let Some((number, connection)) = self.greet(stream, &mut missing) else { continue };
                self.senders().push(connection.sender.clone());
                let place = HostPlace { number, ..place };
                let receive = move || {
                    let received = receive_sample(connection, &settings, place);
                    if received.is_err() {
                        // The leader and the others need not read on.
                        place.peer_failed.cancel();
                    }
                    received
                };
                threads.push((number, scope.spawn(receive)));
            };
            threads.sort_by_key(|(number, _)| *number);
            let join = |thread: ScopedJoinHandle<'_, _>| {
                thread.join().unwrap_or_else(|panic| Err(TrainingError::from_panic(&*panic)))
            };
            let received: Vec<_> = threads.into_iter().map(|(_, thread)| join(thread)).collect();
            // The failure of a worker ends the wait for the others.
            let received = received.into_iter().collect::<Result<Vec<_>, _>>()?;
            accepted.map(|()| received)
        })
    }

    /// Returns the number of the worker that has connected, if it is one of those that are missing.
    fn greet(&self, stream: TcpStream, missing: &mut BTreeSet<&str>) -> Option<(usize, HostConnection)> {
        stream.set_nonblocking(false).ok()?;
        stream.set_read_timeout(Some(HELLO_TIMEOUT)).ok()?;
        let Ok(HostMessage::Hello(name)) = HostMessage::read(&mut &stream) else { return None };
        let number = self.hosts.iter().position(|host| *host == name)?;
        if !missing.remove(name.as_str()) {
            return None;
        }
        Some((number, HostConnection::new(name, stream).ok()?))
    }

    fn senders(&self) -> std::sync::MutexGuard<'_, Vec<HostSender>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the workers why the job has failed, and ends the connections.
    pub(in crate::training) fn fail(&self, error: &TrainingError) {
        for sender in self.senders().drain(..) {
            let (code, reason) = (error.kind().exit_code(), error.reason());
            drop(sender.send(&HostMessage::Failed(HostFailure { code, reason })));
            sender.close();
        }
    }
}

/// Receives the sample of a worker.
fn receive_sample(
    mut connection: HostConnection,
    settings: &TrainingSettings,
    place: HostPlace<'_>,
) -> Result<(HostSample, WorkerConnection), TrainingError> {
    let max_rows = place.share(settings.sample_size);
    let needed_bytes = |n_rows, dim| needed_bytes(settings, n_rows, dim);
    let budget = TrainingBudget {
        available_bytes: place.available_bytes,
        sample_size: settings.sample_size,
        needed_bytes: &needed_bytes,
    };
    let mut rows = SampleRows::default();
    let mut dim = None;
    let end = receive_rows(&mut connection, &mut |features, label| {
        if rows.len() == max_rows || *dim.get_or_insert(features.len()) != features.len() {
            return Ok(false);
        }
        rows.push(features, label, max_rows, &budget)?;
        Ok(true)
    })?;
    if rows.len() > 0 && end.feature_dim != dim {
        return Err(connection.unexpected());
    }
    let (host, feature_dim) = (connection.peer.clone(), end.feature_dim);
    let empty = end.empty.map(|share| TrainingError::EmptyChannel {
        name: "train",
        path: share.path,
        n_files: share.n_files,
    });
    Ok((HostSample { host, rows, feature_dim, empty }, WorkerConnection(connection)))
}

/// Receives rows to the end of a channel.
fn receive_rows(
    connection: &mut HostConnection,
    sink: &mut ExpectedRowSink<'_>,
) -> Result<EndOfRows, TrainingError> {
    loop {
        match connection.receive()? {
            HostMessage::Rows(rows) => {
                let dim = rows.features.len() / rows.len();
                if dim == 0 {
                    return Err(connection.unexpected());
                }
                for (features, label) in rows.features.chunks_exact(dim).zip(&rows.labels) {
                    if !sink(features, *label)? {
                        return Err(connection.unexpected());
                    }
                }
            }
            HostMessage::End(end) => return Ok(end),
            _ => return Err(connection.unexpected()),
        }
    }
}

impl WorkerConnection {
    /// Receives the worker's share of the test channel; there are no rows if that is not sharded.
    pub(in crate::training) fn read_test(
        &mut self,
        dim: usize,
        sink: &mut RowSink<'_, TrainingError>,
    ) -> Result<(), TrainingError> {
        let end = receive_rows(&mut self.0, &mut |features, label| {
            if features.len() != dim {
                return Ok(false);
            }
            sink(features, label)?;
            Ok(true)
        })?;
        match end.empty {
            Some(share) => {
                Err(TrainingError::EmptyChannel { name: "test", path: share.path, n_files: share.n_files })
            }
            None => Ok(()),
        }
    }

    /// Tells the worker that the job is done, and waits for its response: until then, its loss fails the job.
    pub(in crate::training) fn finish(&mut self) -> Result<(), TrainingError> {
        self.0.send(&HostMessage::Finish)?;
        loop {
            match self.0.receive()? {
                HostMessage::Bye => return Ok(()),
                // The test rows, which a job without a test channel does not read.
                HostMessage::Rows(_) | HostMessage::End(_) => {}
                _ => return Err(self.0.unexpected()),
            }
        }
    }
}
