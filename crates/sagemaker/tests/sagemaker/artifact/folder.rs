//! The three files in a folder, as `/opt/ml/model` has them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use expect_test::{Expect, expect};
use mysfits_knn::Metric;
use mysfits_sagemaker::artifact::{Artifact, ArtifactError};
use serde_json::{Map, json};

use super::{check_equal, classifier, entries, files, ivf_flat, written};
use crate::support::causes;

/// A test's folder, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("artifact-folders").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

/// Checks that a folder is refused, and why; its own path stands as `FOLDER`.
#[track_caller]
fn check_refused(folder: &Path, expected: Expect) {
    let error = causes(&Artifact::read_folder(folder).unwrap_err());
    expected.assert_eq(&error.replace(folder.to_str().unwrap(), "FOLDER"));
}

#[test]
fn a_folder_comes_back_as_it_was_and_so_does_an_archive_beside_it() {
    let folder = folder("round-trip");
    let extra = Map::from_iter([("schema".to_owned(), json!([1, 2]))]);
    let artifact = Artifact { extra, ..classifier() };
    let model = folder.join("not/yet/there");
    artifact.write_folder(&model).unwrap();
    assert_eq!(
        names(&model),
        ["model_algo-1", "model_algo-1-labels.npy", "model_algo-1.json", "model_algo-1.labels"]
    );
    let back = Artifact::read_folder(&model).unwrap();
    check_equal(&artifact.model, &back.model);
    assert_eq!(artifact.extra, back.extra);
    assert_eq!(written(&artifact), written(&back));

    check_equal(&artifact.model, &Artifact::open(&model).unwrap().model);
    let archive = folder.join("model.tar.gz");
    fs::write(&archive, written(&artifact)).unwrap();
    check_equal(&artifact.model, &Artifact::open(&archive).unwrap().model);
}

#[test]
fn a_folder_has_the_files_of_an_archive() {
    let folder = folder("same-files");
    classifier().write_folder(&folder).unwrap();
    for (name, contents) in entries(&written(&classifier())) {
        assert_eq!(fs::read(folder.join(&name)).unwrap(), contents, "{name}");
    }
}

#[test]
fn a_model_takes_the_place_of_another() {
    let folder = folder("replaced");
    classifier().write_folder(&folder).unwrap();
    fs::write(folder.join("something else"), "").unwrap();
    // What an attempt that was cut short left behind.
    let unfinished = folder.with_file_name(".replaced-unfinished");
    fs::create_dir_all(&unfinished).unwrap();
    fs::write(unfinished.join("model_algo-1"), "half").unwrap();
    let other = ivf_flat(Metric::Cosine);
    other.write_folder(&folder).unwrap();
    check_equal(&other.model, &Artifact::read_folder(&folder).unwrap().model);
    assert_eq!(
        names(&folder),
        [
            "model_algo-1",
            "model_algo-1-labels.npy",
            "model_algo-1.json",
            "model_algo-1.labels",
            "something else"
        ]
    );
    assert!(!unfinished.exists());
}

#[test]
fn unfinished_files_are_in_the_folder_only_if_it_has_no_name() {
    let folder = folder("unfinished");
    let nameless = folder.join("model/..");
    fs::create_dir(folder.join("model")).unwrap();
    fs::create_dir(folder.join(".unfinished")).unwrap();
    fs::write(folder.join(".unfinished/model_algo-1"), "half").unwrap();
    classifier().write_folder(&nameless).unwrap();
    check_equal(&classifier().model, &Artifact::read_folder(&folder).unwrap().model);
    assert_eq!(
        names(&folder),
        ["model", "model_algo-1", "model_algo-1-labels.npy", "model_algo-1.json", "model_algo-1.labels"]
    );
}

