//! The decision table from bytes.

use mysfits_domain::{Entry, Label, MYSFIT_COUNT, QUESTION_COUNT};
use mysfits_model::RecommendationTable;

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
    let table = RecommendationTable::from_bytes(&table).expect("a table");
    for entry in Entry::all() {
        let label = Label::try_from((entry.index() % MYSFIT_COUNT) as u8).expect("a label");
        assert_eq!(table.label(entry), label);
    }
}

#[test]
fn rejects_damaged_tables_and_those_of_other_questions_or_mysfits() {
    assert!(
        RecommendationTable::from_bytes(&bytes(&[(0, 8); QUESTION_COUNT], &[0.0], |_| 0)).is_err(),
        "answers from 0"
    );
    assert!(RecommendationTable::from_bytes(&bytes(&AXES[1..], &[0.0], |_| 0)).is_err(), "four questions");
    assert!(
        RecommendationTable::from_bytes(&bytes(&AXES, &[0.0, 12.0], |_| 0)).is_err(),
        "a thirteenth mysfit"
    );
    let good = bytes(&AXES, &[8.0], |_| 0);
    assert!(RecommendationTable::from_bytes(&good).is_ok());
    assert!(RecommendationTable::from_bytes(&good[..good.len() - 1]).is_err(), "cut off");
    assert!(RecommendationTable::from_bytes(b"<!doctype html>").is_err(), "a page in its place");
}
