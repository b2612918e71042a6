//! A connection to another host, with a heartbeat.

use std::{
    io::{self, BufReader},
    net::{Shutdown, TcpStream},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use super::{HEARTBEAT, MAX_SILENCE, message::HostMessage};
use crate::training::{TrainingError, TrainingErrorKind};

/// Sends messages; clones send over the same connection.
#[derive(Clone)]
pub(super) struct HostSender(Arc<Mutex<TcpStream>>);

/// A connection to a host.
pub(super) struct HostConnection {
    /// The name of the other host.
    pub(super) peer: String,
    pub(super) sender: HostSender,
    reader: BufReader<TcpStream>,
    /// Ends the heartbeat when it is dropped.
    _heartbeat: mpsc::Sender<()>,
}

impl HostSender {
    pub(super) fn send(&self, message: &HostMessage) -> io::Result<()> {
        message.write(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends the connection: who reads from it gets an error.
    pub(super) fn close(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).shutdown(Shutdown::Both));
    }

    /// Reports that this host is alive every few seconds, unless something else is being sent, until the channel is closed.
    fn beat(&self, stop: &mpsc::Receiver<()>) {
        while stop.recv_timeout(HEARTBEAT) == Err(mpsc::RecvTimeoutError::Timeout) {
            if let Ok(mut stream) = self.0.try_lock()
                && HostMessage::Alive.write(&mut *stream).is_err()
            {
                return;
            }
        }
    }
}

impl HostConnection {
    pub(super) fn new(peer: String, stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(MAX_SILENCE))?;
        let reader = BufReader::new(stream.try_clone()?);
        let sender = HostSender(Arc::new(Mutex::new(stream)));
        let (stop, stopped) = mpsc::channel();
        let beating = sender.clone();
        thread::Builder::new().name("heartbeat".to_owned()).spawn(move || beating.beat(&stopped))?;
        Ok(Self { peer, sender, reader, _heartbeat: stop })
    }

    /// Sends a message.
    pub(super) fn send(&self, message: &HostMessage) -> Result<(), TrainingError> {
        self.sender.send(message).map_err(|error| self.lost(&error))
    }

    /// Reads the next message other than a heartbeat. A failure of the other host is an error.
    pub(super) fn receive(&mut self) -> Result<HostMessage, TrainingError> {
        loop {
            match HostMessage::read(&mut self.reader) {
                Ok(HostMessage::Alive) => {}
                Ok(HostMessage::Failed(failure)) => {
                    let (host, kind) = (self.peer.clone(), failure.kind());
                    return Err(TrainingError::Host { host, kind, reason: failure.reason });
                }
                Ok(message) => return Ok(message),
                Err(error) => return Err(self.lost(&error)),
            }
        }
    }

    /// Returns the error of a message that is not expected.
    pub(super) fn unexpected(&self) -> TrainingError {
        let reason = "it sent an unexpected message; do all hosts run the same version?".to_owned();
        TrainingError::Host { host: self.peer.clone(), kind: TrainingErrorKind::Algorithm, reason }
    }

    fn lost(&self, error: &io::Error) -> TrainingError {
        let reason = match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                format!("it was lost: no message for {} seconds", MAX_SILENCE.as_secs())
            }
            io::ErrorKind::UnexpectedEof => "it was lost: the connection ended".to_owned(),
            _ => format!("it was lost: {error}"),
        };
        TrainingError::Host { host: self.peer.clone(), kind: TrainingErrorKind::Platform, reason }
    }
}
