//! The questionnaire's dialog.

use leptos::prelude::*;
use mysfits_domain::Locale;

use super::{
    QUIZ_ID, Stage, failure::FailurePanel, form::QuizForm, result::ResultPanel, waiting::WaitingPanel,
};
use crate::{
    browser,
    fixed::fixed,
    mounted::{Mounted, mounted},
    profile::CloseButton,
    visit::Visit,
    words::{Voice, Written},
};

/// What takes the focus when the dialog shows something new in the form's place.
const PANEL_HEADING: &str = "#quiz [data-takes-focus]";
/// The element that holds what is shown in the form's place.
const PANEL_ID: &str = "quiz-panel";

/// The dialog: the form, or what is shown in its place.
#[component]
pub fn QuizDialog(
    /// The language.
    locale: Locale,
    /// What the code says.
    voice: Voice,
    /// Where the visitor is.
    visit: Visit,
) -> impl IntoView {
    let quiz = visit.quiz();
    let stage = quiz.stage();
    // Nobody served these panels, so they are mounted and not hydrated: that leaves half of their code out.
    let shown = StoredValue::new_local(None::<Mounted>);
    Effect::new(move |_| {
        shown.set_value(None);
        let panel = match stage.get() {
            Stage::Asking(_) | Stage::Review => return,
            Stage::Waiting { slow } => mounted(PANEL_ID, move || view! { <WaitingPanel slow voice quiz/> }),
            Stage::Met(met) => mounted(PANEL_ID, move || view! { <ResultPanel met voice locale quiz/> }),
            Stage::Failed(failure) => mounted(PANEL_ID, move || view! { <FailurePanel failure voice quiz/> }),
        };
        shown.set_value(panel);
        // What had the focus is gone or hidden.
        browser::next_frame(move || {
            browser::focus(PANEL_HEADING);
            visit.community().dress();
        });
    });
    view! {
        <dialog
            id=QUIZ_ID
            class="sheet quiz"
            aria-labelledby="quiz-title"
            data-testid="quiz"
            on:close=move |_| visit.quiz_closed()
        >
            <div class="corner" inner_html=fixed(|| view! { <CloseButton dialog_id=QUIZ_ID locale/> })></div>
            <h2 id="quiz-title" inner_html=fixed(|| Written::QuizTitle.get(locale))></h2>
            <QuizForm locale voice quiz/>
            <div id=PANEL_ID></div>
        </dialog>
    }
}
