//! A mysfit's profile, on its own page, in a dialog of the home page, or in the result of the questionnaire.

use leptos::prelude::*;
use mysfits_domain::{Locale, Mysfit};

use super::{
    alignment::{AlignmentTag, alignment_meaning},
    close_button::CloseButton,
    engagement::EngagementButtons,
    static_html::static_html,
};
use crate::{
    i18n::{StaticText, age_text},
    state::{PROFILE_ID, Router, card_by_slug, profile_html},
};

/// The dialog that shows profiles, from the cards' templates.
#[component]
pub fn ProfileDialog(locale: Locale, router: Router) -> impl IntoView {
    let slug = move || Some(router.profile.get()).filter(|slug| !slug.is_empty());
    let name = move || slug().and_then(|slug| card_by_slug(&slug)).map(|card| card.name);
    let profile = move || slug().and_then(|slug| profile_html(&slug)).unwrap_or_default();
    view! {
        <dialog
            id=PROFILE_ID
            class="sheet"
            closedby="any"
            aria-label=name
            data-testid="profile"
            data-slug=slug
            on:close=move |_| router.profile_closed()
        >
            <div class="corner" inner_html=static_html(|| view! { <CloseButton dialog_id=PROFILE_ID locale/> })></div>
            <div class="content" inner_html=profile></div>
        </dialog>
    }
}

/// A profile. Static HTML.
#[component]
pub fn Profile(
    mysfit: &'static Mysfit,
    locale: Locale,
    /// Whether the profile is the main content of a page. By default it is a part of one, and its heading can receive the focus.
    #[prop(optional)]
    is_page: bool,
) -> impl IntoView {
    let (name, species) = (mysfit.name.get(locale), mysfit.species.get(locale));
    view! {
        <article class="profile" data-id=mysfit.id.as_str() data-good-evil=mysfit.alignment.good_evil.as_str()>
            <img src=mysfit.image_uri() alt=mysfit.portrait.get(locale) width="320" height="320"/>
            <div>
                {if is_page {
                    view! { <h1 class="name">{name}</h1> }.into_any()
                } else {
                    view! { <h2 class="name" tabindex="-1">{name}</h2> }.into_any()
                }}
                <dl>
                    <div><dt>{StaticText::Species.get(locale)}</dt><dd>{species}</dd></div>
                    <div><dt>{StaticText::Age.get(locale)}</dt><dd>{age_text(mysfit.age, locale)}</dd></div>
                    <div>
                        <dt>{StaticText::Alignment.get(locale)}</dt>
                        <dd class="tag">
                            <AlignmentTag alignment=mysfit.alignment locale/>
                        </dd>
                        <dd class="meaning">{alignment_meaning(mysfit.alignment, locale)}</dd>
                    </div>
                </dl>
                <p class="bio">{mysfit.description.get(locale)}</p>
                <EngagementButtons locale name/>
            </div>
        </article>
    }
}
