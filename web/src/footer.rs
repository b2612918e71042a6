//! What stands below everything.

use leptos::prelude::*;
use mysfits_domain::Locale;

use crate::{community::ContactButton, words::Written};

/// The message that the loader shows if the page's code does not start; never hydrated.
#[component]
pub fn LoadError(
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! {
        <p>{Written::LoadError.get(locale)}</p>
        <button type="button" class="button" data-reload>{Written::Reload.get(locale)}</button>
    }
}

/// The content of the footer; never hydrated.
#[component]
pub fn Footer(
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! {
        <p class="no-script">{Written::NoScript.get(locale)}</p>
        <ContactButton locale/>
        <p>{Written::Footer.get(locale)}</p>
    }
}
