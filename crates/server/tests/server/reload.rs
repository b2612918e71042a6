//! Models that are replaced on disk, by what is a model and by what is none.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use mysfits_sagemaker::Endpoint;
use mysfits_server::reload::{Fingerprint, Watcher, read};
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
        let fingerprint = Fingerprint::of(&path);
        let endpoint = Arc::new(Endpoint::new("a", read(&path).unwrap()).unwrap());
        let watcher = Watcher::new(endpoint.clone(), path.clone(), fingerprint);
        Self { _folder: folder, path, endpoint, watcher }
    }

    /// What the endpoint answers after each of two looks.
    fn after_two_looks(&mut self) -> [f32; 2] {
        [(); 2].map(|()| {
            self.watcher.look();
            self.answer()
        })
    }

    fn answer(&self) -> f32 {
        self.endpoint.model().predict(&[1.0, 2.0]).unwrap()
    }
}

#[test]
fn a_replaced_file_is_read_when_it_has_been_left_alone() {
    let mut watched = Watched::new();
    assert_eq!(watched.after_two_looks(), [1.0, 1.0]);
    replace(&watched.path, &packed(always(2.0)));
    assert_eq!(watched.after_two_looks(), [1.0, 2.0]);
    // Written anew between the looks: it has not been left alone.
    replace(&watched.path, &packed(always(3.0)));
    watched.watcher.look();
    replace(&watched.path, &packed(always(4.0)));
    assert_eq!(watched.after_two_looks(), [2.0, 4.0]);
}

#[test]
fn a_file_written_in_place_is_another_by_its_time() {
    let mut watched = Watched::new();
    fs::write(&watched.path, packed(always(2.0))).unwrap();
    let later = SystemTime::now() + Duration::from_secs(5);
    File::options().write(true).open(&watched.path).unwrap().set_modified(later).unwrap();
    assert_eq!(watched.after_two_looks(), [1.0, 2.0]);
}

#[test]
fn what_is_no_model_changes_nothing_until_it_is_mended() {
    let mut watched = Watched::new();
    let whole = packed(always(2.0));
    for broken in [&b"no model"[..], &[], &whole[..whole.len() / 2]] {
        replace(&watched.path, broken);
        assert_eq!(watched.after_two_looks(), [1.0, 1.0]);
    }
    fs::remove_file(&watched.path).unwrap();
    assert_eq!(watched.after_two_looks(), [1.0, 1.0]);
    replace(&watched.path, &whole);
    assert_eq!(watched.after_two_looks(), [1.0, 2.0]);
}

#[test]
fn requests_under_way_finish_with_the_model_they_began_with() {
    let mut watched = Watched::new();
    let began_with = watched.endpoint.model();
    replace(&watched.path, &packed(always(2.0)));
    assert_eq!(watched.after_two_looks(), [1.0, 2.0]);
    assert_eq!(began_with.predict(&[1.0, 2.0]), Ok(1.0));
}

#[test]
fn a_model_of_other_features_is_taken() {
    let mut watched = Watched::new();
    replace(&watched.path, &packed(model()));
    watched.watcher.look();
    watched.watcher.look();
    assert_eq!(watched.endpoint.model().feature_dim(), 5);
}

/// Unpacks a model into a folder, file by file, as it would be copied there.
fn unpack(bytes: &[u8], folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let archive = folder.with_extension("tar.gz");
    fs::write(&archive, bytes).unwrap();
    let done = std::process::Command::new("tar").arg("-xzmf").arg(&archive).arg("-C").arg(folder).status();
    assert!(done.unwrap().success());
}

#[test]
fn a_folders_files_are_watched_too() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("model");
    unpack(&packed(always(1.0)), &folder);
    let fingerprint = Fingerprint::of(&folder);
    let endpoint = Arc::new(Endpoint::new("a", read(&folder).unwrap()).unwrap());
    let mut watcher = Watcher::new(endpoint.clone(), folder.clone(), fingerprint);
    let mut looks = || {
        watcher.look();
        watcher.look();
        endpoint.model().predict(&[1.0, 2.0]).unwrap()
    };
    assert_eq!(looks(), 1.0);
    // Only one of the three is another.
    replace(&folder.join("model_algo-1.labels"), &2.0_f32.to_le_bytes());
    assert_eq!(looks(), 2.0);
    // While one is missing, the old model serves on.
    fs::remove_file(folder.join("model_algo-1.labels")).unwrap();
    assert_eq!(looks(), 2.0);
    // The whole folder is swapped.
    let next = root.path().join("next");
    unpack(&packed(always(3.0)), &next);
    fs::rename(&folder, root.path().join("last")).unwrap();
    fs::rename(&next, &folder).unwrap();
    assert_eq!(looks(), 3.0);
}

#[test]
fn a_file_of_the_same_size_and_time_is_another_if_it_was_renamed_there() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("model");
    unpack(&packed(always(1.0)), &folder);
    let labels = folder.join("model_algo-1.labels");
    let (before, modified) = (Fingerprint::of(&folder), fs::metadata(&labels).unwrap().modified().unwrap());
    assert_eq!(before, Fingerprint::of(&folder));
    replace(&labels, &2.0_f32.to_le_bytes());
    File::options().write(true).open(&labels).unwrap().set_modified(modified).unwrap();
    let metadata = fs::metadata(&labels).unwrap();
    assert_eq!((metadata.len(), metadata.modified().unwrap()), (4, modified));
    assert_ne!(before, Fingerprint::of(&folder));
}

#[test]
fn what_is_not_there_has_a_fingerprint_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let nothing = Fingerprint::of(&path);
    fs::write(&path, "").unwrap();
    let something = Fingerprint::of(&path);
    assert_ne!(nothing, something);
    assert_eq!(Fingerprint::of(&path), something);
    fs::remove_file(&path).unwrap();
    assert_eq!(Fingerprint::of(&path), nothing);
}
