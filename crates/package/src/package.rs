//! The folder of a package: made whole or not at all, verified when it is opened.

use std::{
    fs,
    path::{Path, PathBuf},
};

use mysfits_infra::Stack;
use mysfits_site::DECISION_TABLE;
use sha2::{Digest as _, Sha256};

use crate::{
    Architecture, Dependencies, FileEntry, Glibc, Manifest, PackageError,
    archive::{self, ZipEntry},
    elf,
    elf_section::add_section,
    manifest::{MANIFEST, hex},
};

/// The function's zip in the package.
pub const LAMBDA_ZIP: &str = "recommendations-lambda.zip";
/// The model artifact in the package.
pub const MODEL: &str = "model.tar.gz";
/// The list of the crates in the function's program, in the package: CycloneDX, in JSON.
pub const SBOM: &str = "recommendations-lambda.cdx.json";
/// The section of the program with the same list: the name is that of `cargo auditable`.
const AUDITABLE_SECTION: &str = ".dep-v0";
/// The function's program in the zip; the name is Lambda's.
const BOOTSTRAP: &str = "bootstrap";
/// The folder of the site in the package.
const SITE: &str = "site";
/// The folder of the templates in the package.
const TEMPLATES: &str = "templates";
/// What the site's bundler adds for servers that send files as they are; CloudFront compresses by itself.
const PRECOMPRESSED: [&str; 2] = ["br", "gz"];

/// What a package is made of: where the built parts are.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The function's program.
    pub bootstrap: PathBuf,
    /// The processor that it must be for.
    pub architecture: Architecture,
    /// The crates that the program is compiled of.
    pub dependencies: Dependencies,
    /// The folder whose files lie beside the program: the decision table and its schema. The site gets the table too.
    pub table: PathBuf,
    /// The folder of the built site.
    pub site: PathBuf,
    /// The model artifact.
    pub model: PathBuf,
}

/// A package that was verified: every file is what its manifest says.
#[derive(Debug, Clone)]
pub struct Package {
    folder: PathBuf,
    manifest: Manifest,
}

/// A file of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagedFile {
    /// Its path below the site's root, with slashes and without one in front: its key in a bucket.
    pub key: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Its size in bytes.
    pub size_bytes: u64,
}

impl Package {
    /// Makes a package of its parts in `folder`; one that was there is replaced once the new one is whole.
    ///
    /// # Errors
    /// If Lambda could not start the program, or a file cannot be read or written.
    pub fn write(parts: &Parts, folder: &Path) -> Result<Self, PackageError> {
        let program = read(&parts.bootstrap)?;
        let glibc = elf::check(&program, parts.architecture, Glibc::OF_LAMBDA)?;
        let auditable = parts.dependencies.to_auditable();
        let auditable = auditable.map_err(PackageError::file("list the crates of", &parts.bootstrap))?;
        let program = add_section(&program, AUDITABLE_SECTION, &auditable)?;
        let mut entries = vec![ZipEntry { name: BOOTSTRAP.to_owned(), bytes: program, executable: true }];
        for name in files_below(&parts.table)? {
            entries.push(ZipEntry { bytes: read(&parts.table.join(&name))?, name, executable: false });
        }

        let unfinished = folder.with_extension("unfinished");
        remove(&unfinished)?;
        create(&unfinished, LAMBDA_ZIP, &archive::write(entries)?)?;
        create(&unfinished, SBOM, parts.dependencies.to_cyclonedx().as_bytes())?;
        create(&unfinished, MODEL, &read(&parts.model)?)?;
        for stack in Stack::ALL {
            create(&unfinished, &format!("{TEMPLATES}/{}", stack.file_name()), stack.yaml().as_bytes())?;
        }
        for name in files_below(&parts.site)? {
            let ending = Path::new(&name).extension().and_then(|ending| ending.to_str());
            if !ending.is_some_and(|ending| PRECOMPRESSED.contains(&ending)) {
                create(&unfinished, &format!("{SITE}/{name}"), &read(&parts.site.join(&name))?)?;
            }
        }
        // The page falls back to the function's decision table when no backend responds.
        create(&unfinished, &format!("{SITE}/{DECISION_TABLE}"), &read(&parts.table.join(DECISION_TABLE))?)?;

        let entry = |path: String| {
            FileEntry::of(&unfinished, path.clone())
                .map_err(PackageError::file("read", unfinished.join(path)))
        };
        let manifest = Manifest {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            architecture: parts.architecture,
            glibc: glibc.map(|glibc| glibc.to_string()),
            files: files_below(&unfinished)?.into_iter().map(entry).collect::<Result<_, _>>()?,
        };
        // Straight from the struct, whose order is fixed; a map's is not.
        let text = serde_json::to_string_pretty(&manifest)
            .map_err(|error| PackageError::file("write", unfinished.join(MANIFEST))(error.into()))?;
        create(&unfinished, MANIFEST, format!("{text}\n").as_bytes())?;
        remove(folder)?;
        fs::rename(&unfinished, folder).map_err(PackageError::file("make the folder", folder))?;
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    /// Opens a package and verifies all of it.
    ///
    /// # Errors
    /// If the folder holds no package, if a file differs from the manifest or is not listed in it, or if a
    /// required file is missing.
    pub fn open(folder: &Path) -> Result<Self, PackageError> {
        let no_manifest = |source| PackageError::NoManifest { folder: folder.to_owned(), source };
        let text = fs::read(folder.join(MANIFEST)).map_err(|error| no_manifest(error.into()))?;
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| no_manifest(error.into()))?;
        for expected in &manifest.files {
            let path = expected.path.clone();
            let found = FileEntry::of(folder, path.clone())
                .map_err(|error| PackageError::Changed { path: path.clone(), what: error.to_string() })?;
            if found != *expected {
                let what = format!(
                    "{} bytes, SHA-256 {}; expected {} bytes, {}",
                    found.size_bytes, found.sha256, expected.size_bytes, expected.sha256
                );
                return Err(PackageError::Changed { path, what });
            }
        }
        let listed = |path: &String| manifest.files.iter().any(|file| file.path == *path);
        if let Some(path) = files_below(folder)?.into_iter().find(|path| path != MANIFEST && !listed(path)) {
            return Err(PackageError::Changed { path, what: "it is not listed".to_owned() });
        }
        let templates = Stack::ALL.map(|stack| format!("{TEMPLATES}/{}", stack.file_name()));
        let of_site = ["index.html", DECISION_TABLE].map(|name| format!("{SITE}/{name}"));
        let needed = [LAMBDA_ZIP, SBOM, MODEL].map(str::to_owned).into_iter().chain(of_site);
        if let Some(missing) = needed.chain(templates).find(|path| !listed(path)) {
            return Err(PackageError::Missing(missing));
        }
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    /// Returns the package's manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the digest of the package: the SHA-256 over the names and hashes of its files, in hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut whole = Sha256::new();
        for file in &self.manifest.files {
            whole.update(format!("{} {}\n", file.sha256, file.path));
        }
        hex(&whole.finalize())
    }

