//! The questionnaire: one question at a time, a review, one request, and a result or an error.
//!
//! The form stays in the document in every [`QuizStage`], so an error does not lose answers. Nothing is sent before all five
//! questions are answered and the visitor submits the review.

use leptos::prelude::*;
use mysfits_domain::{Entry, FEATURES, MysfitId, QUESTION_COUNT};
use mysfits_model::RecommendationTable;
use mysfits_site::DECISION_TABLE;

use super::{
    answers::{MissingAnswer, QuizAnswers},
    config_store::ConfigStore,
    quiz_stage::{DecisionTableReason, QuizResult, QuizStage, ResultSource},
    quiz_trail::QuizStep,
    stored::Stored,
};
use crate::{
    api::recommendations::{RecommendationError, from_response},
    browser::{self, FetchRequest},
};

/// The id of the questionnaire's dialog.
pub const QUIZ_ID: &str = "quiz";
/// The id of the form in it.
pub const FORM_ID: &str = "quiz-form";

/// The element of a panel that receives the focus.
const PANEL_HEADING: &str = "#quiz [data-takes-focus]";
/// The id of the review's heading.
pub const REVIEW_TITLE_ID: &str = "review-title";

/// The key of the answers in the tab's storage, for visitors who close the questionnaire and return.
const ANSWERS_KEY: &str = "answers";
/// How long a selected answer, and the nod of the mysfit that asks, is shown before the next question.
const AUTO_ADVANCE_MS: u32 = 400;
/// After how long the page says that the request takes longer than usual.
const SLOW_MS: u32 = 2_500;

/// Returns the id of a question's fieldset.
pub fn field_id(feature: &str) -> String {
    format!("question-{feature}")
}

/// Returns the id of an option's radio button; `answer` counts from 1.
pub fn option_id(feature: &str, answer: usize) -> String {
    format!("{feature}-{answer}")
}

/// Returns the text of an option in the page's language; `answer` counts from 1.
pub fn option_text(feature: &str, answer: u8) -> String {
    let id = option_id(feature, answer.into());
    browser::text(&["label:has(#", &id, ") span"].concat()).unwrap_or_default()
}

/// The state of the questionnaire.
#[derive(Debug, Clone, Copy)]
pub struct Quiz {
    pub stage: RwSignal<QuizStage>,
    pub answers: RwSignal<QuizAnswers>,
    /// Whether the visitor tried to continue without an answer to the current question.
    pub skipped: RwSignal<bool>,
    /// The number of the latest request, so that late responses to earlier ones are ignored.
    attempt: Stored<u32>,
    pub(super) config: ConfigStore,
    pub(super) table: Stored<Option<RecommendationTable>>,
}

impl Quiz {
    /// Returns the first question, without answers.
    pub fn new(config: ConfigStore) -> Self {
        Self {
            stage: RwSignal::new(QuizStage::Question(0)),
            answers: RwSignal::new(QuizAnswers::default()),
            skipped: RwSignal::new(false),
            attempt: Stored::new(0),
            config,
            table: Stored::new(None),
        }
    }

    /// Returns the answers in the form, or those that the tab has stored if the form has none.
    pub fn stored_answers() -> QuizAnswers {
        let answers = form_answers();
        if answers.count() > 0 {
            return answers;
        }
        browser::recall(ANSWERS_KEY).and_then(|code| QuizAnswers::parse(&code)).unwrap_or_default()
    }

    /// Opens the dialog where the visitor left it. After a reload, that is the first question without an answer, or the review.
    pub fn reopen(self) {
        if !self.stage.with_untracked(QuizStage::is_form) {
            browser::show_dialog(QUIZ_ID);
            return self.focus();
        }
        // The visitor may have opened the dialog and given an answer before the code had loaded.
        let is_in_use = browser::is_open(QUIZ_ID) && form_answers().count() > 0;
        self.open(Self::stored_answers(), Some(if is_in_use { self.step() } else { QuizStep::Review }));
    }

