//! Predicted labels, the result of `knn_predict`.

use std::sync::Arc;

use datafusion::{
    arrow::array::{ArrayRef, Float64Array},
    common::Result,
};

use crate::features::SampleBatch;

pub(crate) const NAME: &str = "knn_predict";

/// Returns the label of each row, null for rows with a null.
pub(crate) fn labels(samples: &SampleBatch) -> Result<ArrayRef> {
    let predicted = samples.model.predict_batch(samples.rows.view());
    let mut labels = predicted.map_err(|error| samples.describe(NAME, &error))?.into_iter();
    let labels: Float64Array =
        (0..samples.n_rows).map(|row| if samples.is_valid(row) { labels.next() } else { None }).collect();
    Ok(Arc::new(labels))
}
