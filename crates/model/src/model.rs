//! k-NN models that answer the questionnaire.

use std::sync::Arc;

use mysfits_domain::{Label, QUESTION_COUNT};
use mysfits_knn::{Metric, Model, PredictorType};

use crate::{IncompatibleModel, RecommendationTable, table::grid};

/// A k-NN model that recommends a mysfit for every entry, and the table of its recommendations.
#[derive(Debug, Clone)]
pub struct RecommendationModel {
    model: Arc<Model>,
    table: RecommendationTable,
}

impl RecommendationModel {
    /// Checks that a model answers the questionnaire, and evaluates it at every entry.
    ///
    /// # Errors
    /// [`IncompatibleModel`] if the model does not have one feature for each question, is a regressor, has another metric
    /// than L2, or has a label without a mysfit.
    pub fn new(model: Arc<Model>) -> Result<Self, IncompatibleModel> {
        if model.feature_dim() != QUESTION_COUNT {
            return Err(IncompatibleModel::FeatureDim { found: model.feature_dim() });
        }
        if model.hyperparameters().predictor_type() == PredictorType::Regressor {
            return Err(IncompatibleModel::Regressor);
        }
        let metric = model.hyperparameters().metric();
        if metric != Metric::L2 {
            return Err(IncompatibleModel::Metric { found: metric });
        }
        for &label in model.classes() {
            Label::try_from(label)?;
        }
        let table = RecommendationTable::new(model.tabulate(&grid())?)?;
        Ok(Self { model, table })
    }

    /// Returns the k-NN model.
    #[must_use]
    pub fn knn(&self) -> &Arc<Model> {
        &self.model
    }

    /// Returns the model's recommendation for every entry.
    #[must_use]
    pub fn table(&self) -> &RecommendationTable {
        &self.table
    }
}
