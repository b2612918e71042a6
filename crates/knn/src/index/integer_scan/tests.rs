//! The search by integers against the scan, bit for bit, on data that is chosen against it.

use proptest::prelude::*;

use super::*;
use crate::index::{buffers::SearchBuffers, flat::FlatIndex, top_k::Candidate};

/// Returns the rows that are found for each query, and how many canonical scores were computed for all.
fn found(
    values: &[f32],
    queries: &[f32],
    dim: usize,
    k: usize,
    metric: Metric,
) -> (Vec<Vec<Candidate>>, usize) {
    let rows = IntegerRows::new(values, dim, metric).expect("enough rows and dimensions");
    let mut nearest: Vec<TopK> = queries.chunks(dim).map(|_| TopK::default()).collect();
    for nearest in &mut nearest {
        nearest.start(k);
    }
    let n_scored = rows.search(values, queries, &mut nearest, &mut QueryBuffers::default());
    let candidates = nearest.iter_mut().map(|nearest| {
        let mut candidates = Vec::new();
        nearest.finish(&mut candidates);
        candidates
    });
    (candidates.collect(), n_scored)
}

#[track_caller]
fn check(values: &[f32], queries: &[f32], dim: usize, k: usize, metric: Metric) -> usize {
    let (found, n_scored) = found(values, queries, dim, k, metric);
    let mut expected = Vec::new();
    FlatIndex::new(values.to_vec(), dim).search(
        k,
        metric,
        queries,
        &mut SearchBuffers::default(),
        |buffers| {
            expected.push(buffers.candidates.clone());
        },
    );
    assert_eq!(found, expected, "{metric}, dim {dim}, k {k}");
    n_scored
}

