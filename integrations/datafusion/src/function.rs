//! The scalar functions `knn_predict` and `knn_neighbours`.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::{DataType, Field, FieldRef},
    common::{Result, internal_err},
    logical_expr::{
        ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
    },
};

use crate::{
    features::{SampleBatch, check_types, columnar},
    neighbours, predict,
};

/// A scalar function of a model and its features; null if a feature is null.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct KnnFunction {
    result: KnnResult,
    signature: Signature,
}

/// What a function returns for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum KnnResult {
    Label,
    Neighbours,
}

impl KnnFunction {
    /// Returns `knn_predict(model, feature, ...)`: the predicted label as `DOUBLE`.
    #[must_use]
    pub fn predict() -> Self {
        Self::new(KnnResult::Label)
    }

    /// Returns `knn_neighbours(model, feature, ...)`: the `k` nearest rows of the model, as many as the model's hyperparameter
    /// `k`, nearest first, equally near ones by row number.
    ///
    /// A list of structs: `rank` (from 1), `row` (from 0), `label` and `distance`, which is squared for `L2` as in the verbose
    /// response of SageMaker.
    #[must_use]
    pub fn neighbours() -> Self {
        Self::new(KnnResult::Neighbours)
    }

    fn new(result: KnnResult) -> Self {
        Self { result, signature: Signature::variadic_any(Volatility::Stable) }
    }
}

impl ScalarUDFImpl for KnnFunction {
    fn name(&self) -> &str {
        match self.result {
            KnnResult::Label => predict::NAME,
            KnnResult::Neighbours => neighbours::NAME,
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("{}: the arguments are needed to validate the types", self.name())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        check_types(self.name(), &args)?;
        let data_type = match self.result {
            KnnResult::Label => DataType::Float64,
            KnnResult::Neighbours => DataType::List(neighbours::element()),
        };
        Ok(Arc::new(Field::new(self.name(), data_type, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let samples = SampleBatch::new(self.name(), &args)?;
        let results = match self.result {
            KnnResult::Label => predict::labels(&samples)?,
            KnnResult::Neighbours => neighbours::lists(&samples)?,
        };
        columnar(results, samples.is_constant)
    }
}