    /// Opens the dialog at the step of a history entry. The visitor may have changed answers since the entry was made, so `answers`,
    /// those of its address, apply only to results, and if the tab has none.
    ///
    /// Without a step, as for a link, the answers apply: the dialog shows the first question without an answer, or the result.
    pub fn open(self, answers: QuizAnswers, step: Option<QuizStep>) {
        // For recommendations without the network or the service.
        browser::spawn(async move {
            self.fetch_table().await;
        });
        let answers = match (step, Self::stored_answers()) {
            (Some(QuizStep::Question(_) | QuizStep::Review), stored) if stored.count() > 0 => stored,
            _ => answers,
        };
        let is_new = answers != form_answers();
        if is_new {
            fill_form(answers);
        }
        self.read_form();
        match (step, answers.entry()) {
            (Some(QuizStep::Question(question)), _) | (_, Err(MissingAnswer(question))) => {
                self.show_form(QuizStage::Question(question));
            }
            (Some(QuizStep::Review), Ok(_)) => self.show_form(QuizStage::Review),
            // The result of these answers may be shown already.
            (_, Ok(_)) if is_new || self.stage.with_untracked(QuizStage::is_form) => self.send(),
            (_, Ok(_)) => {}
        }
        browser::show_dialog(QUIZ_ID);
        self.focus();
    }

    /// Returns the step of the current stage.
    pub fn step(self) -> QuizStep {
        self.stage.with_untracked(QuizStage::step)
    }

    /// Moves the focus to the question, the review or the panel that is shown, when it is in the document.
    pub fn focus(self) {
        let (targets, container) = match self.stage.get_untracked() {
            QuizStage::Question(question) => {
                let field = FEATURES.get(question).map(|feature| field_id(feature)).unwrap_or_default();
                (vec![format!("#{field} :checked"), format!("#{field} input")], field)
            }
            QuizStage::Review => (vec![format!("#{REVIEW_TITLE_ID}")], REVIEW_TITLE_ID.to_owned()),
            _ => return browser::next_frame(|| browser::focus(PANEL_HEADING)),
        };
        browser::next_frame(move || browser::focus_in_view(&targets, &container));
    }

    /// Reads answers that were given before hydration. If there are none, those that the tab has stored remain.
    pub fn start(self) {
        if form_answers().count() > 0 {
            self.read_form();
        }
    }

    /// Reads and stores the answers in the form.
    pub fn read_form(self) {
        let answers = form_answers();
        self.answers.set(answers);
        self.skipped.set(false);
        browser::remember(ANSWERS_KEY, &answers.to_string());
    }

    /// Selects an option of the current question by its number, counted from 1, and continues as after a click.
    pub fn choose(self, number: usize) {
        let QuizStage::Question(question) = self.stage.get_untracked() else { return };
        let Some(feature) = FEATURES.get(question) else { return };
        let option = option_id(feature, number);
        browser::check_radio(&option);
        browser::focus(&["#", &option].concat());
        self.read_form();
        self.auto_advance();
    }

    /// Shows the next question after a moment, unless the visitor has moved on.
    pub fn auto_advance(self) {
        let before = self.stage.get_untracked();
        let advance = move || {
            if self.stage.try_with_untracked(|stage| *stage == before) == Some(true) {
                self.next();
            }
        };
        browser::set_timeout(AUTO_ADVANCE_MS, advance);
    }

    /// Continues from a question to the next question or the review, and from the review to the result.
    pub fn next(self) {
        let answers = self.answers.get_untracked();
        match self.stage.get_untracked() {
            QuizStage::Question(question) if answers.get(question).is_none() => {
                self.skipped.set(true);
                self.focus();
            }
            QuizStage::Question(question) => {
                // When all questions are answered, a changed answer leads back to the review.
                let following = if answers.entry().is_ok() || question + 1 == QUESTION_COUNT {
                    self.first_unanswered()
                } else {
                    QuizStage::Question(question + 1)
                };
                self.stage.set(following);
            }
            QuizStage::Review => self.send(),
            _ => {}
        }
    }

    pub fn previous(self) {
        self.skipped.set(false);
        match self.stage.get_untracked() {
            QuizStage::Question(question) => self.stage.set(QuizStage::Question(question.saturating_sub(1))),
            QuizStage::Review => self.stage.set(QuizStage::Question(QUESTION_COUNT - 1)),
            _ => {}
        }
    }

    /// Shows a question, to change its answer.
    pub fn edit(self, question: usize) {
        self.stage.set(QuizStage::Question(question));
    }

    /// Returns to the answers and ignores a pending response.
    pub fn review(self) {
        self.show_form(self.first_unanswered());
    }

    fn show_form(self, stage: QuizStage) {
        self.next_attempt();
        if self.stage.with_untracked(|current| *current != stage) {
            self.stage.set(stage);
        }
    }

