//! The page of a mysfit.

use leptos::prelude::*;
use mysfits_domain::{Locale, Mysfit, MysfitId, catalogue};

use super::similar::similar_mysfits;
use crate::{
    components::{
        ContactDialog,
        account::{AccountButtons, AccountDialog},
        banner::LanguageLink,
        footer::Footer,
        profile::Profile,
    },
    i18n::StaticText,
    state::{StaticPage, home_path, profile_path, questionnaire_path},
};

/// The page of a mysfit: the profile, links to the questionnaire and the home page, and to the previous and next profile. All of
/// it is static HTML, so nothing is hydrated.
#[component]
pub fn ProfilePage(id: MysfitId, locale: Locale) -> impl IntoView {
    let mysfit = id.mysfit();
    let all = catalogue();
    let position = usize::from(mysfit.label.get());
    let previous = &all[(position + all.len() - 1) % all.len()];
    let next = &all[(position + 1) % all.len()];
    let quiz = questionnaire_path(locale);
    view! {
        <header class="banner small">
            <nav class="top" aria-label=StaticText::SiteMenu.get(locale)>
                <a class="brand" href=home_path(locale) data-testid="home">{StaticText::Brand.get(locale)}</a>
                <AccountButtons locale/>
                <LanguageLink locale page=StaticPage::Profile(id)/>
            </nav>
        </header>
        <main class="alone" data-testid="profile-page">
            <Profile mysfit locale is_page=true/>
            <p class="actions">
                <a class="button main" href=quiz data-testid="to-questionnaire">{StaticText::Recommend.get(locale)}</a>
                <a class="button" href=home_path(locale)>{StaticText::Home.get(locale)}</a>
                // The loader handles it, so that it works on pages that load no code.
                <button
                    type="button"
                    class="button"
                    data-testid="share-profile"
                    data-share=profile_path(locale, mysfit.slug)
                >
                    {StaticText::ShareProfile.get(locale)}
                </button>
                <span
                    class="share-note"
                    role="status"
                    data-share-note
                    data-copied=StaticText::ProfileCopied.get(locale)
                ></span>
            </p>
            <Similar mysfit locale/>
            <nav class="turn" aria-label=StaticText::Others.get(locale)>
                <ProfileLink mysfit=previous label=StaticText::Before rel="prev" locale/>
                <ProfileLink mysfit=next label=StaticText::After rel="next" locale/>
            </nav>
        </main>
        <footer><Footer locale/></footer>
        <AccountDialog locale/>
        <ContactDialog locale/>
    }
}

/// Links to the mysfits that are alike in character.
#[component]
fn Similar(mysfit: &'static Mysfit, locale: Locale) -> impl IntoView {
    let link = |other: &'static Mysfit| {
        view! {
            <li>
                <a href=profile_path(locale, other.slug)>
                    <img src=other.image_uri() alt="" width="320" height="320" loading="lazy"/>
                    <span>{other.name.get(locale)}</span>
                </a>
            </li>
        }
    };
    view! {
        <section class="alike" data-testid="similar" aria-labelledby="similar-title">
            <h2 id="similar-title">{StaticText::Similar.get(locale)}</h2>
            <ul>{similar_mysfits(mysfit).into_iter().map(link).collect_view()}</ul>
        </section>
    }
}

/// A link to the previous or next profile.
#[component]
fn ProfileLink(
    mysfit: &'static Mysfit,
    label: StaticText,
    rel: &'static str,
    locale: Locale,
) -> impl IntoView {
    view! {
        <a href=profile_path(locale, mysfit.slug) rel=rel>
            <img src=mysfit.image_uri() alt="" width="64" height="64" loading="lazy"/>
            <span>
                <span class="step">{label.get(locale)}</span>
                {mysfit.name.get(locale)}
            </span>
        </a>
    }
}
