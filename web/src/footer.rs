//! What stands below everything.

use leptos::prelude::*;
use mysfits_domain::Locale;

use crate::words::Written;

/// The content of the footer; never hydrated.
#[component]
pub fn Footer(
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! {
        <p class="no-script">{Written::NoScript.get(locale)}</p>
        <p>{Written::Footer.get(locale)}</p>
    }
}
