//! Data that may be compressed with gzip.

use std::{
    io::{self, BufRead, BufReader, Read},
    sync::mpsc::{Receiver, sync_channel},
    thread,
};

use flate2::bufread::MultiGzDecoder;

const CHUNK_BYTES: usize = 1 << 18;
/// How many chunks the unpacking thread may be ahead.
const CHUNKS_AHEAD: usize = 4;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Calls `read` with what the reader gives, decompressed if its first bytes say that it is gzip (members in a row are one).
pub(super) fn with_decompressed<T, E: From<io::Error>>(
    reader: impl Read,
    read: impl FnOnce(&mut dyn BufRead) -> Result<T, E>,
) -> Result<T, E> {
    let (is_gzip, mut reader) = detect_gzip(reader)?;
    if is_gzip {
        read(&mut BufReader::with_capacity(CHUNK_BYTES, MultiGzDecoder::new(reader)))
    } else {
        read(&mut reader)
    }
}

/// Does the same, but decompresses on a second thread, while `read` goes on with what there is.
///
/// When `read` fails, this returns at once: the thread ends by itself when its reader gives something, or its end. The
/// writer of a pipe may keep it waiting for as long as it likes.
pub(super) fn with_decompressed_ahead<T, E: From<io::Error>>(
    reader: impl Read + Send + 'static,
    read: impl FnOnce(&mut dyn BufRead) -> Result<T, E>,
) -> Result<T, E> {
    let (is_gzip, mut reader) = detect_gzip(reader)?;
    if !is_gzip {
        return read(&mut reader);
    }
    let (sender, receiver) = sync_channel(CHUNKS_AHEAD);
    thread::Builder::new().name("gzip".to_owned()).spawn(move || {
        let mut decoder = MultiGzDecoder::new(reader);
        loop {
            let chunk = read_chunk(&mut decoder);
            let is_last = chunk.as_ref().map_or(true, Vec::is_empty);
            // A receiver that is gone has met an error and says so.
            if sender.send(chunk).is_err() || is_last {
                break;
            }
        }
    })?;
    read(&mut Ahead { receiver, chunk: Vec::new(), at: 0, is_ended: false })
}

/// Returns whether the first bytes are gzip's, and a reader of all bytes.
fn detect_gzip<R: Read>(reader: R) -> io::Result<(bool, impl BufRead + use<R>)> {
    let mut reader = BufReader::with_capacity(CHUNK_BYTES, reader);
    // A pipe may give its first byte alone: the two are read for themselves and put in front again.
    let mut first = Vec::with_capacity(GZIP_MAGIC.len());
    reader.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut first)?;
    let is_gzip = first == GZIP_MAGIC;
    Ok((is_gzip, io::Cursor::new(first).chain(reader)))
}

/// Some bytes; none at the end.
fn read_chunk(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let n = loop {
        match reader.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => break read?,
        }
    };
    chunk.truncate(n);
    Ok(chunk)
}

/// The chunks that another thread reads.
struct Ahead {
    receiver: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    at: usize,
    is_ended: bool,
}

impl BufRead for Ahead {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.chunk.len() && !self.is_ended {
            // The sender sends the end or an error before it goes, unless its thread panics.
            let gone = |_| Err(io::Error::other("the thread that decompresses has ended early"));
            self.chunk = self.receiver.recv().unwrap_or_else(gone)?;
            self.is_ended = self.chunk.is_empty();
            self.at = 0;
        }
        Ok(&self.chunk[self.at..])
    }

    fn consume(&mut self, n: usize) {
        self.at = self.chunk.len().min(self.at + n);
    }
}

impl Read for Ahead {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(into)?;
        self.consume(n);
        Ok(n)
    }
}
