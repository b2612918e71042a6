//! Archives that are damaged, or that were made to do harm.

use std::io::Write as _;

use expect_test::expect;
use flate2::{Compression, write::GzEncoder};
use mysfits_sagemaker::artifact::ArtifactError;
use tar::{EntryType, Header};

use super::{File, archive, check_equal, check_refused, classifier, file, files, gzip, read, written};

#[test]
fn a_missing_file() {
    let files = files();
    check_refused(
        &archive(&files[..2]),
        expect![[
            r#"there is no file "model_algo-1.json"; a model is three files, model_algo-1, model_algo-1-labels.npy (or model_algo-1.labels) and model_algo-1.json"#
        ]],
    );
    check_refused(
        &archive(&files[1..]),
        expect![[
            r#"there is no file "model_algo-1"; a model is three files, model_algo-1, model_algo-1-labels.npy (or model_algo-1.labels) and model_algo-1.json"#
        ]],
    );
    check_refused(
        &archive(&[files[0].clone(), files[2].clone()]),
        expect![[
            r#"there is no file "model_algo-1-labels.npy"; a model is three files, model_algo-1, model_algo-1-labels.npy (or model_algo-1.labels) and model_algo-1.json"#
        ]],
    );
    check_refused(
        &archive(&[]),
        expect![[
            r#"there is no file "model_algo-1"; a model is three files, model_algo-1, model_algo-1-labels.npy (or model_algo-1.labels) and model_algo-1.json"#
        ]],
    );
}

#[test]
fn says_what_a_file_is_that_is_not_gzip() {
    const DOWNLOAD: &str = "check the address it was downloaded from";
    const REPACK: &str = "unpack it, and pack the files with tar --create --gzip";
    let tar: Vec<u8> = files().iter().flat_map(File::tar).collect();
    for (bytes, kind, remedy) in [
        (b"".as_slice(), "empty", DOWNLOAD),
        (&[0; 2048], "of an unknown kind", DOWNLOAD),
        (&tar, "a tar archive without compression", "compress it with gzip"),
        (b"PK\x03\x04\x14\0", "a zip archive", REPACK),
        (b"BZh91AY&SY", "a bzip2 archive", REPACK),
        (b"\xfd7zXZ\0\0", "an xz archive", REPACK),
        (b"\x28\xb5\x2f\xfd\0", "a zstd archive", REPACK),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 8559\n",
            "a Git LFS pointer, not the file it points to",
            "run git lfs pull",
        ),
        (b"\n<!DOCTYPE html>\n<html>", "an HTML page", DOWNLOAD),
        (b"\xef\xbb\xbf<HTML lang=en>", "an HTML page", DOWNLOAD),
        (
            b"<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code>",
            "an XML document, such as an error of S3",
            DOWNLOAD,
        ),
        (b"{\"message\": \"Not Found\"}", "a JSON document", DOWNLOAD),
        (
            b"IxF2\x02\0\0\0",
            "an index of faiss",
            "pack the three files of the model with tar --create --gzip",
        ),
    ] {
        let expected = format!("the file is {kind}, not a gzip archive (model.tar.gz): {remedy}");
        assert_eq!(read(bytes).unwrap_err().to_string(), expected);
    }
}

#[test]
fn what_is_no_archive() {
    check_refused(
        &gzip(b""),
        expect![[
            r#"there is no file "model_algo-1"; a model is three files, model_algo-1, model_algo-1-labels.npy (or model_algo-1.labels) and model_algo-1.json"#
        ]],
    );
    check_refused(
        &gzip(&[b'x'; 2048]),
        expect![
            "the archive cannot be read or written: numeric field was not a number: xxxxxxxx when getting cksum for xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        ],
    );
}

#[test]
fn a_cut_archive_is_refused_wherever_it_is_cut() {
    let bytes = written(&classifier());
    for len in 0..bytes.len() {
        assert!(read(&bytes[..len]).is_err(), "{len} of {} bytes", bytes.len());
    }
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let bytes = written(&classifier());
    // But for the gzip header's time, flags and system, which say nothing of the contents.
    for at in 10..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            // A run of zeros may be copied from one place or from another: the contents are the same.
            if let Ok(artifact) = read(&changed) {
                assert!(written(&artifact) == bytes, "byte {at} of {}, bit {bit}", bytes.len());
            }
        }
    }
}

