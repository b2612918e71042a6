//! A k-NN model in this process: answers and explains.

use std::sync::Arc;

use mysfits_domain::{Entry, Explanation, Label, QUESTION_COUNT, Recommendation, Vote};
use mysfits_knn::{Metric, Model, Neighbour, PredictorType};

use super::UnfitModel;
use crate::{BoxFuture, RecommendError, Recommended, Recommender};

/// Recommends by asking a model.
#[derive(Debug, Clone)]
pub struct InProcess {
    model: Arc<Model>,
}

impl InProcess {
    /// Asks this model from now on.
    ///
    /// # Errors
    /// [`UnfitModel`] if it has not one feature for each question, is a regressor, has another metric than L2, or knows a
    /// label of no mysfit: that would otherwise show in the middle of a request.
    pub fn new(model: Arc<Model>) -> Result<Self, UnfitModel> {
        if model.feature_dim() != QUESTION_COUNT {
            return Err(UnfitModel::FeatureDim { found: model.feature_dim(), expected: QUESTION_COUNT });
        }
        if model.hyperparameters().predictor_type() == PredictorType::Regressor {
            return Err(UnfitModel::Regressor);
        }
        let metric = model.hyperparameters().metric();
        if metric != Metric::L2 {
            return Err(UnfitModel::Metric { found: metric });
        }
        for &label in model.classes() {
            Label::try_from(label)?;
        }
        Ok(Self { model })
    }

    /// The nearest samples to an entry, and the label they vote for.
    fn neighbours(&self, entry: Entry) -> Result<(Label, Vec<Neighbour>), RecommendError> {
        let bad = |error| RecommendError::BadAnswer(error);
        let neighbours = self.model.neighbours(&entry.features()).map_err(|error| bad(error.into()))?;
        let label = self.model.predict_from(&neighbours).ok_or_else(|| bad("the model is empty".into()))?;
        Ok((Label::try_from(label).map_err(|error| bad(error.into()))?, neighbours))
    }

    /// Returns the explanation of the model's prediction for an entry.
    pub(super) fn explain(&self, entry: Entry, backend: &str) -> Result<Explanation, RecommendError> {
        let (_, neighbours) = self.neighbours(entry)?;
        explanation(backend, &neighbours)
    }
}

fn explanation(backend: &str, neighbours: &[Neighbour]) -> Result<Explanation, RecommendError> {
    let votes = Model::votes(neighbours).into_iter().map(|vote| {
        let mysfit = Label::try_from(vote.label).map_err(|error| RecommendError::BadAnswer(error.into()))?;
        Ok(Vote { mysfit: mysfit.mysfit().id, count: vote.count })
    });
    Ok(Explanation {
        backend: backend.to_owned(),
        k: neighbours.len(),
        votes: votes.collect::<Result<_, RecommendError>>()?,
        // L2's measure is the square of the distance.
        distances: neighbours.iter().map(|neighbour| neighbour.score.sqrt()).collect(),
    })
}

impl Recommender for InProcess {
    fn name(&self) -> &'static str {
        "model"
    }

    fn recommend(&self, entry: Entry, explain: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        Box::pin(async move {
            let (label, neighbours) = self.neighbours(entry)?;
            let explanation = explain.then(|| explanation(self.name(), &neighbours)).transpose()?;
            let recommendation = Recommendation { recommended_mysfit: label.mysfit().id, explanation };
            Ok(Recommended::by(self.name(), recommendation))
        })
    }
}
