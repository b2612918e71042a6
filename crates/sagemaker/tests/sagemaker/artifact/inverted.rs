//! Inverted files that are damaged, or that lie. The offsets are those of `IVFFlat` and `IVFPQ` of 4 numbers in 3
//! lists.

use expect_test::{Expect, expect};
use mysfits_knn::Metric;
use proptest::prelude::*;

use super::{Artifact, File, check_changed_of, files_of, ivf_flat, ivf_pq, queries, read_files, written};
use crate::support::causes;

/// Where the parts begin that both have, and those of the lists of an `IVFFlat`.
const N_LISTS: usize = 37;
const N_PROBE: usize = 45;
const QUANTIZER: usize = 53;
const CENTROIDS: usize = 98;
const DIRECT_MAP: usize = 146;
const LISTS: usize = 155;
const SIZES: usize = 175;
const FIRST_LIST: usize = 211;
/// Those of the product quantizer and the lists of an `IVFPQ`.
const PRODUCT_QUANTIZER: usize = 155;
const CODEBOOKS: usize = 196;
const PQ_LISTS: usize = CODEBOOKS + 4096;

fn put(at: usize, bytes: impl Into<Vec<u8>>) -> impl FnOnce(&mut Vec<u8>) {
    let bytes = bytes.into();
    move |contents| contents[at..at + bytes.len()].copy_from_slice(&bytes)
}

fn number(number: u64) -> [u8; 8] {
    number.to_le_bytes()
}

/// Checks that a changed index is refused, and why; that it is the index which cannot be read is left out.
#[track_caller]
fn check(artifact: &Artifact, change: impl FnOnce(&mut Vec<u8>), expected: Expect) {
    let mut files = files_of(artifact);
    change(&mut files[0].contents);
    let error = causes(&read_files(&files).unwrap_err());
    expected.assert_eq(error.strip_prefix("the index cannot be read: ").unwrap_or(&error));
}

#[track_caller]
fn check_flat(change: impl FnOnce(&mut Vec<u8>), expected: Expect) {
    check(&ivf_flat(Metric::L2), change, expected);
}

#[track_caller]
fn check_pq(change: impl FnOnce(&mut Vec<u8>), expected: Expect) {
    check(&ivf_pq(), change, expected);
}

