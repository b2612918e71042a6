//! The visitor's answers to the questionnaire, any of which may be missing.

use std::fmt;

use mysfits_domain::{Answer, Entry, FEATURES, QUESTION_COUNT};

/// The index of the first question without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingAnswer(pub usize);

/// The answers in the order of the questionnaire.
///
/// Displayed as one digit per question, with 0 for a missing answer: `12045`. Addresses contain the answers in this form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QuizAnswers([Option<Answer>; QUESTION_COUNT]);

impl QuizAnswers {
    /// Reads a form: `value` returns the value of the checked radio button of a feature. An invalid value counts as missing.
    pub fn from_form(value: impl Fn(&str) -> Option<String>) -> Self {
        Self(FEATURES.map(|feature| answer(&value(feature)?)))
    }

    /// Parses the [`Display`](fmt::Display) form. A digit that is not an option counts as missing.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let digits = code.len() == QUESTION_COUNT && code.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| Self(std::array::from_fn(|position| answer(code.get(position..=position)?))))
    }

    #[must_use]
    pub fn get(&self, question: usize) -> Option<Answer> {
        self.0.get(question).copied().flatten()
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.0.iter().flatten().count()
    }

    /// Returns the entry.
    ///
    /// # Errors
    /// [`MissingAnswer`] with the first question without an answer.
    pub fn entry(&self) -> Result<Entry, MissingAnswer> {
        let mut answers = [Answer::MIN; QUESTION_COUNT];
        for (position, (slot, answer)) in answers.iter_mut().zip(self.0).enumerate() {
            *slot = answer.ok_or(MissingAnswer(position))?;
        }
        Ok(Entry::from(answers))
    }
}

fn answer(digits: &str) -> Option<Answer> {
    Answer::try_from(digits.parse::<u8>().ok()?).ok()
}

impl From<Entry> for QuizAnswers {
    fn from(entry: Entry) -> Self {
        Self(entry.answers().map(Some))
    }
}

impl fmt::Display for QuizAnswers {
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

    /// Returns a form in which question `i` has the value `values[i]`; an empty value is missing.
    fn form(values: [&'static str; QUESTION_COUNT]) -> impl Fn(&str) -> Option<String> {
        move |name| {
            let position = FEATURES.iter().position(|feature| *feature == name)?;
            Some(values[position].to_owned()).filter(|value| !value.is_empty())
        }
    }

    #[test]
    fn five_answers_make_an_entry() {
        let answers = QuizAnswers::from_form(form(["1", "2", "3", "4", "8"]));
        assert_eq!(answers.entry(), Ok(Entry::try_from([1, 2, 3, 4, 8]).expect("valid")));
        assert_eq!(answers.to_string(), "12348");
        assert_eq!(answers.entry().map(QuizAnswers::from), Ok(answers));
    }

    #[test]
    fn names_the_first_missing_answer() {
        let answers = QuizAnswers::from_form(form(["1", "2", "", "4", ""]));
        assert_eq!((answers.entry(), answers.count()), (Err(MissingAnswer(2)), 3));
        assert_eq!(QuizAnswers::default().entry(), Err(MissingAnswer(0)));
    }

    #[test]
    fn an_invalid_value_counts_as_missing() {
        assert_eq!(QuizAnswers::from_form(form(["1", "2", "3", "9", "5"])).entry(), Err(MissingAnswer(3)));
        assert_eq!(QuizAnswers::from_form(form(["0", "2", "3", "4", "5"])).entry(), Err(MissingAnswer(0)));
        assert_eq!(QuizAnswers::from_form(form(["1", "x", "3", "4", "5"])).entry(), Err(MissingAnswer(1)));
    }

    #[test]
    fn parses_what_it_displays() {
        // Each question has nine states: missing, or one of eight answers.
        for state in 0..9_usize.pow(QUESTION_COUNT as u32) {
            let code: String = (0..QUESTION_COUNT)
                .map(|i| char::from(b'0' + (state / 9_usize.pow(i as u32) % 9) as u8))
                .collect();
            let answers = QuizAnswers::parse(&code).expect("a code");
            assert_eq!(answers.to_string(), code);
        }
    }

    #[test]
    fn rejects_invalid_codes_and_treats_nine_as_missing() {
        for code in ["", "1234", "123456", "1234x", "12 45", "１２３４５", "-1234"] {
            assert_eq!(QuizAnswers::parse(code), None, "{code}");
        }
        assert_eq!(QuizAnswers::parse("12945").map(|answers| answers.to_string()), Some("12045".to_owned()));
    }
}