    /// Starts again, without answers.
    pub fn restart(self) {
        browser::reset_form(FORM_ID);
        self.read_form();
        self.review();
    }

    pub fn send(self) {
        let Ok(entry) = self.answers.get_untracked().entry() else {
            return self.stage.set(self.first_unanswered());
        };
        let attempt = self.next_attempt();
        self.stage.set(QuizStage::Waiting { slow: false });
        let is_awaited = move || self.attempt.get() == attempt;
        let mark_slow = move || {
            let is_waiting = |stage: &QuizStage| matches!(stage, QuizStage::Waiting { .. });
            if is_awaited() && self.stage.try_with_untracked(is_waiting) == Some(true) {
                self.stage.set(QuizStage::Waiting { slow: true });
            }
        };
        browser::set_timeout(SLOW_MS, mark_slow);
        browser::spawn(async move {
            let stage = self.recommend(entry).await;
            if is_awaited() {
                self.stage.set(stage);
            }
        });
    }

    /// Recommends from the decision table, at the visitor's request.
    pub fn ask_decision_table(self) {
        let Ok(entry) = self.answers.get_untracked().entry() else { return };
        self.next_attempt();
        browser::spawn(async move {
            let stage = self.recommend_from_table(entry, DecisionTableReason::Requested).await;
            self.stage.set(stage.unwrap_or(QuizStage::Failed(RecommendationError::Offline)));
        });
    }

    /// Returns the number of the next request; responses to earlier ones are ignored.
    fn next_attempt(self) -> u32 {
        self.attempt.with(|attempt| {
            *attempt += 1;
            *attempt
        })
    }

    /// Returns the first question without an answer, or the review.
    fn first_unanswered(self) -> QuizStage {
        match self.answers.get_untracked().entry() {
            Ok(_) => QuizStage::Review,
            Err(MissingAnswer(question)) => QuizStage::Question(question),
        }
    }

    /// Requests a recommendation from the service, or uses the decision table if that fails.
    async fn recommend(self, entry: Entry) -> QuizStage {
        match self.request(entry).await {
            Ok(result) => QuizStage::Result(result),
            Err(error) => {
                let reason = match error {
                    RecommendationError::Offline => DecisionTableReason::Offline,
                    RecommendationError::NoService => DecisionTableReason::NoService,
                    // The service has rejected the answers, so the table has no better result.
                    RecommendationError::Refused => return QuizStage::Failed(error),
                    _ => DecisionTableReason::ServiceFailed,
                };
                self.recommend_from_table(entry, reason).await.unwrap_or(QuizStage::Failed(error))
            }
        }
    }

    async fn request(self, entry: Entry) -> Result<QuizResult, RecommendationError> {
        let url = self.config.fetch().await?.recommendations_url().ok_or(RecommendationError::NoService)?;
        let answers = entry.answers().map(|answer| answer.get().to_string()).join(",");
        let body = ["{\"entry\":[", &answers, "],\"explain\":true}"].concat();
        let recommendation = from_response(browser::fetch(&FetchRequest::post(&url, &body)).await)?;
        let source = recommendation.explanation.map_or(ResultSource::Unexplained, ResultSource::Neighbours);
        Ok(QuizResult { mysfit: recommendation.recommended_mysfit, source })
    }

    async fn recommend_from_table(self, entry: Entry, reason: DecisionTableReason) -> Option<QuizStage> {
        self.fetch_table().await;
        let mysfit = self.table.with(|table| Some(MysfitId::from(table.as_ref()?.label(entry))))?;
        Some(QuizStage::Result(QuizResult { mysfit, source: ResultSource::DecisionTable(reason) }))
    }

    /// Fetches the decision table, if it was not fetched or that failed.
    pub(super) async fn fetch_table(self) {
        if self.table.with(|table| table.is_none())
            && let Some(bytes) = browser::fetch_bytes(&format!("/{DECISION_TABLE}")).await
        {
            self.table.set(RecommendationTable::from_bytes(&bytes).ok());
        }
    }
}

/// Selects answers in the form, and no others.
fn fill_form(answers: QuizAnswers) {
    browser::reset_form(FORM_ID);
    for (question, feature) in FEATURES.iter().enumerate() {
        if let Some(answer) = answers.get(question) {
            browser::check_radio(&option_id(feature, answer.get().into()));
        }
    }
}

fn form_answers() -> QuizAnswers {
    QuizAnswers::from_form(|name| browser::form_value(FORM_ID, name))
}
