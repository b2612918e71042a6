//! What stands below everything.

use leptos::prelude::*;
use mysfits_domain::Locale;

use crate::{community::ContactButton, words::Written};

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
