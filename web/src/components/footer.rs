//! The footer, and the message about code that does not load.

use leptos::prelude::*;
use mysfits_domain::Locale;

use super::contact::ContactButton;
use crate::i18n::StaticText;

/// The message that the loader shows if the page's code does not start. Static HTML.
#[component]
pub fn LoadError(locale: Locale) -> impl IntoView {
    view! {
        <p>{StaticText::LoadError.get(locale)}</p>
        <button type="button" class="button" data-reload>{StaticText::Reload.get(locale)}</button>
    }
}

/// The content of the footer. Static HTML.
#[component]
pub fn Footer(locale: Locale) -> impl IntoView {
    view! {
        <p class="no-script">{StaticText::NoScript.get(locale)}</p>
        <ContactButton locale/>
        <p>{StaticText::Footer.get(locale)}</p>
    }
}
