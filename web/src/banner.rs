//! The page's title before its picture, and the way into the questionnaire.

use leptos::prelude::*;

use crate::{BANNER_URI, Texts, quiz::QUIZ_ID};

/// The content of the banner; never hydrated.
///
/// Its button opens the questionnaire before any code has arrived, where the browser knows `command`.
#[component]
pub fn Banner(
    /// The page's words.
    texts: &'static Texts,
) -> impl IntoView {
    view! {
        <img src=BANNER_URI alt="" width="1600" height="480" fetchpriority="high"/>
        <div class="title">
            <h1>{texts.heading}</h1>
            <p>{texts.tagline}</p>
            <button
                type="button"
                class="button main"
                data-testid="recommend"
                aria-haspopup="dialog"
                command="show-modal"
                commandfor=QUIZ_ID
            >
                {texts.recommend}
            </button>
        </div>
    }
}
