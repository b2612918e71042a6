//! The hyperparameters that choose an index, a metric and a dimension reduction, and what they rule out.

use expect_test::expect;
use mysfits_knn::{IndexKind, Metric, Projection, ProjectionKind};

use super::fixture::{OptMl, check_accepted, check_refused};

/// A job of 300 samples of 8 features, enough for every index.
fn large() -> OptMl {
    let rows = (0..300u32).map(|i| {
        let feature = |j: u32| i.wrapping_mul(2_654_435_761).wrapping_add(j * 7919) % 97;
        let features: Vec<String> = (0..8).map(|j| feature(j).to_string()).collect();
        format!("{},{}\n", i % 3, features.join(","))
    });
    OptMl::new()
        .set("feature_dim", "8")
        .set("sample_size", "1000")
        .file("train/a.csv", rows.collect::<String>())
}

#[test]
fn every_metric_is_the_models() {
    for metric in Metric::ALL {
        for index_type in ["faiss.Flat", "faiss.IVFFlat"] {
            let job = large().sets(&[("index_metric", metric.as_str()), ("index_type", index_type)]);
            assert_eq!(job.train().hyperparameters().metric(), metric, "{index_type}");
        }
    }
    check_refused(
        &[("index_metric", "l2")],
        expect![
            "Customer Error: The value 'l2' is not valid for the 'index_metric' hyperparameter which accepts one of the following: 'L2', 'INNER_PRODUCT', 'COSINE'"
        ],
    );
}

#[test]
fn number_of_lists_and_probes_can_be_set() {
    let index = |values: &[(&str, &str)]| large().sets(values).train().hyperparameters().index();
    // The square root of 300 is 17.3.
    assert_eq!(index(&[("index_type", "faiss.IVFFlat")]), IndexKind::IvfFlat { n_lists: 17, n_probe: 5 });
    assert_eq!(
        index(&[("index_type", "faiss.IVFFlat"), ("sample_size", "99")]),
        IndexKind::IvfFlat { n_lists: 9, n_probe: 5 }
    );
    assert_eq!(
        index(&[
            ("index_type", "faiss.IVFFlat"),
            ("faiss_index_ivf_nlists", "20"),
            ("_faiss_index_nprobe", "3")
        ]),
        IndexKind::IvfFlat { n_lists: 20, n_probe: 3 }
    );
    assert_eq!(
        index(&[("index_type", "faiss.IVFPQ"), ("faiss_index_pq_m", "4"), ("faiss_index_ivf_nlists", "2")]),
        IndexKind::IvfPq { n_lists: 2, n_probe: 5, m: 4 }
    );
    check_refused(
        &[("faiss_index_ivf_nlists", "0")],
        expect![
            "Customer Error: The value '0' is not valid for the 'faiss_index_ivf_nlists' hyperparameter which expects one of the following: a whole number, at least 1"
        ],
    );
    check_refused(
        &[("faiss_index_ivf_nlists", "many")],
        expect![
            "Customer Error: The value 'many' is not valid for the 'faiss_index_ivf_nlists' hyperparameter which expects one of the following: a whole number, at least 1"
        ],
    );
    check_refused(
        &[("_faiss_index_nprobe", "0")],
        expect![
            "Customer Error: The value '0' is not valid for the '_faiss_index_nprobe' hyperparameter which expects one of the following: a whole number, at least 1"
        ],
    );
    check_refused(
        &[("index_type", "faiss.HNSW")],
        expect![
            "Customer Error: The value 'faiss.HNSW' is not valid for the 'index_type' hyperparameter which accepts one of the following: 'faiss.Flat', 'faiss.IVFFlat', 'faiss.IVFPQ'"
        ],
    );
    check_refused(
        &[("index_type", "faiss.IVFFlat"), ("faiss_index_ivf_nlists", "5")],
        expect![
            "Customer Error: hyperparameter faiss_index_ivf_nlists is 5; it must be at most the number of rows, 4: lower it, or raise sample_size"
        ],
    );
}