#[test]
fn mixture_of_two_models_is_refused() {
    let folder = folder("mixture");
    let mut other = files();
    other[1].contents[128..136].copy_from_slice(&4.0f64.to_le_bytes());
    classifier().write_folder(&folder).unwrap();
    fs::write(folder.join("model_algo-1-labels.npy"), &other[1].contents).unwrap();
    check_refused(
        &folder,
        expect![
            "the SHA-256 of the labels is 2325a929d79d7fe653b1b857f10b3dfce29394c8836f61340d4fd79daafa811a; the metadata have d781b636354d8562c92a6f7e72e47e3c8fe85dd168c7657816d5271c02792bfa: the files belong to different models, or one is damaged; copy all files again"
        ],
    );
    classifier().write_folder(&folder).unwrap();
    let mut index = fs::read(folder.join("model_algo-1")).unwrap();
    index[45] ^= 1;
    fs::write(folder.join("model_algo-1"), index).unwrap();
    check_refused(
        &folder,
        expect![
            "the SHA-256 of the index is 2ecf91e3b688dbddd3baf60c538f6786dc096eced8d4343bca6b02114a828db3; the metadata have 6190e189084610656763c0e451de28065419258aec65f47e7c9c60035ed8ef7d: the files belong to different models, or one is damaged; copy all files again"
        ],
    );
}

#[cfg(unix)]
#[test]
fn pipe_in_a_models_place_is_refused_at_once() {
    let folder = folder("pipe");
    let pipe = folder.join("model.tar.gz");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let open = move || causes(&Artifact::open(&pipe).unwrap_err());
    let (report, reported) = std::sync::mpsc::channel();
    thread::spawn(move || report.send(open()));
    let error = reported.recv_timeout(Duration::from_mins(1)).expect("opening a pipe does not wait");
    assert!(error.ends_with("model.tar.gz\" is not a regular file"), "{error}");
}

