//! Recall: of the rows that are truly nearest, how many does an inverted file find that was trained here, and how
//! many one that faiss trained with the same numbers of lists and probes?

use std::fs;

use mysfits_knn::Metric;
use ndarray::{Array2, ArrayView1, Axis};

use crate::{
    inverted::train,
    oracle::{Case, cases, folder, is_close, oracle, read_f32, read_found, read_rows},
};

/// How much less is the same: two points.
const MARGIN: f64 = 0.02;
/// Of two measures nearer to each other than this, relatively, either may be the lower: faiss adds in f32.
const TOLERANCE: f64 = 1e-6;

#[test]
#[ignore = "needs a Python with faiss: cargo xtask test differential"]
fn inverted_files_find_as_much_as_those_of_faiss() {
    let folder = folder("recall");
    oracle("recall", &folder);
    let cases = cases(&folder);
    assert!(cases.len() > 20, "{}", cases.len());
    let mut table = String::from("ours    faiss's\n");
    let mut is_worse = false;
    for (name, folder) in &cases {
        let case = Case::read(folder);
        let rows = read_rows(folder.join("rows.f32"), case.dim);
        let queries = read_rows(folder.join("queries.f32"), case.dim);
        let farthest = read_f32(folder.join("farthest.f32"));
        let recall = |ids: &[Option<usize>]| recall(&case, &rows, &queries, &farthest, ids);

        let seed_ids = |seed| folder.join(format!("ids-{seed}.i64"));
        let n_seeds = (0..1000).take_while(|&seed| seed_ids(seed).exists()).count();
        assert!(n_seeds >= 3, "{name}: one seed is an accident");
        let mean = |ids: &dyn Fn(usize) -> Vec<Option<usize>>| {
            (0..n_seeds).map(|seed| recall(&ids(seed))).sum::<f64>() / n_seeds as f64
        };
        let theirs = mean(&|seed| read_found(seed_ids(seed)));
        let labels = vec![0.0; rows.nrows()];
        let ours = mean(&|seed| {
            let model = train(&case, &rows, &labels, seed as u64).model;
            let found = model.neighbours_batch(queries.view()).unwrap();
            found.iter().flatten().map(|neighbour| Some(neighbour.row)).collect()
        });
        is_worse |= ours < theirs - MARGIN;
        table.push_str(&format!("{ours:.4}  {theirs:.4}  {name}\n"));
    }
    fs::write(folder.join("recall.txt"), &table).unwrap();
    assert!(!is_worse, "{table}");
}

/// How many of the found rows are among the k nearest, or as near as the last of these.
fn recall(
    case: &Case,
    rows: &Array2<f32>,
    queries: &Array2<f32>,
    farthest: &[f32],
    ids: &[Option<usize>],
) -> f64 {
    assert_eq!((farthest.len(), ids.len()), (queries.nrows(), queries.nrows() * case.k));
    let found = queries.axis_iter(Axis(0)).zip(farthest).zip(ids.chunks_exact(case.k));
    let n_right = |((query, &farthest), ids): ((ArrayView1<'_, f32>, &f32), &[Option<usize>])| {
        let farthest = f64::from(farthest);
        let is_near = |&id: &usize| {
            let measure = measure(case.metric, query, rows.row(id));
            let is_nearer = if case.metric == Metric::L2 { measure < farthest } else { measure > farthest };
            is_nearer || is_close(measure, farthest, TOLERANCE)
        };
        ids.iter().copied().flatten().filter(is_near).count()
    };
    found.map(n_right).sum::<usize>() as f64 / ids.len() as f64
}

fn measure(metric: Metric, a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>) -> f64 {
    let pairs = a.iter().zip(b).map(|(&a, &b)| (f64::from(a), f64::from(b)));
    match metric {
        Metric::L2 => pairs.map(|(a, b)| (a - b) * (a - b)).sum(),
        Metric::InnerProduct | Metric::Cosine => pairs.map(|(a, b)| a * b).sum(),
    }
}
