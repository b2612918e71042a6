//! A decision table: every entry's answer, looked up.

use std::sync::Arc;

use mysfits_domain::{Entry, Label, ModelSchema, MysfitId, Recommendation};
use mysfits_knn::{DecisionTable, Grid, GridAxis, GridError, Model};

use super::{InProcess, UnfitModel};
use crate::{BoxFuture, RecommendError, Recommended, Recommender};

/// Recommends by looking the entry up. Explains if it was made [from a model](Self::from_model).
#[derive(Debug, Clone)]
pub struct Embedded {
    labels: Box<[Label]>,
    model: Option<InProcess>,
}

impl Embedded {
    /// The lattice over which a table for this backend must be compiled: all entries, in the order of their indices.
    ///
    /// # Errors
    /// [`GridError`] if there are more entries than a lattice can have points.
    pub fn lattice() -> Result<Grid, GridError> {
        let axis = |feature: &mysfits_domain::Feature| GridAxis {
            min: i32::from(feature.min),
            count: feature.cardinality() as u32,
        };
        Grid::new(ModelSchema::current().features.iter().map(axis).collect::<Vec<_>>())
    }

    /// Answers from this table, without explanations.
    ///
    /// # Errors
    /// [`UnfitModel`] if it was not compiled over [`lattice`](Self::lattice), or holds a label that no mysfit
    /// has.
    pub fn new(table: &DecisionTable) -> Result<Self, UnfitModel> {
        if Self::lattice().as_ref() != Ok(table.grid()) {
            return Err(UnfitModel::Lattice { found: format!("{:?}", table.grid().axes()) });
        }
        let labels = (0..Entry::COUNT).map(|index| Label::try_from(table.predict(index)));
        Ok(Self { labels: labels.collect::<Result<_, _>>()?, model: None })
    }

    /// Answers by this rule, asked once for every entry.
    #[must_use]
    pub fn from_rule(rule: impl FnMut(Entry) -> Label) -> Self {
        Self { labels: Entry::all().map(rule).collect(), model: None }
    }

    /// Answers from the table of this model, which is compiled here, and explains with the model.
    ///
    /// # Errors
    /// [`UnfitModel`], as for [`InProcess::new`].
    pub fn from_model(model: Arc<Model>) -> Result<Self, UnfitModel> {
        let in_process = InProcess::new(model.clone())?;
        let lattice = Self::lattice().map_err(|error| UnfitModel::Lattice { found: error.to_string() })?;
        Ok(Self { model: Some(in_process), ..Self::new(&model.tabulate(&lattice)?)? })
    }

    /// The mysfit for an entry: one load.
    #[must_use]
    pub fn mysfit(&self, entry: Entry) -> MysfitId {
        self.labels[entry.index()].mysfit().id
    }
}

impl Recommender for Embedded {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn recommend(&self, entry: Entry, explain: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        let explain = || match &self.model {
            Some(model) if explain => model.explain(entry, self.name()).map(Some),
            _ => Ok(None),
        };
        let recommended = explain().map(|explanation| {
            let recommendation = Recommendation { recommended_mysfit: self.mysfit(entry), explanation };
            Recommended::by(self.name(), recommendation)
        });
        Box::pin(std::future::ready(recommended))
    }
}
