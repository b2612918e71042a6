//! The banner of each page: title, language link, account buttons, and on the home page the questionnaire's button.

use leptos::prelude::*;
use mysfits_domain::Locale;
use mysfits_site::language::PARAMETER;

use super::account::AccountButtons;
use crate::{
    i18n::StaticText,
    state::{BANNER_LAYERS, BANNER_PATH, QUIZ_ID, StaticPage},
};

/// The content of the home page's banner. Static HTML.
///
/// In browsers with `command`, its button opens the questionnaire before the code has loaded.
#[component]
pub fn HomeBanner(locale: Locale) -> impl IntoView {
    let [glow, blink, blink_late] = BANNER_LAYERS;
    view! {
        <img src=BANNER_PATH alt="" width="1600" height="480" fetchpriority="high"/>
        <img class="glow" src=glow alt="" width="1600" height="480" loading="lazy"/>
        <img class="blink" src=blink alt="" width="1600" height="480" loading="lazy"/>
        <img class="blink late" src=blink_late alt="" width="1600" height="480" loading="lazy"/>
        <nav class="top" aria-label=StaticText::SiteMenu.get(locale)>
            <AccountButtons locale/>
            <LanguageLink locale page=StaticPage::Home/>
        </nav>
        <div class="title">
            <h1>{StaticText::Brand.get(locale)}</h1>
            <p>{StaticText::Tagline.get(locale)}</p>
            <button
                type="button"
                class="button main"
                data-testid="recommend"
                aria-haspopup="dialog"
                command="show-modal"
                commandfor=QUIZ_ID
            >
                {StaticText::Recommend.get(locale)}
            </button>
            <p class="promise">{StaticText::Promise.get(locale)}</p>
        </div>
    }
}

/// A link to the page in the other language.
#[component]
pub fn LanguageLink(
    /// The language of the current page.
    locale: Locale,
    page: StaticPage,
) -> impl IntoView {
    let other = locale.other();
    let path = page.path(other);
    // Only the home page redirects by the browser's language. The parameter prevents that, also without the cookie.
    let address = match page {
        StaticPage::Home => format!("{path}?{PARAMETER}={}", other.code()),
        StaticPage::Profile(_) | StaticPage::About => path,
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
            {StaticText::OtherLanguage.get(locale)}
        </a>
    }
}
