//! Flat indexes of every metric, in both directions.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::Path,
};

use mysfits_data::{DEFAULT_SEED, Distribution, Survey};
use mysfits_knn::{Dataset, Grid, GridAxis, Hyperparameters, Metric, Model};
use mysfits_sagemaker::artifact::Artifact;
use ndarray::{Array1, Array2, ArrayView1};
use serde_json::Map;

use crate::oracle::{
    cases, folder, is_close, metric, oracle, read_f32, read_ids, read_rows, widened, written_index,
};

const N_SAMPLES: usize = 100_000;
const K: usize = 10;
/// Of two measures nearer to each other than this, relatively, either may come first: faiss adds in another order.
const TOLERANCE: f64 = 1e-5;

#[test]
#[ignore = "needs a Python with faiss: cargo xtask test differential"]
fn faiss_finds_the_same_neighbours_in_our_artifact_for_all_entries() {
    let folder = folder("ours");
    let distribution = Distribution::from_prototypes();
    let (mut features, mut labels) = (Vec::new(), Vec::new());
    for sample in Survey::new(&distribution, DEFAULT_SEED).take(N_SAMPLES) {
        features.extend(sample.entry.features());
        labels.push(f64::from(sample.label.get()));
    }
    let features = Array2::from_shape_vec((N_SAMPLES, 5), features).unwrap();
    let labels = Array1::from(labels);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let model = Model::train(dataset, &Hyperparameters::classifier(K).check().unwrap()).unwrap();
    let artifact = Artifact { model, extra: Map::new() };
    artifact.write(File::create(folder.join("model.tar.gz")).unwrap()).unwrap();
    let model = artifact.model;

    let queries = Grid::new([GridAxis { min: 1, count: 8 }; 5]).unwrap().points();
    let bytes: Vec<u8> = queries.iter().flat_map(|value| value.to_le_bytes()).collect();
    fs::write(folder.join("queries.f32"), bytes).unwrap();
    oracle("search", &folder);

    let (ids, distances) = (read_ids(folder.join("ids.i64")), read_f32(folder.join("distances.f32")));
    let neighbours = model.neighbours_batch(queries.view()).unwrap();
    assert_eq!((neighbours.len(), ids.len(), distances.len()), (32_768, 32_768 * K, 32_768 * K));
    let theirs = ids.chunks_exact(K).zip(distances.chunks_exact(K));
    for ((query, ours), (ids, distances)) in queries.outer_iter().zip(&neighbours).zip(theirs) {
        assert_eq!(ours.iter().map(|n| n.row).collect::<Vec<_>>(), ids, "ids at {query}");
        assert_eq!(
            ours.iter().map(|n| n.score).collect::<Vec<_>>(),
            distances,
            "squared distances at {query}"
        );
    }
    let predicted = model.predict_batch(queries.view()).unwrap();
    assert_eq!(predicted, widened(read_f32(folder.join("predicted.f32"))));
}

#[test]
#[ignore = "needs a Python with faiss: cargo xtask test differential"]
fn artifacts_of_faiss_are_read_searched_and_written_as_faiss_does() {
    let folder = folder("theirs");
    oracle("make", &folder);
    let cases = cases(&folder);
    for (name, case) in &cases {
        check(name, case);
    }
    assert_eq!(
        cases.len(),
        8 * (2 + 2 + 1),
        "eight dimensions; L2 and inner product of whole and real, cosine of real"
    );
}

/// One artifact that faiss made: what it says, what is found in it, what we make of it.
fn check(name: &str, case: &Path) {
    let artifact = Artifact::read(File::open(case.join("model.tar.gz")).unwrap()).unwrap();
    let Artifact { model, .. } = &artifact;
    let metric = metric(name.split('-').next().unwrap());
    assert_eq!(model.hyperparameters().metric(), metric, "{name}");
    assert_eq!(model.labels().to_vec(), widened(read_f32(case.join("labels.f32"))), "{name}");

    let (k, dim) = (model.hyperparameters().k(), model.feature_dim());
    let queries = read_rows(case.join("queries.f32"), dim);
    let (ids, measures) = (read_ids(case.join("ids.i64")), read_f32(case.join("measures.f32")));
    let found = model.neighbours_batch(queries.view()).unwrap();
    assert_eq!((found.len() * k, found.len() * k), (ids.len(), measures.len()), "{name}");
    let theirs = ids.chunks_exact(k).zip(measures.chunks_exact(k));
    for ((query, ours), (ids, measures)) in queries.outer_iter().zip(&found).zip(theirs) {
        for (rank, (ours, (&id, &measure))) in ours.iter().zip(ids.iter().zip(measures)).enumerate() {
            let at =
                || format!("{name}, query {query}, rank {rank}: ours {ours:?}, faiss's {id} at {measure}");
            let tolerance = if name.ends_with("whole") { 0.0 } else { TOLERANCE };
            assert!(is_close(ours.score.into(), measure.into(), tolerance), "{}", at());
            // Of equal inner products faiss puts the higher row first, but which of them it keeps at the end of the
            // list depends on the order in which its heap met them: no rule. Ours is the lower row, for every metric.
            if name.ends_with("whole") && metric == Metric::L2 {
                assert_eq!(ours.row, id, "{}", at());
            } else {
                assert!(is_as_near(model, query, ours.row, id, tolerance), "{}", at());
            }
        }
    }

    // Where both found the same rows, they vote for the same label.
    let predicted = model.predict_batch(queries.view()).unwrap();
    let expected = widened(read_f32(case.join("predicted.f32")));
    for (query, (ours, ids)) in found.iter().zip(ids.chunks_exact(k)).enumerate() {
        let rows = |rows: &mut dyn Iterator<Item = usize>| rows.collect::<BTreeSet<_>>();
        if rows(&mut ours.iter().map(|neighbour| neighbour.row)) == rows(&mut ids.iter().copied()) {
            assert_eq!(predicted[query], expected[query], "{name}, query {query}");
        }
    }

    assert!(
        written_index(&artifact) == fs::read(case.join("model_algo-1")).unwrap(),
        "{name}: faiss writes other bytes"
    );
}

/// Whether the row is the one that faiss found, or one that is as near.
fn is_as_near(model: &Model, query: ArrayView1<'_, f32>, ours: usize, theirs: usize, tolerance: f64) -> bool {
    let wide = |vector: ArrayView1<'_, f32>| vector.mapv(f64::from);
    let query = wide(query);
    let measure = |row: usize| {
        let row = wide(model.features().unwrap().row(row));
        match model.hyperparameters().metric() {
            Metric::L2 => (&query - &row).mapv(|difference| difference.powi(2)).sum(),
            Metric::InnerProduct => query.dot(&row),
            Metric::Cosine => query.dot(&row) / query.dot(&query).sqrt(),
        }
    };
    ours == theirs || is_close(measure(ours), measure(theirs), tolerance)
}
