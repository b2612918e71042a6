//! Inverted files, in both directions: those of faiss read here, and those trained here read by faiss.

use std::{
    fs::{self, File},
    path::Path,
};

use mysfits_knn::{Dataset, Hyperparameters, Index, IndexKind, IndexView, Model};
use mysfits_sagemaker::artifact::Artifact;
use ndarray::{Array1, Array2};
use serde_json::Map;

use crate::oracle::{
    Case, cases, folder, is_close, oracle, read_f32, read_ids, read_rows, widened, written_index,
};

/// Of two measures nearer to each other than this, relatively, either may come first: faiss adds in another order.
const TOLERANCE: f64 = 1e-5;
/// Measures to coded rows are sums that faiss takes apart into terms that it computes beforehand: these may be much
/// larger than what they add up to.
const CODED_TOLERANCE: f64 = 1e-4;

#[test]
#[ignore = "needs a Python with faiss: cargo xtask test differential"]
fn inverted_files_go_both_ways() {
    let folder = folder("inverted");
    oracle("make-inverted", &folder);
    let cases = cases(&folder);
    assert!(cases.len() > 100, "{}", cases.len());
    for (name, case) in &cases {
        check_theirs(name, case);
        write_ours(case);
    }
    oracle("search-inverted", &folder);
    let mut n_ours = 0;
    for (name, case) in &cases {
        n_ours += usize::from(check_ours(name, case));
    }
    // All but those of too few rows to train with.
    assert_eq!(n_ours, cases.len() - 3);
}

/// An index that faiss trained: what is found in it, and that it is written as faiss writes it.
fn check_theirs(name: &str, folder: &Path) {
    let case = Case::read(folder);
    let artifact = Artifact::open(&folder.join("model.tar.gz")).unwrap();
    let Artifact { model, .. } = &artifact;
    assert_eq!(model.hyperparameters().metric(), case.metric, "{name}");
    assert_eq!(model.hyperparameters().index(), case.index, "{name}");
    assert_eq!(model.labels().to_vec(), widened(read_f32(folder.join("labels.f32"))), "{name}");
    check_found(name, folder, folder, model);
    let theirs = fs::read(folder.join("model_algo-1")).unwrap();
    assert!(written_index(&artifact) == theirs, "{name}: faiss writes other bytes");
}

/// Trains on the rows of a case and writes the artifact, if there are rows enough.
fn write_ours(folder: &Path) {
    let case = Case::read(folder);
    let rows = read_rows(folder.join("rows.f32"), case.dim);
    if rows.nrows() < 256 {
        return;
    }
    let artifact = train(&case, &rows, &widened(read_f32(folder.join("labels.f32"))), 0);
    let ours = folder.join("ours");
    fs::create_dir(&ours).unwrap();
    artifact.write(File::create(ours.join("model.tar.gz")).unwrap()).unwrap();
}

pub fn train(case: &Case, rows: &Array2<f32>, labels: &[f64], seed: u64) -> Artifact {
    let labels = Array1::from(labels.to_vec());
    let dataset = Dataset::new(rows.view(), labels.view()).unwrap();
    let parameters = Hyperparameters::classifier(case.k).metric(case.metric).index(case.index).seed(seed);
    let model = Model::train(dataset, &parameters.check().unwrap()).unwrap();
    Artifact { model, extra: Map::new() }
}

/// What faiss finds in the index that was trained here; whether there is one.
fn check_ours(name: &str, folder: &Path) -> bool {
    let ours = folder.join("ours");
    if !ours.exists() {
        return false;
    }
    let artifact = Artifact::open(&ours.join("model.tar.gz")).unwrap();
    check_found(&format!("{name}, ours"), folder, &ours, &artifact.model);
    true
}

/// Checks that the model finds what faiss found: in each place something as near, and the same row but where another
/// is as near.
fn check_found(name: &str, case: &Path, answers: &Path, model: &Model) {
    let k = model.hyperparameters().k();
    let tolerance = match model.hyperparameters().index() {
        IndexKind::IvfPq { .. } => CODED_TOLERANCE,
        _ => TOLERANCE,
    };
    let queries = read_rows(case.join("queries.f32"), model.feature_dim());
    let (ids, measures) = (read_ids(answers.join("ids.i64")), read_f32(answers.join("measures.f32")));
    let found = model.neighbours_batch(queries.view()).unwrap();
    let found_beyond = with_k(model, k + 100).neighbours_batch(queries.view()).unwrap();
    assert_eq!((found.len() * k, found.len() * k), (ids.len(), measures.len()), "{name}");
    let theirs = ids.chunks_exact(k).zip(measures.chunks_exact(k));
    let mut n_other = 0;
    for (query, ((ours, beyond), (ids, measures))) in found.iter().zip(&found_beyond).zip(theirs).enumerate()
    {
        assert_eq!(ours.len(), k, "{name}, query {query}");
        for (rank, (ours, (&id, &measure))) in ours.iter().zip(ids.iter().zip(measures)).enumerate() {
            let at =
                || format!("{name}, query {query}, rank {rank}: ours {ours:?}, faiss's {id} at {measure}");
            assert!(is_close(ours.score.into(), measure.into(), tolerance), "{}", at());
            if ours.row != id {
                n_other += 1;
                let theirs = beyond.iter().find(|neighbour| neighbour.row == id);
                let theirs = theirs.unwrap_or_else(|| panic!("{}, which is far away for us", at()));
                assert!(is_close(theirs.score.into(), measure.into(), tolerance), "{}", at());
            }
        }
    }
    // Real numbers hardly ever tie; codes do, the more the fewer there are.
    if !matches!(model.hyperparameters().index(), IndexKind::IvfPq { .. }) {
        assert!(n_other * 1000 <= ids.len(), "{name}: {n_other} of {} are others", ids.len());
    }
}

/// The same model asked for more neighbours.
fn with_k(model: &Model, k: usize) -> Model {
    let index = match model.index() {
        IndexView::Rows(rows) => Index::Rows(rows.to_owned()),
        IndexView::IvfFlat(ivf) => Index::IvfFlat(ivf.clone()),
        IndexView::IvfPq(ivf) => Index::IvfPq(ivf.clone()),
    };
    let parameters = Hyperparameters::classifier(k).metric(model.hyperparameters().metric()).check().unwrap();
    Model::from_index(index, model.labels().to_vec(), &parameters, model.feature_dim()).unwrap()
}
