//! Replays the committed corpora through the fuzz targets.
//!
//! libFuzzer needs a nightly compiler and time; this needs neither, and fails if an input that passed once fails now.
//! `cargo xtask fuzz` looks for new inputs.

use std::{
    fs, io, panic,
    path::{Path, PathBuf},
};

use mysfits_fuzz_targets as targets;

/// Returns the folder of the fuzz programs and corpora.
fn fuzz_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// Runs a target on every file of a corpus, and returns how many there are.
///
/// # Errors
/// A message that names the files on which the target panics; or the folder, if it cannot be read or is empty.
fn replay(corpus: &Path, target: impl Fn(&[u8]) + panic::RefUnwindSafe) -> Result<usize, String> {
    let unreadable = |error| format!("cannot read the corpus {}: {error}", corpus.display());
    let entries = fs::read_dir(corpus).map_err(unreadable)?;
    let files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    if files.is_empty() {
        return Err(format!("the corpus {} is empty", corpus.display()));
    }
    let mut failed = Vec::new();
    for file in &files {
        let input = fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        if panic::catch_unwind(|| target(&input)).is_err() {
            failed.push(file.display().to_string());
        }
    }
    if failed.is_empty() {
        return Ok(files.len());
    }
    failed.sort();
    Err(format!("the target panics on {} of {} inputs:\n{}", failed.len(), files.len(), failed.join("\n")))
}

/// A test for each target, and the list of their names.
macro_rules! replay_corpora {
    ($($name:ident: $target:expr,)*) => {
        const TARGETS: &[&str] = &[$(stringify!($name)),*];

        mod accepts_corpus {
            use super::{fuzz_folder, replay, targets};

            $(
                #[test]
                fn $name() {
                    let corpus = fuzz_folder().join("corpus").join(stringify!($name));
                    if let Err(message) = replay(&corpus, $target) {
                        panic!("{message}");
                    }
                }
            )*
        }
    };
}

replay_corpora! {
    artifact_archive: targets::artifact_archive,
    artifact_files: targets::artifact_files,
    artifact_labels: targets::artifact_labels,
    csv: targets::csv,
    event_stream: targets::event_stream,
    http_request: |input| { let _ = targets::http_request(input); },
    json: targets::json,
    json_path: targets::json_path,
    jsonlines: targets::jsonlines,
    lambda_event: |input| { let _ = targets::lambda_event(input); },
    manifest: targets::manifest,
    media_type: targets::media_type,
    recordio: targets::recordio,
    training_csv: targets::training_csv,
    training_recordio: targets::training_recordio,
    transform_object: targets::transform_object,
}

/// Returns the names in a folder of the fuzz crate, without extension, sorted.
fn names(folder: &str) -> io::Result<Vec<String>> {
    let name = |path: PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut names = Vec::new();
    for entry in fs::read_dir(fuzz_folder().join(folder))? {
        names.extend(name(entry?.path()));
    }
    names.sort();
    Ok(names)
}

#[test]
fn replays_every_fuzz_target_and_every_corpus() {
    assert_eq!(names("fuzz_targets").unwrap(), TARGETS);
    assert_eq!(names("corpus").unwrap(), TARGETS);
}

#[test]
fn fuzz_programs_call_the_replayed_functions() {
    for name in TARGETS {
        let program = fs::read_to_string(fuzz_folder().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("mysfits_fuzz_targets::{name}(input)")), "{name}: {program}");
    }
}

#[test]
fn names_the_files_that_fail() {
    let corpus = tempfile::tempdir().unwrap();
    for name in ["b-fails", "a-fails", "passes"] {
        fs::write(corpus.path().join(name), name).unwrap();
    }
    let message = replay(corpus.path(), |input| assert!(!input.ends_with(b"fails"))).unwrap_err();
    let file = |name: &str| corpus.path().join(name).display().to_string();
    let expected = format!("the target panics on 2 of 3 inputs:\n{}\n{}", file("a-fails"), file("b-fails"));
    assert_eq!(message, expected);
    assert_eq!(replay(corpus.path(), |_| {}), Ok(3));
}

#[test]
fn rejects_missing_and_empty_corpora() {
    let corpus = tempfile::tempdir().unwrap();
    let message = replay(corpus.path(), |_| {}).unwrap_err();
    assert_eq!(message, format!("the corpus {} is empty", corpus.path().display()));
    let missing = corpus.path().join("missing");
    let message = replay(&missing, |_| {}).unwrap_err();
    assert!(message.starts_with(&format!("cannot read the corpus {}: ", missing.display())), "{message}");
}
