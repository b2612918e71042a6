//! A gzipped tar of a few plain files.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
};

use flate2::{Compression, GzBuilder, bufread::MultiGzDecoder};

use super::ArtifactError;

/// The largest file that is read, in bytes: a flat index of a hundred million numbers.
const MAX_FILE_BYTES: u64 = 400 << 20;
/// The most entries that are looked at.
const MAX_ENTRIES: usize = 64;

/// The contents of the wanted files.
pub(super) struct Archive {
    files: BTreeMap<String, Vec<u8>>,
}

impl Archive {
    /// Unpacks the wanted files into memory; all else in the archive is passed over, nothing touches the disk.
    pub(super) fn read(reader: impl Read, wanted: &[&str]) -> Result<Self, ArtifactError> {
        let reader = io::BufReader::with_capacity(1 << 16, reader);
        // Unpacking stops for good after what the wanted files can hold: a bomb is cut off, not blown up.
        let unpacked = MultiGzDecoder::new(reader).take(MAX_FILE_BYTES * wanted.len() as u64);
        let mut files = BTreeMap::new();
        let mut archive = tar::Archive::new(unpacked);
        for entry in archive.entries()?.take(MAX_ENTRIES) {
            let entry = entry?;
            let name = {
                let path = entry.path_bytes();
                let name = path.strip_prefix(b"./").unwrap_or(&path);
                wanted.iter().find(|wanted| wanted.as_bytes() == name)
            };
            let Some(&name) = name.filter(|_| entry.header().entry_type().is_file()) else {
                continue;
            };
            // The header's size may lie; the buffer grows with what is really there.
            let mut contents = Vec::new();
            entry.take(MAX_FILE_BYTES + 1).read_to_end(&mut contents)?;
            if contents.len() as u64 > MAX_FILE_BYTES {
                return Err(ArtifactError::TooLarge { name: name.to_owned(), limit: MAX_FILE_BYTES });
            }
            files.insert(name.to_owned(), contents);
        }
        // Only the end of the stream tells whether all of it is there and its checksum holds.
        io::copy(&mut archive.into_inner(), &mut io::sink())?;
        Ok(Self { files })
    }

    pub(super) fn take(&mut self, name: &'static str) -> Result<Vec<u8>, ArtifactError> {
        self.files.remove(name).ok_or(ArtifactError::Missing(name))
    }
}

/// Writes files in this order with fixed owner, mode and time, so that the same files give the same bytes.
pub(super) fn write(writer: impl Write, files: &[(&str, &[u8])]) -> io::Result<()> {
    let gzip = GzBuilder::new().mtime(0).write(writer, Compression::new(4));
    let mut tar = tar::Builder::new(gzip);
    for (name, contents) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(contents.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        tar.append_data(&mut header, name, *contents)?;
    }
    tar.into_inner()?.finish()?.flush()
}
