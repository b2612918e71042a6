//! The questionnaire: one question at a time, a review, one request, and either a mysfit or a failure that loses nothing.
//!
//! The dialog is in one [`Stage`] at a time. The form stays in the document through all of them, so whatever happens,
//! the answers are still there. Nothing is sent before all five are given and the visitor asks for it.

mod dialog;
mod failure;
mod form;
mod question;
mod result;
mod review;
mod state;
mod waiting;

pub use dialog::QuizDialog;
pub use state::Quiz;

use crate::{exchange::Failure, explanation::Explanation};
use mysfits_domain::MysfitId;

/// The id of the questionnaire's dialog.
pub const QUIZ_ID: &str = "quiz";
/// The id of the form in it.
pub const FORM_ID: &str = "quiz-form";

/// How far the visitor has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Before a question, counted from 0.
    Asking(usize),
    /// Before the five answers, which can still be changed.
    Review,
    /// The entry is on its way.
    Waiting {
        /// It takes longer than usual.
        slow: bool,
    },
    /// Somebody was found.
    Met(Met),
    /// Nobody was.
    Failed(Failure),
}

impl Stage {
    /// Whether the form is shown.
    pub fn is_form(&self) -> bool {
        matches!(self, Self::Asking(_) | Self::Review)
    }
}

/// Who was found, and by whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Met {
    /// Who.
    pub mysfit: MysfitId,
    /// What speaks for it.
    pub why: Why,
}

/// What speaks for an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// The neighbours' votes.
    Neighbours(Explanation),
    /// The service did not say.
    Unsaid,
    /// The decision table, and why it was asked.
    Table(TableReason),
}

/// Why the decision table was asked instead of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableReason {
    /// There is no network.
    Offline,
    /// The site has no service to ask.
    NobodyToAsk,
    /// The visitor did not want to wait, or to try again.
    Wanted,
}

impl Why {
    /// Where the answer comes from, for tests and styles.
    pub const fn source(&self) -> &'static str {
        match self {
            Self::Neighbours(_) => "neighbours",
            Self::Unsaid => "service",
            Self::Table(_) => "table",
        }
    }
}
