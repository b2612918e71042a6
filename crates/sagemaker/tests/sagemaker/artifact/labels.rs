//! The labels, as `NumPy` writes them and raw.

use std::fs;

use expect_test::expect;
use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_sagemaker::artifact::{Artifact, ArtifactError};
use ndarray::{Array1, Array2};

use super::{
    archive, artifact, check_changed, check_equal, classifier, entries, file, files, read, read_files,
    written,
};
use crate::support::causes;

const NPY: &str = "model_algo-1-labels.npy";

/// A `NumPy` file of version 1.0.
fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    npy_with(&[1, 0], &header, data)
}

fn npy_with(version: &[u8], header: &str, data: &[u8]) -> Vec<u8> {
    let length = if version[0] == 1 { 2 } else { 4 };
    let before = 8 + length;
    let padded = (before + header.len() + 1).next_multiple_of(64) - before;
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend(version);
    bytes.extend(&(padded as u32).to_le_bytes()[..length]);
    bytes.extend(format!("{header:padded$}").as_bytes());
    *bytes.last_mut().unwrap() = b'\n';
    bytes.extend(data);
    bytes
}

/// The labels of the good artifact's model with another file of labels.
fn labels_of(npy: Vec<u8>) -> Result<Vec<f64>, ArtifactError> {
    let [index, _, metadata] = files();
    Ok(read_files(&[index, file(NPY, npy), metadata])?.model.labels().to_vec())
}

/// 40 labels: 0, 1, 2, 3, 4, 0 and so on.
fn numbers<const N: usize>(bytes: impl Fn(u8) -> [u8; N]) -> Vec<u8> {
    (0..40).flat_map(|row| bytes(row % 5)).collect()
}

fn model_with_labels(labels: &[f64]) -> Model {
    let features = Array2::from_shape_fn((labels.len(), 1), |(row, _)| row as f32);
    let labels = Array1::from_vec(labels.to_vec());
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Model::train(dataset, &Hyperparameters::classifier(1).check().unwrap()).unwrap()
}

#[test]
fn writes_labels_as_numpy_does() {
    // numpy.save(file, numpy.array([7.0, -1.5])), NumPy 2.4.
    let mut expected =
        b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }".to_vec();
    expected.resize(127, b' ');
    expected.push(b'\n');
    expected.extend([7.0f64, -1.5].map(f64::to_le_bytes).as_flattened());
    let files = entries(&written(&artifact(model_with_labels(&[7.0, -1.5]))));
    assert_eq!(files[1], (NPY.to_owned(), expected));
    let raw = [7.0f32, -1.5].map(f32::to_le_bytes).concat();
    assert_eq!(files[2], ("model_algo-1.labels".to_owned(), raw));
}

#[test]
fn omits_float32_labels_that_would_differ() {
    const IDS: [f64; 2] = [16_777_217.0, 20_240_131_123_456.0];
    let artifact = artifact(model_with_labels(&IDS));
    let bytes = written(&artifact);
    let names: Vec<String> = entries(&bytes).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["model_algo-1.json", NPY, "model_algo-1"]);
    assert_eq!(read(&bytes).unwrap().model.labels().to_vec(), IDS);
    // Those of the model before do not stay in a folder.
    let folder = tempfile::tempdir().unwrap();
    classifier().write_folder(folder.path()).unwrap();
    assert!(folder.path().join("model_algo-1.labels").exists());
    artifact.write_folder(folder.path()).unwrap();
    assert!(!folder.path().join("model_algo-1.labels").exists());
    check_equal(&artifact.model, &Artifact::read_folder(folder.path()).unwrap().model);
}

#[test]
fn reads_numeric_types_of_numpy() {
    let expected = classifier().model.labels().to_vec();
    for (descr, data) in [
        ("<f8", numbers(|label| f64::from(label).to_le_bytes())),
        ("<f4", numbers(|label| f32::from(label).to_le_bytes())),
        (
            "<f2",
            numbers(|label| [0x0000u16, 0x3c00, 0x4000, 0x4200, 0x4400][usize::from(label)].to_le_bytes()),
        ),
        ("<i8", numbers(|label| i64::from(label).to_le_bytes())),
        ("<i4", numbers(|label| i32::from(label).to_le_bytes())),
        ("<i2", numbers(|label| i16::from(label).to_le_bytes())),
        ("|i1", numbers(|label| [label])),
        ("<u8", numbers(|label| u64::from(label).to_le_bytes())),
        ("<u4", numbers(|label| u32::from(label).to_le_bytes())),
        ("<u2", numbers(|label| u16::from(label).to_le_bytes())),
        ("|u1", numbers(|label| [label])),
    ] {
        for shape in ["(40,)", "(40, 1)", "(40L, 1L)"] {
            assert_eq!(labels_of(npy(descr, shape, &data)).unwrap(), expected, "{descr} {shape}");
        }
    }
    let data = numbers(|label| [label]);
    for version in [[2, 0], [3, 0]] {
        let header = "{\"shape\": (40,), 'fortran_order': True,'descr':'|u1'}";
        assert_eq!(labels_of(npy_with(&version, header, &data)).unwrap(), expected, "{version:?}");
    }
}