#[test]
fn a_folder_that_is_no_model() {
    let folder = folder("no-model");
    check_refused(
        &folder,
        expect![[
            r#"there is no file "model_algo-1"; a model is three files, model_algo-1, model_algo-1-labels.npy (or model_algo-1.labels) and model_algo-1.json"#
        ]],
    );
    check_refused(
        &folder.join("nowhere"),
        expect!["FOLDER cannot be read or written: No such file or directory (os error 2)"],
    );
    classifier().write_folder(&folder).unwrap();
    fs::remove_file(folder.join("model_algo-1.json")).unwrap();
    check_refused(
        &folder,
        expect![[
            r#"there is no file "model_algo-1.json"; a model is three files, model_algo-1, model_algo-1-labels.npy (or model_algo-1.labels) and model_algo-1.json"#
        ]],
    );
    fs::create_dir(folder.join("model_algo-1.json")).unwrap();
    check_refused(&folder, expect![[r#""model_algo-1.json" is not a regular file"#]]);
    fs::remove_dir(folder.join("model_algo-1.json")).unwrap();
    fs::write(folder.join("model_algo-1.json"), vec![b' '; (1 << 20) + 1]).unwrap();
    check_refused(&folder, expect![[r#""model_algo-1.json" has 1048577 bytes; the limit is 1048576"#]]);
    fs::write(folder.join("model_algo-2"), "").unwrap();
    assert!(matches!(Artifact::read_folder(&folder), Err(ArtifactError::MultipleHosts(..))));
    let nowhere = causes(&Artifact::open(&folder.join("nowhere")).unwrap_err());
    assert!(nowhere.contains("nowhere cannot be read"), "{nowhere}");
}

#[test]
fn the_host_may_be_another() {
    let folder = folder("host");
    classifier().write_folder(&folder).unwrap();
    for ending in ["", "-labels.npy", ".labels", ".json"] {
        let name = |host| folder.join(format!("model_algo-{host}{ending}"));
        fs::rename(name(1), name(7)).unwrap();
    }
    check_equal(&classifier().model, &Artifact::read_folder(&folder).unwrap().model);
}

#[test]
fn a_file_larger_than_any_model_is_not_read() {
    let folder = folder("large");
    classifier().write_folder(&folder).unwrap();
    // Nothing of it is on the disk, but reading it would give all of it.
    let index = fs::OpenOptions::new().write(true).open(folder.join("model_algo-1")).unwrap();
    index.set_len((16 << 30) + 1).unwrap();
    check_refused(&folder, expect![[r#""model_algo-1" has 17179869185 bytes; the limit is 17179869184"#]]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_files_and_nowhere_else() {
    use std::os::unix::{fs::symlink, net::UnixListener};
    let folder = folder("links");
    let model = folder.join("model");
    classifier().write_folder(&folder.join("files")).unwrap();
    fs::create_dir(&model).unwrap();
    for file in files() {
        symlink(folder.join("files").join(file.name), model.join(file.name)).unwrap();
    }
    check_equal(&classifier().model, &Artifact::read_folder(&model).unwrap().model);
    // Reading either would never end.
    fs::remove_file(model.join("model_algo-1")).unwrap();
    symlink("/dev/zero", model.join("model_algo-1")).unwrap();
    check_refused(&model, expect![[r#""model_algo-1" is not a regular file"#]]);
    fs::remove_file(model.join("model_algo-1")).unwrap();
    // The path of a socket must be short: it is bound elsewhere.
    let short = tempfile::tempdir().unwrap();
    let socket = short.path().join("socket");
    let listener = UnixListener::bind(&socket).unwrap();
    symlink(&socket, model.join("model_algo-1")).unwrap();
    check_refused(&model, expect![[r#""model_algo-1" is not a regular file"#]]);
    drop(listener);
    fs::remove_file(socket).unwrap();
    check_refused(
        &model,
        expect!["FOLDER/model_algo-1 cannot be read or written: No such file or directory (os error 2)"],
    );
}

#[test]
fn a_folder_that_cannot_be_written() {
    let folder = folder("unwritable");
    let file = folder.join("file");
    fs::write(&file, "").unwrap();
    let error = causes(&classifier().write_folder(&file).unwrap_err());
    assert!(error.contains("file cannot be read or written"), "{error}");
    // A folder in a file's place.
    let model = folder.join("model");
    fs::create_dir_all(model.join("model_algo-1")).unwrap();
    ivf_flat(Metric::L2).write_folder(&model).unwrap_err();
    assert_eq!(names(&model), ["model_algo-1"]);
    assert_eq!(names(&folder), ["file", "model"]);
}

/// Two models of as many rows, one after the other in the same folder, read all the while: each time one of the two,
/// whole, or an error, but never the rows of one with the labels of the other.
#[test]
fn a_replacement_is_never_read_in_part() {
    let folder = folder("race");
    let [mut index, labels, metadata] = files();
    // Another in each of its files.
    index.contents[45..49].copy_from_slice(&7.75f32.to_le_bytes());
    let (header, numbers) = labels.contents.split_at(128);
    let labels: Vec<u8> = header.iter().chain(numbers.chunks(8).rev().flatten()).copied().collect();
    let metadata = String::from_utf8(metadata.contents).unwrap().replace("\"k\": 3", "\"k\": 4");
    let other = Artifact::from_files(&index.contents, &labels, metadata.as_bytes()).unwrap();
    let models = [classifier(), other];
    let archives = models.each_ref().map(written);
    models[0].write_folder(&folder).unwrap();
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let written = (0..40).try_for_each(|round| {
                // Longer than a file system's clock takes to tick.
                thread::sleep(Duration::from_millis(12));
                models[round % 2].write_folder(&folder)
            });
            // Before a failure is told: the other thread would read for ever.
            is_done.store(true, Ordering::Relaxed);
            written.unwrap();
        });
        let (mut n_read, mut n_refused) = ([0, 0], 0);
        while !is_done.load(Ordering::Relaxed) {
            match Artifact::read_folder(&folder) {
                Ok(artifact) => {
                    let bytes = written(&artifact);
                    let which = archives.iter().position(|archive| *archive == bytes);
                    n_read[which.expect("a mixture of both models was read")] += 1;
                }
                Err(
                    ArtifactError::ConcurrentModification(_)
                    | ArtifactError::Missing(_)
                    | ArtifactError::File { .. },
                ) => {
                    n_refused += 1;
                }
                Err(error) => panic!("{}", causes(&error)),
            }
        }
        assert!(n_read[0] > 0 && n_read[1] > 0, "{n_read:?} read, {n_refused} refused");
    });
}
