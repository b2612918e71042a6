//! What the fuzz targets share: models to ask, and what must hold of every answer.
//!
//! A target fails by a panic, by taking too long, or by allocating far more than its input is long: the limits are given
//! to libFuzzer by `cargo xtask fuzz`.

pub mod http;

use std::sync::{Arc, OnceLock};

use mysfits_knn::{Dataset, Hyperparameters, IndexKind, Metric, Model};
use mysfits_sagemaker::{
    artifact::Artifact,
    codec::{ContentType, Format, decode, recordio},
    inference::Predictions,
};
use ndarray::{Array1, Array2, ArrayView2, Axis};

/// Widths for which there is a model.
const WIDTHS: usize = 8;
/// The most rows that are asked about: more take time and find nothing.
const MAX_ROWS: usize = 32;

/// A model of twelve rows of so many features.
fn model(width: usize) -> Option<&'static Arc<Model>> {
    static MODELS: OnceLock<Vec<Arc<Model>>> = OnceLock::new();
    let models = MODELS.get_or_init(|| {
        let train = |width: usize| {
            let features =
                Array2::from_shape_fn((12, width), |(row, column)| ((row * 7 + column * 3) % 11) as f32);
            let labels = Array1::from_shape_fn(12, |row| (row % 3) as f32);
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

/// Asks a model about samples, and writes its answer in every way there is.
pub fn answer(samples: ArrayView2<'_, f32>) {
    let Some(model) = model(samples.ncols()) else { return };
    let samples = samples.slice_axis(Axis(0), (..samples.nrows().min(MAX_ROWS)).into());
    let labels = Predictions::of(model, samples, false);
    let all_finite = samples.iter().all(|value| value.is_finite());
    assert_eq!(labels.is_ok(), all_finite, "exactly the samples with a number that is none are refused");
    let (Ok(labels), Ok(verbose)) = (labels, Predictions::of(model, samples, true)) else { return };
    let (Predictions::Labels(plain), Predictions::Verbose(rows)) = (&labels, &verbose) else {
        panic!("as was asked for");
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

/// Checks that an answer is one.
fn check_form(format: Format, body: &[u8], n_rows: usize) {
    match format {
        Format::RecordIo => assert!(body.len().is_multiple_of(4)),
        Format::Json | Format::JsonLines => {
            // Squares beyond the largest number are spelled as Python spells them, which is no JSON.
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

/// Decodes a body; what is read must be rows, and the same rows when written as RecordIO and read again.
pub fn decoded(content_type: ContentType, body: &[u8]) -> Option<Array2<f32>> {
    let rows = match decode(&content_type, body) {
        Ok(rows) => rows,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return None;
        }
    };
    assert!(rows.nrows() > 0 && rows.ncols() > 0);
    let mut again = Vec::new();
    for row in rows.rows().into_iter().take(MAX_ROWS) {
        recordio::write_sample(row.as_slice().expect("rows are whole"), None, &mut again);
    }
    let again = decode(&ContentType::RecordIo, &again).expect("what was written is read");
    assert!(same_bits(again.view(), rows.slice_axis(Axis(0), (..rows.nrows().min(MAX_ROWS)).into())));
    Some(rows)
}

/// Whether two batches are equal bit for bit, NaNs too.
pub fn same_bits(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> bool {
    a.dim() == b.dim() && a.iter().map(|value| value.to_bits()).eq(b.iter().map(|value| value.to_bits()))
}

/// Cuts an input into three: two lengths of two bytes each, then the parts.
pub fn three_parts(input: &[u8]) -> Option<[&[u8]; 3]> {
    let (lengths, rest) = input.split_first_chunk::<4>()?;
    let first = usize::from(u16::from_le_bytes([lengths[0], lengths[1]])).min(rest.len());
    let (first, rest) = rest.split_at(first);
    let second = usize::from(u16::from_le_bytes([lengths[2], lengths[3]])).min(rest.len());
    let (second, third) = rest.split_at(second);
    Some([first, second, third])
}

/// The input that [`three_parts`] cuts into these.
pub fn joined(parts: [&[u8]; 3]) -> Vec<u8> {
    let length = |part: &[u8]| u16::try_from(part.len()).expect("a seed is small").to_le_bytes();
    [&length(parts[0]), &length(parts[1]), parts[0], parts[1], parts[2]].concat()
}

/// Uses an artifact that was read: it must predict, and be written and read again as the same.
pub fn use_artifact(artifact: &Artifact) {
    let model = &artifact.model;
    assert!(model.n_samples() > 0 && model.labels().len() == model.n_samples());
    // A wide model takes its time to predict; it has been checked like any other.
    if model.feature_dim() <= 256 {
        let samples = Array2::from_shape_fn((2, model.feature_dim()), |(row, column)| (row + column) as f32);
        let predictions =
            Predictions::of(model, samples.view(), true).expect("finite samples of the model's width");
        assert_eq!(predictions.len(), 2);
    }
    let mut written = Vec::new();
    artifact.write(&mut written).expect("writing to memory");
    let again = Artifact::read(written.as_slice()).expect("what was written is read");
    let mut twice = Vec::new();
    again.write(&mut twice).expect("writing to memory");
    assert!(written == twice, "an artifact that was read is written as it was");
}
