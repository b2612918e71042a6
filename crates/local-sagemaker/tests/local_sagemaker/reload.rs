//! Models that are replaced on disk, by valid and by invalid files.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use local_sagemaker::reload::{Watcher, read};
use mysfits_sagemaker::{Endpoint, artifact::Fingerprint};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{always, model, packed, replace};

/// An endpoint whose model stands in a file, watched by hand.
struct Watched {
    _folder: TempDir,
    path: PathBuf,
    endpoint: Arc<Endpoint>,
    watcher: Watcher,
}

impl Watched {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.tar.gz");
        fs::write(&path, packed(always(1.0))).unwrap();
        let fingerprint = Fingerprint::from_path(&path);
        let endpoint = Arc::new(Endpoint::new("a", read(&path).unwrap()).unwrap());
        let watcher = Watcher::new(endpoint.clone(), path.clone(), fingerprint);
        Self { _folder: folder, path, endpoint, watcher }
    }

    /// What the endpoint answers after each of two polls.
    fn after_two_polls(&mut self) -> [f64; 2] {
        [(); 2].map(|()| {
            self.watcher.poll();
            self.answer()
        })
    }

    fn answer(&self) -> f64 {
        self.endpoint.model().unwrap().predict(&[1.0, 2.0]).unwrap()
    }
}

#[test]
fn a_replaced_file_is_read_when_it_is_complete() {
    let mut watched = Watched::new();
    assert_eq!(watched.after_two_polls(), [1.0, 1.0]);
    replace(&watched.path, &packed(always(2.0)));
    assert_eq!(watched.after_two_polls(), [1.0, 2.0]);
    // Replaced between the polls: it is not read yet.
    replace(&watched.path, &packed(always(3.0)));
    watched.watcher.poll();
    replace(&watched.path, &packed(always(4.0)));
    assert_eq!(watched.after_two_polls(), [2.0, 4.0]);
}

#[test]
fn a_file_written_in_place_is_recognised_by_its_time() {
    let mut watched = Watched::new();
    fs::write(&watched.path, packed(always(2.0))).unwrap();
    let later = SystemTime::now() + Duration::from_secs(5);
    File::options().write(true).open(&watched.path).unwrap().set_modified(later).unwrap();
    assert_eq!(watched.after_two_polls(), [1.0, 2.0]);
}

#[test]
fn an_invalid_file_is_ignored_until_it_is_repaired() {
    let mut watched = Watched::new();
    let whole = packed(always(2.0));
    for broken in [&b"no model"[..], &[], &whole[..whole.len() / 2]] {
        replace(&watched.path, broken);
        assert_eq!(watched.after_two_polls(), [1.0, 1.0]);
    }
    fs::remove_file(&watched.path).unwrap();
    assert_eq!(watched.after_two_polls(), [1.0, 1.0]);
    replace(&watched.path, &whole);
    assert_eq!(watched.after_two_polls(), [1.0, 2.0]);
}

#[test]
fn requests_under_way_finish_with_the_model_they_began_with() {
    let mut watched = Watched::new();
    let began_with = watched.endpoint.model().unwrap();
    replace(&watched.path, &packed(always(2.0)));
    assert_eq!(watched.after_two_polls(), [1.0, 2.0]);
    assert_eq!(began_with.predict(&[1.0, 2.0]), Ok(1.0));
}

#[test]
fn accepts_a_model_with_other_features() {
    let mut watched = Watched::new();
    replace(&watched.path, &packed(model()));
    watched.watcher.poll();
    watched.watcher.poll();
    assert_eq!(watched.endpoint.model().unwrap().feature_dim(), 5);
}

/// Unpacks a model into a folder, file by file, as it would be copied there.
fn unpack(bytes: &[u8], folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let archive = folder.with_extension("tar.gz");
    fs::write(&archive, bytes).unwrap();
    let done = std::process::Command::new("tar").arg("-xzmf").arg(&archive).arg("-C").arg(folder).status();
    assert!(done.unwrap().success());
}

/// An endpoint whose model is in a folder, watched by hand.
struct WatchedFolder {
    root: TempDir,
    folder: PathBuf,
    endpoint: Arc<Endpoint>,
    watcher: Watcher,
}

impl WatchedFolder {
    /// Of an artifact that has digests, or of one that has none, as foreign ones.
    fn new(has_digests: bool) -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("model");
        unpack(&packed(always(1.0)), &folder);
        if !has_digests {
            remove_digests(&folder);
        }
        let fingerprint = Fingerprint::from_path(&folder);
        let endpoint = Arc::new(Endpoint::new("a", read(&folder).unwrap()).unwrap());
        let watcher = Watcher::new(endpoint.clone(), folder.clone(), fingerprint);
        Self { root, folder, endpoint, watcher }
    }

    /// Unpacks another model beside it.
    fn next(&self, label: f64, has_digests: bool) -> PathBuf {
        let next = self.root.path().join("next");
        unpack(&packed(always(label)), &next);
        if !has_digests {
            remove_digests(&next);
        }
        next
    }

    fn copy(&self, from: &Path, file: &str) {
        replace(&self.folder.join(file), &fs::read(from.join(file)).unwrap());
    }

    fn copy_all(&self, from: &Path) {
        for file in FILES {
            self.copy(from, file);
        }
    }

    /// Looks once.
    fn poll(&mut self) -> f64 {
        self.watcher.poll();
        self.endpoint.model().unwrap().predict(&[1.0, 2.0]).unwrap()
    }

    /// Looks for as long as it takes until a folder that is left alone is read.
    fn settle(&mut self) -> f64 {
        for _ in 0..4 {
            self.poll();
        }
        self.poll()
    }
}

