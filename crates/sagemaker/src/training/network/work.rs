//! A worker: sends its part of the sample and of the test channel to the leader.

use std::{io, net::TcpStream, thread::sleep, time::Instant};

use super::{
    CONNECT_INTERVAL, CONNECT_TIMEOUT, PORT,
    connection::HostConnection,
    message::{EmptyShare, EndOfRows, HostFailure, HostMessage},
};
use crate::training::{
    TrainingError, TrainingErrorKind,
    host::{Host, HostSample},
    reservoir::SampleRows,
};

/// About how large a message with rows is.
const ROWS_BYTES: usize = 1 << 20;

/// Runs a worker until the leader is done.
pub(in crate::training) fn work(host: &mut Host<'_, '_>, leader: &str) -> Result<(), TrainingError> {
    let mut connection = connect(host, leader)?;
    match send_shares(host, &connection) {
        Ok(()) => match connection.receive()? {
            HostMessage::Finish => connection.send(&HostMessage::Bye),
            _ => Err(connection.unexpected()),
        },
        // The leader sends its reason before it ends the connection.
        Err(lost @ TrainingError::Host { .. }) => Err(connection.receive().err().unwrap_or(lost)),
        Err(error) => {
            let (code, reason) = (error.kind().exit_code(), error.reason());
            drop(connection.sender.send(&HostMessage::Failed(HostFailure { code, reason })));
            Err(error)
        }
    }
}

fn connect(host: &mut Host<'_, '_>, leader: &str) -> Result<HostConnection, TrainingError> {
    host.log.info(format_args!("Connecting to the leader, {leader}, at port {PORT}"));
    let begin = Instant::now();
    let failed = |error: &io::Error| {
        let reason = format!("it cannot be reached at port {PORT}: {error}");
        TrainingError::Host { host: leader.to_owned(), kind: TrainingErrorKind::Platform, reason }
    };
    let stream = loop {
        host.place.check_cancelled()?;
        match TcpStream::connect((leader, PORT)) {
            Ok(stream) => break stream,
            Err(error) if begin.elapsed() > CONNECT_TIMEOUT => return Err(failed(&error)),
            Err(_) => sleep(CONNECT_INTERVAL),
        }
    };
    let connection = HostConnection::new(leader.to_owned(), stream).map_err(|error| failed(&error))?;
    connection.send(&HostMessage::Hello(host.name.clone()))?;
    Ok(connection)
}

fn send_shares(host: &mut Host<'_, '_>, connection: &HostConnection) -> Result<(), TrainingError> {
    let HostSample { rows, feature_dim, empty, .. } = host.sample()?;
    let dim = rows.features.len().checked_div(rows.len()).unwrap_or_default();
    let in_message = (ROWS_BYTES / (4 * dim + 8)).max(1);
    for (features, labels) in
        rows.features.chunks(in_message * dim.max(1)).zip(rows.labels.chunks(in_message))
    {
        connection.send(&HostMessage::Rows(SampleRows::new(features.to_vec(), labels.to_vec())))?;
    }
    connection.send(&HostMessage::End(EndOfRows { feature_dim, empty: empty.and_then(empty_share) }))?;
    let mut end = EndOfRows { feature_dim, empty: None };
    if let Some(test) = host.test.as_ref().filter(|test| test.is_sharded) {
        let mut batch = SampleRows::default();
        let place = host.place;
        let read = test.read(&mut end.feature_dim, &mut |features, label| {
            place.check_cancelled()?;
            batch.features.extend_from_slice(features);
            batch.labels.push(label);
            if batch.features.len() * 4 >= ROWS_BYTES {
                connection.send(&HostMessage::Rows(std::mem::take(&mut batch)))?;
            }
            Ok(())
        });
        match read {
            Err(empty @ TrainingError::EmptyChannel { .. }) => end.empty = empty_share(empty),
            read => drop(read?),
        }
        if batch.len() > 0 {
            connection.send(&HostMessage::Rows(batch))?;
        }
    }
    connection.send(&HostMessage::End(end))
}

fn empty_share(error: TrainingError) -> Option<EmptyShare> {
    match error {
        TrainingError::EmptyChannel { path, n_files, .. } => Some(EmptyShare { path, n_files }),
        _ => None,
    }
}
