//! Flat indexes that are damaged, or that lie.

use expect_test::expect;

use super::{check_changed, files, read_files};

#[test]
fn an_index_that_is_none() {
    let write = |at: usize, bytes: &'static [u8]| {
        move |contents: &mut Vec<u8>| contents[at..at + bytes.len()].copy_from_slice(bytes)
    };
    let name = "model_algo-1";
    check_changed(
        name,
        Vec::clear,
        expect!["the index cannot be read: the kind of index at byte 0 needs 4 bytes; 0 are left"],
    );
    check_changed(
        name,
        |contents| contents.truncate(44),
        expect![
            "the index cannot be read: the number of floats (ntotal × d) at byte 37 needs 8 bytes; 7 are left"
        ],
    );
    check_changed(
        name,
        write(0, b"IwFl"),
        expect!["the index cannot be read: nprobe is 4761078862316568576; it must be from 1 to 4294967295"],
    );
    check_changed(
        name,
        write(0, b"\xff\0\x01\""),
        expect![[
            r#"the index cannot be read: the kind of index is "�\0\u{1}\""; it must be IxF2 or IxFI or IwFl or IwPQ"#
        ]],
    );
    check_changed(
        name,
        write(0, b"IxFI"),
        expect![[r#"the index cannot be read: metric_type is 1; it must be 0 in "IxFI""#]],
    );
}

#[test]
fn an_index_that_lies_about_its_size() {
    let write = |at: usize, bytes: Vec<u8>| {
        move |contents: &mut Vec<u8>| contents[at..at + bytes.len()].copy_from_slice(&bytes)
    };
    let name = "model_algo-1";
    check_changed(
        name,
        write(4, 0i32.to_le_bytes().into()),
        expect!["the index cannot be read: d is 0; it must be at least 1"],
    );
    check_changed(
        name,
        write(4, (-3i32).to_le_bytes().into()),
        expect!["the index cannot be read: d is -3; it must be at least 1"],
    );
    check_changed(
        name,
        write(4, i32::MAX.to_le_bytes().into()),
        expect!["the index cannot be read: the number of floats (ntotal × d) is 120; it must be 85899345880"],
    );
    check_changed(
        name,
        write(8, 41i64.to_le_bytes().into()),
        expect!["the index cannot be read: the number of floats (ntotal × d) is 120; it must be 123"],
    );
    check_changed(
        name,
        write(8, i64::MAX.to_le_bytes().into()),
        expect!["the index cannot be read: ntotal is 9223372036854775807; it must be from 0 to 4294967295"],
    );
    check_changed(
        name,
        write(8, (-40i64).to_le_bytes().into()),
        expect!["the index cannot be read: ntotal is -40; it must be from 0 to 4294967295"],
    );
    check_changed(
        name,
        write(37, u64::MAX.to_le_bytes().into()),
        expect![
            "the index cannot be read: the number of floats (ntotal × d) is 18446744073709551615; it must be 120"
        ],
    );
    check_changed(
        name,
        |contents| contents.truncate(contents.len() - 1),
        expect![
            "the index cannot be read: the number of floats (ntotal × d) at byte 45 needs 480 bytes; 479 are left"
        ],
    );
    check_changed(
        name,
        |contents| contents.extend([0; 12]),
        expect!["the index cannot be read: the index ends at byte 525, and 12 more bytes follow"],
    );
    check_changed(
        name,
        |contents| {
            contents.truncate(45);
            contents[8..16].fill(0);
            contents[37..45].fill(0);
        },
        expect!["the index's number of rows is 0; it must be at least 1"],
    );
}

#[test]
fn numbers_that_are_none() {
    let nan = |at: usize| {
        move |contents: &mut Vec<u8>| contents[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes())
    };
    check_changed(
        "model_algo-1",
        nan(45 + 4),
        expect!["number 1 of the index's vectors is NaN; every number must be finite"],
    );
    check_changed(
        "model_algo-1-labels.npy",
        |contents| contents[128 + 16..][..8].copy_from_slice(&f64::NAN.to_le_bytes()),
        expect!["number 2 of the index's labels is NaN; every number must be finite"],
    );
}

#[test]
fn an_index_is_refused_wherever_it_is_cut() {
    let files = files();
    for len in 0..files[0].contents.len() {
        let mut files = files.clone();
        files[0].contents.truncate(len);
        assert!(read_files(&files).is_err(), "{len} bytes");
    }
}
