//! All entries, and invalid ones.

use std::collections::HashSet;

use expect_test::{Expect, expect};
use mysfits_domain::{Answer, AnswerOutOfRange, Entry, EntryError, OPTION_COUNT, QUESTION_COUNT};
use proptest::prelude::*;

#[test]
fn there_are_as_many_as_eight_options_to_five_questions_make() {
    assert_eq!((QUESTION_COUNT, OPTION_COUNT, Entry::COUNT), (5, 8, 32_768));
    assert_eq!(Entry::all().len(), Entry::COUNT);
    assert_eq!(Entry::all().collect::<HashSet<_>>().len(), Entry::COUNT);
    assert!(Entry::all().is_sorted());
}

#[test]
fn every_entry_comes_back_from_all_that_it_can_become() {
    for (index, entry) in Entry::all().enumerate() {
        assert_eq!(entry.index(), index);
        assert_eq!(Entry::from_index(index), Some(entry));
        let numbers = entry.answers().map(|answer| i64::from(answer.get()));
        assert_eq!(Entry::try_from(numbers), Ok(entry));
        assert_eq!(Entry::from(*entry.answers()), entry);
        assert_eq!(entry.features(), numbers.map(|number| number as f32));
        let json = serde_json::to_string(&entry).unwrap();
        assert_eq!(json, format!("{numbers:?}").replace(' ', ""));
        assert_eq!(serde_json::from_str::<Entry>(&json).unwrap(), entry);
    }
}

#[test]
fn there_is_no_entry_behind_the_last() {
    for index in [Entry::COUNT, Entry::COUNT + 1, 8 * Entry::COUNT, usize::MAX] {
        assert_eq!(Entry::from_index(index), None);
    }
}

#[test]
fn the_last_answer_runs_fastest() {
    let index = |numbers: [i64; 5]| Entry::try_from(numbers).unwrap().index();
    assert_eq!([index([1, 1, 1, 1, 1]), index([1, 1, 1, 1, 2]), index([1, 1, 1, 2, 1])], [0, 1, 8]);
    assert_eq!([index([1, 2, 3, 4, 5]), index([2, 1, 1, 1, 1]), index([8, 8, 8, 8, 8])], [668, 4096, 32_767]);
}

#[track_caller]
fn check_refused(numbers: &[i64], expected: Expect) {
    let error = Entry::try_from(numbers).unwrap_err();
    expected.assert_eq(&error.to_string());
    let json = serde_json::to_string(numbers).unwrap();
    let from_json = serde_json::from_str::<Entry>(&json).unwrap_err().to_string();
    assert!(from_json.starts_with(&error.to_string()), "{from_json}");
}

#[test]
fn wrong_counts_are_told_with_the_order() {
    check_refused(
        &[],
        expect![
            "entry has 0 answers; it must have 5, in this order: age, occupation, relaxation, colour, sport"
        ],
    );
    check_refused(
        &[1, 2, 3, 4],
        expect![
            "entry has 4 answers; it must have 5, in this order: age, occupation, relaxation, colour, sport"
        ],
    );
    check_refused(
        &[1, 2, 3, 4, 5, 6],
        expect![
            "entry has 6 answers; it must have 5, in this order: age, occupation, relaxation, colour, sport"
        ],
    );
    check_refused(
        &[0; 1000],
        expect![
            "entry has 1000 answers; it must have 5, in this order: age, occupation, relaxation, colour, sport"
        ],
    );
}

#[test]
fn wrong_answers_are_told_by_position_and_question() {
    check_refused(&[0, 1, 1, 1, 1], expect!["entry[0] (age) is 0; it must be a whole number from 1 to 8"]);
    check_refused(
        &[1, 9, 1, 1, 1],
        expect!["entry[1] (occupation) is 9; it must be a whole number from 1 to 8"],
    );
    check_refused(
        &[1, 1, -1, 1, 1],
        expect!["entry[2] (relaxation) is -1; it must be a whole number from 1 to 8"],
    );
    check_refused(
        &[1, 1, 1, i64::MAX, 1],
        expect!["entry[3] (colour) is 9223372036854775807; it must be a whole number from 1 to 8"],
    );
    check_refused(
        &[1, 1, 1, 1, i64::MIN],
        expect!["entry[4] (sport) is -9223372036854775808; it must be a whole number from 1 to 8"],
    );
    check_refused(
        &[1, 257, 1, 1, 300],
        expect!["entry[1] (occupation) is 257; it must be a whole number from 1 to 8"],
    );
}

#[test]
fn json_that_holds_no_whole_numbers_is_refused() {
    for json in [
        "[1,2,3,4,5.0]",
        "[1,2,3,4,\"5\"]",
        "[1,2,3,4,null]",
        "[1,2,3,4,1e20]",
        "null",
        "{}",
        "\"12345\"",
        "[[1,2,3,4,5]]",
    ] {
        assert!(serde_json::from_str::<Entry>(json).is_err(), "{json}");
    }
}

#[test]
fn what_was_sent_is_repeated_as_it_was_written() {
    assert_eq!(
        EntryError::invalid_answer(2, "\"3\"").to_string(),
        "entry[2] (relaxation) is \"3\"; it must be a whole number from 1 to 8"
    );
    assert_eq!(EntryError::invalid_answer(5, 1), EntryError::WrongCount { found: 6 });
}

#[test]
fn answers_are_one_to_eight() {
    let all: Vec<u8> = Answer::all().map(Answer::get).collect();
    assert_eq!(all, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!((Answer::MIN.get(), Answer::MAX.get()), (1, 8));
    for number in 0..=u8::MAX {
        assert_eq!(
            Answer::try_from(number).map(Answer::get).ok(),
            (1..=8).contains(&number).then_some(number)
        );
    }
    assert_eq!(Answer::try_from(9), Err(AnswerOutOfRange(9)));
    assert_eq!(AnswerOutOfRange(9).to_string(), "invalid answer: 9 (expected 1 to 8)");
}

proptest! {
    #[test]
    fn numbers_are_an_entry_exactly_if_there_are_five_from_one_to_eight(
        numbers in prop::collection::vec(prop_oneof![4 => 1i64..=8, 1 => -2i64..=11, 1 => any::<i64>()], 3..7),
    ) {
        let is_entry = numbers.len() == 5 && numbers.iter().all(|number| (1..=8).contains(number));
        prop_assert_eq!(Entry::try_from(numbers.as_slice()).is_ok(), is_entry);
    }
}
