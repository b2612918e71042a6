//! What is written, and that it comes back.

use expect_test::expect;
use flate2::read::GzDecoder;
use mysfits_knn::{Hyperparameters, HyperparametersBuilder, IndexKind, Metric, Projection, ProjectionKind};
use mysfits_sagemaker::artifact::Artifact;
use serde_json::{Map, json};
use tar::EntryType;

use super::{
    File, archive, check_equal, classifier, entries, file, files, files_of, ivf_flat, ivf_pq, model_of, read,
    read_files, written, written_files,
};

/// Checks that a model of 300 rows of 6 features is read back as it was written, and writes the same again.
#[track_caller]
fn check_comes_back(parameters: HyperparametersBuilder) {
    let extra = Map::from_iter([("schema".to_owned(), json!({ "version": "1.1", "labels": [null] }))]);
    let artifact = Artifact { model: model_of(parameters, 300, 6), extra };
    let bytes = written(&artifact);
    let back = read(&bytes).unwrap();
    check_equal(&artifact.model, &back.model);
    assert_eq!(artifact.extra, back.extra);
    assert_eq!(bytes, written(&back));
}

const INVERTED: [IndexKind; 3] = [
    IndexKind::IvfFlat { n_lists: 1, n_probe: 1 },
    IndexKind::IvfFlat { n_lists: 17, n_probe: 3 },
    IndexKind::IvfFlat { n_lists: 4, n_probe: 5 },
];
const CODED: [IndexKind; 3] = [
    IndexKind::IvfPq { n_lists: 1, n_probe: 1, m: 1 },
    IndexKind::IvfPq { n_lists: 7, n_probe: 3, m: 3 },
    // Rows of 6 features become 8 wide.
    IndexKind::IvfPq { n_lists: 4, n_probe: 5, m: 4 },
];

