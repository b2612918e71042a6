//! A package as one tar file, to keep it in the artifact bucket.

use std::{fs, io, path::Path};

use mysfits_package::{MANIFEST, Package};
use tar::{Archive, Builder, Header};

/// Packs the files of a package. The same package gives the same bytes.
pub(crate) fn pack(package: &Package) -> io::Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    let listed = package.manifest().files.iter().map(|file| file.path.as_str());
    for name in listed.chain([MANIFEST]) {
        let content = fs::read(package.path(name))?;
        let mut header = Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        tar.append_data(&mut header, name, content.as_slice())?;
    }
    tar.into_inner()
}

/// Unpacks a package into a folder.
pub(crate) fn unpack(tar: &[u8], folder: &Path) -> io::Result<()> {
    // Names that lead out of the folder are skipped by `unpack`, and missed when the package is opened.
    Archive::new(tar).unpack(folder)
}

#[cfg(test)]
mod tests {
    use mysfits_infra::Stack;
    use mysfits_package::{Architecture, FileEntry, LAMBDA_ZIP, MODEL, Manifest, SBOM};

    use super::*;

    /// Makes a package whose files are small texts.
    fn package(folder: &Path) -> Package {
        let mut names = [LAMBDA_ZIP, SBOM, MODEL, "site/index.html", "site/decision-table.bin"]
            .map(str::to_owned)
            .to_vec();
        names.extend(Stack::ALL.map(|stack| format!("templates/{}", stack.file_name())));
        names.sort();
        let mut files = Vec::new();
        for path in names {
            let file = folder.join(&path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &path).unwrap();
            let sha256 = crate::digest::sha256(path.as_bytes());
            files.push(FileEntry { size_bytes: path.len() as u64, sha256, path });
        }
        let version = "0.1.0".to_owned();
        let manifest = Manifest { version, architecture: Architecture::X86_64, glibc: None, files };
        fs::write(folder.join(MANIFEST), serde_json::to_vec(&manifest).unwrap()).unwrap();
        Package::open(folder).unwrap()
    }

    #[test]
    fn a_package_is_unpacked_as_it_was_packed() {
        let folder = tempfile::tempdir().unwrap();
        let package = package(folder.path());
        let tar = pack(&package).unwrap();
        assert_eq!(tar, pack(&package).unwrap());
        let unpacked = tempfile::tempdir().unwrap();
        unpack(&tar, unpacked.path()).unwrap();
        let again = Package::open(unpacked.path()).unwrap();
        assert_eq!(again.manifest(), package.manifest());
        assert_eq!(again.digest(), package.digest());
    }
}
