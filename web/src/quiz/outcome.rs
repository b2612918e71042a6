//! What the dialog shows while the entry is on its way, and when it was worth it.

use leptos::prelude::*;
use mysfits_domain::{Locale, Mysfit};

use super::PANEL_HEADING_ID;
use crate::{Texts, profile::Profile};

/// Somebody is being asked.
#[component]
pub fn WaitingPanel(
    /// The page's words.
    texts: &'static Texts,
) -> impl IntoView {
    view! {
        <section class="panel" data-testid="waiting">
            <div class="spinner" aria-hidden="true"></div>
            <h2 id=PANEL_HEADING_ID tabindex="-1">{texts.waiting}</h2>
            <p>{texts.waiting_hint}</p>
        </section>
    }
}

/// The recommended mysfit.
#[component]
pub fn ResultPanel(
    /// Who it is.
    mysfit: &'static Mysfit,
    /// The language.
    locale: Locale,
    /// Starts over with empty answers.
    again: impl Fn() + 'static,
) -> impl IntoView {
    let texts = Texts::of(locale);
    view! {
        <section class="result" data-testid="result" data-mysfit-id=mysfit.id.as_str() data-slug=mysfit.slug>
            <p class="kicker">{texts.result}</p>
            <Profile mysfit locale heading_id=PANEL_HEADING_ID/>
            <div class="actions">
                <button type="button" class="button" data-testid="ask-again" on:click=move |_| again()>
                    {texts.ask_again}
                </button>
            </div>
        </section>
    }
}
