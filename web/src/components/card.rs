//! The cards in the grid.

use leptos::prelude::*;
use mysfits_domain::{Locale, Mysfit, catalogue};

use super::{engagement::Likes, profile::Profile};
use crate::{
    i18n::{StaticText, alignment_text, interpolate},
    state::profile_path,
};

/// How many portraits load at once; the others load lazily.
const N_EAGER: usize = 6;

/// The content of the grid: the cards of all mysfits, in label order. Static HTML.
#[component]
pub fn Cards(locale: Locale) -> impl IntoView {
    let card = |(position, mysfit)| view! { <Card mysfit position locale/> };
    catalogue().iter().enumerate().map(card).collect_view()
}

/// A card: portrait, name, species, alignment, a link to the profile, and the profile as a template.
///
/// The link leads to the profile's page. When the code has loaded, the profile opens in a dialog, from the template.
#[component]
fn Card(
    mysfit: &'static Mysfit,
    /// The card's position in the grid, counted from 0.
    position: usize,
    locale: Locale,
) -> impl IntoView {
    let (name, species) = (mysfit.name.get(locale), mysfit.species.get(locale));
    let names = [("name", name), ("species", species)];
    view! {
        <li
            class="card"
            data-testid="card"
            data-slug=mysfit.slug
            data-id=mysfit.id.as_str()
            data-good-evil=mysfit.alignment.good_evil.as_str()
            data-law-chaos=mysfit.alignment.law_chaos.as_str()
        >
            <img
                src=mysfit.image_uri()
                alt=interpolate(StaticText::Portrait.get(locale), &names)
                width="320"
                height="320"
                loading=if position < N_EAGER { "eager" } else { "lazy" }
                decoding="async"
            />
            <h3>{name}</h3>
            <p class="species">{species}</p>
            <p class="tag">{alignment_text(mysfit.alignment, locale)}</p>
            <Likes locale/>
            <a
                class="open"
                data-testid="view-profile"
                data-opens=mysfit.slug
                href=profile_path(locale, mysfit.slug)
            >
                {StaticText::ViewProfile.get(locale)}
                <span class="sr">{interpolate(StaticText::OfMysfit.get(locale), &names)}</span>
            </a>
            <template>
                <Profile mysfit locale/>
            </template>
        </li>
    }
}
