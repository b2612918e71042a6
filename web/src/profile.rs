//! A mysfit's profile: on a page of its own, in the dialog of the index, or as the result of the questionnaire.

use leptos::prelude::*;
use mysfits_domain::{Locale, Mysfit, MysfitId, catalogue};

use crate::{
    address, browser,
    community::Care,
    fixed::fixed,
    number::grouped,
    visit::Visit,
    words::{Written, alignment, fill},
};

/// The id of the profile's dialog.
pub const PROFILE_ID: &str = "profile";

/// The dialog that shows one profile after the other, out of the cards' templates.
#[component]
pub fn ProfileDialog(
    /// The language.
    locale: Locale,
    /// Whose profile is open.
    visit: Visit,
) -> impl IntoView {
    let slug = move || visit.profile().get();
    let name = move || slug().and_then(|slug| browser::creature_of(&slug)).map(|creature| creature.name);
    let profile = move || slug().and_then(|slug| browser::profile_html(&slug)).unwrap_or_default();
    view! {
        <dialog
            id=PROFILE_ID
            class="sheet"
            closedby="any"
            aria-label=name
            data-testid="profile"
            data-slug=slug
            on:close=move |_| visit.profile_closed()
        >
            <div class="corner" inner_html=fixed(|| view! { <CloseButton dialog_id=PROFILE_ID locale/> })></div>
            <div class="content" inner_html=profile></div>
        </dialog>
    }
}

/// Where a profile stands, hence what its heading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heading {
    /// On its own page.
    Page,
    /// Within another page; the heading can take the focus.
    Within,
}

/// Everything that the site knows about one mysfit; never hydrated.
#[component]
pub fn Profile(
    /// Whose profile it is.
    mysfit: &'static Mysfit,
    /// The language.
    locale: Locale,
    /// Where it stands.
    heading: Heading,
) -> impl IntoView {
    let (name, species) = (mysfit.name.get(locale), mysfit.species.get(locale));
    let portrait = fill(Written::Portrait.get(locale), &[("name", name), ("species", species)]);
    let years = if mysfit.age == 1 { Written::OneYear } else { Written::Years };
    let age = fill(years.get(locale), &[("age", &grouped(mysfit.age))]);
    view! {
        <article class="profile" data-id=mysfit.id.as_str() data-good-evil=mysfit.alignment.good_evil.as_str()>
            <img src=mysfit.image_uri() alt=portrait width="320" height="320"/>
            <div>
                {match heading {
                    Heading::Page => view! { <h1 class="name">{name}</h1> }.into_any(),
                    Heading::Within => view! { <h2 class="name" tabindex="-1">{name}</h2> }.into_any(),
                }}
                <dl>
                    <div><dt>{Written::Species.get(locale)}</dt><dd>{species}</dd></div>
                    <div><dt>{Written::Age.get(locale)}</dt><dd>{age}</dd></div>
                    <div>
                        <dt>{Written::Alignment.get(locale)}</dt>
                        <dd class="tag">{alignment(mysfit.alignment, locale)}</dd>
                    </div>
                </dl>
                <p class="bio">{mysfit.description.get(locale)}</p>
                <Care locale name/>
            </div>
        </article>
    }
}

/// The main part of a profile's own page: the profile, the ways on, and the neighbours in the grid; never hydrated.
#[component]
pub fn ProfilePage(
    /// Whose page it is.
    id: MysfitId,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    let mysfit = id.mysfit();
    let all = catalogue();
    let position = usize::from(mysfit.label.get());
    let before = &all[(position + all.len() - 1) % all.len()];
    let after = &all[(position + 1) % all.len()];
    let quiz = address::Place::Quiz(crate::Answers::default()).address(locale);
    view! {
        <Profile mysfit locale heading=Heading::Page/>
        <p class="actions">
            <a class="button main" href=quiz data-testid="to-questionnaire">{Written::Recommend.get(locale)}</a>
            <a class="button" href=address::index(locale)>{Written::Home.get(locale)}</a>
        </p>
        <nav class="turn" aria-label=Written::Others.get(locale)>
            <Turn mysfit=before word=Written::Before rel="prev" locale/>
            <Turn mysfit=after word=Written::After rel="next" locale/>
        </nav>
    }
}

/// The way to the profile beside this one.
#[component]
fn Turn(
    /// To whom.
    mysfit: &'static Mysfit,
    /// "Before" or "after".
    word: Written,
    /// The relation of that page to this one.
    rel: &'static str,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! {
        <a href=address::profile(locale, mysfit.slug) rel=rel>
            <img src=mysfit.image_uri() alt="" width="64" height="64" loading="lazy"/>
            <span>
                <span class="step">{word.get(locale)}</span>
                {mysfit.name.get(locale)}
            </span>
        </a>
    }
}

/// The cross in a dialog's corner; never hydrated. It works before any code has arrived, where the browser knows
/// `command`.
#[component]
pub fn CloseButton(
    /// Which dialog to close.
    dialog_id: &'static str,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! {
        <button type="button" class="close" data-testid="close" command="close" commandfor=dialog_id>
            <span class="sr">{Written::Close.get(locale)}</span>
        </button>
    }
}
