//! What the questionnaire knows, and what can happen to it.

use leptos::prelude::*;
use mysfits_domain::{Entry, FEATURES, QUESTION_COUNT};
use mysfits_site::DECISION_TABLE;

use super::{FORM_ID, Met, QUIZ_ID, Stage, TableReason, Why, question::option_id};
use crate::{
    Answers, Missing,
    browser::{self, Request},
    exchange::{Failure, SLOW_MS, classify},
    kept::Kept,
    offline::Table,
    settings::Settings,
};

/// Under which key the tab keeps the answers, for a visitor who closes the questionnaire and comes back.
const KEPT: &str = "answers";
/// How long an answer that was chosen by hand is seen before the next question follows, in milliseconds.
const GLANCE_MS: u32 = 260;

/// The questionnaire's state; a handle, as cheap to copy as the signals in it.
#[derive(Debug, Clone, Copy)]
pub struct Quiz {
    stage: RwSignal<Stage>,
    answers: RwSignal<Answers>,
    /// Whether the visitor wanted to go on without an answer to the current question.
    skipped: RwSignal<bool>,
    /// Counts the requests, so that a late reply to an old one is not taken for an answer.
    attempt: Kept<u32>,
    settings: Settings,
    table: Kept<Option<Table>>,
}

impl Quiz {
    /// Before the first question, nothing answered.
    pub fn new(settings: Settings) -> Self {
        Self {
            stage: RwSignal::new(Stage::Asking(0)),
            answers: RwSignal::new(Answers::default()),
            skipped: RwSignal::new(false),
            attempt: Kept::new(0),
            settings,
            table: Kept::new(None),
        }
    }

    /// How far the visitor has come.
    pub fn stage(self) -> RwSignal<Stage> {
        self.stage
    }

    /// What is answered.
    pub fn answers(self) -> RwSignal<Answers> {
        self.answers
    }

    /// Whether the current question was to be skipped.
    pub fn skipped(self) -> RwSignal<bool> {
        self.skipped
    }

    /// The answers that the form holds, or else those that this tab has kept.
    pub fn kept_answers() -> Answers {
        let chosen = Answers::chosen(|name| browser::chosen(FORM_ID, name));
        if chosen.count() > 0 {
            return chosen;
        }
        browser::recall(KEPT).and_then(|code| Answers::parse(&code)).unwrap_or_default()
    }

    /// Opens the dialog with these answers; if it is open already, it stays as it is.
    pub fn open(self, answers: Answers) {
        // What will be needed if the network goes, or takes its time.
        browser::spawn(async move {
            self.fetch_table().await;
        });
        let is_new = answers != Answers::chosen(|name| browser::chosen(FORM_ID, name));
        if browser::is_open(QUIZ_ID) && !is_new {
            self.read_form();
            return;
        }
        if is_new {
            browser::reset_form(FORM_ID);
            for (question, feature) in FEATURES.iter().enumerate() {
                if let Some(answer) = answers.get(question) {
                    browser::choose(&option_id(feature, answer.get().into()));
                }
            }
        }
        self.read_form();
        if is_new || self.stage.with_untracked(Stage::is_form) {
            self.stage.set(
                answers.entry().map_or_else(|Missing(question)| Stage::Asking(question), |_| Stage::Review),
            );
        }
        browser::show_dialog(QUIZ_ID);
    }

    /// The page was taken over: an answer that was chosen before counts. Where none was, what the tab keeps stays.
    pub fn begin(self) {
        if Answers::chosen(|name| browser::chosen(FORM_ID, name)).count() > 0 {
            self.read_form();
        }
    }

    /// An answer was chosen: keeps it.
    pub fn read_form(self) {
        let answers = Answers::chosen(|name| browser::chosen(FORM_ID, name));
        self.answers.set(answers);
        self.skipped.set(false);
        browser::remember(KEPT, &answers.to_string());
    }

    /// An answer was chosen by hand: the next question follows by itself, unless the visitor has moved on.
    pub fn glance(self) {
        let before = self.stage.get_untracked();
        let go_on = move || {
            if self.stage.try_with_untracked(|stage| *stage == before) == Some(true) {
                self.next();
            }
        };
        browser::later(GLANCE_MS, go_on);
    }

