//! Predictions and their encoding in each format.

use std::sync::Arc;

use expect_test::{Expect, expect};
use mysfits_knn::{
    CancellationToken, Dataset, Hyperparameters, IndexKind, Metric, Model, Neighbour, PredictError,
};
use mysfits_sagemaker::{
    client::decode_response,
    codec::{Accept, Format},
    inference::{PredictionStream, Predictions, VerbosePrediction},
};
use ndarray::{Array2, array};
use proptest::prelude::*;

use crate::codec::{record, recordio::hex};

/// Points on a line at 0, 1, 4 and 9, labelled 5, 5, 7 and 8.
fn line(parameters: mysfits_knn::HyperparametersBuilder) -> Model {
    let (features, labels) = (array![[0.0], [1.0], [4.0], [9.0]], array![5.0, 5.0, 7.0, 8.0]);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Model::train(dataset, &parameters.check().unwrap()).unwrap()
}

#[track_caller]
fn check(predictions: &Predictions, format: Format, expected: Expect) {
    expected.assert_eq(std::str::from_utf8(&predictions.encode(format)).unwrap());
}

#[test]
fn json_is_written_as_python_writes_it() {
    // Byte for byte what a real endpoint answered to five rows.
    check(
        &Predictions::Labels(vec![6.0, 3.0, 21.0, 0.0, 3.0]),
        Format::Json,
        expect![[
            r#"{"predictions": [{"predicted_label": 6.0}, {"predicted_label": 3.0}, {"predicted_label": 21.0}, {"predicted_label": 0.0}, {"predicted_label": 3.0}]}"#
        ]],
    );
    check(
        &Predictions::Labels(vec![8.0]),
        Format::Json,
        expect![[r#"{"predictions": [{"predicted_label": 8.0}]}"#]],
    );
    // Means of a regressor, shortest.
    check(
        &Predictions::Labels(vec![0.1, -2.5, 1e-7, 1e20]),
        Format::Json,
        expect![[
            r#"{"predictions": [{"predicted_label": 0.1}, {"predicted_label": -2.5}, {"predicted_label": 1e-07}, {"predicted_label": 1e+20}]}"#
        ]],
    );
    check(&Predictions::Labels(Vec::new()), Format::Json, expect![[r#"{"predictions": []}"#]]);
}

#[test]
fn json_lines_are_an_object_each_and_none_after_the_last() {
    let labels = Predictions::Labels(vec![0.0, 2.0]);
    check(
        &labels,
        Format::JsonLines,
        expect![[r#"
            {"predicted_label": 0.0}
            {"predicted_label": 2.0}"#]],
    );
    check(&Predictions::Labels(Vec::new()), Format::JsonLines, expect![""]);
}

#[test]
fn recordio_is_a_record_a_row() {
    let golden =
        "0a23d7ce 21000000 121f 0a0f 7072656469637465645f6c6162656c 120c 1a0a 0a08 0000000000000040 000000";
    assert_eq!(Predictions::Labels(vec![2.0]).encode(Format::RecordIo), hex(golden));
    assert_eq!(Predictions::Labels(vec![2.0, 2.0]).encode(Format::RecordIo), hex(golden).repeat(2));
}

#[test]
fn verbose_lists_the_neighbours_by_score() {
    let model = line(Hyperparameters::classifier(3));
    let predictions = Predictions::new(&model, array![[0.0], [3.0]].view(), true).unwrap();
    check(
        &predictions,
        Format::Json,
        expect![[
            r#"{"predictions": [{"predicted_label": 5.0, "distances": [0.0, 1.0, 16.0], "labels": [5.0, 5.0, 7.0]}, {"predicted_label": 5.0, "distances": [1.0, 4.0, 9.0], "labels": [7.0, 5.0, 5.0]}]}"#
        ]],
    );
    check(
        &predictions,
        Format::JsonLines,
        expect![[r#"
            {"predicted_label": 5.0, "distances": [0.0, 1.0, 16.0], "labels": [5.0, 5.0, 7.0]}
            {"predicted_label": 5.0, "distances": [1.0, 4.0, 9.0], "labels": [7.0, 5.0, 5.0]}"#]],
    );
    let records = record::answers(&predictions.encode(Format::RecordIo));
    assert_eq!(records.len(), 2);
    assert!(records[1].features.is_empty() && records[1].label.len() == 3);
    assert_eq!(record::label(&records[1], "predicted_label"), [5.0]);
    assert_eq!(record::label(&records[1], "distances"), [1.0, 4.0, 9.0]);
    assert_eq!(record::label(&records[1], "labels"), [7.0, 5.0, 5.0]);
}

/// As an executed notebook of AWS shows it for `INNER_PRODUCT`, `Recommendation-System-FM-KNN.ipynb`.
#[test]
fn lists_similarities_from_smallest_to_largest() {
    let features = array![[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [0.0, 5.0], [4.0, 1.0]];
    let labels = array![1.0, 2.0, 3.0, 4.0, 5.0];
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let lists = IndexKind::IvfFlat { n_lists: 2, n_probe: 2 };
    for index in [IndexKind::Flat, lists] {
        let model = |metric| {
            let parameters = Hyperparameters::classifier(3).metric(metric).index(index).check().unwrap();
            Model::train(dataset, &parameters).unwrap()
        };
        let verbose = |metric| Predictions::new(&model(metric), array![[1.0, 0.5]].view(), true).unwrap();
        let predictions = verbose(Metric::InnerProduct);
        check(
            &predictions,
            Format::JsonLines,
            expect![[r#"{"predicted_label": 3.0, "distances": [2.5, 3.0, 4.5], "labels": [4.0, 3.0, 5.0]}"#]],
        );
        let [record] = &*record::answers(&predictions.encode(Format::RecordIo)) else { panic!("one record") };
        assert_eq!(record::label(record, "distances"), [2.5, 3.0, 4.5]);
        assert_eq!(record::label(record, "labels"), [4.0, 3.0, 5.0]);

        let Predictions::Verbose(rows) = verbose(Metric::Cosine) else { panic!("verbose") };
        let measures: Vec<f32> = rows[0].neighbours.iter().map(|neighbour| neighbour.score).collect();
        assert!(measures.is_sorted() && measures[2] > 0.97, "{measures:?}");
        assert_eq!(rows[0].neighbours[2].label, 5.0);
    }
}

#[test]
fn labels_above_two_to_the_24_stay_themselves() {
    const IDS: [f64; 3] = [16_777_217.0, 1_000_000_007.0, 20_240_131_123_456.0];
    let (features, labels) = (array![[0.0], [5.0], [9.0]], ndarray::Array1::from_vec(IDS.to_vec()));
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let model = Model::train(dataset, &Hyperparameters::classifier(1).check().unwrap()).unwrap();
    let predictions = Predictions::new(&model, features.view(), true).unwrap();
    check(
        &predictions,
        Format::JsonLines,
        expect![[r#"
            {"predicted_label": 16777217.0, "distances": [0.0], "labels": [16777217.0]}
            {"predicted_label": 1000000007.0, "distances": [0.0], "labels": [1000000007.0]}
            {"predicted_label": 20240131123456.0, "distances": [0.0], "labels": [20240131123456.0]}"#]],
    );
    let records = record::answers(&predictions.encode(Format::RecordIo));
    let predicted: Vec<f64> = records.iter().flat_map(|r| record::label(r, "predicted_label")).collect();
    assert_eq!(predicted, IDS);
}

#[test]
fn writes_means_as_doubles_and_distances_as_widened_singles() {
    let (features, labels) = (array![[0.0], [0.1], [0.2]], array![0.1, 0.2, 0.4]);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    let model = Model::train(dataset, &Hyperparameters::regressor(3).check().unwrap()).unwrap();
    check(
        &Predictions::new(&model, array![[0.0]].view(), true).unwrap(),
        Format::JsonLines,
        expect![[
            r#"{"predicted_label": 0.23333333333333336, "distances": [0.0, 0.010000000707805157, 0.04000000283122063], "labels": [0.1, 0.2, 0.4]}"#
        ]],
    );
}

#[test]
fn of_fewer_rows_than_k_all_are_told() {
    let model = line(Hyperparameters::regressor(10));
    let predictions = Predictions::new(&model, array![[0.0]].view(), true).unwrap();
    let Predictions::Verbose(rows) = predictions else { panic!("{predictions:?}") };
    assert_eq!(rows[0].predicted_label, 6.25);
    assert_eq!(rows[0].neighbours.iter().map(|n| n.row).collect::<Vec<_>>(), [0, 1, 2, 3]);
}

/// Squares beyond the largest number: JSON has no word for them, Python's `json` module does.
#[test]
fn distances_that_are_no_numbers_are_spelled_as_python_spells_them() {
    let neighbours = [f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
    let neighbours = neighbours.map(|measure| Neighbour { row: 0, label: 1.0, score: measure }).to_vec();
    let predictions = Predictions::Verbose(vec![VerbosePrediction { predicted_label: 1.0, neighbours }]);
    check(
        &predictions,
        Format::JsonLines,
        expect![[
            r#"{"predicted_label": 1.0, "distances": [Infinity, -Infinity, NaN], "labels": [1.0, 1.0, 1.0]}"#
        ]],
    );
}

#[test]
fn samples_that_the_model_cannot_take_are_refused_by_row_and_feature() {
    let model = Arc::new(line(Hyperparameters::classifier(1)));
    for verbose in [false, true] {
        let accept = Accept { format: Format::Json, verbose };
        for (samples, expected) in [
            (array![[1.0, 2.0]], "a sample has 2 features; the model has 1"),
            (array![[1.0], [f32::NAN]], "feature 0 of row 1 is NaN; every feature must be a finite number"),
            (array![[f32::INFINITY]], "feature 0 of row 0 is inf; every feature must be a finite number"),
        ] {
            let error = Predictions::new(&model, samples.view(), verbose).unwrap_err();
            assert_eq!(error.to_string(), expected);
            // A stream says so before its first piece.
            let streamed = PredictionStream::new(Arc::clone(&model), samples, accept, 1).err().unwrap();
            assert_eq!(streamed.to_string(), expected);
        }
    }
}

fn accept() -> impl Strategy<Value = Accept> {
    (prop::sample::select(Format::ALL.to_vec()), any::<bool>())
        .prop_map(|(format, verbose)| Accept { format, verbose })
}

proptest! {
    #[test]
    fn pieces_are_the_whole(
        accept in accept(),
        samples in prop::collection::vec(-3.0f32..12.0, 0..40),
        rows_per_chunk in 0usize..45,
        k in 1usize..6,
    ) {
        let model = Arc::new(line(Hyperparameters::classifier(k)));
        let samples = Array2::from_shape_vec((samples.len(), 1), samples).unwrap();
        let predictions = Predictions::new(&model, samples.view(), accept.verbose).unwrap();
        prop_assert_eq!(predictions.len(), samples.nrows());
        let whole = predictions.encode(accept.format);

        let n_chunks = samples.nrows().div_ceil(rows_per_chunk.max(1)).max(1);
        let chunks: Vec<_> = predictions.encode_chunks(accept.format, rows_per_chunk).collect();
        prop_assert_eq!(chunks.len(), n_chunks);
        prop_assert_eq!(chunks.concat(), whole.clone());

        let mut stream = PredictionStream::new(model, samples, accept, rows_per_chunk).unwrap();
        let token = CancellationToken::new();
        let streamed: Result<Vec<_>, PredictError> = std::iter::from_fn(|| stream.next(&token)).collect();
        prop_assert_eq!(streamed.unwrap().concat(), whole);
    }

    #[test]
    fn all_formats_say_the_same(samples in prop::collection::vec(-3.0f32..12.0, 1..20), verbose: bool, k in 1usize..6) {
        let model = line(Hyperparameters::regressor(k));
        let samples = Array2::from_shape_vec((samples.len(), 1), samples).unwrap();
        let predictions = Predictions::new(&model, samples.view(), verbose).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&predictions.encode(Format::Json)).unwrap();
        let lines = String::from_utf8(predictions.encode(Format::JsonLines)).unwrap();
        let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        prop_assert_eq!(&json, &serde_json::json!({ "predictions": lines }));
        let records = record::answers(&predictions.encode(Format::RecordIo));
        prop_assert_eq!(records.len(), lines.len());
        for ((record, line), sample) in records.iter().zip(&lines).zip(samples.rows()) {
            let label = model.predict(sample.as_slice().unwrap()).unwrap();
            prop_assert_eq!(record::label(record, "predicted_label"), vec![label]);
            prop_assert_eq!(line["predicted_label"].as_f64(), Some(label));
            for key in ["distances", "labels"] {
                let listed = line[key].as_array().map(|list| list.iter().map(|n| n.as_f64().unwrap()).collect());
                prop_assert_eq!(listed, verbose.then(|| record::label(record, key)));
            }
        }
    }
}

#[test]
fn responses_are_decoded_as_they_were_encoded() {
    let model = line(Hyperparameters::classifier(3));
    let samples = array![[0.2], [5.0]];
    for verbose in [false, true] {
        let predictions = Predictions::new(&model, samples.view(), verbose).unwrap();
        for format in Format::ALL {
            let decoded = decode_response(format, &predictions.encode(format)).unwrap();
            assert_eq!(decoded.len(), predictions.len());
            for (row, decoded) in decoded.iter().enumerate() {
                let (label, distances, labels) = match &predictions {
                    Predictions::Labels(labels) => (labels[row], vec![], vec![]),
                    Predictions::Verbose(rows) => {
                        let VerbosePrediction { predicted_label, neighbours } = &rows[row];
                        let (scores, labels) = neighbours.iter().map(|n| (n.score, n.label)).unzip();
                        (*predicted_label, scores, labels)
                    }
                };
                assert_eq!((decoded.predicted_label, &decoded.distances), (label, &distances), "{format:?}");
                assert_eq!(decoded.labels, labels, "{format:?}");
            }
        }
    }
}
