//! What if: the mysfits that other answers would bring, from the decision table.

use mysfits_domain::{Answer, Entry, MysfitId, QUESTION_COUNT};

use super::quiz::Quiz;

/// An answer that would bring another mysfit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alternative {
    /// The number of the option.
    pub answer: Answer,
    /// The entry with that answer.
    pub entry: Entry,
    /// The mysfit that is recommended for it.
    pub mysfit: MysfitId,
}

/// The alternatives of each question: for each other mysfit the option that is nearest to the visitor's.
pub type Alternatives = [Vec<Alternative>; QUESTION_COUNT];

impl Quiz {
    /// Returns who would come with one other answer; `None` if the decision table cannot be fetched.
    pub async fn alternatives(self, entry: Entry, mysfit: MysfitId) -> Option<Alternatives> {
        self.fetch_table().await;
        self.table.with(|table| {
            let table = table.as_ref()?;
            Some(alternatives(entry, mysfit, |entry| table.label(entry).into()))
        })
    }
}

/// Returns the alternatives to the answers of an entry, for which `mysfit` is recommended.
fn alternatives(entry: Entry, mysfit: MysfitId, recommend: impl Fn(Entry) -> MysfitId) -> Alternatives {
    std::array::from_fn(|question| {
        let mut found: Vec<Alternative> = Vec::new();
        for answer in by_distance(entry.answers()[question]) {
            let mut answers = *entry.answers();
            answers[question] = answer;
            let entry = Entry::from(answers);
            let other = recommend(entry);
            if other != mysfit && found.iter().all(|alternative| alternative.mysfit != other) {
                found.push(Alternative { answer, entry, mysfit: other });
            }
        }
        found
    })
}

/// Returns the other answers, those with the nearest numbers first.
fn by_distance(from: Answer) -> impl Iterator<Item = Answer> {
    // One step down, one up, two down and so on; what is outside of the range is no answer.
    (2..2 * Answer::MAX.get()).filter_map(move |i| {
        let number = if i % 2 == 0 { from.get().wrapping_sub(i / 2) } else { from.get() + i / 2 };
        Answer::try_from(number).ok()
    })
}

#[cfg(test)]
mod tests {
    use mysfits_domain::catalogue;

    use super::*;

    fn entry(numbers: [i64; QUESTION_COUNT]) -> Entry {
        Entry::try_from(numbers).expect("an entry")
    }

    #[test]
    fn other_answers_are_in_the_order_of_their_distance() {
        let numbers = |from: u8| -> Vec<u8> {
            by_distance(Answer::try_from(from).expect("an answer")).map(Answer::get).collect()
        };
        assert_eq!(numbers(1), [2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(numbers(4), [3, 5, 2, 6, 1, 7, 8]);
        assert_eq!(numbers(8), [7, 6, 5, 4, 3, 2, 1]);
    }

    /// The first answer decides in this rule: 1 to 4 bring the first mysfit, 5 and 6 the second, 7 and 8 the third.
    #[test]
    fn each_other_mysfit_has_the_nearest_answer() {
        let [first, second, third] = [0, 1, 2].map(|label| catalogue()[label].id);
        let rule = |entry: Entry| match entry.answers()[0].get() {
            1..=4 => first,
            5..=6 => second,
            _ => third,
        };
        let found = alternatives(entry([3, 2, 3, 4, 5]), first, rule);
        let answers: Vec<_> = found[0].iter().map(|it| (it.answer.get(), it.mysfit)).collect();
        assert_eq!(answers, [(5, second), (7, third)]);
        assert_eq!(found[0][0].entry, entry([5, 2, 3, 4, 5]));
        assert!(found[1..].iter().all(Vec::is_empty), "the other questions change nothing");
    }
}