    /// Returns the path of a file of the package.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Returns a file's SHA-256, in hexadecimal digits.
    #[must_use]
    pub fn sha256(&self, name: &str) -> Option<&str> {
        self.manifest.files.iter().find(|file| file.path == name).map(|file| file.sha256.as_str())
    }

    /// Returns the processor that the function is for.
    #[must_use]
    pub fn architecture(&self) -> Architecture {
        self.manifest.architecture
    }

    /// Returns the function's zip and its SHA-256.
    #[must_use]
    pub fn lambda_zip(&self) -> (PathBuf, String) {
        self.with_sha256(LAMBDA_ZIP)
    }

    /// Returns the model artifact and its SHA-256.
    #[must_use]
    pub fn model(&self) -> (PathBuf, String) {
        self.with_sha256(MODEL)
    }

    /// Returns a stack's template.
    ///
    /// # Errors
    /// If the file cannot be read any more.
    pub fn template(&self, stack: Stack) -> Result<String, PackageError> {
        let path = self.folder.join(TEMPLATES).join(stack.file_name());
        fs::read_to_string(&path).map_err(PackageError::file("read", path))
    }

    /// Returns the files of the site, sorted by key.
    #[must_use]
    pub fn site(&self) -> Vec<PackagedFile> {
        let below_site = |file: &FileEntry| {
            let key = file.path.strip_prefix(SITE)?.strip_prefix('/')?.to_owned();
            let path = self.folder.join(&file.path);
            Some(PackagedFile { key, path, sha256: file.sha256.clone(), size_bytes: file.size_bytes })
        };
        self.manifest.files.iter().filter_map(below_site).collect()
    }

    fn with_sha256(&self, name: &str) -> (PathBuf, String) {
        let sha256 = self.sha256(name).expect("`open` and `write` see to it that every package has it");
        (self.path(name), sha256.to_owned())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, PackageError> {
    fs::read(path).map_err(PackageError::file("read", path))
}

/// Writes a file below `folder`, with the folders that it needs.
fn create(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), PackageError> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(PackageError::file("make the folder", parent))?;
    }
    fs::write(&path, bytes).map_err(PackageError::file("write", path))
}

fn remove(folder: &Path) -> Result<(), PackageError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(PackageError::file("remove the folder", folder)(error))
        }
        _ => Ok(()),
    }
}

/// The paths of all files below a folder, with slashes, sorted.
fn files_below(folder: &Path) -> Result<Vec<String>, PackageError> {
    fn visit(folder: &Path, prefix: &str, found: &mut Vec<String>) -> std::io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                visit(&entry.path(), &format!("{name}/"), found)?;
            } else {
                found.push(name);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    visit(folder, "", &mut found).map_err(PackageError::file("list", folder))?;
    found.sort();
    Ok(found)
}
