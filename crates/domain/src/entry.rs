//! Entries: a visitor's answers to all questions.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{FEATURES, OPTION_COUNT, QUESTION_COUNT};

/// An answer: the number of the selected option, in `1..=8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8")]
pub struct Answer(u8);

impl Answer {
    /// The lowest answer.
    pub const MIN: Self = Self(1);
    /// The highest answer.
    pub const MAX: Self = Self(OPTION_COUNT as u8);

    /// Returns the number, in `1..=8`.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Returns all answers, ascending.
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..OPTION_COUNT).map(|i| Self(i as u8 + 1))
    }
}

/// A number that is not an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("invalid answer: {0} (expected {min} to {max})", min = Answer::MIN, max = Answer::MAX)]
pub struct AnswerOutOfRange(pub u8);

impl TryFrom<u8> for Answer {
    type Error = AnswerOutOfRange;

    fn try_from(number: u8) -> Result<Self, AnswerOutOfRange> {
        let is_valid = (Self::MIN.0..=Self::MAX.0).contains(&number);
        if is_valid { Ok(Self(number)) } else { Err(AnswerOutOfRange(number)) }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Five answers in the order of the questionnaire.
///
/// Serialized as an array of numbers, `[1,2,3,4,5]`. Always valid: all constructors check their arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Entry([Answer; QUESTION_COUNT]);

impl Entry {
    /// The number of different entries: 8^5 = 32,768.
    pub const COUNT: usize = OPTION_COUNT.pow(QUESTION_COUNT as u32);

    /// Returns the answers in the order of the questionnaire.
    #[must_use]
    pub const fn answers(&self) -> &[Answer; QUESTION_COUNT] {
        &self.0
    }

    /// Returns the features of a model: the answers as floats, in the order of the questionnaire.
    #[must_use]
    pub fn features(&self) -> [f32; QUESTION_COUNT] {
        self.0.map(|answer| f32::from(answer.0))
    }

    /// Returns the position in the lexicographic order of all entries: `[1,1,1,1,1]` is 0, `[1,1,1,1,2]` is 1.
    #[must_use]
    pub fn index(&self) -> usize {
        self.0.iter().fold(0, |index, answer| index * OPTION_COUNT + usize::from(answer.0 - 1))
    }

    /// Returns the entry at a position, the inverse of [`Entry::index`]; `None` from [`Entry::COUNT`] on.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        let mut rest = index;
        let mut answers = [Answer::MIN; QUESTION_COUNT];
        for answer in answers.iter_mut().rev() {
            *answer = Answer((rest % OPTION_COUNT) as u8 + 1);
            rest /= OPTION_COUNT;
        }
        (rest == 0).then_some(Self(answers))
    }

    /// Returns all entries in the order of their [`index`](Entry::index).
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..Self::COUNT).map(|index| {
            let divisor = |position: usize| OPTION_COUNT.pow((QUESTION_COUNT - 1 - position) as u32);
            Self(std::array::from_fn(|p| Answer((index / divisor(p) % OPTION_COUNT) as u8 + 1)))
        })
    }
}

impl From<[Answer; QUESTION_COUNT]> for Entry {
    fn from(answers: [Answer; QUESTION_COUNT]) -> Self {
        Self(answers)
    }
}

/// Invalid entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// There are too few or too many answers.
    #[error("entry has {found} answers; it must have {QUESTION_COUNT}, in this order: {}", features())]
    WrongCount {
        /// The number of answers.
        found: usize,
    },
    /// An answer is not one of the options.
    #[error(
        "entry[{position}] ({feature}) is {value}; it must be a whole number from {} to {}",
        Answer::MIN.0, Answer::MAX.0
    )]
    InvalidAnswer {
        /// The position, counted from 0.
        position: usize,
        /// The feature of the question.
        feature: &'static str,
        /// The value, as it was received.
        value: String,
    },
}

impl EntryError {
    /// Returns the error for an invalid answer at a position, counted from 0. `value` is the received value, for the message.
    ///
    /// After the last question, the error is a wrong count.
    #[must_use]
    pub fn invalid_answer(position: usize, value: impl ToString) -> Self {
        match FEATURES.get(position) {
            Some(feature) => Self::InvalidAnswer { position, feature, value: value.to_string() },
            None => Self::WrongCount { found: position + 1 },
        }
    }
}

fn features() -> String {
    FEATURES.join(", ")
}

impl TryFrom<&[i64]> for Entry {
    type Error = EntryError;

    fn try_from(numbers: &[i64]) -> Result<Self, EntryError> {
        let numbers: &[i64; QUESTION_COUNT] =
            numbers.try_into().map_err(|_| EntryError::WrongCount { found: numbers.len() })?;
        let mut answers = [Answer::MIN; QUESTION_COUNT];
        for (position, (answer, &number)) in answers.iter_mut().zip(numbers).enumerate() {
            *answer = u8::try_from(number)
                .ok()
                .and_then(|n| Answer::try_from(n).ok())
                .ok_or_else(|| EntryError::invalid_answer(position, number))?;
        }
        Ok(Self(answers))
    }
}

impl TryFrom<[i64; QUESTION_COUNT]> for Entry {
    type Error = EntryError;

    fn try_from(numbers: [i64; QUESTION_COUNT]) -> Result<Self, EntryError> {
        Self::try_from(numbers.as_slice())
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Vec::<i64>::deserialize(deserializer)?.as_slice()).map_err(D::Error::custom)
    }
}
