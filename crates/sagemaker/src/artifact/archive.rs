//! `model.tar.gz`: a gzip-compressed tar archive with the model's files at its root.

use std::{
    cell::Cell,
    io::{self, BufReader, Read, Write},
    rc::Rc,
};

use flate2::{Compression, GzBuilder, bufread::MultiGzDecoder};

use super::{
    ArtifactError, faiss,
    file_kind::{HEAD_BYTES, other_than_gzip},
    files::{ArtifactFiles, FilePart, Files, FoundFiles, Name},
    labels,
};
use crate::memory::available_bytes;

/// The size to which any archive may decompress.
const ALLOWANCE_BYTES: u64 = 64 << 20;
/// The allowed compression ratio beyond that. Vectors of noise hardly shrink, whole numbers shrink tenfold. Rows of mostly
/// zeros shrink a thousandfold: for these, the declared size of the index counts.
const MAX_RATIO: u64 = 200;
/// The most entries of an archive; a model has four.
const MAX_ENTRIES: usize = 1024;

/// Decompresses the model's files to memory; ignores other entries, writes nothing to disk.
///
/// An archive may decompress to 64 MiB plus 200 times its own size, and to more if the headers of index and labels declare it
/// and it fits into half of the available memory: the other half is for the model.
pub(super) fn read(mut reader: impl Read) -> Result<Files<Vec<u8>>, ArtifactError> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    reader.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    if let Some((kind, remedy)) = other_than_gzip(&head) {
        return Err(ArtifactError::NotGzip { kind, remedy });
    }
    let reader = head.as_slice().chain(reader);
    let declared_bytes = Rc::new(Cell::new(0));
    let mut archive = tar::Archive::new(RatioLimitedReader::new(reader, declared_bytes.clone()));
    let files = read_entries(&mut archive, &declared_bytes);
    let mut unpacked = archive.into_inner();
    // The checksum is at the end of the stream.
    let files = files.and_then(|files| {
        io::copy(&mut unpacked, &mut io::sink())?;
        files.all()
    });
    // Takes precedence over the errors that it causes.
    if unpacked.is_exceeded {
        return Err(ArtifactError::DecompressionBomb {
            packed: unpacked.n_packed(),
            unpacked: unpacked.n_bytes,
        });
    }
    files
}

fn read_entries(
    archive: &mut tar::Archive<impl Read>,
    declared_bytes: &Cell<u64>,
) -> Result<FoundFiles<Vec<u8>>, ArtifactError> {
    let mut files = FoundFiles::new();
    let mut available = available_bytes().map_or(u64::MAX, |bytes| bytes / 2);
    for (n_entries, entry) in archive.entries()?.enumerate() {
        let mut entry = entry?;
        if n_entries == MAX_ENTRIES {
            return Err(ArtifactError::TooManyEntries { limit: MAX_ENTRIES });
        }
        let path = entry.path_bytes();
        let Some(name) = Name::parse(path.strip_prefix(b"./").unwrap_or(&path)) else {
            files.skip();
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
            FilePart::Index => faiss::declared_bytes(&contents),
            FilePart::Labels => labels::declared_bytes(&contents),
            FilePart::Metadata | FilePart::Float32Labels => None,
        };
        let allowed = declared.unwrap_or(0).min(stated).min(available);
        available -= allowed;
        declared_bytes.set(declared_bytes.get() + allowed);
        // The header's size may be wrong; the buffer grows with the data.
        (&mut entry).take(stated - contents.len() as u64).read_to_end(&mut contents)?;
        if (contents.len() as u64) < stated {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        files.add(name, stated, contents);
    }
    Ok(files)
}

/// Decompresses a gzip stream, and fails if the decompressed size exceeds the limit.
struct RatioLimitedReader<R> {
    decoder: MultiGzDecoder<BufReader<CountingReader<R>>>,
    n_bytes: u64,
    /// Allowed in addition to the ratio.
    declared_bytes: Rc<Cell<u64>>,
    is_exceeded: bool,
}

impl<R: Read> RatioLimitedReader<R> {
    fn new(reader: R, declared_bytes: Rc<Cell<u64>>) -> Self {
        let reader = BufReader::with_capacity(1 << 16, CountingReader { reader, n_read: 0 });
        Self { decoder: MultiGzDecoder::new(reader), n_bytes: 0, declared_bytes, is_exceeded: false }
    }

    fn n_packed(&self) -> u64 {
        self.decoder.get_ref().get_ref().n_read
    }
}

impl<R: Read> Read for RatioLimitedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // In small steps, with a check after each.
        let len = buffer.len().min(1 << 16);
        let n = self.decoder.read(&mut buffer[..len])?;
        self.n_bytes += n as u64;
        let allowed = ALLOWANCE_BYTES
            .saturating_add(self.declared_bytes.get())
            .saturating_add(self.n_packed().saturating_mul(MAX_RATIO));
        self.is_exceeded |= self.n_bytes > allowed;
        if self.is_exceeded { Err(io::ErrorKind::InvalidData.into()) } else { Ok(n) }
    }
}

/// A reader that counts its bytes.
struct CountingReader<R> {
    reader: R,
    n_read: u64,
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.n_read += n as u64;
        Ok(n)
    }
}

/// Writes the files with a fixed owner, mode and time, so that the same files give the same bytes.
pub(super) fn write(writer: impl Write, files: ArtifactFiles) -> io::Result<()> {
    let gzip = GzBuilder::new().mtime(0).write(writer, Compression::new(4));
    let mut tar = tar::Builder::new(gzip);
    for (part, contents) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(contents.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        tar.append_data(&mut header, Name::written(part).to_string(), contents.as_slice())?;
    }
    tar.into_inner()?.finish()?.flush()
}
