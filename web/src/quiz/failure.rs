//! What the dialog shows when there is nobody to show.

use leptos::prelude::*;

use super::PANEL_HEADING_ID;
use crate::{Texts, exchange::Failure};

/// A failure in friendly words, with two ways on; the answers are kept either way.
#[component]
pub fn FailurePanel(
    /// What went wrong.
    failure: Failure,
    /// The page's words.
    texts: &'static Texts,
    /// Sends the same entry again.
    retry: impl Fn() + 'static,
    /// Goes back to the form.
    back: impl Fn() + 'static,
) -> impl IntoView {
    let (kind, words) = (failure.kind(), texts.failure(&failure));
    let note = match failure {
        Failure::Refused { detail } => detail,
        _ => None,
    };
    view! {
        <section class="panel" data-testid="failure" data-kind=kind>
            <h2 id=PANEL_HEADING_ID tabindex="-1">{texts.failed}</h2>
            <p>{words}</p>
            {note.map(|note| view! { <blockquote data-testid="detail">{note}</blockquote> })}
            <p>{texts.answers_kept}</p>
            <div class="actions">
                <button type="button" class="button main" data-testid="retry" on:click=move |_| retry()>
                    {texts.retry}
                </button>
                <button type="button" class="button" data-testid="back" on:click=move |_| back()>
                    {texts.back_to_answers}
                </button>
            </div>
        </section>
    }
}
