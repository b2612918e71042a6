//! The crates that are compiled into the function's program, and the two forms in which a package names them: an SBOM
//! beside the manifest (CycloneDX), and the section of the program that `cargo auditable` defines.
//!
//! Crates that only run while compiling (build scripts, procedural macros) are not among them.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
};

use flate2::{Compression, write::ZlibEncoder};
use serde::Serialize;
use serde_json::json;

/// The format that [`Dependencies::from_cargo_tree`] reads: a value for `cargo tree --format`.
pub const CARGO_TREE_FORMAT: &str = "{p}|{l}|{r}";

/// Why a dependency tree cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DependenciesError {
    /// A line of the tree has another form.
    #[error(
        "cannot read line {line} of the dependency tree, {text:?}: expected DEPTH, NAME vVERSION|LICENSE|REPOSITORY as cargo tree writes them"
    )]
    Line {
        /// Which line, counted from 1.
        line: usize,
        /// What it says.
        text: String,
    },
    /// The tree is empty.
    #[error("the dependency tree is empty; it must begin with the program's own crate")]
    Empty,
}

/// A crate of a certain version. The name comes first: that is the order in which `cargo auditable` wants them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct CrateId {
    name: String,
    version: String,
}

impl CrateId {
    fn purl(&self) -> String {
        // A version's build metadata begins with a plus sign, which a package URL escapes.
        format!("pkg:cargo/{}@{}", self.name, self.version.replace('+', "%2B"))
    }
}

/// What is known of a crate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Crate {
    license: Option<String>,
    repository: Option<String>,
    /// SHA-256 of the crate's archive; none for crates of the workspace.
    checksum: Option<String>,
    depends_on: BTreeSet<CrateId>,
}

/// The crates that a program is compiled of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependencies {
    root: CrateId,
    /// All of them, the root too.
    crates: BTreeMap<CrateId, Crate>,
}

impl Dependencies {
    /// Reads the output of `cargo tree --edges normal,no-proc-macro --prefix depth --format` [`CARGO_TREE_FORMAT`], and
    /// the checksums from the text of `Cargo.lock`.
    ///
    /// # Errors
    /// [`DependenciesError`] if the tree is empty or has a line of another form.
    pub fn from_cargo_tree(tree: &str, lock: &str) -> Result<Self, DependenciesError> {
        let checksums = checksums(lock);
        let mut crates: BTreeMap<CrateId, Crate> = BTreeMap::new();
        // The crates from the root to the current line.
        let mut path: Vec<CrateId> = Vec::new();
        for (line, text) in tree.lines().enumerate().filter(|(_, text)| !text.is_empty()) {
            let error = || DependenciesError::Line { line: line + 1, text: text.to_owned() };
            let (depth, id, license, repository) = parse_line(text).ok_or_else(error)?;
            if depth > path.len() || (depth == 0 && !path.is_empty()) {
                return Err(error());
            }
            path.truncate(depth);
            if let Some(parent) = path.last().and_then(|parent| crates.get_mut(parent)) {
                parent.depends_on.insert(id.clone());
            }
            let found = crates.entry(id.clone()).or_default();
            found.license = license.map(spdx);
            found.repository = repository.map(str::to_owned);
            found.checksum =
                checksums.get(&(id.name.as_str(), id.version.as_str())).map(|&sum| sum.to_owned());
            path.push(id);
        }
        let root = path.into_iter().next().ok_or(DependenciesError::Empty)?;
        Ok(Self { root, crates })
    }

    /// Returns the SBOM: a CycloneDX 1.5 document in JSON. It has neither a time nor a serial number, so the same crates
    /// give the same bytes.
    #[must_use]
    pub fn to_cyclonedx(&self) -> String {
        let component = |id: &CrateId, found: &Crate, kind: &str| {
            let mut component = json!({
                "type": kind, "bom-ref": id.purl(), "name": id.name, "version": id.version, "purl": id.purl(),
            });
            if let Some(license) = &found.license {
                component["licenses"] = json!([{ "expression": license }]);
            }
            if let Some(checksum) = &found.checksum {
                component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
            }
            if let Some(repository) = &found.repository {
                component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
            }
            component
        };
        let others = self.crates.iter().filter(|(id, _)| **id != self.root);
        let dependencies = self.crates.iter().map(|(id, found)| {
            let depends_on: Vec<_> = found.depends_on.iter().map(CrateId::purl).collect();
            json!({ "ref": id.purl(), "dependsOn": depends_on })
        });
        let document = json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": { "component": component(&self.root, &self.crates[&self.root], "application") },
            "components": others.map(|(id, found)| component(id, found, "library")).collect::<Vec<_>>(),
            "dependencies": dependencies.collect::<Vec<_>>(),
        });
        format!("{document:#}\n")
    }

    /// Returns the content of the section `.dep-v0`: what `cargo auditable` puts into programs, compressed with zlib.
    pub(crate) fn to_auditable(&self) -> std::io::Result<Vec<u8>> {
        let index: BTreeMap<&CrateId, usize> = self.crates.keys().zip(0..).collect();
        let packages = self.crates.iter().map(|(id, found)| AuditablePackage {
            name: &id.name,
            version: &id.version,
            source: if found.checksum.is_some() { "crates.io" } else { "local" },
            dependencies: found.depends_on.iter().map(|id| index[id]).collect(),
            root: *id == self.root,
        });
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        serde_json::to_writer(&mut encoder, &json!({ "packages": packages.collect::<Vec<_>>() }))?;
        encoder.flush()?;
        encoder.finish()
    }
}

/// A crate as `cargo auditable` writes it. Dependencies are positions in the sorted list.
#[derive(Serialize)]
struct AuditablePackage<'a> {
    name: &'a str,
    version: &'a str,
    source: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<usize>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    root: bool,
}

