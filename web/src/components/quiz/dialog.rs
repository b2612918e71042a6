//! The questionnaire's dialog.

use leptos::prelude::*;
use mysfits_domain::Locale;

use super::{
    failure::FailurePanel, form::QuizForm, keys::handle_keys, result::ResultPanel, waiting::WaitingPanel,
};
use crate::{
    browser,
    components::{
        close_button::CloseButton,
        lazy_mount::{MountedView, lazy_mount},
        static_html::static_html,
    },
    i18n::{Messages, StaticText},
    state::{QUIZ_ID, QuizStage, Router},
};

/// The id of the element in which panels are mounted.
const PANEL_ID: &str = "quiz-panel";

/// The dialog: the form, or a panel in its place.
#[component]
pub fn QuizDialog(locale: Locale, messages: Messages, router: Router) -> impl IntoView {
    let quiz = router.quiz;
    let stage = quiz.stage;
    let panel = StoredValue::new_local(None::<MountedView>);
    Effect::new(move |_| {
        panel.set_value(None);
        let view = match stage.get() {
            QuizStage::Question(_) | QuizStage::Review => return,
            QuizStage::Waiting { slow } => {
                lazy_mount(PANEL_ID, move || view! { <WaitingPanel slow messages quiz/> })
            }
            QuizStage::Result(result) => {
                lazy_mount(PANEL_ID, move || view! { <ResultPanel result messages locale quiz/> })
            }
            QuizStage::Failed(error) => {
                lazy_mount(PANEL_ID, move || view! { <FailurePanel error messages quiz/> })
            }
        };
        panel.set_value(view);
        // The element with the focus is removed or hidden now.
        quiz.focus();
        browser::next_frame(move || router.engagement.refresh_dom());
    });
    handle_keys(quiz);
    view! {
        <dialog
            id=QUIZ_ID
            class="sheet quiz"
            aria-labelledby="quiz-title"
            data-testid="quiz"
            on:close=move |_| router.quiz_closed()
        >
            <div class="corner" inner_html=static_html(|| view! { <CloseButton dialog_id=QUIZ_ID locale/> })></div>
            <h2 id="quiz-title" inner_html=static_html(|| StaticText::QuizTitle.get(locale))></h2>
            <QuizForm locale messages quiz/>
            <div id=PANEL_ID></div>
        </dialog>
    }
}
