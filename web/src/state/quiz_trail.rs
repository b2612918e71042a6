//! The questionnaire in the browser's history: each question, the review and each result has an entry of its own.
//!
//! The state of an entry holds the steps from the one that was opened first to its own: a [`QuizTrail`]. The browser keeps it, also
//! when the page is reloaded.

use std::fmt;

use crate::browser::OWN_ENTRY;

/// A step of the questionnaire that has an entry in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuizStep {
    /// A question, counted from 0.
    Question(usize),
    Review,
    /// A result, also while it is awaited, or an error in its place.
    Result,
}

impl QuizStep {
    const fn letter(self) -> char {
        match self {
            Self::Question(question) => (b'0' + question as u8) as char,
            Self::Review => 'v',
            Self::Result => 'r',
        }
    }

    fn from_letter(letter: char) -> Option<Self> {
        match letter {
            'v' => Some(Self::Review),
            'r' => Some(Self::Result),
            _ => Some(Self::Question(letter.to_digit(10)? as usize)),
        }
    }
}

/// How the history follows a change of the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryChange {
    /// The current entry stays; its address may change.
    Stay,
    /// The entry before the current one has the step.
    Back,
    /// A new entry.
    Push(QuizTrail),
}

/// The steps that led to a history entry. Displayed as the entry's state: `mysfits:01v` after two questions and the review.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuizTrail {
    /// Whether the page has added the first of these entries too. If a link has opened the questionnaire, what is before it does not
    /// belong to the site.
    is_own: bool,
    /// One letter per step.
    steps: String,
}

impl QuizTrail {
    /// Returns the trail of a questionnaire that was opened on the site, at a step.
    pub fn opened_at(step: QuizStep) -> Self {
        Self { is_own: true, steps: step.letter().into() }
    }

    /// Returns the trail of an entry's state. It is empty if the entry is not the questionnaire's.
    pub fn parse(state: &str) -> Self {
        let (owner, steps) = state.split_once(':').unwrap_or((state, ""));
        Self { is_own: owner == OWN_ENTRY, steps: steps.to_owned() }
    }

    /// Returns the step of the entry.
    pub fn current(&self) -> Option<QuizStep> {
        QuizStep::from_letter(self.steps.chars().next_back()?)
    }

    /// Returns the trail with another step at its end.
    pub fn with(&self, step: QuizStep) -> Self {
        let mut trail = self.clone();
        trail.steps.push(step.letter());
        trail
    }

    /// Returns how the history follows when the questionnaire is at `step`. Results are equal if they have the same answers.
    pub fn follow(&self, step: QuizStep, has_same_answers: bool) -> HistoryChange {
        let is_result = step == QuizStep::Result;
        if self.current() == Some(step) && (has_same_answers || !is_result) {
            return HistoryChange::Stay;
        }
        let before = self.steps.chars().rev().nth(1).and_then(QuizStep::from_letter);
        if before == Some(step) && !is_result {
            HistoryChange::Back
        } else {
            HistoryChange::Push(self.with(step))
        }
    }

    /// Returns how many entries are between the current one and the site's entry before the questionnaire, if there is one.
    pub fn entries_to_leave(&self) -> Option<usize> {
        self.is_own.then(|| self.steps.len().max(1))
    }
}

impl fmt::Display for QuizTrail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owner = if self.is_own { OWN_ENTRY } else { "" };
        f.write_str(&[owner, ":", &self.steps].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_displays_as_it_was_parsed() {
        for state in ["mysfits:012v", ":2", "mysfits:", ":", "mysfits:vr0r"] {
            assert_eq!(QuizTrail::parse(state).to_string(), state);
        }
        assert_eq!(QuizTrail::parse("mysfits"), QuizTrail { is_own: true, steps: String::new() });
        assert_eq!(QuizTrail::parse(""), QuizTrail::default());
        assert_eq!(QuizTrail::parse("mysfits:0é").current(), None);
    }

    #[test]
    fn a_new_step_gets_an_entry_and_the_step_before_is_one_back() {
        let first = QuizTrail::opened_at(QuizStep::Question(0));
        assert_eq!(first.current(), Some(QuizStep::Question(0)));
        assert_eq!(first.follow(QuizStep::Question(0), false), HistoryChange::Stay);
        let HistoryChange::Push(second) = first.follow(QuizStep::Question(1), true) else {
            panic!("no entry")
        };
        assert_eq!(second.to_string(), "mysfits:01");
        assert_eq!(second.follow(QuizStep::Question(0), true), HistoryChange::Back);
        assert_eq!(second.entries_to_leave(), Some(2));
    }

    #[test]
    fn each_result_has_an_entry() {
        let result = QuizTrail::parse("mysfits:4vr");
        assert_eq!(result.follow(QuizStep::Result, true), HistoryChange::Stay);
        assert_eq!(
            result.follow(QuizStep::Result, false),
            HistoryChange::Push(QuizTrail::parse("mysfits:4vrr"))
        );
        assert_eq!(result.follow(QuizStep::Review, true), HistoryChange::Back);
        // The answers may have changed since the first result.
        let review = QuizTrail::parse("mysfits:4vrv");
        assert_eq!(review.follow(QuizStep::Result, true), HistoryChange::Push(review.with(QuizStep::Result)));
        assert_eq!(
            result.follow(QuizStep::Question(0), false),
            HistoryChange::Push(QuizTrail::parse("mysfits:4vr0"))
        );
    }

    #[test]
    fn a_link_has_nothing_of_the_site_before_it() {
        assert_eq!(QuizTrail::parse(":23").entries_to_leave(), None);
        assert_eq!(QuizTrail::parse("").entries_to_leave(), None);
        assert_eq!(QuizTrail::parse("mysfits").entries_to_leave(), Some(1));
    }
}
