//! `model.tar.gz`: a gzipped tar with the model's files at its root.

use std::{
    cell::Cell,
    io::{self, BufReader, Read, Write},
    rc::Rc,
};

use flate2::{Compression, GzBuilder, bufread::MultiGzDecoder};

use super::{
    ArtifactError, faiss,
    file_kind::{HEAD_BYTES, other_than_gzip},
    files::{Files, Found, Name, Part, Written},
    labels,
};
use crate::training::available_bytes;

/// What an archive may unpack to before its own size counts.
const ALLOWANCE_BYTES: u64 = 64 << 20;
/// What each of its bytes may unpack to beyond that. Vectors of noise hardly shrink, whole numbers shrink tenfold, rows
/// of mostly zeros a thousandfold: for these the index declares its size.
const MAX_RATIO: u64 = 200;
/// The most entries that an archive may have; a model's four are the usual.
const MAX_ENTRIES: usize = 1024;

/// Unpacks the model's files into memory; other entries are ignored, nothing is written to disk.
///
/// An archive may unpack to 64 MiB and 200 times its own size, and beyond that to what the headers of index and labels
/// declare, if half of the memory available has room for it: the file, and the model that is made of it.
pub(super) fn read(mut reader: impl Read) -> Result<Files<Vec<u8>>, ArtifactError> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    reader.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    if let Some((kind, remedy)) = other_than_gzip(&head) {
        return Err(ArtifactError::NotGzip { kind, remedy });
    }
    let reader = head.as_slice().chain(reader);
    let declared_bytes = Rc::new(Cell::new(0));
    let mut archive = tar::Archive::new(Unpacked::new(reader, declared_bytes.clone()));
    let files = read_entries(&mut archive, &declared_bytes);
    let mut unpacked = archive.into_inner();
    // Only the end of the stream tells whether all of it is there and its checksum holds.
    let files = files.and_then(|files| {
        io::copy(&mut unpacked, &mut io::sink())?;
        files.all()
    });
    // Whatever reading came to grief over afterwards.
    if unpacked.is_bomb {
        return Err(ArtifactError::Bomb { packed: unpacked.n_packed(), unpacked: unpacked.n_bytes });
    }
    files
}

fn read_entries(
    archive: &mut tar::Archive<impl Read>,
    declared_bytes: &Cell<u64>,
) -> Result<Found<Vec<u8>>, ArtifactError> {
    let mut files = Found::nothing();
    let mut available = available_bytes().map_or(u64::MAX, |bytes| bytes / 2);
    for (n_entries, entry) in archive.entries()?.enumerate() {
        let mut entry = entry?;
        if n_entries == MAX_ENTRIES {
            return Err(ArtifactError::TooManyEntries { limit: MAX_ENTRIES });
        }
        let path = entry.path_bytes();
        let Some(name) = Name::parse(path.strip_prefix(b"./").unwrap_or(&path)) else {
            continue;
        };
        files.expect(name)?;
        if !entry.header().entry_type().is_file() {
            return Err(ArtifactError::NotAFile(name.to_string()));
        }
        let limit = name.part.max_bytes();
        if entry.size() > limit {
            return Err(ArtifactError::TooLarge { name: name.to_string(), size: entry.size(), limit });
        }
        let (mut contents, stated) = (Vec::new(), entry.size());
        (&mut entry).take(stated.min(labels::MAX_HEADER_BYTES as u64)).read_to_end(&mut contents)?;
        let declared = match name.part {
            Part::Index => faiss::declared_bytes(&contents),
            Part::Labels => labels::declared_bytes(&contents),
            Part::Metadata | Part::Float32Labels => None,
        };
        let allowed = declared.unwrap_or(0).min(stated).min(available);
        available -= allowed;
        declared_bytes.set(declared_bytes.get() + allowed);
        // The header's size may lie; the buffer grows with what is really there.
        (&mut entry).take(stated - contents.len() as u64).read_to_end(&mut contents)?;
        if (contents.len() as u64) < stated {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        files.add(name.part, contents);
    }
    Ok(files)
}

/// The unpacked bytes of a gzip stream, for as long as they are in proportion to the packed ones.
struct Unpacked<R> {
    decoder: MultiGzDecoder<BufReader<Counted<R>>>,
    n_bytes: u64,
    /// What may be unpacked beyond the proportion.
    declared_bytes: Rc<Cell<u64>>,
    is_bomb: bool,
}

impl<R: Read> Unpacked<R> {
    fn new(reader: R, declared_bytes: Rc<Cell<u64>>) -> Self {
        let reader = BufReader::with_capacity(1 << 16, Counted { reader, n_read: 0 });
        Self { decoder: MultiGzDecoder::new(reader), n_bytes: 0, declared_bytes, is_bomb: false }
    }

    fn n_packed(&self) -> u64 {
        self.decoder.get_ref().get_ref().n_read
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Step by step, however much is asked for: whether to go on is seen between the steps.
        let len = buffer.len().min(1 << 16);
        let n = self.decoder.read(&mut buffer[..len])?;
        self.n_bytes += n as u64;
        let allowed = ALLOWANCE_BYTES
            .saturating_add(self.declared_bytes.get())
            .saturating_add(self.n_packed().saturating_mul(MAX_RATIO));
        self.is_bomb |= self.n_bytes > allowed;
        if self.is_bomb { Err(io::ErrorKind::InvalidData.into()) } else { Ok(n) }
    }
}

/// A reader that counts what was read of it.
struct Counted<R> {
    reader: R,
    n_read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.n_read += n as u64;
        Ok(n)
    }
}

/// Writes the files with fixed owner, mode and time, so that the same files give the same bytes.
pub(super) fn write(writer: impl Write, files: &Written) -> io::Result<()> {
    let gzip = GzBuilder::new().mtime(0).write(writer, Compression::new(4));
    let mut tar = tar::Builder::new(gzip);
    for (part, contents) in files.in_order() {
        let mut header = tar::Header::new_gnu();
        header.set_size(contents.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        tar.append_data(&mut header, Name::written(part).to_string(), contents)?;
    }
    tar.into_inner()?.finish()?.flush()
}
