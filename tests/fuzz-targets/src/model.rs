//! Models for the targets, and checks of their predictions.

use std::sync::{Arc, OnceLock};

use mysfits_knn::{Dataset, Hyperparameters, IndexKind, Metric, Model};
use mysfits_sagemaker::{codec::Format, inference::Predictions};
use ndarray::{Array1, Array2, ArrayView2, Axis};

/// Numbers of features for which there is a model: 1 to this.
const WIDTHS: usize = 8;
/// The most rows to predict: more take time and find nothing.
pub const MAX_ROWS: usize = 32;

/// Returns a model of twelve rows with this number of features, if there is one.
pub fn model(width: usize) -> Option<&'static Arc<Model>> {
    static MODELS: OnceLock<Vec<Arc<Model>>> = OnceLock::new();
    let models = MODELS.get_or_init(|| {
        let train = |width: usize| {
            let features =
                Array2::from_shape_fn((12, width), |(row, column)| ((row * 7 + column * 3) % 11) as f32);
            let labels = Array1::from_shape_fn(12, |row| (row % 3) as f64);
            let dataset = Dataset::new(features.view(), labels.view()).expect("finite");
            let metric = Metric::ALL[width % 3];
            let parameters = match width % 2 {
                0 => Hyperparameters::regressor(5),
                _ => Hyperparameters::classifier(3).index(IndexKind::Flat),
            };
            let parameters = parameters.metric(metric).check().expect("in range");
            Arc::new(Model::train(dataset, &parameters).expect("there are rows"))
        };
        (1..=WIDTHS).map(train).collect()
    });
    models.get(width.checked_sub(1)?)
}

/// Predicts for samples, and checks the predictions in every format.
pub fn predict(samples: ArrayView2<'_, f32>) {
    let Some(model) = model(samples.ncols()) else { return };
    let samples = samples.slice_axis(Axis(0), (..samples.nrows().min(MAX_ROWS)).into());
    let labels = Predictions::new(model, samples, false);
    let all_finite = samples.iter().all(|value| value.is_finite());
    assert_eq!(labels.is_ok(), all_finite, "only samples with NaN or an infinity are refused");
    let (Ok(labels), Ok(verbose)) = (labels, Predictions::new(model, samples, true)) else { return };
    let (Predictions::Labels(plain), Predictions::Verbose(rows)) = (&labels, &verbose) else {
        panic!("labels, then verbose predictions");
    };
    assert!(plain.iter().eq(rows.iter().map(|row| &row.predicted_label)), "{plain:?} {rows:?}");
    for predictions in [labels, verbose] {
        for format in Format::ALL {
            let whole = predictions.encode(format);
            check_form(format, &whole, predictions.len());
            let chunks: Vec<_> = predictions.clone().encode_chunks(format, 3).collect();
            assert_eq!(chunks.concat(), whole);
        }
    }
}

/// Checks that a body is well-formed and has a prediction for each row.
fn check_form(format: Format, body: &[u8], n_rows: usize) {
    match format {
        Format::RecordIo => assert!(body.len().is_multiple_of(4)),
        Format::Json | Format::JsonLines => {
            // An overflow is written as Python writes it, which is not JSON.
            let text = std::str::from_utf8(body).expect("JSON is text");
            let text = text.replace("-Infinity", "0").replace("Infinity", "0").replace("NaN", "0");
            if format == Format::Json {
                let answer: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                assert_eq!(answer["predictions"].as_array().map(Vec::len), Some(n_rows));
            } else {
                let lines =
                    text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
                assert_eq!(lines.count(), n_rows);
            }
        }
    }
}
