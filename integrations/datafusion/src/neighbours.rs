//! `knn_neighbours(model, feature, ...)` as a scalar function.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Float32Builder, Float64Builder, Int64Builder, ListArray, StructArray},
        buffer::OffsetBuffer,
        datatypes::{DataType, Field, FieldRef, Fields},
    },
    common::{Result, internal_err},
    logical_expr::{
        ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
    },
};

use crate::features::{SampleBatch, check_types, columnar};

/// The name of the scalar function and of the table function.
pub(crate) const NAME: &str = "knn_neighbours";
/// The members of a neighbour, in their order.
pub(crate) const MEMBERS: [&str; 4] = ["rank", "row", "label", "distance"];

/// The scalar function `knn_neighbours(model, feature, ...)`: the `k` nearest rows of the model, as many as the model's
/// hyperparameter `k`, nearest first, equally near ones by row number; null if a feature is null.
///
/// A list of structs: `rank` (from 1), `row` (from 0), `label` and `distance`, which is squared for `L2` as in the verbose
/// response of SageMaker.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct KnnNeighbours(Signature);

impl KnnNeighbours {
    /// Returns the function.
    #[must_use]
    pub fn new() -> Self {
        Self(Signature::variadic_any(Volatility::Stable))
    }
}

impl Default for KnnNeighbours {
    fn default() -> Self {
        Self::new()
    }
}

fn members() -> Fields {
    let types = [DataType::Int64, DataType::Int64, DataType::Float64, DataType::Float32];
    MEMBERS.into_iter().zip(types).map(|(name, data_type)| Field::new(name, data_type, false)).collect()
}

fn element() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Struct(members()), true))
}

impl ScalarUDFImpl for KnnNeighbours {
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
        Ok(Arc::new(Field::new(NAME, DataType::List(element()), true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let samples = SampleBatch::new(NAME, &args)?;
        let found = samples.model.neighbours_batch(samples.rows.view());
        let mut found = found.map_err(|error| samples.describe(NAME, &error))?.into_iter();
        let (mut ranks, mut rows) = (Int64Builder::new(), Int64Builder::new());
        let (mut labels, mut distances) = (Float64Builder::new(), Float32Builder::new());
        let mut lengths = Vec::with_capacity(samples.n_rows);
        for row in 0..samples.n_rows {
            let neighbours = if samples.is_valid(row) { found.next() } else { None }.unwrap_or_default();
            lengths.push(neighbours.len());
            for (rank, neighbour) in (1..).zip(&neighbours) {
                ranks.append_value(rank);
                rows.append_value(i64::try_from(neighbour.row).unwrap_or(i64::MAX));
                labels.append_value(neighbour.label);
                distances.append_value(neighbour.score);
            }
        }
        let values = StructArray::try_new(
            members(),
            vec![
                Arc::new(ranks.finish()),
                Arc::new(rows.finish()),
                Arc::new(labels.finish()),
                Arc::new(distances.finish()),
            ],
            None,
        )?;
        let offsets = OffsetBuffer::from_lengths(lengths);
        let lists = ListArray::try_new(element(), offsets, Arc::new(values), samples.valid.clone())?;
        columnar(Arc::new(lists), samples.is_constant)
    }
}