const FILES: [&str; 3] = ["model_algo-1", "model_algo-1-labels.npy", "model_algo-1.json"];

fn remove_digests(folder: &Path) {
    let path = folder.join("model_algo-1.json");
    let mut metadata: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    metadata.as_object_mut().unwrap().remove("sha256").unwrap();
    fs::write(path, metadata.to_string()).unwrap();
}

/// Makes a file older or newer than it is.
fn age(path: &Path, seconds: i64) {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let now = SystemTime::now();
    let time = if seconds < 0 { now - by } else { now + by };
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn folder_is_read_when_all_of_its_files_were_replaced() {
    for has_digests in [true, false] {
        // Any order: the metadata file need not be the last.
        for order in [[0, 1, 2], [2, 1, 0], [0, 2, 1]] {
            let mut watched = WatchedFolder::new(has_digests);
            assert_eq!(watched.settle(), 1.0);
            let next = watched.next(2.0, has_digests);
            for (step, file) in order.into_iter().enumerate() {
                watched.copy(&next, FILES[file]);
                age(&watched.folder.join(FILES[file]), step as i64);
                assert_eq!(watched.poll(), 1.0);
            }
            assert_eq!(watched.settle(), 2.0, "{order:?}, {has_digests}");
        }
    }
}

#[test]
fn mixture_of_two_models_is_never_served() {
    for has_digests in [true, false] {
        for file in ["model_algo-1", "model_algo-1-labels.npy"] {
            let mut watched = WatchedFolder::new(has_digests);
            let next = watched.next(2.0, has_digests);
            age(&watched.folder.join("model_algo-1.json"), -60);
            watched.copy(&next, file);
            assert_eq!(watched.settle(), 1.0);
            // The rest arrives later.
            watched.copy_all(&next);
            assert_eq!(watched.settle(), 2.0, "{file}, {has_digests}");
        }
    }
}

#[test]
fn foreign_folder_is_read_when_its_metadata_are_the_newest() {
    let mut watched = WatchedFolder::new(false);
    let next = watched.next(2.0, false);
    age(&watched.folder.join("model_algo-1.json"), -60);
    watched.copy(&next, "model_algo-1-labels.npy");
    assert_eq!(watched.settle(), 1.0);
    age(&watched.folder.join("model_algo-1.json"), 0);
    assert_eq!(watched.settle(), 2.0);
}

#[test]
fn missing_file_keeps_the_old_model() {
    let mut watched = WatchedFolder::new(true);
    fs::remove_file(watched.folder.join("model_algo-1-labels.npy")).unwrap();
    assert_eq!(watched.settle(), 1.0);
    let next = watched.next(3.0, true);
    fs::rename(&watched.folder, watched.root.path().join("last")).unwrap();
    fs::rename(&next, &watched.folder).unwrap();
    assert_eq!(watched.settle(), 3.0);
}

#[test]
fn other_files_in_the_folder_do_not_hide_the_models() {
    let mut watched = WatchedFolder::new(true);
    for i in 0..500 {
        fs::write(watched.folder.join(format!("a{i}")), "").unwrap();
        fs::write(watched.folder.join(format!("z{i}")), "").unwrap();
    }
    let next = watched.next(2.0, true);
    watched.copy_all(&next);
    assert_eq!(watched.settle(), 2.0);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_a_model_does_not_block() {
    let mut watched = Watched::new();
    fs::remove_file(&watched.path).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&watched.path).status().unwrap().success());
    let (report, reported) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let answers = watched.after_two_polls();
        fs::remove_file(&watched.path).unwrap();
        fs::write(&watched.path, packed(always(2.0))).unwrap();
        report.send([answers, watched.after_two_polls()])
    });
    let answers = reported.recv_timeout(Duration::from_mins(1)).expect("a poll does not wait for a writer");
    assert_eq!(answers, [[1.0, 1.0], [1.0, 2.0]]);
}

#[test]
fn a_renamed_file_of_the_same_size_and_time_is_another() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("model");
    unpack(&packed(always(1.0)), &folder);
    let labels = folder.join("model_algo-1-labels.npy");
    let (before, modified) =
        (Fingerprint::from_path(&folder), fs::metadata(&labels).unwrap().modified().unwrap());
    assert_eq!(before, Fingerprint::from_path(&folder));
    let mut contents = fs::read(&labels).unwrap();
    contents[128..].copy_from_slice(&2.0_f64.to_le_bytes());
    replace(&labels, &contents);
    File::options().write(true).open(&labels).unwrap().set_modified(modified).unwrap();
    let metadata = fs::metadata(&labels).unwrap();
    assert_eq!((metadata.len(), metadata.modified().unwrap()), (136, modified));
    assert_ne!(before, Fingerprint::from_path(&folder));
}

#[test]
fn a_missing_file_has_a_fingerprint_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let nothing = Fingerprint::from_path(&path);
    fs::write(&path, "").unwrap();
    let something = Fingerprint::from_path(&path);
    assert_ne!(nothing, something);
    assert_eq!(Fingerprint::from_path(&path), something);
    fs::remove_file(&path).unwrap();
    assert_eq!(Fingerprint::from_path(&path), nothing);
}
