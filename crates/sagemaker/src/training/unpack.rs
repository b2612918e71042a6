//! Bytes that may be gzip, read as if they were not.

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

/// Calls `read` with what the reader gives, unpacked if its first bytes say that it is gzip (members in a row are one).
///
/// Unpacking is done on a second thread, while `read` goes on with what there is.
pub(super) fn with_unpacked<T, E: From<io::Error>>(
    reader: impl Read + Send,
    read: impl FnOnce(&mut dyn BufRead) -> Result<T, E>,
) -> Result<T, E> {
    let mut reader = BufReader::with_capacity(CHUNK_BYTES, reader);
    // A pipe may give its first byte alone: the two are read for themselves and put in front again.
    let mut first = Vec::with_capacity(GZIP_MAGIC.len());
    reader.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut first)?;
    let is_gzip = first == GZIP_MAGIC;
    let mut whole = io::Cursor::new(first).chain(reader);
    if !is_gzip {
        return read(&mut whole);
    }
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(CHUNKS_AHEAD);
        scope.spawn(move || {
            let mut unpacked = MultiGzDecoder::new(whole);
            loop {
                let chunk = read_chunk(&mut unpacked);
                let is_last = chunk.as_ref().map_or(true, Vec::is_empty);
                // A receiver that is gone has met an error and says so.
                if sender.send(chunk).is_err() || is_last {
                    break;
                }
            }
        });
        read(&mut Ahead { receiver, chunk: Vec::new(), at: 0 })
    })
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
}

impl BufRead for Ahead {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.chunk.len() {
            // The sender goes when it has sent the end or an error: what comes after that is the end.
            self.chunk = self.receiver.recv().unwrap_or_else(|_| Ok(Vec::new()))?;
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
