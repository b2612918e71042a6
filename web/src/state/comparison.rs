//! The comparison of two results, from the decision table.

use mysfits_domain::{Entry, MysfitId, QUESTION_COUNT};

use super::{answers::QuizAnswers, quiz::Quiz};

/// The visitor's result and another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The other entry.
    pub entry: Entry,
    /// The mysfit that is recommended for it.
    pub mysfit: MysfitId,
    /// How many answers are the same.
    pub n_equal: usize,
    /// The Euclidean distance of the answers.
    pub distance: f32,
}

impl Comparison {
    /// The largest distance: that of the entries with only first and only last options.
    pub const MAX_DISTANCE: f32 = 15.652_476;
}

impl Quiz {
    /// Compares a visitor's entry with another; `None` if the decision table cannot be fetched.
    pub async fn compare(self, own: Entry, other: Entry) -> Option<Comparison> {
        self.fetch_table().await;
        let mysfit = self.table.with(|table| Some(MysfitId::from(table.as_ref()?.label(other))))?;
        let (n_equal, distance) = difference(own, other);
        Some(Comparison { entry: other, mysfit, n_equal, distance })
    }
}

/// Returns how many answers of two entries are the same, and the Euclidean distance.
fn difference(a: Entry, b: Entry) -> (usize, f32) {
    let pairs = || a.answers().iter().zip(b.answers());
    let squares = pairs().map(|(a, b)| u32::from(a.get().abs_diff(b.get())).pow(2));
    (pairs().filter(|(a, b)| a == b).count(), (squares.sum::<u32>() as f32).sqrt())
}

/// Returns the entry of a link to a result, or of its code: the last five digits in a row that are answers.
pub fn entry_of_link(text: &str) -> Option<Entry> {
    let runs = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == QUESTION_COUNT);
    runs.filter_map(|digits| QuizAnswers::parse(digits)?.entry().ok()).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(numbers: [i64; QUESTION_COUNT]) -> Entry {
        Entry::try_from(numbers).expect("an entry")
    }

    #[test]
    fn compares_answers() {
        assert_eq!(difference(entry([1, 2, 3, 4, 5]), entry([1, 2, 3, 4, 5])), (5, 0.0));
        assert_eq!(difference(entry([1, 2, 3, 4, 5]), entry([4, 2, 3, 8, 5])), (3, 5.0));
        assert_eq!(difference(entry([1; 5]), entry([8; 5])), (0, Comparison::MAX_DISTANCE));
    }

    #[test]
    fn reads_codes_and_links() {
        for text in [
            "12345",
            " 12345\n",
            "https://mysfits.example/r/12345/",
            "https://mysfits.example/ko/r/12345",
            "http://127.0.0.1:54321/#quiz=12345",
            "My mysfit is Gary. Who is yours? https://mysfits.example/r/12345/",
        ] {
            assert_eq!(entry_of_link(text), Some(entry([1, 2, 3, 4, 5])), "{text}");
        }
        for text in ["", "1234", "123456", "12340", "12349", "１２３４５", "https://mysfits.example/"] {
            assert_eq!(entry_of_link(text), None, "{text}");
        }
    }
}
