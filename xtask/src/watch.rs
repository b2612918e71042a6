//! `dev --watch`: builds the site again when its sources change; the page in the browser reloads itself.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Result, ensure};
use mysfits_output::errln;
use mysfits_process::{ChildProcess, StopMethod};

use crate::{
    background::{self, BackgroundBuild},
    build::{self, BUNDLER, SERVER, ensure_wasm, page_command_with, release_command},
    process::{self, heading, program, step},
    tools::wasm::Wasm,
    workspace,
};

/// The profile of the page: compiled quickly, not small.
const PROFILE: &str = "wasm-dev";

/// What the page and the bundler are made of.
const SOURCES: [&str; 8] = [
    "web/src",
    "web/Cargo.toml",
    "web/bundle/src",
    "web/bundle/png",
    "crates/domain",
    "crates/site/src",
    "crates/knn/src",
    "crates/model/src",
];
/// The style sheet's files, which the bundler reads when it runs.
const STYLE: &str = "web/src/style";

/// How often the sources are read.
const POLL: Duration = Duration::from_millis(200);

/// Returns the site for development, apart from the one that visitors get.
pub fn site() -> PathBuf {
    workspace::target().join("dev-site")
}

/// Builds the server and the site, serves, and builds the site again at each change until the server ends.
pub fn run(features: &[&str], server: &mut Command) -> Result<()> {
    let wasm = ensure_wasm()?;
    let mut sources = Sources::read(workspace::root());
    step("build the server, the bundler and the page (takes minutes the first time)", || {
        background::wait(vec![
            BackgroundBuild::start(
                "server and bundler",
                "native",
                release_command(&[SERVER, BUNDLER], features),
            )?,
            BackgroundBuild::start("page", "page-dev", page_command_with(&wasm, PROFILE))?,
        ])
    })?;
    bundle()?;
    heading("train and serve");
    let mut server = ChildProcess::start(server, StopMethod::Kill)?;
    loop {
        if let Some(status) = server.try_wait()? {
            ensure!(status.success(), "the server failed: {status}");
            return Ok(());
        }
        thread::sleep(POLL);
        if let Some(change) = sources.change(workspace::root()) {
            rebuild(change, &wasm, features);
        }
    }
}

/// Builds the site again. An error is printed, and the site stays as it was until the next change.
fn rebuild(change: SourceChange, wasm: &Wasm, features: &[&str]) {
    let begun = Instant::now();
    let code = || match change {
        SourceChange::Style => Ok(()),
        SourceChange::Code => background::wait(vec![
            BackgroundBuild::start("bundler", "native", release_command(&[BUNDLER], features))?,
            BackgroundBuild::start("page", "page-dev", page_command_with(wasm, PROFILE))?,
        ]),
    };
    match code().and_then(|()| bundle()) {
        Ok(()) => errln!("✔ the site is new ({:.1} s)", begun.elapsed().as_secs_f64()),
        Err(error) => errln!("✘ the site stays as it was: {error:#}"),
    }
}

fn bundle() -> Result<()> {
    let mut bundle = program(workspace::release(BUNDLER));
    bundle.arg("--wasm").arg(build::page(PROFILE)).arg("--out").arg(site()).args(["--development", STYLE]);
    process::run(&mut bundle)
}

/// What has to be done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SourceChange {
    /// Only the style sheet changed: nothing is compiled.
    Style,
    /// Code or data changed.
    Code,
}

/// The state of the sources: when each file was changed, and how long it is.
#[derive(Debug, PartialEq, Eq)]
struct Sources(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Sources {
    /// Reads the state of all files.
    fn read(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        let mut left: Vec<_> = SOURCES.iter().map(|source| root.join(source)).collect();
        while let Some(path) = left.pop() {
            // What disappears meanwhile is a change of the next reading.
            let Ok(metadata) = fs::metadata(&path) else { continue };
            if metadata.is_dir() {
                let entries = fs::read_dir(&path).into_iter().flatten().flatten();
                left.extend(entries.map(|entry| entry.path()).filter(|path| !is_of_an_editor(path)));
            } else {
                files.insert(path, (metadata.modified().ok(), metadata.len()));
            }
        }
        Self(files)
    }

    /// Returns what changed since the last reading, once the files are at rest.
    fn change(&mut self, root: &Path) -> Option<SourceChange> {
        let mut now = Self::read(root);
        if now == *self {
            return None;
        }
        loop {
            thread::sleep(POLL);
            let next = Self::read(root);
            let is_at_rest = next == now;
            now = next;
            if is_at_rest {
                break;
            }
        }
        let change = self.difference(&now, root);
        *self = now;
        change
    }

    /// Returns what differs between two readings.
    fn difference(&self, other: &Self, root: &Path) -> Option<SourceChange> {
        let style = root.join(STYLE);
        let is_changed = |(path, state): &(&PathBuf, &_)| self.0.get(*path) != Some(*state);
        let changed = other.0.iter().filter(is_changed).map(|(path, _)| path);
        let removed = self.0.keys().filter(|path| !other.0.contains_key(*path));
        let mut paths = changed.chain(removed).peekable();
        paths.peek()?;
        Some(if paths.all(|path| path.starts_with(&style)) {
            SourceChange::Style
        } else {
            SourceChange::Code
        })
    }
}

/// Returns whether a file is an editor's own: a swap file, a backup.
fn is_of_an_editor(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(['.', '#']) || name.ends_with('~')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a root folder with one file of each kind.
    fn root() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in ["web/src/pages/home.rs", "web/src/style/base.css", "crates/domain/data/mysfits.json"] {
            write(root.path(), file, "old");
        }
        root
    }

    fn write(root: &Path, file: &str, text: &str) {
        fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        fs::write(root.join(file), text).unwrap();
    }

    #[test]
    fn tells_changes_of_the_style_from_changes_of_code() {
        for (files, expected) in [
            (&["web/src/style/base.css"][..], Some(SourceChange::Style)),
            (&["web/src/pages/home.rs"], Some(SourceChange::Code)),
            (&["web/src/new.rs"], Some(SourceChange::Code)),
            (&["crates/domain/data/mysfits.json"], Some(SourceChange::Code)),
            (&["web/src/style/base.css", "web/src/pages/home.rs"], Some(SourceChange::Code)),
            (&["web/src/pages/.home.rs.swp", "web/src/pages/home.rs~", "README.md"], None),
        ] {
            let root = root();
            let mut sources = Sources::read(root.path());
            assert_eq!(sources.change(root.path()), None);
            for file in files {
                write(root.path(), file, "something new");
            }
            assert_eq!(sources.change(root.path()), expected, "{files:?}");
            assert_eq!(sources.change(root.path()), None, "{files:?}");
        }
    }

    #[test]
    fn a_removed_file_is_a_change() {
        let root = root();
        let mut sources = Sources::read(root.path());
        fs::remove_file(root.path().join("web/src/pages/home.rs")).unwrap();
        assert_eq!(sources.change(root.path()), Some(SourceChange::Code));
    }

    #[test]
    fn all_sources_are_there() {
        for source in SOURCES.into_iter().chain([STYLE]) {
            assert!(workspace::root().join(source).exists(), "{source} is missing");
        }
    }
}