#[test]
fn files_elsewhere_are_not_the_models() {
    for name in [
        "../model_algo-1",
        "/model_algo-1",
        "x/model_algo-1",
        "././model_algo-1",
        "MODEL_ALGO-1",
        "model_algo-1\n",
    ] {
        let [mut index, labels, metadata] = files();
        index.name = name;
        check_refused(
            &archive(&[index, labels, metadata]),
            expect![[
                r#"there is no file "model_algo-1"; a model is three files, model_algo-1, model_algo-1-labels.npy (or model_algo-1.labels) and model_algo-1.json"#
            ]],
        );
    }
}

#[test]
fn the_host_may_be_another_but_only_one() {
    const NAMES: [&str; 3] = ["model_algo-12", "model_algo-12-labels.npy", "model_algo-12.json"];
    let mut files = files();
    for (file, name) in files.iter_mut().zip(NAMES) {
        file.name = name;
    }
    check_equal(&read(&archive(&files)).unwrap().model, &classifier().model);
    check_refused(
        &archive(&files[..2]),
        expect![[
            r#"there is no file "model_algo-12.json"; a model is three files, model_algo-1, model_algo-1-labels.npy (or model_algo-1.labels) and model_algo-1.json"#
        ]],
    );
    let [index, labels, mut metadata] = files;
    metadata.name = "model_algo-1.json";
    check_refused(
        &archive(&[index, labels, metadata]),
        expect![
            "there are files of the hosts algo-12 and algo-1, which are different models: keep the files of one host"
        ],
    );
    for name in [
        "model_algo-0",
        "model_algo-01",
        "model_algo-+1",
        "model_algo-",
        "model_algo-4294967296",
        "model_algo-1 ",
    ] {
        let [mut index, labels, metadata] = super::files();
        index.name = name;
        check_refused(
            &archive(&[index, labels, metadata]),
            expect![[
                r#"there is no file "model_algo-1"; a model is three files, model_algo-1, model_algo-1-labels.npy (or model_algo-1.labels) and model_algo-1.json"#
            ]],
        );
    }
}

