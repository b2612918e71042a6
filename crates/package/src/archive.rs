//! The function's zip: the program and what lies beside it, the same bytes each time.

use std::io::{Cursor, Write as _};

use zip::{CompressionMethod, DateTime, System, ZipWriter, write::SimpleFileOptions};

use crate::PackageError;

/// One file of the zip.
#[derive(Debug)]
pub struct ZipEntry {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Whether it is a program.
    pub executable: bool,
}

/// Packs files, sorted by name, as seen by a Unix machine: programs with mode 755, others 644, all of 1980-01-01, which
/// is where the format's calendar begins.
pub fn write(mut entries: Vec<ZipEntry>) -> Result<Vec<u8>, PackageError> {
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::DEFAULT)
        .system(System::Unix);
    for ZipEntry { name, bytes, executable } in entries {
        zip.start_file(name, options.unix_permissions(if executable { 0o755 } else { 0o644 }))?;
        zip.write_all(&bytes).map_err(zip::result::ZipError::from)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn entries() -> Vec<ZipEntry> {
        let entry = |name: &str, byte, executable| ZipEntry {
            name: name.to_owned(),
            bytes: vec![byte; 1000],
            executable,
        };
        vec![entry("schema.json", 2, false), entry("bootstrap", 1, true)]
    }

    #[test]
    fn the_bytes_do_not_depend_on_order_or_time() {
        let once = write(entries()).unwrap();
        let again = write(entries().into_iter().rev().collect()).unwrap();
        assert_eq!(once, again);
    }

    #[test]
    fn the_program_may_be_run_and_everything_comes_out_again() {
        let zip = write(entries()).unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        let names: Vec<_> = archive.file_names().map(Result::unwrap).collect();
        assert_eq!(names, ["bootstrap", "schema.json"]);
        for (name, byte, mode) in [("bootstrap", 1, 0o100_755), ("schema.json", 2, 0o100_644)] {
            let mut file = archive.by_name(name).unwrap();
            assert_eq!(file.unix_mode(), Some(mode));
            assert_eq!(file.last_modified().map(|time| time.year()), Some(1980));
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes, [byte; 1000]);
        }
    }
}