    /// From a question to the next one that is open, or to the review; from the review to the mysfit.
    pub fn next(self) {
        let answers = self.answers.get_untracked();
        match self.stage.get_untracked() {
            Stage::Asking(question) if answers.get(question).is_none() => self.skipped.set(true),
            Stage::Asking(question) => {
                // Once all are answered, a changed answer leads back to the review.
                let following = if answers.entry().is_ok() || question + 1 == QUESTION_COUNT {
                    self.first_open()
                } else {
                    Stage::Asking(question + 1)
                };
                self.stage.set(following);
            }
            Stage::Review => self.send(),
            _ => {}
        }
    }

    /// To the question before.
    pub fn previous(self) {
        self.skipped.set(false);
        match self.stage.get_untracked() {
            Stage::Asking(question) => self.stage.set(Stage::Asking(question.saturating_sub(1))),
            Stage::Review => self.stage.set(Stage::Asking(QUESTION_COUNT - 1)),
            _ => {}
        }
    }

    /// To a question, to answer it anew.
    pub fn edit(self, question: usize) {
        self.stage.set(Stage::Asking(question));
    }

    /// Back to the answers, from wherever.
    pub fn review(self) {
        self.forget_request();
        self.stage.set(self.first_open());
    }

    /// From the start, without answers.
    pub fn again(self) {
        browser::reset_form(FORM_ID);
        self.read_form();
        self.review();
    }

    /// Sends the answers.
    pub fn send(self) {
        let Ok(entry) = self.answers.get_untracked().entry() else {
            return self.stage.set(self.first_open());
        };
        let attempt = self.forget_request();
        self.stage.set(Stage::Waiting { slow: false });
        let is_awaited = move || self.attempt.get() == attempt;
        let grow_impatient = move || {
            let still_waits = |stage: &Stage| matches!(stage, Stage::Waiting { .. });
            if is_awaited() && self.stage.try_with_untracked(still_waits) == Some(true) {
                self.stage.set(Stage::Waiting { slow: true });
            }
        };
        browser::later(SLOW_MS, grow_impatient);
        browser::spawn(async move {
            let stage = self.ask(entry).await;
            if is_awaited() {
                self.stage.set(stage);
            }
        });
    }

    /// Answers from the decision table, because the visitor wants it.
    pub fn ask_table(self) {
        let Ok(entry) = self.answers.get_untracked().entry() else { return };
        self.forget_request();
        browser::spawn(async move {
            let stage = self.table_says(entry, TableReason::Wanted).await;
            self.stage.set(stage.unwrap_or(Stage::Failed(Failure::Offline)));
        });
    }

    /// From now on no earlier request is waited for; the number of the next.
    fn forget_request(self) -> u32 {
        self.attempt.with(|attempt| {
            *attempt += 1;
            *attempt
        })
    }

    /// The first question without an answer, or the review.
    fn first_open(self) -> Stage {
        match self.answers.get_untracked().entry() {
            Ok(_) => Stage::Review,
            Err(Missing(question)) => Stage::Asking(question),
        }
    }

    /// Asks the service, and the table where there is no service to ask.
    async fn ask(self, entry: Entry) -> Stage {
        match self.recommend(entry).await {
            Ok(met) => Stage::Met(met),
            Err(failure) => {
                let reason = match failure {
                    Failure::Offline => TableReason::Offline,
                    Failure::NobodyToAsk => TableReason::NobodyToAsk,
                    _ => return Stage::Failed(failure),
                };
                self.table_says(entry, reason).await.unwrap_or(Stage::Failed(failure))
            }
        }
    }

    async fn recommend(self, entry: Entry) -> Result<Met, Failure> {
        let url = self.settings.fetch().await?.recommendations_url().ok_or(Failure::NobodyToAsk)?;
        let answers = entry.answers().map(|answer| answer.get().to_string()).join(",");
        let body = ["{\"entry\":[", &answers, "],\"explain\":true}"].concat();
        let suggestion = classify(browser::fetch(&Request::post(&url, &body)).await)?;
        let why = suggestion.explanation.map_or(Why::Unsaid, Why::Neighbours);
        Ok(Met { mysfit: suggestion.mysfit, why })
    }

    async fn table_says(self, entry: Entry, reason: TableReason) -> Option<Stage> {
        self.fetch_table().await;
        let mysfit = self.table.with(|table| table.as_ref()?.mysfit(entry))?;
        Some(Stage::Met(Met { mysfit, why: Why::Table(reason) }))
    }

    /// The decision table; fetched once, and again only if that failed.
    async fn fetch_table(self) {
        if self.table.with(|table| table.is_none())
            && let Some(bytes) = browser::fetch_bytes(&format!("/{DECISION_TABLE}")).await
        {
            self.table.set(Table::read(&bytes));
        }
    }
}
