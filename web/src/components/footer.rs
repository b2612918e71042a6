//! The footer, and the message about code that does not load.

use leptos::prelude::*;
use mysfits_domain::Locale;

use super::{contact::ContactButton, privacy_link::PrivacyLink};
use crate::{
    i18n::StaticText,
    state::{BANNER_PATH, StaticPage},
};

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
pub fn Footer(
    locale: Locale,
    /// Whether the page has code, for the contact form.
    #[prop(default = true)]
    has_code: bool,
) -> impl IntoView {
    let about = StaticPage::About.path(locale);
    view! {
        {has_code
            .then(|| {
                view! {
                    <p class="no-script">{StaticText::NoScript.get(locale)}</p>
                    <ContactButton locale/>
                }
            })}
        <p>{StaticText::Footer.get(locale)}</p>
        <nav class="links" aria-label=StaticText::SiteNotes.get(locale)>
            <a href=about.clone() data-testid="about-link">{StaticText::AboutLink.get(locale)}</a>
            <PrivacyLink label=StaticText::PrivacyLink locale/>
            <a href=format!("{about}#source")>{StaticText::SourceLink.get(locale)}</a>
        </nav>
        <img src=BANNER_PATH alt="" width="1600" height="480" loading="lazy"/>
    }
}