/// Reads `3serde v1.0.229 (/folder)|MIT OR Apache-2.0|https://… (*)`. License and repository may be empty.
fn parse_line(text: &str) -> Option<(usize, CrateId, Option<&str>, Option<&str>)> {
    let text = text.strip_suffix(" (*)").unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (depth, rest) = text.split_at(digits);
    let mut parts = rest.splitn(3, '|');
    let (package, license, repository) = (parts.next()?, parts.next()?, parts.next()?);
    let mut words = package.split(' ');
    let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
    if name.is_empty() || version.is_empty() {
        return None;
    }
    let id = CrateId { name: name.to_owned(), version: version.to_owned() };
    let (license, repository) = (Some(license), Some(repository));
    let is_filled = |text: &&str| !text.is_empty();
    Some((depth.parse().ok()?, id, license.filter(is_filled), repository.filter(is_filled)))
}

/// Old manifests separate alternatives by a slash, which SPDX does not know.
fn spdx(license: &str) -> String {
    license.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ")
}

/// Returns the checksums in a `Cargo.lock`, by name and version.
fn checksums(lock: &str) -> BTreeMap<(&str, &str), &str> {
    let packages = lock.split("[[package]]").skip(1);
    packages
        .filter_map(|package| {
            let value = |key| package.lines().find_map(|line| line.strip_prefix(key)?.strip_suffix('"'));
            Some(((value("name = \"")?, value("version = \"")?), value("checksum = \"")?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use serde_json::Value;

    use super::*;

    const TREE: &str = "\
0function v0.1.0 (/somewhere/crates/function)|MIT OR Apache-2.0|
1axum v0.8.9|MIT|https://github.com/tokio-rs/axum
2bytes v1.12.2+a|MIT/Apache-2.0|https://github.com/tokio-rs/bytes
1bytes v1.12.2+a|MIT/Apache-2.0|https://github.com/tokio-rs/bytes (*)
1local v0.1.0 (/somewhere/crates/local)|MIT|
2axum v0.8.9|MIT|https://github.com/tokio-rs/axum (*)
";
    const LOCK: &str = "\
version = 4

[[package]]
name = \"axum\"
version = \"0.8.9\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
checksum = \"00aa\"
dependencies = [
 \"bytes\",
]

[[package]]
name = \"local\"
version = \"0.1.0\"
";

    #[test]
    fn sbom_names_every_crate_with_license_hash_and_dependencies() {
        let dependencies = Dependencies::from_cargo_tree(TREE, LOCK).unwrap();
        let sbom: Value = serde_json::from_str(&dependencies.to_cyclonedx()).unwrap();
        assert_eq!(sbom["metadata"]["component"]["name"], "function");
        assert_eq!(
            sbom["components"],
            json!([
                {
                    "type": "library", "bom-ref": "pkg:cargo/axum@0.8.9", "name": "axum", "version": "0.8.9",
                    "purl": "pkg:cargo/axum@0.8.9", "licenses": [{ "expression": "MIT" }],
                    "hashes": [{ "alg": "SHA-256", "content": "00aa" }],
                    "externalReferences": [{ "type": "vcs", "url": "https://github.com/tokio-rs/axum" }],
                },
                {
                    "type": "library", "bom-ref": "pkg:cargo/bytes@1.12.2%2Ba", "name": "bytes",
                    "version": "1.12.2+a", "purl": "pkg:cargo/bytes@1.12.2%2Ba",
                    "licenses": [{ "expression": "MIT OR Apache-2.0" }],
                    "externalReferences": [{ "type": "vcs", "url": "https://github.com/tokio-rs/bytes" }],
                },
                {
                    "type": "library", "bom-ref": "pkg:cargo/local@0.1.0", "name": "local", "version": "0.1.0",
                    "purl": "pkg:cargo/local@0.1.0", "licenses": [{ "expression": "MIT" }],
                },
            ])
        );
        assert_eq!(
            sbom["dependencies"][2],
            json!({
                "ref": "pkg:cargo/function@0.1.0",
                "dependsOn": ["pkg:cargo/axum@0.8.9", "pkg:cargo/bytes@1.12.2%2Ba", "pkg:cargo/local@0.1.0"],
            })
        );
        assert!(!sbom.to_string().contains("somewhere"), "no path of the build machine");
    }

    #[test]
    fn auditable_data_are_the_sorted_crates() {
        let dependencies = Dependencies::from_cargo_tree(TREE, LOCK).unwrap();
        let compressed = dependencies.to_auditable().unwrap();
        let mut json = String::new();
        flate2::read::ZlibDecoder::new(&compressed[..]).read_to_string(&mut json).unwrap();
        let data: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            data,
            json!({ "packages": [
                { "name": "axum", "version": "0.8.9", "source": "crates.io", "dependencies": [1] },
                { "name": "bytes", "version": "1.12.2+a", "source": "local" },
                { "name": "function", "version": "0.1.0", "source": "local", "dependencies": [0, 1, 3], "root": true },
                { "name": "local", "version": "0.1.0", "source": "local", "dependencies": [0] },
            ] })
        );
    }

    #[test]
    fn rejects_a_tree_of_another_form() {
        assert_eq!(Dependencies::from_cargo_tree("\n", ""), Err(DependenciesError::Empty));
        for tree in [
            "axum",
            "0axum v1",
            "0axum 1|MIT|",
            "0 v1||",
            "1axum v1||",
            "0a v1||\n2b v1||",
            "0a v1||\n0b v1||",
        ] {
            let refused = Dependencies::from_cargo_tree(tree, "").unwrap_err();
            assert!(matches!(refused, DependenciesError::Line { .. }), "{tree}: {refused}");
        }
    }
}