#[test]
fn product_quantisation_has_its_own_rules() {
    check_refused(
        &[("faiss_index_pq_m", "4")],
        expect![
            "Customer Error: Hyperparameter 'faiss_index_pq_m' should only be set when 'index_type' = 'faiss.IVFPQ': set that, or remove it"
        ],
    );
    check_refused(
        &[("index_type", "faiss.IVFFlat"), ("faiss_index_pq_m", "4")],
        expect![
            "Customer Error: Hyperparameter 'faiss_index_pq_m' should only be set when 'index_type' = 'faiss.IVFPQ': set that, or remove it"
        ],
    );
    check_refused(
        &[("index_type", "faiss.IVFPQ")],
        expect![
            "Customer Error: No value(s) were specified for 'faiss_index_pq_m' which are required hyperparameter(s) (caused by ValidationError): it must be one of [1, 2, 3, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96], because index_type is faiss.IVFPQ"
        ],
    );
    check_refused(
        &[("index_type", "faiss.IVFPQ"), ("faiss_index_pq_m", "5")],
        expect![
            "Customer Error: The value '5' is not valid for the 'faiss_index_pq_m' hyperparameter which accepts one of the following: '1', '2', '3', '4', '8', '12', '16', '20', '24', '28', '32', '40', '48', '56', '64', '96'"
        ],
    );
    check_refused(
        &[("index_type", "faiss.IVFPQ"), ("faiss_index_pq_m", "4"), ("index_metric", "COSINE")],
        expect![
            "Customer Error: Hyperparameter 'index_metric' should be L2 when 'index_type' = 'faiss.IVFPQ': it is COSINE"
        ],
    );
    check_refused(
        &[("index_type", "faiss.IVFPQ"), ("faiss_index_pq_m", "2")],
        expect![
            "Customer Error: hyperparameter faiss_index_pq_m needs at least 256 rows to train its codes; there are 4: raise sample_size, or use index_type faiss.IVFFlat"
        ],
    );
    for m in ["1", "2", "3", "4", "8", "12", "16", "20", "24", "28", "32", "40", "48", "56", "64", "96"] {
        let job = large().sets(&[("index_type", "faiss.IVFPQ"), ("faiss_index_pq_m", m)]);
        let model = job.train();
        assert_eq!(model.feature_dim(), 8, "{m}: the padding is not the caller's");
        assert_eq!(model.predict(&[1.0; 8]), job.model().predict(&[1.0; 8]));
    }
}

#[test]
fn a_dimension_reduction_needs_a_target_below_the_dimension() {
    for (name, kind) in [("sign", ProjectionKind::Sign), ("fjlt", ProjectionKind::Fjlt)] {
        for (index_type, m) in [("faiss.Flat", None), ("faiss.IVFFlat", None), ("faiss.IVFPQ", Some("2"))] {
            let mut job = large().sets(&[
                ("dimension_reduction_type", name),
                ("dimension_reduction_target", "4"),
                ("index_type", index_type),
                ("_seed", "3"),
            ]);
            if let Some(m) = m {
                job = job.set("faiss_index_pq_m", m);
            }
            let model = job.train();
            let projection = Projection { kind, target_dim: 4, seed: 3 };
            assert_eq!(model.hyperparameters().projection(), Some(projection), "{index_type}");
            assert_eq!(model.feature_dim(), 8);
        }
    }
    check_accepted(&[("dimension_reduction_type", "none")]);
    check_accepted(&[("dimension_reduction_type", "sign"), ("dimension_reduction_target", "1")]);
    check_refused(
        &[("dimension_reduction_type", "sign")],
        expect![
            "Customer Error: No value(s) were specified for 'dimension_reduction_target' which are required hyperparameter(s) (caused by ValidationError): it must be a whole number from 1 to feature_dim - 1, because dimension_reduction_type is set"
        ],
    );
    check_refused(
        &[("dimension_reduction_target", "1")],
        expect![
            "Customer Error: Hyperparameter 'dimension_reduction_target' should only be set when 'dimension_reduction_type' = 'sign' or 'fjlt': set that, or remove it"
        ],
    );
    check_refused(
        &[("dimension_reduction_type", "none"), ("dimension_reduction_target", "1")],
        expect![
            "Customer Error: Hyperparameter 'dimension_reduction_target' should only be set when 'dimension_reduction_type' = 'sign' or 'fjlt': set that, or remove it"
        ],
    );
    check_refused(
        &[("dimension_reduction_type", "sign"), ("dimension_reduction_target", "2")],
        expect![
            "Customer Error: Hyperparameter 'dimension_reduction_target' should be less than 'feature_dim': it is 2, and feature_dim is 2"
        ],
    );
    check_refused(
        &[("dimension_reduction_type", "fjlt"), ("dimension_reduction_target", "0")],
        expect![
            "Customer Error: The value '0' is not valid for the 'dimension_reduction_target' hyperparameter which expects one of the following: a whole number, at least 1"
        ],
    );
    check_refused(
        &[("dimension_reduction_type", "pca"), ("dimension_reduction_target", "1")],
        expect![
            "Customer Error: The value 'pca' is not valid for the 'dimension_reduction_type' hyperparameter which accepts one of the following: 'none', 'sign', 'fjlt'"
        ],
    );
    // Where the data decide the dimension, it is they that the target is held against.
    check_refused(
        &[("feature_dim", "auto"), ("dimension_reduction_type", "sign"), ("dimension_reduction_target", "2")],
        expect![
            "Customer Error: hyperparameter dimension_reduction_target is 2; it must be at least 1 and less than feature_dim, 2"
        ],
    );
}
