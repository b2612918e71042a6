//! The top of each page: the name, the way to the other language, and on the index the way into the questionnaire.

use leptos::prelude::*;
use mysfits_domain::{Locale, MysfitId};
use mysfits_site::language::PARAMETER;

use crate::{BANNER_URI, Page, address, community::AccountButtons, quiz::QUIZ_ID, words::Written};

/// The content of the index's banner; never hydrated.
///
/// Its button opens the questionnaire before any code has arrived, where the browser knows `command`.
#[component]
pub fn Banner(
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! {
        <img src=BANNER_URI alt="" width="1600" height="480" fetchpriority="high"/>
        <nav class="top" aria-label=Written::SiteMenu.get(locale)>
            <AccountButtons locale/>
            <LanguageLink locale page=Page::Index/>
        </nav>
        <div class="title">
            <h1>{Written::Brand.get(locale)}</h1>
            <p>{Written::Tagline.get(locale)}</p>
            <button
                type="button"
                class="button main"
                data-testid="recommend"
                aria-haspopup="dialog"
                command="show-modal"
                commandfor=QUIZ_ID
            >
                {Written::Recommend.get(locale)}
            </button>
        </div>
    }
}

/// The content of a profile page's banner; never hydrated.
#[component]
pub fn SmallBanner(
    /// The language.
    locale: Locale,
    /// Whose profile the page is.
    id: MysfitId,
) -> impl IntoView {
    view! {
        <nav class="top" aria-label=Written::SiteMenu.get(locale)>
            <a class="brand" href=address::index(locale) data-testid="home">{Written::Brand.get(locale)}</a>
            <AccountButtons locale/>
            <LanguageLink locale page=Page::Profile(id)/>
        </nav>
    }
}

/// The same page in the other language. The address asks for it, for whoever has no scripts to keep the choice.
#[component]
fn LanguageLink(
    /// The language of the page that the link is on.
    locale: Locale,
    /// Which page.
    page: Page,
) -> impl IntoView {
    let other = locale.other();
    let address = page.address(other);
    // Only the index is answered in the language that the browser prefers.
    let address = match page {
        Page::Index => format!("{address}?{PARAMETER}={}", other.code()),
        Page::Profile(_) => address,
    };
    view! {
        <a
            class="language"
            data-testid="language"
            data-language=other.code()
            href=address
            hreflang=other.code()
            lang=other.code()
        >
            {Written::OtherLanguage.get(locale)}
        </a>
    }
}
