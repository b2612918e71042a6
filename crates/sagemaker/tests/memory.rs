//! What reading an artifact takes of the memory: in the order of what there is, whatever it says of itself.
//!
//! In a binary of its own, because it counts what the whole process allocates; its tests wait for one another.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test, in its helpers too")]

use std::{
    io::{Read as _, Write as _},
    sync::{Mutex, PoisonError},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use mysfits_knn::{Dataset, Hyperparameters, HyperparametersBuilder, IndexKind, Model};
use mysfits_sagemaker::artifact::{Artifact, ArtifactError};
use ndarray::{Array1, Array2};
use peak_alloc::PeakAlloc;
use serde_json::Map;
use tar::Header;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

static ALONE: Mutex<()> = Mutex::new(());

const MIB: usize = 1 << 20;

/// Runs a test while no other runs.
fn alone(test: impl FnOnce()) {
    let _guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    test();
}

/// The result, and by how many bytes the memory in use grew at most on the way to it.
fn measured<T>(read: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let result = read();
    (result, ALLOCATOR.peak_usage().saturating_sub(before))
}

const NAMES: [&str; 3] = ["model_algo-1", "model_algo-1-labels.npy", "model_algo-1.json"];

/// The contents of the three files of a model of scattered rows.
fn files(parameters: HyperparametersBuilder, n_samples: usize, feature_dim: usize) -> [Vec<u8>; 3] {
    let features = Array2::from_shape_fn((n_samples, feature_dim), |(row, column)| {
        ((row * 7919 + column * 104_729 + row * row * 31) % 1021) as f32 / 16.0
    });
    let labels = Array1::from_shape_fn(n_samples, |row| (row % 5) as f64);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let model = Model::train(dataset, &parameters.check().unwrap()).unwrap();
    let mut archive = Vec::new();
    Artifact { model, extra: Map::new() }.write(&mut archive).unwrap();
    let [index, labels, metadata] = NAMES.map(|name| {
        let mut archive = tar::Archive::new(GzDecoder::new(archive.as_slice()));
        let mut entries = archive.entries().unwrap().map(Result::unwrap);
        let mut contents = Vec::new();
        let mut entry = entries.find(|entry| entry.path_bytes() == name.as_bytes()).unwrap();
        entry.read_to_end(&mut contents).unwrap();
        contents
    });
    // Without digests, by which a changed index would be refused before it is parsed.
    let json = String::from_utf8(metadata).unwrap();
    let (before, digests) = json.split_once(",\n  \"sha256\": {").unwrap();
    let (_, after) = digests.split_once('}').unwrap();
    [index, labels, [before, after].concat().into_bytes()]
}

fn size(files: &[Vec<u8>; 3]) -> usize {
    files.iter().map(Vec::len).sum()
}

fn read(files: &[Vec<u8>; 3]) -> Result<Artifact, ArtifactError> {
    Artifact::from_files(&files[0], &files[1], &files[2])
}

/// A tar of files, whose headers say that they are as large as they are, or as stated.
fn tar(files: &[(&str, &[u8], Option<u64>)]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, contents, stated_size) in files {
        let mut header = Header::new_gnu();
        header.set_path(name).unwrap();
        header.set_size(stated_size.unwrap_or(contents.len() as u64));
        header.set_mode(0o644);
        header.set_cksum();
        tar.extend(header.as_bytes());
        tar.extend(*contents);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

const IVF_FLAT: IndexKind = IndexKind::IvfFlat { n_lists: 5, n_probe: 2 };
const IVF_PQ: IndexKind = IndexKind::IvfPq { n_lists: 5, n_probe: 2, m: 2 };

#[test]
fn a_number_that_lies_costs_nothing() {
    alone(|| {
        let lies = [u64::MAX, i64::MAX as u64, 1 << 40, u64::from(u32::MAX), 1 << 31, 1 << 20];
        for kind in [IndexKind::Flat, IndexKind::KdTree, IVF_FLAT, IVF_PQ] {
            let files = files(Hyperparameters::classifier(3).index(kind), 300, 4);
            let size = size(&files);
            let mut n_refused = 0;
            // Every number of the header, of the parts' headers and of the lists stands among the first or last bytes.
            let len = files[0].len();
            for at in (0..400).chain(len - 400..len - 8) {
                for lie in lies {
                    let mut files = files.clone();
                    files[0][at..at + 8].copy_from_slice(&lie.to_le_bytes());
                    let (result, peak) = measured(|| read(&files));
                    n_refused += usize::from(result.is_err());
                    assert!(peak < 8 * size + MIB / 4, "{kind:?}: {lie:#x} at {at}: {peak} of {size} bytes");
                }
            }
            assert!(n_refused > 500, "{kind:?}: {n_refused}");
        }
    });
}

#[test]
fn metadata_that_lie_cost_nothing() {
    alone(|| {
        let [index, labels, _] = files(Hyperparameters::classifier(3).index(IVF_PQ), 300, 4);
        for lie in [
            r#""feature_dim": 1000000000000"#,
            r#""dimension_reduction": {"projection": "mysfits-1", "type": "sign", "seed": 1, "target_dim": 4, "input_dim": 60000000}"#,
            r#""dimension_reduction": {"projection": "mysfits-1", "type": "fjlt", "seed": 1, "target_dim": 4, "input_dim": 60000000}"#,
            r#""dimension_reduction": {"projection": "mysfits-1", "type": "sign", "seed": 1, "target_dim": 1000000000, "input_dim": 2000000000}"#,
        ] {
            let json = format!(r#"{{"k": 1024, "predictor_type": "classifier", "version": "1.0", {lie}}}"#);
            let files = [index.clone(), labels.clone(), json.into_bytes()];
            let (_, peak) = measured(|| read(&files));
            assert!(peak < 8 * size(&files) + MIB / 4, "{lie}: {peak} bytes");
        }
        // As much as is read of it: a mebibyte of small values, each of which costs more than its two characters.
        let json = format!(r#"{{"x": [{}1]}}"#, "1,".repeat(MIB / 2 - 8));
        assert!(json.len() <= MIB);
        let (result, peak) = measured(|| Artifact::from_files(&index, &labels, json.as_bytes()));
        assert!(result.is_err() && peak < 64 * MIB, "{peak} bytes");
    });
}

#[test]
fn a_model_costs_little_more_than_it_is_long() {
    alone(|| {
        for kind in [IndexKind::Flat, IVF_FLAT, IVF_PQ] {
            let files = files(Hyperparameters::classifier(3).index(kind), 40_000, 32);
            let size = size(&files);
            let (artifact, peak) = measured(|| read(&files).unwrap());
            drop(artifact);
            assert!(peak < 2 * size + MIB, "{kind:?}: {peak} of {size} bytes");
            let contents = [0, 1, 2].map(|i| (NAMES[i], files[i].as_slice(), None));
            let archive = gzip(&tar(&contents));
            let (artifact, peak) = measured(|| Artifact::read(archive.as_slice()).unwrap());
            drop(artifact);
            assert!(peak < 3 * size + MIB, "{kind:?}, from an archive: {peak} of {size} bytes");
        }
    });
}

#[test]
fn archives_that_promise_much_cost_nothing() {
    alone(|| {
        let [index, labels, metadata] = files(Hyperparameters::classifier(3), 40, 3);
        for stated in [1 << 20, 1 << 30, 1 << 33, 1 << 40, u64::MAX] {
            let archive = gzip(&tar(&[
                (NAMES[1], &labels, None),
                (NAMES[2], &metadata, None),
                (NAMES[0], &index, Some(stated)),
            ]));
            let (result, peak) = measured(|| Artifact::read(archive.as_slice()));
            assert!(result.is_err() && peak < MIB, "{stated}: {peak} bytes");
        }
    });
}

#[test]
fn a_bomb_costs_no_more_than_an_archive_may() {
    alone(|| {
        let mut archive = gzip(&tar(&[(NAMES[0], &[], Some(1 << 33))])[..512]);
        let zeros = gzip(&vec![0; 16 * MIB]);
        (0..64).for_each(|_| archive.extend(&zeros));
        let (result, peak) = measured(|| Artifact::read(archive.as_slice()));
        assert!(matches!(result, Err(ArtifactError::DecompressionBomb { .. })), "{result:?}");
        assert!(peak < 256 * MIB, "{peak} bytes for {}", archive.len());
    });
}

#[test]
fn what_shrinks_well_is_no_bomb() {
    alone(|| {
        let metadata = br#"{"k": 1, "predictor_type": "classifier", "version": "1.0"}"#;
        // Zeros within the allowance and beyond it; rows with few numbers that are not zero.
        let sizes = [(1000, 10_000, usize::MAX), (3000, 10_000, usize::MAX), (2000, 10_000, 61)];
        for (n_samples, dim, every) in sizes {
            let mut index = b"IxF2".to_vec();
            index.extend((dim as i32).to_le_bytes());
            index.extend((n_samples as i64).to_le_bytes());
            index.extend([0; 16]);
            index.push(1);
            index.extend(1i32.to_le_bytes());
            index.extend((n_samples as u64 * dim as u64).to_le_bytes());
            index.resize(45 + n_samples * dim * 4, 0);
            for (number, value) in index[45..].as_chunks_mut::<4>().0.iter_mut().enumerate() {
                if number % every == every - 1 {
                    *value = ((number * 7919 % 1021) as f32).to_le_bytes();
                }
            }
            let archive = gzip(&tar(&[
                (NAMES[0], &index, None),
                ("model_algo-1.labels", &vec![0; 4 * n_samples], None),
                (NAMES[2], metadata, None),
            ]));
            let artifact = Artifact::read(archive.as_slice()).unwrap();
            assert_eq!((artifact.model.n_samples(), artifact.model.feature_dim()), (n_samples, dim));
        }
    });
}

#[test]
fn refuses_sparse_samples_of_another_width_without_allocating_them() {
    use mysfits_sagemaker::codec::{ContentType, decode_for};

    let instance = r#"{"data":{"features":{"keys":[],"shape":[65536],"values":[]}}}"#;
    let body = format!(r#"{{"instances":[{}]}}"#, [instance; 263].join(","));
    alone(|| {
        let (result, grown) = measured(|| decode_for(&ContentType::Json, body.as_bytes(), 5));
        assert_eq!(result.unwrap_err().to_string(), "a sample has 65536 features; the model has 5");
        assert!(grown < MIB, "{grown} bytes");
    });
}
