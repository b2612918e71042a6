//! Running faiss, reading what it wrote, and comparing with it.

use std::{
    env, fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::read::GzDecoder;
use mysfits_knn::{IndexKind, Metric};
use mysfits_sagemaker::artifact::Artifact;
use ndarray::Array2;
use serde_json::Value;

/// The oracle's folder for a test, empty.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faiss").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs a command of the oracle; panics with what it wrote if it fails.
pub fn oracle(command: &str, folder: &Path) {
    let python = env::var_os("MYSFITS_PYTHON").expect(
        "MYSFITS_PYTHON is not set: it names a Python interpreter that has faiss. \
         Run `cargo xtask test`, which installs one and sets it",
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../xtask/python/faiss_oracle.py");
    let output = Command::new(&python).arg(script).arg(command).arg(folder).output();
    let output = output.unwrap_or_else(|error| panic!("cannot run {}: {error}", python.display()));
    assert!(
        output.status.success(),
        "faiss_oracle.py {command}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

pub fn read_f32(path: PathBuf) -> Vec<f32> {
    let bytes = fs::read(path).unwrap();
    bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
}

/// Labels as the model holds them.
pub fn widened(labels: Vec<f32>) -> Vec<f64> {
    labels.into_iter().map(f64::from).collect()
}

pub fn read_rows(path: PathBuf, dim: usize) -> Array2<f32> {
    let values = read_f32(path);
    Array2::from_shape_vec((values.len() / dim, dim), values).unwrap()
}

/// The rows that faiss found; `None` if the scanned lists hold too few.
pub fn read_found(path: PathBuf) -> Vec<Option<usize>> {
    let bytes = fs::read(path).unwrap();
    bytes.as_chunks().0.iter().map(|&bytes| usize::try_from(i64::from_le_bytes(bytes)).ok()).collect()
}

pub fn read_ids(path: PathBuf) -> Vec<usize> {
    read_found(path).into_iter().map(|id| id.expect("faiss found enough rows")).collect()
}

/// The folders of the cases that the oracle made, each with its name, in order.
pub fn cases(folder: &Path) -> Vec<(String, PathBuf)> {
    let case = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), entry.path())
    };
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(case).collect();
    cases.sort();
    cases
}

/// The index as it stands in an artifact that we write.
pub fn written_index(artifact: &Artifact) -> Vec<u8> {
    let mut written = Vec::new();
    artifact.write(&mut written).unwrap();
    let mut archive = tar::Archive::new(GzDecoder::new(written.as_slice()));
    let mut index = Vec::new();
    let mut entries = archive.entries().unwrap().map(Result::unwrap);
    entries.find(|e| e.path_bytes().as_ref() == b"model_algo-1").unwrap().read_to_end(&mut index).unwrap();
    index
}

/// Relative to the larger, and to 1 where both are less: an inner product may cancel to almost nothing.
pub fn is_close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}

/// What the oracle's cases are made with.
pub struct Case {
    pub metric: Metric,
    pub dim: usize,
    pub index: IndexKind,
    pub k: usize,
}

impl Case {
    pub fn read(folder: &Path) -> Self {
        let case: Value = serde_json::from_slice(&fs::read(folder.join("case.json")).unwrap()).unwrap();
        let number = |name: &str| usize::try_from(case[name].as_u64().unwrap()).unwrap();
        let (n_lists, n_probe, m) = (number("n_lists"), number("n_probe"), number("m"));
        Self {
            metric: metric(case["metric"].as_str().unwrap()),
            dim: number("dim"),
            index: match case["kind"].as_str().unwrap() {
                "ivf_flat" => IndexKind::IvfFlat { n_lists, n_probe },
                "ivf_pq" => IndexKind::IvfPq { n_lists, n_probe, m },
                kind => panic!("{kind}"),
            },
            k: number("k"),
        }
    }
}

/// The metric that the oracle names so.
pub fn metric(name: &str) -> Metric {
    match name {
        "l2" => Metric::L2,
        "inner_product" => Metric::InnerProduct,
        "cosine" => Metric::Cosine,
        name => panic!("{name}"),
    }
}
