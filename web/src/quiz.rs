//! The questionnaire: five questions, one request, and either a mysfit or a failure that loses nothing.
//!
//! The dialog is in one [`Stage`] at a time. The form stays in the document through all of them, so whatever happens,
//! the answers are still there.

mod failure;
mod form;
mod outcome;
mod question;

use leptos::{prelude::*, task::spawn_local};
use mysfits_domain::{Answer, Entry, Locale, Mysfit};

use crate::{
    Texts, browser,
    config::{CONFIG_URI, Config},
    exchange::{Failure, classify},
    fixed::fixed,
    profile::CloseButton,
};
use failure::FailurePanel;
use form::{FORM_ID, QuizForm};
use outcome::{ResultPanel, WaitingPanel};

/// The id of the questionnaire's dialog.
pub const QUIZ_ID: &str = "quiz";

/// The id of the heading of whatever the dialog shows instead of the form; it takes the focus.
const PANEL_HEADING_ID: &str = "quiz-panel";

/// The id of the form's heading.
const FORM_HEADING_ID: &str = "quiz-title";

/// How far the visitor has come.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    /// Answering.
    Asking,
    /// The entry is on its way.
    Waiting,
    /// Somebody was recommended.
    Met(&'static Mysfit),
    /// Nobody was.
    Failed(Failure),
}

/// The questionnaire's dialog.
#[component]
pub fn Quiz(
    /// The language.
    locale: Locale,
) -> impl IntoView {
    let texts = Texts::of(locale);
    let stage = RwSignal::new(Stage::Asking);
    let entry = StoredValue::new(None::<Entry>);
    let config = StoredValue::new(None::<Config>);

    let send = move || {
        let Some(entry) = entry.get_value() else { return };
        stage.set(Stage::Waiting);
        spawn_local(async move {
            let outcome = recommend(config, entry).await;
            stage.set(outcome.map_or_else(Stage::Failed, Stage::Met));
        });
    };
    let submit = move |answers: Entry| {
        entry.set_value(Some(answers));
        send();
    };
    let back = move || stage.set(Stage::Asking);
    let again = move || {
        browser::reset_form(FORM_ID);
        back();
    };
    follow_with_focus(stage);

    let panel = move || match stage.get() {
        Stage::Asking => ().into_any(),
        Stage::Waiting => view! { <WaitingPanel texts/> }.into_any(),
        Stage::Met(mysfit) => view! { <ResultPanel mysfit locale again/> }.into_any(),
        Stage::Failed(failure) => view! { <FailurePanel failure texts retry=send back/> }.into_any(),
    };
    view! {
        <dialog id=QUIZ_ID class="sheet quiz" aria-labelledby=FORM_HEADING_ID data-testid="quiz">
            <div class="corner" inner_html=fixed(|| view! { <CloseButton dialog_id=QUIZ_ID texts/> })></div>
            <QuizForm locale submit hidden=Signal::derive(move || stage.get() != Stage::Asking)/>
            {panel}
        </dialog>
    }
}

/// Moves the focus to the heading of each new stage, because what had it is gone or hidden.
fn follow_with_focus(stage: RwSignal<Stage>) {
    Effect::new(move |before: Option<()>| {
        let heading = if stage.get() == Stage::Asking { FORM_HEADING_ID } else { PANEL_HEADING_ID };
        // Not at the start: nobody asked for the focus then.
        if before.is_some() {
            request_animation_frame(move || browser::focus(heading));
        }
    });
}

/// Asks for a recommendation; the settings are fetched before the first question and remembered.
async fn recommend(config: StoredValue<Option<Config>>, entry: Entry) -> Result<&'static Mysfit, Failure> {
    if config.with_value(Option::is_none) {
        config.set_value(Some(read_config().await?));
    }
    let url = config.with_value(|config| config.as_ref().and_then(Config::recommendations_url));
    let url = url.ok_or(Failure::NotConfigured)?;
    let answers = entry.answers().map(Answer::get);
    classify(browser::fetch(&url, Some(format!("{{\"entry\":{answers:?}}}"))).await)
}

async fn read_config() -> Result<Config, Failure> {
    let reply = browser::fetch(CONFIG_URI, None).await?;
    match reply.status {
        200 => Config::parse(&reply.body).map_err(|_| Failure::NotConfigured),
        500..=599 => Err(Failure::Busy),
        _ => Err(Failure::NotConfigured),
    }
}
