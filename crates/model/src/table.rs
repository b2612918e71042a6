//! The decision table: the recommendation for every entry.

use mysfits_domain::{Answer, Entry, Label, OPTION_COUNT, QUESTION_COUNT};
use mysfits_knn::{DecisionTable, Grid, GridAxis};

use crate::IncompatibleModel;

/// One axis for each question, with its options.
const AXES: [GridAxis; QUESTION_COUNT] =
    [GridAxis { min: Answer::MIN.get() as i32, count: OPTION_COUNT as u32 }; QUESTION_COUNT];

/// Returns the grid of all entries, in the order of their indices.
pub(crate) fn grid() -> Grid {
    Grid::new(AXES).expect("the entries are a grid of 8^5 points")
}

/// A model's recommendation for every entry.
#[derive(Debug, Clone, PartialEq)]
pub struct RecommendationTable {
    table: DecisionTable,
    labels: Box<[Label]>,
}

impl RecommendationTable {
    /// Parses the bytes of a decision table ([`DecisionTable::to_bytes`]).
    ///
    /// # Errors
    /// [`IncompatibleModel`] if the bytes are not a decision table, or not one of this build's questionnaire.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IncompatibleModel> {
        Self::new(DecisionTable::from_bytes(bytes)?)
    }

    /// Checks that a decision table is over the entries, and that its labels are those of mysfits.
    ///
    /// # Errors
    /// [`IncompatibleModel::Grid`] or [`IncompatibleModel::Label`].
    pub fn new(table: DecisionTable) -> Result<Self, IncompatibleModel> {
        if table.grid().axes() != AXES {
            return Err(IncompatibleModel::Grid { found: table.grid().axes().to_vec() });
        }
        for &class in table.classes() {
            Label::try_from(class)?;
        }
        let labels = (0..Entry::COUNT).map(|index| Label::try_from(table.predict(index)));
        Ok(Self { labels: labels.collect::<Result<_, _>>()?, table })
    }

    /// Returns the label of the mysfit that is recommended for an entry.
    #[must_use]
    pub fn label(&self, entry: Entry) -> Label {
        self.labels[entry.index()]
    }

    /// Returns the labels for all entries, in the order of their indices.
    #[must_use]
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// Returns the decision table.
    #[must_use]
    pub fn decision_table(&self) -> &DecisionTable {
        &self.table
    }
}
