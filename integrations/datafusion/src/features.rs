//! Arguments of the functions: a model and its features, as columns of numbers.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Array, AsArray, Float32Array, NullBufferBuilder},
        buffer::NullBuffer,
        compute::{CastOptions, cast_with_options},
        datatypes::{DataType, FieldRef, Float32Type},
    },
    common::{DataFusionError, Result, exec_err, plan_err},
    logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs},
    scalar::ScalarValue,
};
use mysfits_knn::{Model, PredictError};
use ndarray::Array2;

use crate::models;

/// The samples of a batch: the rows without a null.
#[derive(Debug)]
pub(crate) struct SampleBatch {
    pub(crate) model: Arc<Model>,
    /// One sample in each row.
    pub(crate) rows: Array2<f32>,
    /// Which rows of the batch have a sample; all if `None`.
    pub(crate) valid: Option<NullBuffer>,
    /// The number of rows of the batch.
    pub(crate) n_rows: usize,
    /// Whether all arguments are constants, so that there is one row for the whole batch.
    pub(crate) is_constant: bool,
    /// The names of the columns.
    names: Vec<String>,
}

/// Validates the types of the arguments when a query is planned.
///
/// # Errors
/// [`DataFusionError::Plan`] if the model is not a constant text or a feature is not a number.
pub(crate) fn check_types(function: &str, args: &ReturnFieldArgs<'_>) -> Result<()> {
    let Some((model, features)) = args.arg_fields.split_first().filter(|(_, features)| !features.is_empty())
    else {
        return plan_err!(
            "{function}: {} arguments were given (expected a model and its features, such as {function}('model.tar.gz', a, b))",
            args.arg_fields.len()
        );
    };
    let path =
        args.scalar_arguments.first().copied().flatten().and_then(|value| value.try_as_str()).flatten();
    if path.is_none() {
        return plan_err!(
            "{function}: invalid model: {} (expected the path of a model.tar.gz as a constant text)",
            model.name()
        );
    }
    for field in features {
        let (name, data_type) = (field.name(), field.data_type());
        if !data_type.is_numeric() && !data_type.is_null() {
            return plan_err!(
                "{function}: the column \"{name}\" has the type {data_type} (expected a number); use CAST({name} AS REAL)"
            );
        }
    }
    Ok(())
}

impl SampleBatch {
    /// Loads the model and collects the features of a batch.
    ///
    /// # Errors
    /// [`DataFusionError::Execution`] if the model cannot be read or has another number of features.
    pub(crate) fn new(function: &str, args: &ScalarFunctionArgs) -> Result<Self> {
        let path = match args.args.first() {
            Some(ColumnarValue::Scalar(value)) => value.try_as_str().flatten(),
            _ => None,
        };
        let Some(path) = path else {
            return exec_err!("{function}: the first argument is no path of a model");
        };
        let model = models::load(function, path)?;
        let (features, fields) = (&args.args[1..], &args.arg_fields[1..]);
        let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        if features.len() != model.feature_dim() {
            return exec_err!(
                "{function}: {} features were given ({}), but the model \"{path}\" has feature_dim {}",
                features.len(),
                names.join(", "),
                model.feature_dim()
            );
        }
        let is_constant = features.iter().all(|feature| matches!(feature, ColumnarValue::Scalar(_)));
        let n_rows = if is_constant { 1 } else { args.number_rows };
        let columns = features.iter().zip(fields);
        let columns: Vec<Float32Array> = columns
            .map(|(feature, field)| to_f32(function, feature, field, n_rows))
            .collect::<Result<_>>()?;
        let valid = valid_rows(&columns, n_rows);
        let rows = transpose(&columns, valid.as_ref(), n_rows);
        Ok(Self { model, rows, valid, n_rows, is_constant, names })
    }

    /// Returns whether the row of the batch has a sample.
    pub(crate) fn is_valid(&self, row: usize) -> bool {
        self.valid.as_ref().is_none_or(|valid| valid.is_valid(row))
    }

    /// Describes an error of the model with the name of the column.
    pub(crate) fn describe(&self, function: &str, error: &PredictError) -> DataFusionError {
        let message = match error {
            PredictError::NotFinite { feature, value, .. } => format!(
                "{function}: the column \"{}\" has the value {value} (expected a finite number in the range of REAL)",
                self.names[*feature]
            ),
            error => format!("{function}: {error}"),
        };
        DataFusionError::Execution(message)
    }
}

/// Converts a feature to `f32`, the type in which SageMaker's k-NN stores features.
fn to_f32(function: &str, feature: &ColumnarValue, field: &FieldRef, n_rows: usize) -> Result<Float32Array> {
    let array = match feature {
        ColumnarValue::Array(array) => Arc::clone(array),
        ColumnarValue::Scalar(value) => value.to_array_of_size(n_rows)?,
    };
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let cast = cast_with_options(&array, &DataType::Float32, &options).map_err(|error| {
        let message = format!("{function}: the column \"{}\" is not numeric: {error}", field.name());
        DataFusionError::Execution(message)
    })?;
    Ok(cast.as_primitive::<Float32Type>().clone())
}

/// Returns the rows in which no column is null; `None` if that is all rows.
fn valid_rows(columns: &[Float32Array], n_rows: usize) -> Option<NullBuffer> {
    let mut valid = NullBufferBuilder::new(n_rows);
    for row in 0..n_rows {
        valid.append(columns.iter().all(|column| column.is_valid(row)));
    }
    valid.finish()
}

/// Arranges the columns in rows, without those that are not valid.
fn transpose(columns: &[Float32Array], valid: Option<&NullBuffer>, n_rows: usize) -> Array2<f32> {
    let n_valid = valid.map_or(n_rows, |valid| n_rows - valid.null_count());
    let mut rows = Array2::zeros((n_valid, columns.len()));
    for (column, mut target) in columns.iter().zip(rows.columns_mut()) {
        let is_valid = |row: &usize| valid.is_none_or(|valid| valid.is_valid(*row));
        let values = (0..n_rows).filter(is_valid).map(|row| column.value(row));
        target.iter_mut().zip(values).for_each(|(target, value)| *target = value);
    }
    rows
}

/// Returns a column's value, or one value for the whole batch if all arguments are constants.
///
/// # Errors
/// [`DataFusionError`] if a constant cannot be extracted.
pub(crate) fn columnar(array: Arc<dyn Array>, is_constant: bool) -> Result<ColumnarValue> {
    if is_constant {
        return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
    }
    Ok(ColumnarValue::Array(array))
}
