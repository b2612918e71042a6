//! Messages between hosts: a kind, the length of the payload, the payload; little-endian.

use std::{
    io::{self, Read, Write},
    path::PathBuf,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::super::{TrainingErrorKind, reservoir::SampleRows};

/// The limit of a payload: a row of 16 million features.
const MAX_PAYLOAD_BYTES: u32 = 64 << 20;

/// A message.
pub(super) enum HostMessage {
    /// The host is alive; it has nothing else to say.
    Alive,
    /// The first message of a worker: its name.
    Hello(String),
    /// Rows of the sample, or of the test channel.
    Rows(SampleRows),
    /// The end of the sample, or of the test channel.
    End(EndOfRows),
    /// The host has failed.
    Failed(HostFailure),
    /// The leader is done, and needs nothing more.
    Finish,
    /// The response of a worker to [`Finish`](Self::Finish).
    Bye,
}

/// What is known at the end of a channel.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct EndOfRows {
    pub(super) feature_dim: Option<usize>,
    pub(super) empty: Option<EmptyShare>,
}

/// A channel without rows.
#[derive(Serialize, Deserialize)]
pub(super) struct EmptyShare {
    pub(super) path: PathBuf,
    pub(super) n_files: usize,
}

/// Why a host has failed.
#[derive(Serialize, Deserialize)]
pub(super) struct HostFailure {
    /// The exit code of its kind.
    pub(super) code: u8,
    pub(super) reason: String,
}

impl HostFailure {
    pub(super) fn kind(&self) -> TrainingErrorKind {
        let kinds = [TrainingErrorKind::Customer, TrainingErrorKind::Algorithm];
        let kind = kinds.into_iter().find(|kind| kind.exit_code() == self.code);
        kind.unwrap_or(TrainingErrorKind::Platform)
    }
}

impl HostMessage {
    const fn kind(&self) -> u8 {
        match self {
            Self::Alive => 0,
            Self::Hello(_) => 1,
            Self::Rows(_) => 2,
            Self::End(_) => 3,
            Self::Failed(_) => 4,
            Self::Finish => 5,
            Self::Bye => 6,
        }
    }

    /// Writes the message in one piece.
    pub(super) fn write(&self, writer: &mut impl Write) -> io::Result<()> {
        let mut bytes = vec![self.kind(), 0, 0, 0, 0];
        match self {
            Self::Alive | Self::Finish | Self::Bye => {}
            Self::Hello(name) => serde_json::to_writer(&mut bytes, name)?,
            Self::End(end) => serde_json::to_writer(&mut bytes, end)?,
            Self::Failed(failure) => serde_json::to_writer(&mut bytes, failure)?,
            Self::Rows(rows) => {
                bytes.extend((rows.labels.len() as u32).to_le_bytes());
                rows.labels.iter().for_each(|label| bytes.extend(label.to_le_bytes()));
                rows.features.iter().for_each(|feature| bytes.extend(feature.to_le_bytes()));
            }
        }
        let length = u32::try_from(bytes.len() - 5).ok().filter(|length| *length <= MAX_PAYLOAD_BYTES);
        let length = length.ok_or_else(|| invalid("a message is too long"))?;
        bytes[1..5].copy_from_slice(&length.to_le_bytes());
        writer.write_all(&bytes)
    }

    /// Reads a message.
    pub(super) fn read(reader: &mut impl Read) -> io::Result<Self> {
        let mut head = [0; 5];
        reader.read_exact(&mut head)?;
        let [kind, length @ ..] = head;
        let length = u32::from_le_bytes(length);
        if length > MAX_PAYLOAD_BYTES {
            return Err(invalid("a message is too long"));
        }
        let mut payload = Vec::new();
        reader.take(length.into()).read_to_end(&mut payload)?;
        if payload.len() < length as usize {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match kind {
            0 => Ok(Self::Alive),
            1 => Ok(Self::Hello(json(&payload)?)),
            2 => Ok(Self::Rows(rows(&payload).ok_or_else(|| invalid("a message has incomplete rows"))?)),
            3 => Ok(Self::End(json(&payload)?)),
            4 => Ok(Self::Failed(json(&payload)?)),
            5 => Ok(Self::Finish),
            6 => Ok(Self::Bye),
            _ => Err(invalid("a message has an unknown kind")),
        }
    }
}

fn json<T: DeserializeOwned>(payload: &[u8]) -> io::Result<T> {
    Ok(serde_json::from_slice(payload)?)
}

fn rows(payload: &[u8]) -> Option<SampleRows> {
    let (n_rows, numbers) = payload.split_first_chunk()?;
    let n_rows = u32::from_le_bytes(*n_rows) as usize;
    let (labels, features) = numbers.split_at_checked(n_rows.checked_mul(8)?)?;
    let (labels, _) = labels.as_chunks();
    let (features, rest) = features.as_chunks();
    if n_rows == 0 || !rest.is_empty() || features.len() % n_rows != 0 {
        return None;
    }
    let features = features.iter().map(|feature| f32::from_le_bytes(*feature));
    let labels = labels.iter().map(|label| f64::from_le_bytes(*label));
    Some(SampleRows::new(features.collect(), labels.collect()))
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(message: &HostMessage) -> Vec<u8> {
        let mut bytes = Vec::new();
        message.write(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn reads_what_it_writes() {
        let sample = SampleRows::new(vec![0.5, f32::MIN_POSITIVE, 3.0, 4.0], vec![1.0, -0.1]);
        let Ok(HostMessage::Rows(read)) = HostMessage::read(&mut &bytes(&HostMessage::Rows(sample))[..])
        else {
            panic!("rows")
        };
        assert_eq!((read.labels, read.features), (vec![1.0, -0.1], vec![0.5, f32::MIN_POSITIVE, 3.0, 4.0]));
        let hello = bytes(&HostMessage::Hello("algo-2".to_owned()));
        let Ok(HostMessage::Hello(name)) = HostMessage::read(&mut &hello[..]) else { panic!("a name") };
        assert_eq!(name, "algo-2");
    }

    #[test]
    fn rejects_damaged_messages() {
        for damaged in [
            &[2, 4, 0, 0, 0, 1, 0, 0, 0][..],
            &[2, 4, 0, 0, 0, 0, 0, 0, 0],
            &[2, 4, 0, 0, 0, 255, 255, 255, 255],
            &[1, 0, 0, 0, 255],
            &[1, 9, 0, 0, 0, b'"'],
            &[9, 0, 0, 0, 0],
            b"GET / HTTP/1.1\r\n",
        ] {
            assert!(HostMessage::read(&mut &damaged[..]).is_err(), "{damaged:?}");
        }
    }
}