#[test]
fn every_model_comes_back_as_it_was() {
    let projections = [
        None,
        Some(Projection { kind: ProjectionKind::Sign, target_dim: 3, seed: u64::MAX }),
        Some(Projection { kind: ProjectionKind::Fjlt, target_dim: 5, seed: 7 }),
    ];
    for parameters in [Hyperparameters::classifier(3), Hyperparameters::regressor(7)] {
        for projection in projections {
            let projected = projection.map_or(parameters, |projection| parameters.projection(projection));
            for metric in Metric::ALL {
                let parameters = projected.metric(metric);
                check_comes_back(parameters);
                for kind in INVERTED {
                    check_comes_back(parameters.index(kind));
                }
            }
            for kind in CODED {
                check_comes_back(projected.index(kind));
            }
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_layout_is_sagemakers() {
    let [index, labels, metadata] = written_files(&classifier());
    assert_eq!(index.contents.len(), 45 + 40 * 3 * 4);
    expect!["4978463203000000280000000000000000001000000000000000100000000000010100000078000000000000000000000000c0124200001941"].assert_eq(&hex(&index.contents[..57]));
    assert_eq!(labels.contents.len(), 128 + 40 * 8);
    assert_eq!(labels.contents[128 + 8..][..8], 1.0f64.to_le_bytes());
    let names: Vec<String> = entries(&written(&classifier())).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["model_algo-1.json", "model_algo-1-labels.npy", "model_algo-1.labels", "model_algo-1"]
    );
    expect![[r#"
        {
          "k": 3,
          "predictor_type": "classifier",
          "dimension_reduction": {
            "input_dim": 3,
            "type": "identity"
          },
          "normalize": false,
          "version": "1.0",
          "sha256": {
            "index": "6190e189084610656763c0e451de28065419258aec65f47e7c9c60035ed8ef7d",
            "labels": "d781b636354d8562c92a6f7e72e47e3c8fe85dd168c7657816d5271c02792bfa"
          }
        }
    "#]]
    .assert_eq(std::str::from_utf8(&metadata.contents).unwrap());
}

#[test]
fn files_may_stand_in_any_order_beside_others() {
    let [index, labels, metadata] = files();
    let mut dotted = labels;
    dotted.name = "./model_algo-1-labels.npy";
    let folder = File { kind: EntryType::Directory, ..file("model_algo-1/", "") };
    let back = read(&archive(&[metadata, folder, file("README", "hello"), dotted, index])).unwrap();
    assert_eq!(back.model.features(), classifier().model.features());
}

#[test]
fn inverted_files_are_laid_out_as_faiss_lays_them_out() {
    let [index, ..] = files_of(&ivf_flat(Metric::InnerProduct));
    let index = index.contents;
    // Header, lists, probes; the centroids as an index of their own; no map; the sizes of all lists; rows and numbers.
    let expected = [
        "4977466c 04000000 2800000000000000 0000100000000000 0000100000000000 01 00000000",
        "0300000000000000 0200000000000000",
        "49784649 04000000 0300000000000000 0000100000000000 0000100000000000 01 00000000 0c00000000000000",
    ];
    assert_eq!(hex(&index[..98]), expected.concat().replace(' ', ""));
    assert_eq!(
        hex(&index[146..187]),
        concat!(
            "00",
            "0000000000000000",
            "696c6172",
            "0300000000000000",
            "1000000000000000",
            "66756c6c",
            "0300000000000000"
        )
    );
    let sizes = index[187..211].as_chunks().0.iter().map(|&size| usize::from_le_bytes(size));
    assert_eq!(sizes.sum::<usize>(), 40);
    assert_eq!(index.len(), 211 + 40 * (16 + 8));

    let [index, ..] = files_of(&ivf_pq());
    let index = index.contents;
    let expected = [
        "00 0000000000000000",
        "01",
        "0200000000000000",
        "0400000000000000 0200000000000000 0800000000000000 0004000000000000",
    ];
    assert_eq!(hex(&index[146..196]), expected.concat().replace(' ', ""));
    assert_eq!(&index[196 + 4096..][..4], b"ilar");
    assert_eq!(index.len(), 196 + 4096 + 56 + 300 * (2 + 8));
}

#[test]
fn mostly_empty_lists_are_counted_one_by_one() {
    // Three rows in seven lists: at most half of these hold any.
    let kind = IndexKind::IvfFlat { n_lists: 7, n_probe: 7 };
    let [mut index, labels, metadata] =
        files_of(&super::artifact(model_of(Hyperparameters::classifier(3).index(kind), 7, 2)));
    let lists = index.contents.windows(4).position(|letters| letters == b"ilar").unwrap();
    index.contents.truncate(lists);
    index.contents[8] = 3;
    index.contents.extend(b"ilar");
    for number in [7u64, 8] {
        index.contents.extend(number.to_le_bytes());
    }
    index.contents.extend(b"sprs");
    for number in [4u64, 1, 1, 5, 2] {
        index.contents.extend(number.to_le_bytes());
    }
    for (row, ids) in [([1.0f32, 2.0].as_slice(), [2i64].as_slice()), (&[3.0, 4.0, 5.0, 6.0], &[1, 0])] {
        index.contents.extend(row.iter().flat_map(|value| value.to_le_bytes()));
        index.contents.extend(ids.iter().flat_map(|id| id.to_le_bytes()));
    }
    let labels = file(labels.name, [0.0f32, 1.0, 2.0].map(f32::to_le_bytes).as_flattened());
    let bytes = index.contents.clone();
    let back = read_files(&[index, labels, metadata]).unwrap();
    let rows: Vec<usize> = back.model.neighbours(&[5.0, 6.0]).unwrap().iter().map(|n| n.row).collect();
    assert_eq!(rows, [0, 1, 2]);
    assert_eq!(files_of(&back)[0].contents, bytes);
}

#[test]
fn maps_from_rows_to_lists_are_passed_over() {
    let good = files_of(&ivf_flat(Metric::L2));
    let [array, table] = [
        [1u8].into_iter().chain(3u64.to_le_bytes()).chain([7; 24]).collect::<Vec<u8>>(),
        [2u8].into_iter().chain(0u64.to_le_bytes()).chain(2u64.to_le_bytes()).chain([7; 32]).collect(),
    ];
    for map in [array, table] {
        let mut files = good.clone();
        files[0].contents.splice(146..155, map);
        let back = read_files(&files).unwrap();
        assert_eq!(files_of(&back)[0].contents, good[0].contents);
    }
}