#[test]
fn a_file_that_is_there_twice() {
    let [index, labels, metadata] = files();
    let dotted = File { name: "./model_algo-1-labels.npy", ..labels.clone() };
    check_refused(
        &archive(&[index.clone(), labels.clone(), index.clone(), metadata.clone()]),
        expect![[r#"duplicate file "model_algo-1""#]],
    );
    check_refused(
        &archive(&[index, labels, metadata, dotted]),
        expect![[r#"duplicate file "model_algo-1-labels.npy""#]],
    );
}

#[test]
fn links_and_devices_are_not_followed() {
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::Directory,
    ] {
        let [index, labels, mut metadata] = files();
        metadata.kind = kind;
        metadata.contents = Vec::new();
        check_refused(
            &archive(&[index, labels, metadata]),
            expect![[r#""model_algo-1.json" is not a regular file"#]],
        );
    }
}

#[test]
fn more_entries_than_anybody_needs() {
    let mut many = vec![file("elsewhere", ""); 1021];
    many.extend(files());
    check_equal(&read(&archive(&many)).unwrap().model, &classifier().model);
    many.push(file("elsewhere", ""));
    check_refused(&archive(&many), expect!["the archive has more than 1024 entries; a model's has four"]);
}

#[test]
fn a_header_that_promises_more_than_there_is() {
    let promising = |stated_size| {
        let [mut index, labels, metadata] = files();
        index.stated_size = Some(stated_size);
        archive(&[labels, metadata, index])
    };
    check_refused(
        &promising(10_000),
        expect!["the archive cannot be read or written: unexpected end of file"],
    );
    check_refused(
        &promising(16 << 30),
        expect!["the archive cannot be read or written: unexpected end of file"],
    );
    check_refused(
        &promising((16 << 30) + 1),
        expect![[r#""model_algo-1" has 17179869185 bytes; the limit is 17179869184"#]],
    );
    check_refused(&promising(u64::MAX), expect!["the archive cannot be read or written: size overflow"]);
    let [index, labels, mut metadata] = files();
    metadata.contents.resize((1 << 20) + 1, b' ');
    check_refused(
        &archive(&[index, labels, metadata]),
        expect![[r#""model_algo-1.json" has 1048577 bytes; the limit is 1048576"#]],
    );
}

#[test]
fn a_name_that_promises_more_than_there_is() {
    // GNU's long names and the extended headers of POSIX are files too, whose contents are read as a name.
    for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader, EntryType::XGlobalHeader]
    {
        for stated_size in [1 << 40, u64::MAX] {
            let name = File { kind, stated_size: Some(stated_size), ..file("x", "y") };
            let mut all = vec![name];
            all.extend(files());
            assert!(read(&archive(&all)).is_err(), "{kind:?} of {stated_size}");
        }
    }
}

#[test]
fn a_sparse_file_that_claims_a_terabyte_is_passed_over() {
    let [mut index, labels, metadata] = files();
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..12].copy_from_slice(b"model_algo-1");
    header.set_entry_type(EntryType::GNUSparse);
    header.set_size(512);
    let gnu = header.as_gnu_mut().unwrap();
    gnu.sparse[0].offset.copy_from_slice(b"17777777000\0"); // in octal, as all numbers in a tar
    gnu.sparse[0].numbytes.copy_from_slice(b"00000001000\0");
    gnu.realsize.copy_from_slice(b"17777777777\0".map(|byte| byte).as_slice());
    header.set_cksum();
    let mut tar = header.as_bytes().to_vec();
    tar.extend([1; 512]);
    index.name = "elsewhere";
    tar.extend([labels, metadata].iter().flat_map(File::tar));
    tar.extend([0; 1024]);
    assert!(read(&gzip(&tar)).is_err());
}

/// Gzip streams of many times the same block of zeros behind another: a few kilobytes that unpack to gigabytes.
fn bomb(mut bytes: Vec<u8>, mebibytes: usize) -> Vec<u8> {
    let mut block = GzEncoder::new(Vec::new(), Compression::best());
    block.write_all(&vec![0; 16 << 20]).unwrap();
    let block = block.finish().unwrap();
    (0..mebibytes / 16).for_each(|_| bytes.extend(&block));
    bytes
}

#[test]
fn a_bomb_is_cut_off() {
    let stated = |name, mebibytes: u64| File { stated_size: Some(mebibytes << 20), ..file(name, "") };
    // A file of the model, an index that declares less than follows, a file that is ignored, whose end is a terabyte away;
    // what comes behind the end.
    let begin = |file: File| gzip(&file.tar()[..512]);
    let [index, ..] = files();
    let lying =
        File { stated_size: Some(1 << 30), ..index.clone() }.tar()[..512 + index.contents.len()].to_vec();
    for begin in [
        begin(stated("model_algo-1", 1 << 10)),
        gzip(&lying),
        begin(stated("somewhere else", 1 << 20)),
        begin(File { kind: EntryType::GNULongName, ..stated("x", 1 << 10) }),
        archive(&files()),
    ] {
        let bytes = bomb(begin, 1 << 10);
        let error = read(&bytes).unwrap_err();
        let ArtifactError::DecompressionBomb { packed, unpacked } = error else { panic!("{error:?}") };
        assert!(packed <= bytes.len() as u64);
        let limit = (64 << 20) + 200 * packed;
        assert!(unpacked > limit && unpacked < limit + (1 << 20), "{unpacked} of {packed}");
    }
}
