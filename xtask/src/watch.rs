//! `dev --watch`: builds the site again when its sources change; the page in the browser reloads itself.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use mysfits_output::errln;
use mysfits_process::{ChildProcess, StopMethod};

use crate::{
    background::{self, BackgroundBuild},
    build::{self, BUNDLER, SERVER, ensure_wasm, page_command, release_command},
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
        compile("server and bundler", &[SERVER, BUNDLER], features, &wasm)
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
        SourceChange::Code => compile("bundler", &[BUNDLER], features, wasm),
    };
    match code().and_then(|()| bundle()) {
        Ok(()) => errln!("✔ the site is new ({:.1} s)", begun.elapsed().as_secs_f64()),
        Err(error) => errln!("✘ the site stays as it was: {error:#}"),
    }
}

/// Compiles native programs and the page.
fn compile(what: &'static str, programs: &[&str], features: &[&str], wasm: &Wasm) -> Result<()> {
    background::wait(vec![
        BackgroundBuild::start(what, "native", release_command(programs, features))?,
        BackgroundBuild::start("page", "page-dev", page_command(wasm, PROFILE))?,
    ])
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

/// The state of the sources: for the style sheet and for everything else, a number that changes with any file's path, time or
/// length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sources {
    style: u64,
    code: u64,
}

impl Sources {
    fn read(root: &Path) -> Self {
        let style = root.join(STYLE);
        let mut sources = Self::default();
        let mut left: Vec<_> = SOURCES.iter().map(|source| root.join(source)).collect();
        while let Some(path) = left.pop() {
            // What disappears meanwhile is a change of the next reading.
            let Ok(metadata) = fs::metadata(&path) else { continue };
            if metadata.is_dir() {
                let entries = fs::read_dir(&path).into_iter().flatten().flatten();
                left.extend(entries.map(|entry| entry.path()).filter(|path| !is_of_an_editor(path)));
                continue;
            }
            let mut hasher = DefaultHasher::new();
            (&path, metadata.modified().ok(), metadata.len()).hash(&mut hasher);
            let part = if path.starts_with(&style) { &mut sources.style } else { &mut sources.code };
            // In whatever order the files come.
            *part = part.wrapping_add(hasher.finish());
        }
        sources
    }

    /// Returns what changed since the last reading, once the files are at rest.
    fn change(&mut self, root: &Path) -> Option<SourceChange> {
        let before = *self;
        *self = Self::read(root);
        if *self == before {
            return None;
        }
        loop {
            thread::sleep(POLL);
            let last = std::mem::replace(self, Self::read(root));
            if *self == last {
                break;
            }
        }
        match before {
            Self { code, .. } if code != self.code => Some(SourceChange::Code),
            Self { style, .. } => (style != self.style).then_some(SourceChange::Style),
        }
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
