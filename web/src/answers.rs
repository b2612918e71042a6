//! What the visitor has answered so far: five answers, any of which may be missing.

use std::fmt;

use mysfits_domain::{Answer, Entry, FEATURES, QUESTION_COUNT};

/// The first question, counted from 0, that has no answer yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing(pub usize);

/// Answers in the order of the questionnaire; none where the visitor has not answered yet.
///
/// Displays as one digit a question, 0 for an open one: `12045`. That is how answers stand in an address, so that a
/// link carries them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers([Option<Answer>; QUESTION_COUNT]);

impl Answers {
    /// From a form: `chosen` gives the value of the radio chosen under a name, which is a feature's. What is not an
    /// option counts as open.
    pub fn chosen(chosen: impl Fn(&str) -> Option<String>) -> Self {
        Self(FEATURES.map(|feature| answer(&chosen(feature)?)))
    }

    /// From what [`Display`](fmt::Display) wrote; digits that are no option count as open. None for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let digits = code.len() == QUESTION_COUNT && code.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| Self(std::array::from_fn(|position| answer(code.get(position..=position)?))))
    }

    /// The answer to a question.
    #[must_use]
    pub fn get(&self, question: usize) -> Option<Answer> {
        self.0.get(question).copied().flatten()
    }

    /// How many questions are answered.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.iter().flatten().count()
    }

    /// The complete entry.
    ///
    /// # Errors
    /// [`Missing`] for the first question without an answer.
    pub fn entry(&self) -> Result<Entry, Missing> {
        let mut answers = [Answer::MIN; QUESTION_COUNT];
        for (position, (slot, answer)) in answers.iter_mut().zip(self.0).enumerate() {
            *slot = answer.ok_or(Missing(position))?;
        }
        Ok(Entry::from(answers))
    }
}

fn answer(digits: &str) -> Option<Answer> {
    Answer::try_from(digits.parse::<u8>().ok()?).ok()
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for answer in self.0 {
            let digit = char::from(b'0' + answer.map_or(0, Answer::get));
            fmt::Write::write_char(f, digit)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A form in which question `i` is answered by `values[i]`; empty means not answered.
    fn form(values: [&'static str; QUESTION_COUNT]) -> impl Fn(&str) -> Option<String> {
        move |name| {
            let position = FEATURES.iter().position(|feature| *feature == name)?;
            Some(values[position].to_owned()).filter(|value| !value.is_empty())
        }
    }

    #[test]
    fn five_answers_are_an_entry_in_the_questionnaires_order() {
        let answers = Answers::chosen(form(["1", "2", "3", "4", "8"]));
        assert_eq!(answers.entry(), Ok(Entry::try_from([1, 2, 3, 4, 8]).expect("valid")));
        assert_eq!(answers.to_string(), "12348");
    }

    #[test]
    fn the_first_gap_is_named() {
        let answers = Answers::chosen(form(["1", "2", "", "4", ""]));
        assert_eq!((answers.entry(), answers.count()), (Err(Missing(2)), 3));
        assert_eq!(Answers::default().entry(), Err(Missing(0)));
    }

    #[test]
    fn what_is_not_an_option_counts_as_open() {
        assert_eq!(Answers::chosen(form(["1", "2", "3", "9", "5"])).entry(), Err(Missing(3)));
        assert_eq!(Answers::chosen(form(["0", "2", "3", "4", "5"])).entry(), Err(Missing(0)));
        assert_eq!(Answers::chosen(form(["1", "x", "3", "4", "5"])).entry(), Err(Missing(1)));
    }

    #[test]
    fn every_state_survives_an_address() {
        // Nine states a question: open, or one of eight.
        for state in 0..9_usize.pow(QUESTION_COUNT as u32) {
            let code: String = (0..QUESTION_COUNT)
                .map(|i| char::from(b'0' + (state / 9_usize.pow(i as u32) % 9) as u8))
                .collect();
            let answers = Answers::parse(&code).expect("a code");
            assert_eq!(answers.to_string(), code);
        }
    }

    #[test]
    fn what_is_no_code_is_refused_and_a_nine_is_open() {
        for code in ["", "1234", "123456", "1234x", "12 45", "１２３４５", "-1234"] {
            assert_eq!(Answers::parse(code), None, "{code}");
        }
        assert_eq!(Answers::parse("12945").map(|answers| answers.to_string()), Some("12045".to_owned()));
    }
}
