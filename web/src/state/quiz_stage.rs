//! What the questionnaire shows, and where a recommendation comes from.

use mysfits_domain::{Explanation, MysfitId};

use super::quiz_trail::QuizStep;
use crate::api::recommendations::RecommendationError;

/// What the questionnaire shows.
#[derive(Debug, Clone, PartialEq)]
pub enum QuizStage {
    /// A question, counted from 0.
    Question(usize),
    /// The five answers, which can still be changed.
    Review,
    /// A request is being sent.
    Waiting {
        /// The request takes longer than usual.
        slow: bool,
    },
    /// The recommended mysfit.
    Result(QuizResult),
    Failed(RecommendationError),
}

impl QuizStage {
    pub fn is_form(&self) -> bool {
        self.step() != QuizStep::Result
    }

    /// Returns the step to which the stage belongs in the browser's history.
    pub fn step(&self) -> QuizStep {
        match self {
            Self::Question(question) => QuizStep::Question(*question),
            Self::Review => QuizStep::Review,
            Self::Waiting { .. } | Self::Result(_) | Self::Failed(_) => QuizStep::Result,
        }
    }
}

/// A recommended mysfit.
#[derive(Debug, Clone, PartialEq)]
pub struct QuizResult {
    pub mysfit: MysfitId,
    /// Where the recommendation comes from.
    pub source: ResultSource,
}

/// The source of a recommendation.
#[derive(Debug, Clone, PartialEq)]
pub enum ResultSource {
    /// The service, with the neighbours' votes.
    Neighbours(Explanation),
    /// The service, without an explanation.
    Unexplained,
    /// The decision table in the browser.
    DecisionTable(DecisionTableReason),
}

impl ResultSource {
    /// Returns the source's stable name, for tests and styles.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Neighbours(_) => "neighbours",
            Self::Unexplained => "service",
            Self::DecisionTable(_) => "table",
        }
    }
}

/// Why the decision table was used instead of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionTableReason {
    /// The browser has no network.
    Offline,
    /// The site has no recommendation service.
    NoService,
    /// The visitor requested it instead of waiting.
    Requested,
    /// The service failed or did not answer in time.
    ServiceFailed,
}
