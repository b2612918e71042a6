//! The link to what the site does with data of its visitors.

use leptos::prelude::*;
use mysfits_domain::Locale;

use crate::{i18n::StaticText, state::StaticPage};

/// A link to the section about privacy of the page about the site. Static HTML.
#[component]
pub fn PrivacyLink(label: StaticText, locale: Locale) -> impl IntoView {
    view! { <a href=format!("{}#privacy", StaticPage::About.path(locale))>{label.get(locale)}</a> }
}
