//! Decompression of gzip data, detected by the first bytes.

use std::{
    io::{self, BufRead, BufReader, Read},
    sync::mpsc::{Receiver, sync_channel},
    thread,
};

use flate2::bufread::MultiGzDecoder;

const CHUNK_BYTES: usize = 1 << 18;
/// The number of chunks that the decompressing thread may be ahead.
const CHUNKS_AHEAD: usize = 4;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Calls `read` with the data of the reader, decompressed if they are gzip (members are concatenated).
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

/// Does the same, but decompresses on a second thread, concurrently with `read`.
///
/// Returns immediately if `read` fails. The thread ends at the next data of its reader, which may block for as long as the
/// writer of a pipe does not write.
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
            // Without a receiver, an error has been reported.
            if sender.send(chunk).is_err() || is_last {
                break;
            }
        }
    })?;
    read(&mut ReadAhead { receiver, chunk: Vec::new(), at: 0, is_ended: false })
}

/// Returns whether the first bytes are gzip's, and a reader of all bytes.
fn detect_gzip<R: Read>(reader: R) -> io::Result<(bool, impl BufRead + use<R>)> {
    let mut reader = BufReader::with_capacity(CHUNK_BYTES, reader);
    // A pipe may return the first byte alone: read both separately, and chain them with the rest.
    let mut first = Vec::with_capacity(GZIP_MAGIC.len());
    reader.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut first)?;
    let is_gzip = first == GZIP_MAGIC;
    Ok((is_gzip, io::Cursor::new(first).chain(reader)))
}

/// Returns the next bytes; empty at the end.
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

/// Reads chunks from another thread.
struct ReadAhead {
    receiver: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    at: usize,
    is_ended: bool,
}

impl BufRead for ReadAhead {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.chunk.len() && !self.is_ended {
            // The sender always sends the end or an error, unless its thread panics.
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

impl Read for ReadAhead {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(into)?;
        self.consume(n);
        Ok(n)
    }
}
