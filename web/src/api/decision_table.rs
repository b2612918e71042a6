//! The decision table: the model's recommendation for every entry, for recommendations without the service.
//!
//! The page fetches the file that the Lambda function and the server use too. The table has no explanations: those need the
//! model.

use mysfits_domain::{Answer, Entry, Label, MysfitId, OPTION_COUNT, QUESTION_COUNT};
use mysfits_knn::{DecisionTable, GridAxis};

/// A decision table over all entries, with the labels of the catalogue.
#[derive(Debug, Clone)]
pub struct EntryTable(DecisionTable);

impl EntryTable {
    /// Reads a table; `None` if it is damaged or made for other questions or mysfits.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let table = DecisionTable::from_bytes(bytes).ok()?;
        let axis = GridAxis { min: i32::from(Answer::MIN.get()), count: OPTION_COUNT as u32 };
        let fits = table.grid().axes() == [axis; QUESTION_COUNT]
            && table.classes().iter().all(|&class| Label::try_from(class).is_ok());
        fits.then_some(Self(table))
    }

    /// Returns the recommended mysfit for an entry.
    #[must_use]
    pub fn recommend(&self, entry: Entry) -> Option<MysfitId> {
        Label::try_from(self.0.predict(entry.index())).ok().map(MysfitId::from)
    }
}

#[cfg(test)]
mod tests {
    use mysfits_domain::MYSFIT_COUNT;

    use super::*;

    /// Returns a table in which the class of each entry is `class(index)`, in the format of `DecisionTable::to_bytes`.
    fn bytes(axes: &[(i32, u32)], classes: &[f64], class: impl Fn(usize) -> u8) -> Vec<u8> {
        let mut bytes = b"knntabl\x02".to_vec();
        let length = |n: usize| (n as u32).to_le_bytes();
        bytes.extend(length(axes.len()));
        for (min, count) in axes {
            bytes.extend(min.to_le_bytes());
            bytes.extend(count.to_le_bytes());
        }
        bytes.extend(length(classes.len()));
        bytes.extend(classes.iter().flat_map(|class| class.to_le_bytes()));
        let n_points = axes.iter().map(|(_, count)| *count as usize).product();
        bytes.extend((0..n_points).map(class));
        bytes
    }

    const AXES: [(i32, u32); QUESTION_COUNT] = [(1, 8); QUESTION_COUNT];

    #[test]
    fn recommends_for_every_entry() {
        let classes: Vec<f64> = (0..MYSFIT_COUNT).map(|label| label as f64).collect();
        let table = bytes(&AXES, &classes, |index| (index % MYSFIT_COUNT) as u8);
        let table = EntryTable::from_bytes(&table).expect("a table");
        for entry in Entry::all() {
            let label = Label::try_from((entry.index() % MYSFIT_COUNT) as u8).expect("a label");
            assert_eq!(table.recommend(entry), Some(label.mysfit().id));
        }
    }

    #[test]
    fn rejects_damaged_tables_and_those_of_other_questions_or_mysfits() {
        assert!(
            EntryTable::from_bytes(&bytes(&[(0, 8); QUESTION_COUNT], &[0.0], |_| 0)).is_none(),
            "answers from 0"
        );
        assert!(EntryTable::from_bytes(&bytes(&AXES[1..], &[0.0], |_| 0)).is_none(), "four questions");
        assert!(EntryTable::from_bytes(&bytes(&AXES, &[0.0, 12.0], |_| 0)).is_none(), "a thirteenth mysfit");
        let good = bytes(&AXES, &[8.0], |_| 0);
        assert!(EntryTable::from_bytes(&good).is_some());
        assert!(EntryTable::from_bytes(&good[..good.len() - 1]).is_none(), "cut off");
        assert!(EntryTable::from_bytes(b"<!doctype html>").is_none(), "a page in its place");
    }
}
