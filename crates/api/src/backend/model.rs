//! A k-NN model in this process.

use std::error::Error;

use mysfits_domain::{Entry, Explanation, Label, Recommendation, UnknownLabel, Vote};
use mysfits_knn::{Model, Neighbour};
use mysfits_model::RecommendationModel;

use crate::{BoxFuture, RecommendError, Recommended, Recommender};

/// Recommends by the prediction of a model, and explains by its neighbours.
#[derive(Debug, Clone)]
pub struct ModelBackend {
    model: RecommendationModel,
}

impl ModelBackend {
    /// Returns a backend for a model.
    #[must_use]
    pub fn new(model: RecommendationModel) -> Self {
        Self { model }
    }

    /// Returns the nearest samples to an entry, and the label with most of their votes.
    fn neighbours(&self, entry: Entry) -> Result<(Label, Vec<Neighbour>), RecommendError> {
        let neighbours = self.model.knn().neighbours(&entry.features()).map_err(bad_answer)?;
        let label =
            self.model.knn().predict_from(&neighbours).ok_or_else(|| bad_answer("the model is empty"))?;
        Ok((Label::try_from(label).map_err(bad_answer)?, neighbours))
    }

    /// Returns the explanation of the model's prediction for an entry.
    pub(super) fn explain(&self, entry: Entry, backend: &str) -> Result<Explanation, RecommendError> {
        let (_, neighbours) = self.neighbours(entry)?;
        explanation(backend, &neighbours).map_err(bad_answer)
    }
}

fn bad_answer(error: impl Into<Box<dyn Error + Send + Sync>>) -> RecommendError {
    RecommendError::BadAnswer(error.into())
}

/// Returns the explanation by the nearest samples, whose scores are those of the metric L2.
pub(super) fn explanation(backend: &str, neighbours: &[Neighbour]) -> Result<Explanation, UnknownLabel> {
    let mysfit = |label: f64| Label::try_from(label).map(|label| label.mysfit().id);
    let votes = Model::votes(neighbours).into_iter();
    let votes = votes.map(|vote| Ok(Vote { mysfit: mysfit(vote.label)?, count: vote.count }));
    Ok(Explanation {
        backend: backend.to_owned(),
        k: neighbours.len(),
        votes: votes.collect::<Result<_, _>>()?,
        // L2's measure is the square of the distance.
        distances: neighbours.iter().map(|neighbour| neighbour.score.sqrt()).collect(),
        neighbours: neighbours.iter().map(|neighbour| mysfit(neighbour.label)).collect::<Result<_, _>>()?,
    })
}

impl Recommender for ModelBackend {
    fn name(&self) -> &'static str {
        "model"
    }

    fn recommend(&self, entry: Entry, explain: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        Box::pin(async move {
            let (label, neighbours) = self.neighbours(entry)?;
            let explanation = explain.then(|| explanation(self.name(), &neighbours)).transpose();
            let explanation = explanation.map_err(bad_answer)?;
            let recommendation = Recommendation { recommended_mysfit: label.mysfit().id, explanation };
            Ok(Recommended::by(self.name(), recommendation))
        })
    }
}
