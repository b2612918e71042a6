//! The decision table in the browser: every entry's answer, for when there is nobody to ask.
//!
//! It is the table that the function and the server answer from, byte for byte, fetched while there is a network. It
//! knows who suits whom, but not why: the neighbours stay where the model is.

use mysfits_domain::{Answer, Entry, Label, MysfitId, OPTION_COUNT, QUESTION_COUNT};
use mysfits_knn::{DecisionTable, GridAxis};

/// A table over all entries whose labels all stand for somebody.
#[derive(Debug, Clone)]
pub struct Table(DecisionTable);

impl Table {
    /// Reads a table; none if it is damaged, or decides other questions or other mysfits than this page's.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let table = DecisionTable::from_bytes(bytes).ok()?;
        let axis = GridAxis { min: i32::from(Answer::MIN.get()), count: OPTION_COUNT as u32 };
        let fits = table.grid().axes() == [axis; QUESTION_COUNT]
            && table.classes().iter().all(|&class| Label::try_from(class).is_ok());
        fits.then_some(Self(table))
    }

    /// Who suits an entry.
    #[must_use]
    pub fn mysfit(&self, entry: Entry) -> Option<MysfitId> {
        Label::try_from(self.0.predict(entry.index())).ok().map(Label::mysfit_id)
    }
}

#[cfg(test)]
mod tests {
    use mysfits_domain::MYSFIT_COUNT;

    use super::*;

    /// A table in which every entry's class is `class(index)`, as `DecisionTable::to_bytes` lays it out.
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
    fn every_entry_is_looked_up_at_its_place() {
        let classes: Vec<f64> = (0..MYSFIT_COUNT).map(|label| label as f64).collect();
        let table = bytes(&AXES, &classes, |index| (index % MYSFIT_COUNT) as u8);
        let table = Table::read(&table).expect("a table");
        for entry in Entry::all() {
            let label = Label::try_from((entry.index() % MYSFIT_COUNT) as u8).expect("a label");
            assert_eq!(table.mysfit(entry), Some(label.mysfit().id));
        }
    }

    #[test]
    fn tables_of_other_questions_or_mysfits_and_damaged_ones_are_refused() {
        assert!(Table::read(&bytes(&[(0, 8); QUESTION_COUNT], &[0.0], |_| 0)).is_none(), "answers from 0");
        assert!(Table::read(&bytes(&AXES[1..], &[0.0], |_| 0)).is_none(), "four questions");
        assert!(Table::read(&bytes(&AXES, &[0.0, 12.0], |_| 0)).is_none(), "a thirteenth mysfit");
        let good = bytes(&AXES, &[8.0], |_| 0);
        assert!(Table::read(&good).is_some());
        assert!(Table::read(&good[..good.len() - 1]).is_none(), "cut off");
        assert!(Table::read(b"<!doctype html>").is_none(), "a page in its place");
    }
}
