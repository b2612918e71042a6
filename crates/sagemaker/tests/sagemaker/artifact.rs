//! `model.tar.gz`: what is written is read back, and what others wrote cannot do harm.

use std::io::Write as _;

use expect_test::{Expect, expect};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use mysfits_knn::{Dataset, Hyperparameters, HyperparametersBuilder, Metric, Model, PredictorType};
use mysfits_sagemaker::artifact::{Artifact, ArtifactError};
use ndarray::{Array1, Array2};
use serde_json::{Map, json};
use tar::{EntryType, Header};

use crate::support::causes;

fn model(parameters: HyperparametersBuilder) -> Model {
    let features =
        Array2::from_shape_fn((40, 3), |(row, column)| 0.5 + ((row * 7 + column * 13) % 11) as f32);
    let labels = Array1::from_shape_fn(40, |row| (row % 5) as f32);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Model::train(dataset, &parameters.check().unwrap()).unwrap()
}

fn written(artifact: &Artifact) -> Vec<u8> {
    let mut bytes = Vec::new();
    artifact.write(&mut bytes).unwrap();
    bytes
}

fn classifier() -> Artifact {
    Artifact { model: model(Hyperparameters::classifier(3)), extra: Map::new() }
}

/// A file of an archive to be.
#[derive(Clone)]
struct File {
    name: &'static str,
    kind: EntryType,
    /// What the header says, where it differs from what is there.
    stated_size: Option<u64>,
    contents: Vec<u8>,
}

fn file(name: &'static str, contents: impl Into<Vec<u8>>) -> File {
    File { name, kind: EntryType::Regular, stated_size: None, contents: contents.into() }
}

