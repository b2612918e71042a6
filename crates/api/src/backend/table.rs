//! A decision table: the recommendation for every entry.

use mysfits_domain::{Entry, Label, MysfitId, Recommendation};
use mysfits_model::{RecommendationModel, RecommendationTable};

use super::model::ModelBackend;
use crate::{BoxFuture, RecommendError, Recommended, Recommender};

/// Recommends by looking the entry up. Explains only if it was made [from a model](Self::from_model).
#[derive(Debug, Clone)]
pub struct TableBackend {
    labels: Box<[Label]>,
    model: Option<ModelBackend>,
}

impl TableBackend {
    /// Returns a backend for a table, without explanations.
    #[must_use]
    pub fn from_table(table: &RecommendationTable) -> Self {
        Self { labels: table.labels().into(), model: None }
    }

    /// Returns a backend for the table of a model, which explains its recommendations.
    #[must_use]
    pub fn from_model(model: RecommendationModel) -> Self {
        Self { labels: model.table().labels().into(), model: Some(ModelBackend::new(model)) }
    }

    /// Returns a backend for a rule, which is called once for every entry.
    #[must_use]
    pub fn from_rule(rule: impl FnMut(Entry) -> Label) -> Self {
        Self { labels: Entry::all().map(rule).collect(), model: None }
    }

    /// Returns the mysfit for an entry.
    #[must_use]
    pub fn mysfit(&self, entry: Entry) -> MysfitId {
        self.labels[entry.index()].mysfit().id
    }
}

impl Recommender for TableBackend {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn recommend(&self, entry: Entry, explain: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        let explanation = match &self.model {
            Some(model) if explain => model.explain(entry, self.name()).map(Some),
            _ => Ok(None),
        };
        let recommended = explanation.map(|explanation| {
            let recommendation = Recommendation { recommended_mysfit: self.mysfit(entry), explanation };
            Recommended::by(self.name(), recommendation)
        });
        Box::pin(std::future::ready(recommended))
    }
}