/// Numbers of a fixed linear congruential generator, from -1 to 1.
fn uniform(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

#[test]
fn few_rows_are_scored_on_random_data_with_any_offset() {
    for dim in [16, 54, 100, 784] {
        for offset in [0.0, 100.0, 10_000.0] {
            let mut number = uniform(7);
            let values: Vec<f32> = (0..3000 * dim).map(|_| number() + offset).collect();
            let queries: Vec<f32> = (0..9 * dim).map(|_| number() + offset).collect();
            let n_scored = check(&values, &queries, dim, 10, Metric::L2);
            assert!(n_scored < 9 * 150, "dim {dim}, offset {offset}: {n_scored}");
        }
        for metric in [Metric::InnerProduct, Metric::Cosine] {
            let mut number = uniform(8);
            let values: Vec<f32> = (0..1000 * dim).map(|_| number()).collect();
            let n_scored = check(&values, &values[..5 * dim], dim, 7, metric);
            assert!(n_scored < 5 * 200, "{metric} {dim}: {n_scored}");
        }
    }
}

#[test]
fn ties_of_duplicates_are_in_row_order() {
    let dim = 40;
    let mut number = uniform(3);
    let distinct: Vec<f32> = (0..5 * dim).map(|_| number()).collect();
    let values = distinct.repeat(300);
    let mut queries = distinct.clone();
    queries.extend((0..3 * dim).map(|_| number()));
    for k in [1, 10, 299, 301, 1024] {
        check(&values, &queries, dim, k, Metric::L2);
        check(&values, &queries, dim, k, Metric::InnerProduct);
    }
}

/// All rows are within some roundings of the same distance: the integers cannot tell them apart, so the scan answers.
#[test]
fn distances_that_differ_by_roundings_are_told_apart() {
    for (dim, offset) in [(32, 0.0), (100, 1000.0), (300, -3e5)] {
        let mut number = uniform(11);
        let base: Vec<f32> = (0..dim).map(|_| number() + offset).collect();
        let values: Vec<f32> = (0..2000)
            .flat_map(|row| {
                let mut near = base.clone();
                let at = row % dim;
                near[at] = if row % 3 == 0 { near[at].next_up() } else { near[at].next_down() };
                near
            })
            .collect();
        let mut queries = base.clone();
        queries.extend(base.iter().map(|v| v + 1.0));
        queries.extend((0..dim).map(|_| number() + offset));
        for k in [1, 10, 100] {
            check(&values, &queries, dim, k, Metric::L2);
        }
    }
}

#[test]
fn extremes_are_scanned() {
    let dim = 17;
    let mut number = uniform(5);
    let mut values: Vec<f32> = (0..200 * dim).map(|_| number()).collect();
    for (row, extreme) in [f32::MAX, f32::MIN, 1e30, -1e25, 1e19].into_iter().enumerate() {
        values[row * 30 * dim + row] = extreme;
    }
    let mut queries = values[..4 * dim].to_vec();
    queries.extend(values[30 * dim..31 * dim].iter());
    queries.extend((0..dim).map(|_| number() * 1e-42));
    for metric in [Metric::L2, Metric::InnerProduct] {
        for k in [1, 5, 200] {
            check(&values, &queries, dim, k, metric);
        }
    }
    for tiny in [1e-42, 1e-30, 1e-22, 1e-18] {
        let values: Vec<f32> = values.iter().map(|v| v.clamp(-1.0, 1.0) * tiny).collect();
        check(&values, &values[..9 * dim], dim, 5, Metric::L2);
    }
}

/// Data that are chosen against the bounds.
#[derive(Debug, Clone, Copy)]
enum Data {
    Normal,
    SmallIntegers,
    /// Numbers of all magnitudes, subnormal ones too.
    AnyBits,
    Offset(f32),
    /// Within two units in the last place of a number.
    NearlyEqual(f32),
    /// Some numbers near the largest.
    Outliers,
}

impl Data {
    fn generate(self, len: usize, seed: u64) -> Vec<f32> {
        let mut number = uniform(seed);
        let mut generate = || match self {
            Self::Normal => number() + number() + number(),
            Self::SmallIntegers => (number() * 4.0).trunc(),
            Self::AnyBits => (number() * 2.0).exp2() * 2f32.powf(number() * 148.0) * number().signum(),
            Self::Offset(offset) => offset + number(),
            Self::NearlyEqual(middle) => {
                let ulps = (number() * 3.0) as i32;
                (0..ulps.abs()).fold(middle, |v, _| if ulps > 0 { v.next_up() } else { v.next_down() })
            }
            Self::Outliers => {
                if number() > 0.99 {
                    number() * 3e38
                } else {
                    number()
                }
            }
        };
        (0..len).map(|_| generate().clamp(f32::MIN, f32::MAX)).collect()
    }
}

fn data() -> impl Strategy<Value = Data> {
    prop_oneof![
        Just(Data::Normal),
        Just(Data::SmallIntegers),
        Just(Data::AnyBits),
        (-1e6f32..1e6).prop_map(Data::Offset),
        (-1e6f32..1e6).prop_map(Data::NearlyEqual),
        Just(Data::Outliers),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn integers_and_scan_give_equal_bits(
        dim in 16..80usize,
        n_rows in ROWS..200,
        (data, seed) in (data(), any::<u64>()),
        // Queries are on the line through two rows: a row, between them, or as far from one as the other.
        between in prop::collection::vec((0..ROWS, 0..ROWS, 0..3u8), 1..11),
        k in 1..=210usize,
        metric in prop::sample::select(&Metric::ALL),
    ) {
        let values = data.generate(n_rows * dim, seed);
        let row = |row: usize| &values[row * dim..][..dim];
        let queries: Vec<f32> = between
            .iter()
            .flat_map(|&(a, b, half)| {
                // Differences of f32s do not overflow in f64.
                let point = move |(&x, &y): (&f32, &f32)| {
                    (f64::from(x) + f64::from(half) / 2.0 * (f64::from(y) - f64::from(x))) as f32
                };
                row(a).iter().zip(row(b)).map(point)
            })
            .collect();
        check(&values, &queries, dim, k, metric);
    }
}