impl File {
    /// Header and contents, padded, as they stand in a tar. Names are written as they are, whatever they are.
    fn tar(&self) -> Vec<u8> {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..self.name.len()].copy_from_slice(self.name.as_bytes());
        header.set_entry_type(self.kind);
        header.set_size(self.stated_size.unwrap_or(self.contents.len() as u64));
        header.set_mode(0o644);
        if self.kind.is_symlink() || self.kind.is_hard_link() {
            header.set_link_name("/etc/hostname").unwrap();
        }
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend(&self.contents);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn archive(files: &[File]) -> Vec<u8> {
    let mut tar: Vec<u8> = files.iter().flat_map(File::tar).collect();
    tar.resize(tar.len() + 1024, 0);
    gzip(&tar)
}

/// The three files of a good artifact.
fn files() -> [File; 3] {
    let bytes = written(&classifier());
    let mut archive = tar::Archive::new(GzDecoder::new(bytes.as_slice()));
    let mut files = archive.entries().unwrap().map(|entry| {
        let mut contents = Vec::new();
        std::io::copy(&mut entry.unwrap(), &mut contents).unwrap();
        contents
    });
    ["model_algo-1", "model_algo-1.labels", "model_algo-1.json"].map(|name| file(name, files.next().unwrap()))
}

fn read(bytes: &[u8]) -> Result<Artifact, ArtifactError> {
    Artifact::read(bytes)
}

/// Checks that a good artifact with one file's contents changed is refused, and why.
#[track_caller]
fn check_changed(name: &str, change: impl FnOnce(&mut Vec<u8>), expected: Expect) {
    let mut files = files();
    change(&mut files.iter_mut().find(|file| file.name == name).unwrap().contents);
    expected.assert_eq(&causes(&read(&archive(&files)).unwrap_err()));
}

#[track_caller]
fn check_metadata(json: &str, expected: Expect) {
    check_changed("model_algo-1.json", |contents| *contents = json.into(), expected);
}

#[test]
fn every_model_comes_back_as_it_was() {
    for metric in [Metric::L2, Metric::InnerProduct, Metric::Cosine] {
        for parameters in [Hyperparameters::classifier(3), Hyperparameters::regressor(7)] {
            let extra =
                Map::from_iter([("schema".to_owned(), json!({ "version": "1.1", "labels": [null] }))]);
            let artifact = Artifact { model: model(parameters.metric(metric)), extra };
            let bytes = written(&artifact);
            let back = read(&bytes).unwrap();
            let (was, is) = (&artifact.model, &back.model);
            assert_eq!(was.features(), is.features());
            assert_eq!(was.labels(), is.labels());
            let settings = |model: &Model| {
                let parameters = model.hyperparameters();
                (parameters.k(), parameters.predictor_type(), parameters.metric())
            };
            assert_eq!(settings(was), settings(is));
            assert_eq!(artifact.extra, back.extra);
            let queries =
                Array2::from_shape_fn((50, 3), |(row, column)| ((row * 3 + column * 5) % 12) as f32 - 1.5);
            assert_eq!(was.predict_batch(queries.view()), is.predict_batch(queries.view()), "{metric:?}");
            assert_eq!(
                was.neighbours_batch(queries.view()),
                is.neighbours_batch(queries.view()),
                "{metric:?}"
            );
            assert_eq!(bytes, written(&back), "{metric:?}");
        }
    }
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    assert_eq!(written(&classifier()), written(&classifier()));
}

#[test]
fn what_is_said_beside_stands_in_the_order_of_its_names() {
    let fields =
        |names: [&str; 2]| names.map(|name| (name.to_owned(), json!({ "z": { "d": 1, "c": 2 }, "a": 3 })));
    let artifact = |names| Artifact { extra: Map::from_iter(fields(names)), ..classifier() };
    assert_eq!(written(&artifact(["y", "b"])), written(&artifact(["b", "y"])));
    let bytes = written(&artifact(["y", "b"]));
    let mut tar = Vec::new();
    std::io::copy(&mut GzDecoder::new(bytes.as_slice()), &mut tar).unwrap();
    let text = String::from_utf8_lossy(&tar).into_owned();
    let places =
        ["\"b\": {", "\"a\": 3", "\"c\": 2", "\"d\": 1", "\"y\": {"].map(|field| text.find(field).unwrap());
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn the_layout_is_sagemakers() {
    let [index, labels, metadata] = files();
    assert_eq!(index.contents.len(), 45 + 40 * 3 * 4);
    expect!["4978463203000000280000000000000000001000000000000000100000000000010100000078000000000000000000003f0000204000009040"]
        .assert_eq(&index.contents[..57].iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    assert_eq!(labels.contents.len(), 40 * 4);
    assert_eq!(labels.contents[4..8], 1.0f32.to_le_bytes());
    expect![[r#"
        {
          "k": 3,
          "predictor_type": "classifier",
          "normalize": false,
          "version": "1.0"
        }
    "#]]
    .assert_eq(std::str::from_utf8(&metadata.contents).unwrap());
}

#[test]
fn files_may_stand_in_any_order_beside_others() {
    let [index, labels, metadata] = files();
    let mut dotted = labels;
    dotted.name = "./model_algo-1.labels";
    let folder = File { kind: EntryType::Directory, ..file("model_algo-1/", "") };
    let back = read(&archive(&[metadata, folder, file("README", "hello"), dotted, index])).unwrap();
    assert_eq!(back.model.features(), classifier().model.features());
}

#[test]
fn editing_k_or_the_predictor_type_changes_the_predictions() {
    let [index, labels, _] = files();
    let edited =
        |json: &str| read(&archive(&[index.clone(), labels.clone(), file("model_algo-1.json", json)]));
    let model = edited(r#"{"k": 40, "predictor_type": "regressor", "version": "1.0"}"#).unwrap().model;
    assert_eq!(model.hyperparameters().predictor_type(), PredictorType::Regressor);
    assert_eq!(model.predict(&[0.0, 0.0, 0.0]), Ok(2.0)); // the mean of all labels
}

#[test]
fn the_developer_guides_spelling_is_accepted() {
    let [index, labels, _] = files();
    let edited =
        |json: &str| read(&archive(&[index.clone(), labels.clone(), file("model_algo-1.json", json)]));
    let guide =
        "{ \"k\": 5, \"predictor_type\": \"classifier\",\n  \"normalize\": False, \"version\": \"1.0\" }";
    assert_eq!(edited(guide).unwrap().model.hyperparameters().k(), 5);
    let null = r#"{"k": 5, "predictor_type": "classifier", "dimension_reduction": null, "version": "1.0"}"#;
    assert_eq!(edited(null).unwrap().model.hyperparameters().metric(), Metric::L2);
}

#[test]
fn dimension_reduction_is_refused() {
    check_metadata(
        r#"{"k": 5, "predictor_type": "classifier", "dimension_reduction": {"type": "sign"}, "normalize": false, "version": "1.0"}"#,
        expect![[
            r#"the metadata cannot be read: it asks for the dimension reduction {"type":"sign"}, which this build has not"#
        ]],
    );
}

#[test]
fn metadata_that_cannot_be() {
    check_metadata("", expect!["the metadata cannot be read: EOF while parsing a value at line 1 column 0"]);
    check_metadata("{}", expect!["the metadata cannot be read: missing field `k` at line 1 column 2"]);
    check_metadata(
        r#"{"k": "5", "predictor_type": "classifier", "version": "1.0"}"#,
        expect![[
            r#"the metadata cannot be read: invalid type: string "5", expected usize at line 1 column 9"#
        ]],
    );
    check_metadata(
        r#"{"k": -1, "predictor_type": "classifier", "version": "1.0"}"#,
        expect![
            "the metadata cannot be read: invalid value: integer `-1`, expected usize at line 1 column 8"
        ],
    );
    check_metadata(
        r#"{"k": 0, "predictor_type": "classifier", "version": "1.0"}"#,
        expect!["hyperparameter k is 0; it must be a whole number from 1 to 1024"],
    );
    check_metadata(
        r#"{"k": 1025, "predictor_type": "classifier", "version": "1.0"}"#,
        expect!["hyperparameter k is 1025; it must be a whole number from 1 to 1024"],
    );
    check_metadata(
        r#"{"k": 5, "predictor_type": "oracle", "version": "1.0"}"#,
        expect![[
            r#"the metadata cannot be read: predictor_type is "oracle"; it must be "classifier" or "regressor""#
        ]],
    );
    check_metadata(
        r#"{"k": 5, "predictor_type": "classifier", "version": "2.0"}"#,
        expect![[r#"the metadata cannot be read: its version is "2.0"; this build reads "1.0""#]],
    );
    check_metadata(
        "\u{0}\u{ffff}",
        expect!["the metadata cannot be read: expected value at line 1 column 1"],
    );
    check_metadata(
        &"[".repeat(100_000),
        expect![
            "the metadata cannot be read: invalid type: sequence, expected struct Metadata at line 1 column 0"
        ],
    );
}

#[test]
fn an_index_that_is_none() {
    let write = |at: usize, bytes: &'static [u8]| {
        move |contents: &mut Vec<u8>| contents[at..at + bytes.len()].copy_from_slice(bytes)
    };
    let name = "model_algo-1";
    check_changed(
        name,
        Vec::clear,
        expect!["the index cannot be read: 0 bytes are fewer than a header's 45"],
    );
    check_changed(
        name,
        |contents| contents.truncate(44),
        expect!["the index cannot be read: 44 bytes are fewer than a header's 45"],
    );
    check_changed(
        name,
        write(0, b"IwFl"),
        expect![[
            r#"the index cannot be read: it is of the kind "IwFl"; flat indexes are "IxF2" and "IxFI""#
        ]],
    );
    check_changed(
        name,
        write(0, b"\xff\0\x01\""),
        expect![[
            r#"the index cannot be read: it is of the kind "�\0\u{1}\""; flat indexes are "IxF2" and "IxFI""#
        ]],
    );
    check_changed(
        name,
        write(0, b"IxFI"),
        expect!["the index cannot be read: its letters say InnerProduct, its metric number is 1"],
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
        expect!["the index cannot be read: its dimension is 0"],
    );
    check_changed(
        name,
        write(4, (-3i32).to_le_bytes().into()),
        expect!["the index cannot be read: its dimension is -3"],
    );
    check_changed(
        name,
        write(4, i32::MAX.to_le_bytes().into()),
        expect![
            "the index cannot be read: it states 40 rows of 2147483647 and 120 floats, and holds 480 bytes of them"
        ],
    );
    check_changed(
        name,
        write(8, 41i64.to_le_bytes().into()),
        expect![
            "the index cannot be read: it states 41 rows of 3 and 120 floats, and holds 480 bytes of them"
        ],
    );
    check_changed(
        name,
        write(8, i64::MAX.to_le_bytes().into()),
        expect![
            "the index cannot be read: it states 9223372036854775807 rows of 3 and 120 floats, and holds 480 bytes of them"
        ],
    );
    check_changed(
        name,
        write(8, (-40i64).to_le_bytes().into()),
        expect![
            "the index cannot be read: it states -40 rows of 3 and 120 floats, and holds 480 bytes of them"
        ],
    );
    check_changed(
        name,
        write(37, u64::MAX.to_le_bytes().into()),
        expect![
            "the index cannot be read: it states 40 rows of 3 and -1 floats, and holds 480 bytes of them"
        ],
    );
    check_changed(
        name,
        |contents| contents.truncate(contents.len() - 1),
        expect![
            "the index cannot be read: it states 40 rows of 3 and 120 floats, and holds 479 bytes of them"
        ],
    );
    check_changed(
        name,
        |contents| contents.extend([0; 12]),
        expect![
            "the index cannot be read: it states 40 rows of 3 and 120 floats, and holds 492 bytes of them"
        ],
    );
    check_changed(
        name,
        |contents| {
            contents.truncate(45);
            contents[8..16].fill(0);
            contents[37..45].fill(0);
        },
        expect!["the dataset is 0 samples × 3 features; it needs at least 1 × 1"],
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
        expect!["feature 1 of row 0 is NaN; every feature must be a finite number"],
    );
    check_changed(
        "model_algo-1.labels",
        nan(8),
        expect!["the label of row 2 is NaN; every label must be a finite number"],
    );
}

#[test]
fn labels_that_do_not_match_the_rows() {
    let name = "model_algo-1.labels";
    check_changed(
        name,
        |contents| contents.truncate(158),
        expect!["the labels are 158 bytes; they must be four for each row"],
    );
    check_changed(
        name,
        |contents| contents.truncate(156),
        expect!["there are 39 labels for 40 samples; there must be one for each"],
    );
    check_changed(name, Vec::clear, expect!["there are 0 labels for 40 samples; there must be one for each"]);
}

#[track_caller]
fn check_refused(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&causes(&read(bytes).unwrap_err()));
}

#[test]
fn a_missing_file() {
    let files = files();
    check_refused(&archive(&files[..2]), expect![[r#"the archive holds no file "model_algo-1.json""#]]);
    check_refused(&archive(&files[1..]), expect![[r#"the archive holds no file "model_algo-1""#]]);
    check_refused(
        &archive(&[files[0].clone(), files[2].clone()]),
        expect![[r#"the archive holds no file "model_algo-1.labels""#]],
    );
    check_refused(&archive(&[]), expect![[r#"the archive holds no file "model_algo-1.json""#]]);
}

#[test]
fn what_is_no_archive() {
    check_refused(b"", expect!["the archive cannot be read or written: unexpected end of file"]);
    check_refused(b"PK\x03\x04", expect!["the archive cannot be read or written: unexpected end of file"]);
    check_refused(&[0; 2048], expect!["the archive cannot be read or written: invalid gzip header"]);
    check_refused(&gzip(b""), expect![[r#"the archive holds no file "model_algo-1.json""#]]);
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
    for len in (0..bytes.len()).step_by(7).chain(bytes.len() - 40..bytes.len()) {
        assert!(read(&bytes[..len]).is_err(), "{len} of {} bytes", bytes.len());
    }
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let bytes = written(&classifier());
    // But for the gzip header's time, flags and system, which say nothing of the contents.
    for at in (10..bytes.len()).step_by(5).chain(bytes.len() - 8..bytes.len()) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        assert!(read(&changed).is_err(), "byte {at} of {}", bytes.len());
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
            expect![[r#"the archive holds no file "model_algo-1""#]],
        );
    }
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
            expect![[r#"the archive holds no file "model_algo-1.json""#]],
        );
    }
}

#[test]
fn a_header_that_promises_more_than_there_is() {
    for stated_size in [10_000, 1 << 40, u64::MAX] {
        let [mut index, labels, metadata] = files();
        index.stated_size = Some(stated_size);
        assert!(read(&archive(&[labels, metadata, index])).is_err(), "{stated_size}");
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

/// A gzip stream of many times the same block of zeros: a few kilobytes that unpack to gigabytes.
fn bomb(stated: &File, mebibytes: usize) -> Vec<u8> {
    let block = gzip(&vec![0; 16 << 20]);
    let mut bytes = gzip(&stated.tar()[..512]);
    (0..mebibytes / 16).for_each(|_| bytes.extend(&block));
    bytes
}

#[test]
fn a_bomb_is_cut_off() {
    let stated = |name, mebibytes: u64| File { stated_size: Some(mebibytes << 20), ..file(name, "") };
    check_refused(
        &bomb(&stated("model_algo-1", 416), 416),
        expect![[r#""model_algo-1" is larger than 419430400 bytes"#]],
    );
    // Passed over, but not for ever: a terabyte is promised and a large part of it is there.
    let bytes = bomb(&stated("somewhere else", 1 << 20), 16 << 10);
    let begun = std::time::Instant::now();
    assert!(read(&bytes).is_err());
    assert!(begun.elapsed().as_secs() < 20, "{:?} for {} bytes", begun.elapsed(), bytes.len());
}