#[test]
fn the_header() {
    check_flat(
        put(0, *b"IvFl"),
        expect![[r#"the kind of index is "IvFl"; it must be IxF2 or IxFI or IwFl or IwPQ"#]],
    );
    check_flat(put(4, 0i32.to_le_bytes()), expect!["d is 0; it must be at least 1"]);
    check_flat(put(4, i32::MIN.to_le_bytes()), expect!["d is -2147483648; it must be at least 1"]);
    check_flat(
        put(4, i32::MAX.to_le_bytes()),
        expect!["the coarse quantizer's d is 4; it must be 2147483647, as the index's"],
    );
    check_flat(put(8, (-1i64).to_le_bytes()), expect!["ntotal is -1; it must be from 0 to 4294967295"]);
    check_flat(
        put(8, i64::MAX.to_le_bytes()),
        expect!["ntotal is 9223372036854775807; it must be from 0 to 4294967295"],
    );
    check_flat(put(8, number(41)), expect!["the sum of the list sizes is 40; it must be 41, the ntotal"]);
    check_flat(put(8, number(0)), expect!["the sum of the list sizes is 40; it must be 0, the ntotal"]);
    check_flat(put(32, [0]), expect!["is_trained is 0; it must be 1: only a trained index predicts"]);
    check_flat(put(32, [2]), expect!["is_trained is 2; it must be 1: only a trained index predicts"]);
    check_flat(
        put(33, 0i32.to_le_bytes()),
        expect![[r#"the kind of coarse quantizer is "IxF2"; it must be IxFI"#]],
    );
    check_flat(put(33, 23i32.to_le_bytes()), expect![[r#"metric_type is 23; it must be 0 or 1 in "IwFl""#]]);
    check_pq(put(33, 0i32.to_le_bytes()), expect![[r#"metric_type is 0; it must be 1 in "IwPQ""#]]);
}

#[test]
fn lists_and_probes() {
    check_flat(put(N_LISTS, number(0)), expect!["nlist is 0; it must be from 1 to 4294967295"]);
    check_flat(
        put(N_LISTS, number(4)),
        expect!["the coarse quantizer's ntotal is 3; it must be 4, the index's nlist"],
    );
    check_flat(
        put(N_LISTS, number(u64::MAX)),
        expect!["nlist is 18446744073709551615; it must be from 1 to 4294967295"],
    );
    check_flat(put(N_PROBE, number(0)), expect!["nprobe is 0; it must be from 1 to 4294967295"]);
    check_flat(
        put(N_PROBE, number(u64::MAX)),
        expect!["nprobe is 18446744073709551615; it must be from 1 to 4294967295"],
    );
}

#[test]
fn more_probes_than_lists_mean_all() {
    let mut files = files_of(&ivf_flat(Metric::L2));
    put(N_PROBE, number(5))(&mut files[0].contents);
    let five = read_files(&files).unwrap();
    assert_eq!(files_of(&five)[0].contents, files[0].contents);
    put(N_PROBE, number(3))(&mut files[0].contents);
    let all = read_files(&files).unwrap();
    let neighbours = |artifact: &Artifact| artifact.model.neighbours_batch(queries(4).view()).unwrap();
    assert_eq!(neighbours(&five), neighbours(&all));
    put(N_PROBE, number(1))(&mut files[0].contents);
    assert_ne!(neighbours(&read_files(&files).unwrap()), neighbours(&all));
}

#[test]
fn the_coarse_quantizer() {
    check_flat(
        put(QUANTIZER, *b"IxFI"),
        expect![[r#"the kind of coarse quantizer is "IxFI"; it must be IxF2"#]],
    );
    check_flat(
        put(QUANTIZER, *b"IwFl"),
        expect![[r#"the kind of coarse quantizer is "IwFl"; it must be IxF2"#]],
    );
    check_flat(
        put(QUANTIZER + 4, 5i32.to_le_bytes()),
        expect!["the coarse quantizer's d is 5; it must be 4, as the index's"],
    );
    check_flat(
        put(QUANTIZER + 8, number(2)),
        expect!["the coarse quantizer's ntotal is 2; it must be 3, the index's nlist"],
    );
    check_flat(
        put(QUANTIZER + 37, number(11)),
        expect!["the number of floats (ntotal × d) is 11; it must be 12"],
    );
    check_flat(
        put(QUANTIZER + 37, number(1 << 62)),
        expect!["the number of floats (ntotal × d) is 4611686018427387904; it must be 12"],
    );
    check_flat(
        put(CENTROIDS + 20, f32::NAN.to_le_bytes()),
        expect!["number 5 of the index's centroids is NaN; every number must be finite"],
    );
    check_pq(
        put(CENTROIDS, f32::INFINITY.to_le_bytes()),
        expect!["number 0 of the index's centroids is inf; every number must be finite"],
    );
}

#[test]
fn the_direct_map() {
    check_flat(put(DIRECT_MAP, [3]), expect!["the direct map's type is 3; it must be 0, 1 or 2"]);
    check_flat(
        put(DIRECT_MAP + 1, number(u64::MAX)),
        expect!["the direct map's array at byte 155 needs 147573952589676412920 bytes; 1016 are left"],
    );
    check_flat(
        put(DIRECT_MAP, [2]),
        expect!["the direct map's hash table at byte 163 needs 236862228112 bytes; 1008 are left"],
    );
}

#[test]
fn the_product_quantizer() {
    const PQ: usize = PRODUCT_QUANTIZER;
    check_pq(put(PQ, [0]), expect!["by_residual is 0; it must be 1: codes of whole vectors are not read"]);
    check_pq(put(PQ + 1, number(3)), expect!["code_size is 3; it must be 2, a byte for each part (M)"]);
    check_pq(put(PQ + 9, number(8)), expect!["the product quantizer's d is 8; it must be 4, as the index's"]);
    check_pq(put(PQ + 17, number(0)), expect!["M is 0; it must be a divisor of d, which is 4"]);
    check_pq(put(PQ + 17, number(3)), expect!["M is 3; it must be a divisor of d, which is 4"]);
    check_pq(
        put(PQ + 17, number(u64::MAX)),
        expect!["M is 18446744073709551615; it must be a divisor of d, which is 4"],
    );
    check_pq(put(PQ + 17, number(4)), expect!["code_size is 2; it must be 4, a byte for each part (M)"]);
    check_pq(put(PQ + 25, number(4)), expect!["nbits is 4; it must be 8"]);
    check_pq(put(PQ + 25, number(64)), expect!["nbits is 64; it must be 8"]);
    check_pq(
        put(CODEBOOKS - 8, number(1023)),
        expect!["the number of codebook floats (256 × d) is 1023; it must be 1024"],
    );
    check_pq(
        put(CODEBOOKS + 4, f32::NEG_INFINITY.to_le_bytes()),
        expect!["number 1 of the index's codebooks is -inf; every number must be finite"],
    );
}

#[test]
fn the_inverted_lists() {
    check_flat(put(LISTS, *b"il00"), expect![[r#"the kind of inverted lists is "il00"; it must be ilar"#]]);
    check_flat(put(LISTS, *b"ilod"), expect![[r#"the kind of inverted lists is "ilod"; it must be ilar"#]]);
    check_flat(
        put(LISTS + 4, number(4)),
        expect!["the inverted lists' nlist is 4; it must be 3, the index's nlist"],
    );
    check_flat(put(LISTS + 12, number(4)), expect!["the inverted lists' code_size is 4; it must be 16"]);
    check_pq(put(PQ_LISTS + 12, number(4)), expect!["the inverted lists' code_size is 4; it must be 2"]);
    check_flat(
        put(SIZES, *b"some"),
        expect![[r#"the kind of list sizes is "some"; it must be full or sprs"#]],
    );
    check_flat(
        put(SIZES + 4, number(2)),
        expect!["the number of list sizes is 2; it must be 3, one for each list"],
    );
    check_flat(
        put(SIZES + 4, number(u64::MAX)),
        expect!["the number of list sizes is 18446744073709551615; it must be 3, one for each list"],
    );
    check_flat(
        put(SIZES + 12, number(1)),
        expect!["the sum of the list sizes is 27; it must be 40, the ntotal"],
    );
    check_flat(
        put(SIZES + 12, number(u64::MAX)),
        expect!["the sum of the list sizes is 18446744073709551641; it must be 40, the ntotal"],
    );
}

#[test]
fn the_sizes_of_few_lists() {
    /// The sizes as pairs of list and size, of three lists.
    fn sparse(numbers: &[u64]) -> impl FnOnce(&mut Vec<u8>) {
        let count = numbers.len() as u64;
        let bytes: Vec<u8> = [count].iter().chain(numbers).flat_map(|&n| number(n)).collect();
        move |contents| drop(contents.splice(SIZES..FIRST_LIST, b"sprs".iter().copied().chain(bytes)))
    }
    check_flat(
        sparse(&[0, 20, 1]),
        expect!["the number of list sizes is 3; it must be two for each list that holds rows, of 3 lists"],
    );
    check_flat(
        sparse(&[0, 10, 1, 10, 2, 10, 3, 10]),
        expect!["the number of list sizes is 8; it must be two for each list that holds rows, of 3 lists"],
    );
    check_flat(sparse(&[0, 20, 3, 20]), expect!["a sized list's number is 3; it must be from 1 to 2"]);
    check_flat(sparse(&[0, 20, 0, 20]), expect!["a sized list's number is 0; it must be from 1 to 2"]);
    check_flat(sparse(&[1, 20, 0, 20]), expect!["a sized list's number is 0; it must be from 2 to 2"]);
    check_flat(
        sparse(&[u64::MAX, 40]),
        expect!["a sized list's number is 18446744073709551615; it must be from 0 to 2"],
    );
    check_flat(
        sparse(&[0, u64::MAX, 1, 41]),
        expect!["the sum of the list sizes is 18446744073709551656; it must be 40, the ntotal"],
    );
    check_flat(sparse(&[]), expect!["the sum of the list sizes is 0; it must be 40, the ntotal"]);
}

#[test]
fn the_rows() {
    let size = |contents: &[u8]| contents[SIZES + 12] as usize;
    let first_id = |contents: &[u8]| FIRST_LIST + 16 * size(contents);
    let id = |id: i64| move |contents: &mut Vec<u8>| put(first_id(contents), id.to_le_bytes())(contents);
    check_flat(id(-1), expect!["a row's id is -1; it must be at least 0 and below ntotal, which is 40"]);
    check_flat(id(40), expect!["a row's id is 40; it must be at least 0 and below ntotal, which is 40"]);
    check_flat(
        id(1 << 32),
        expect!["a row's id is 4294967296; it must be at least 0 and below ntotal, which is 40"],
    );
    check_flat(
        |contents: &mut Vec<u8>| {
            let at = first_id(contents);
            contents.copy_within(at + 8..at + 16, at);
        },
        expect!["list 0 holds row 3; the rows of all lists must be the numbers below 40, each once"],
    );
    check_flat(
        put(FIRST_LIST + 4, f32::NAN.to_le_bytes()),
        expect!["number 1 of the index's vectors is NaN; every number must be finite"],
    );
    check_flat(
        |contents| contents.extend([0; 3]),
        expect!["the index ends at byte 1171, and 3 more bytes follow"],
    );
    check_flat(
        |contents| contents.truncate(contents.len() - 1),
        expect!["a list's ids at byte 1067 needs 104 bytes; 103 are left"],
    );
    check_pq(
        |contents| contents.truncate(contents.len() - 300),
        expect!["a list's ids at byte 6548 needs 800 bytes; 500 are left"],
    );
}

#[test]
fn truncated_inverted_files_are_rejected() {
    for artifact in [ivf_flat(Metric::L2), ivf_pq()] {
        let files = files_of(&artifact);
        for len in 0..files[0].contents.len() {
            let mut files = files.clone();
            files[0].contents.truncate(len);
            assert!(read_files(&files).is_err(), "{len} bytes");
        }
    }
}

#[test]
fn an_inverted_file_with_one_label_too_few_or_too_many() {
    // Without NumPy's header they are raw.
    let labels = "model_algo-1-labels.npy";
    check_changed_of(
        files_of(&ivf_pq()),
        labels,
        |contents| *contents = vec![0; 4 * 299],
        expect!["there are 299 labels for the index's 300 rows; there must be one for each"],
    );
    check_changed_of(
        files_of(&ivf_flat(Metric::L2)),
        labels,
        |contents| *contents = vec![0; 4 * 41],
        expect!["there are 41 labels for the index's 40 rows; there must be one for each"],
    );
    check_changed_of(
        files_of(&ivf_pq()),
        labels,
        put(128 + 8, f64::NAN.to_le_bytes()),
        expect!["number 1 of the index's labels is NaN; every number must be finite"],
    );
}

proptest! {
    /// Whatever stands in the files: a model that answers, and that comes back as it is written, or an error.
    #[test]
    fn changed_bytes_give_an_error_or_a_model(
        coded: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        in_front: bool,
    ) {
        let mut files = files_of(&if coded { ivf_pq() } else { ivf_flat(Metric::InnerProduct) });
        let index = &mut files[0].contents;
        // Half of the changes go where the numbers are that say how much follows.
        let len = if in_front { FIRST_LIST } else { index.len() };
        for (at, byte) in changes {
            index[at.index(len)] = byte;
        }
        check_answers_or_is_refused(&files)?;
    }
}

fn check_answers_or_is_refused(files: &[File; 3]) -> Result<(), TestCaseError> {
    let Ok(artifact) = read_files(files) else { return Ok(()) };
    let answers = artifact.model.neighbours_batch(queries(artifact.model.feature_dim()).view()).unwrap();
    prop_assert!(answers.iter().all(|neighbours| neighbours.len() == 3));
    let again = super::read(&written(&artifact)).unwrap();
    prop_assert_eq!(answers, again.model.neighbours_batch(queries(4).view()).unwrap());
    Ok(())
}
