//! The mysfits in the grid.

use leptos::prelude::*;
use mysfits_domain::{Locale, Mysfit, catalogue};

use crate::{
    address,
    community::Likes,
    profile::{Heading, Profile},
    words::{Written, alignment, fill},
};

/// How many portraits are fetched at once; the others wait until they come near the window.
const EAGER: usize = 6;

/// The content of the grid: twelve cards in label order; never hydrated.
#[component]
pub fn Cards(
    /// The language.
    locale: Locale,
) -> impl IntoView {
    let card = |(position, mysfit)| view! { <Card mysfit position locale/> };
    catalogue().iter().enumerate().map(card).collect_view()
}

/// A card: portrait, name, species, alignment, the link to the profile, and the profile itself as a template.
///
/// The link leads to the profile's own page. Where the code is there, the profile opens in place, out of the template: no
/// request, no wait, and the code needs no copy of it.
#[component]
fn Card(
    /// Whose card it is.
    mysfit: &'static Mysfit,
    /// The card's place in the grid, counted from 0.
    position: usize,
    /// The language.
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
                alt=fill(Written::Portrait.get(locale), &names)
                width="320"
                height="320"
                loading=if position < EAGER { "eager" } else { "lazy" }
                decoding="async"
            />
            <h3>{name}</h3>
            <p class="species">{species}</p>
            <p class="tag">{alignment(mysfit.alignment, locale)}</p>
            <Likes locale/>
            <a
                class="open"
                data-testid="view-profile"
                data-opens=mysfit.slug
                href=address::profile(locale, mysfit.slug)
            >
                {Written::ViewProfile.get(locale)}
                <span class="sr">{fill(Written::OfWhom.get(locale), &names)}</span>
            </a>
            <template>
                <Profile mysfit locale heading=Heading::Within/>
            </template>
        </li>
    }
}