#[test]
fn reads_either_file_of_labels_and_prefers_the_containers() {
    let [index, labels, metadata] = files();
    let raw = file("model_algo-1.labels", numbers(|label| f32::from(label).to_le_bytes()));
    let wrong = file("model_algo-1.labels", vec![0; 160]);
    for labels in [vec![raw.clone()], vec![labels.clone()], vec![labels, wrong]] {
        let all = [vec![metadata.clone()], labels, vec![index.clone()]].concat();
        check_equal(&read(&archive(&all)).unwrap().model, &classifier().model);
        let folder = tempfile::tempdir().unwrap();
        for file in all {
            fs::write(folder.path().join(file.name), file.contents).unwrap();
        }
        check_equal(&Artifact::read_folder(folder.path()).unwrap().model, &classifier().model);
    }
    // By its name the first is NumPy's, whatever it holds.
    let misnamed = file(NPY, raw.contents);
    let error = read(&archive(&[metadata, misnamed, index])).unwrap_err();
    expect!["the labels cannot be read: model_algo-N-labels.npy does not begin with NumPy's magic string"]
        .assert_eq(&causes(&error));
}

#[test]
fn refuses_labels_that_are_damaged() {
    let good = files()[1].contents.clone();
    for len in 8..128 {
        let error = labels_of(good[..len].to_vec()).unwrap_err();
        assert!(causes(&error).ends_with("end inside its header"), "{error:?}");
    }
    check_changed(
        NPY,
        |contents| contents.truncate(447),
        expect![
            "the labels cannot be read: 319 bytes follow the NumPy header; it declares the shape (40,) of numbers of 8 bytes"
        ],
    );
    check_changed(
        NPY,
        |contents| contents.push(0),
        expect![
            "the labels cannot be read: 321 bytes follow the NumPy header; it declares the shape (40,) of numbers of 8 bytes"
        ],
    );
    check_changed(
        NPY,
        |contents| contents[6] = 4,
        expect![
            "the labels cannot be read: the version of the NumPy format is 4.0; it must be 1.0, 2.0 or 3.0"
        ],
    );
    let check = |bytes: Vec<u8>, expected: expect_test::Expect| {
        expected.assert_eq(&causes(&labels_of(bytes).unwrap_err()));
    };
    check(
        npy("|O", "(40,)", &[]),
        expect![[
            r#"the labels cannot be read: descr is "|O"; it must be one of <f8, <f4, <f2, <i8, <i4, <i2, |i1, <u8, <u4, <u2, |u1"#
        ]],
    );
    for descr in [">f8", ">f4"] {
        let error = causes(&labels_of(npy(descr, "(40,)", &[0; 320])).unwrap_err());
        assert!(error.contains(&format!("descr is \"{descr}\"; it must be one of <f8, ")), "{error}");
    }
    // A header of 4 GiB, as version 2.0 may state it; nothing is allocated for it.
    check(
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr': '<f8'".to_vec(),
        expect!["the labels cannot be read: the NumPy header has 4294967295 bytes; the limit is 10000"],
    );
    check(
        npy("<f8", "(40, 2)", &[0; 640]),
        expect!["the labels cannot be read: shape is (40, 2); it must be (n,) or (n, 1)"],
    );
    check(
        npy("<f8", "()", &[0; 8]),
        expect!["the labels cannot be read: shape is (); it must be (n,) or (n, 1)"],
    );
    check(
        npy("<f8", "(18446744073709551615,)", &[]),
        expect![
            "the labels cannot be read: 0 bytes follow the NumPy header; it declares the shape (18446744073709551615,) of numbers of 8 bytes"
        ],
    );
    check(
        npy_with(&[1, 0], "import os", &[]),
        expect![
            "the labels cannot be read: the NumPy header is import os; it must be a dictionary of descr, fortran_order and shape"
        ],
    );
    for header in [
        "{'descr': '<f8', 'fortran_order': False}",
        "{'descr': '<f8', 'fortran_order': 0, 'shape': (40,)}",
        "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (40,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (40,), 'x': 1}",
        "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (40,)}",
        "{'descr': '<f8' 'fortran_order': False, 'shape': (40,)}",
        "{'descr",
    ] {
        let error = labels_of(npy_with(&[1, 0], header, &[])).unwrap_err();
        assert!(causes(&error).contains("it must be a dictionary"), "{header}: {}", causes(&error));
    }
    check(
        npy("<i8", "(40,)", [9_007_199_254_740_993i64; 40].map(i64::to_le_bytes).as_flattened()),
        expect![
            "the labels cannot be read: label 0 is 9007199254740993, which a 64-bit float cannot hold exactly; the limit is 2^53"
        ],
    );
}

#[test]
fn refuses_labels_that_do_not_match_the_rows() {
    let check = |bytes: Vec<u8>, expected: expect_test::Expect| {
        expected.assert_eq(&causes(&labels_of(bytes).unwrap_err()));
    };
    check(
        npy("<f8", "(39,)", &[0; 39 * 8]),
        expect!["there are 39 labels for the index's 40 rows; there must be one for each"],
    );
    // Without NumPy's magic string they are raw.
    check(
        vec![0; 158],
        expect![
            "the labels cannot be read: model_algo-N.labels has 158 bytes; it must have four for each row"
        ],
    );
    check(vec![0; 156], expect!["there are 39 labels for the index's 40 rows; there must be one for each"]);
    check(Vec::new(), expect!["there are 0 labels for the index's 40 rows; there must be one for each"]);
}
