//! `knn_predict(model, feature, ...)`.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::Float64Array,
        datatypes::{DataType, Field, FieldRef},
    },
    common::{Result, internal_err},
    logical_expr::{
        ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
    },
};

use crate::features::{SampleBatch, check_types, columnar};

const NAME: &str = "knn_predict";

/// The scalar function `knn_predict(model, feature, ...)`: the predicted label as `DOUBLE`, null if a feature is null.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct KnnPredict(Signature);

impl KnnPredict {
    /// Returns the function.
    #[must_use]
    pub fn new() -> Self {
        Self(Signature::variadic_any(Volatility::Stable))
    }
}

impl Default for KnnPredict {
    fn default() -> Self {
        Self::new()
    }
}

impl ScalarUDFImpl for KnnPredict {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("{NAME}: the arguments are needed to validate the types")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        check_types(NAME, &args)?;
        Ok(Arc::new(Field::new(NAME, DataType::Float64, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let samples = SampleBatch::new(NAME, &args)?;
        let predicted = samples.model.predict_batch(samples.rows.view());
        let mut labels = predicted.map_err(|error| samples.describe(NAME, &error))?.into_iter();
        let labels: Float64Array =
            (0..samples.n_rows).map(|row| if samples.is_valid(row) { labels.next() } else { None }).collect();
        columnar(Arc::new(labels), samples.is_constant)
    }
}
