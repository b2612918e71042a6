//! An entry: one visitor's answers to all questions.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{FEATURES, OPTION_COUNT, QUESTION_COUNT};

/// One answer: the number of the chosen option, in `1..=8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Answer(u8);

impl Answer {
    /// The lowest answer.
    pub const MIN: Self = Self(1);
    /// The highest answer.
    pub const MAX: Self = Self(OPTION_COUNT as u8);

    /// The number itself, in `1..=8`.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// All answers, ascending.
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..OPTION_COUNT).map(|i| Self(i as u8 + 1))
    }
}

impl TryFrom<u8> for Answer {
    /// The refused number.
    type Error = u8;

    fn try_from(number: u8) -> Result<Self, u8> {
        if (Self::MIN.0..=Self::MAX.0).contains(&number) { Ok(Self(number)) } else { Err(number) }
    }
}

/// Five answers in the order of the questionnaire; the point that the model is asked about.
///
/// Serialises as the array of numbers, `[1,2,3,4,5]`. There is no invalid value: every constructor checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Entry([Answer; QUESTION_COUNT]);

impl Entry {
    /// How many different entries there are: 8^5 = 32,768.
    pub const COUNT: usize = OPTION_COUNT.pow(QUESTION_COUNT as u32);

    /// The answers in the order of the questionnaire.
    #[must_use]
    pub const fn answers(&self) -> &[Answer; QUESTION_COUNT] {
        &self.0
    }

    /// The entry as the feature vector of a model: the answers as floats, in the order of the questionnaire.
    #[must_use]
    pub fn features(&self) -> [f32; QUESTION_COUNT] {
        self.0.map(|answer| f32::from(answer.0))
    }

    /// The entry's place in the lexicographic order of all entries: `[1,1,1,1,1]` is 0, `[1,1,1,1,2]` is 1.
    #[must_use]
    pub fn index(&self) -> usize {
        self.0.iter().fold(0, |index, answer| index * OPTION_COUNT + usize::from(answer.0 - 1))
    }

    /// The entry at a place, the inverse of [`Entry::index`]; none from [`Entry::COUNT`] on.
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

    /// All entries in the order of their [`index`](Entry::index).
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
pub enum EntryError {
    /// There are too few or too many answers.
    #[error("entry has {found} answers; it must have {QUESTION_COUNT}, in this order: {}", features())]
    WrongCount {
        /// How many there are.
        found: usize,
    },
    /// An answer is not one of the options.
    #[error(
        "entry[{position}] ({feature}) is {value}; it must be a whole number from {} to {}",
        Answer::MIN.0, Answer::MAX.0
    )]
    NotAnOption {
        /// Which answer, counted from 0.
        position: usize,
        /// The question's feature.
        feature: &'static str,
        /// What was given instead, as its sender wrote it.
        value: String,
    },
}

impl EntryError {
    /// The error for an answer, at a position counted from 0, that is not an option.
    ///
    /// `value` is what the sender wrote; it is what the message shows. Beyond the last question it is a wrong count.
    #[must_use]
    pub fn not_an_option(position: usize, value: impl ToString) -> Self {
        match FEATURES.get(position) {
            Some(feature) => Self::NotAnOption { position, feature, value: value.to_string() },
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
                .ok_or_else(|| EntryError::not_an_option(position, number))?;
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
