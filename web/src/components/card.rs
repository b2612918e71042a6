//! The cards in the grid.

use leptos::prelude::*;
use mysfits_domain::{Locale, Mysfit, catalogue};

use super::{alignment::AlignmentTag, engagement::Likes, profile::Profile};
use crate::{i18n::card_line, state::profile_path};

/// How many portraits load at once; the others load lazily.
const N_EAGER: usize = 6;

/// The content of the grid: the cards of all mysfits, in label order. Static HTML.
#[component]
pub fn Cards(locale: Locale) -> impl IntoView {
    let card = |(position, mysfit)| view! { <Card mysfit position locale/> };
    catalogue().iter().enumerate().map(card).collect_view()
}

/// Returns the position of a mysfit in the catalogue sorted by a key.
fn rank<K: Ord>(mysfit: &Mysfit, key: impl Fn(&Mysfit) -> K) -> usize {
    let own = (key(mysfit), mysfit.label);
    catalogue().iter().filter(|other| (key(other), other.label) < own).count()
}

/// A card: portrait, name with a link to the profile, species, a line, alignment, and the profile as a template.
///
/// The link leads to the profile's page. When the code has loaded, the profile opens in a dialog, from the template. The attributes
/// `data-by-...` are the numbers by which the code sorts the cards.
#[component]
fn Card(
    mysfit: &'static Mysfit,
    /// The card's position in the grid, counted from 0.
    position: usize,
    locale: Locale,
) -> impl IntoView {
    let (name, species) = (mysfit.name.get(locale), mysfit.species.get(locale));
    view! {
        <li
            class="card"
            data-testid="card"
            data-slug=mysfit.slug
            data-id=mysfit.id.as_str()
            data-good-evil=mysfit.alignment.good_evil.as_str()
            data-law-chaos=mysfit.alignment.law_chaos.as_str()
            data-by-arrival=position
            data-by-name=rank(mysfit, |other| other.name.get(locale))
            data-by-age=rank(mysfit, |other| other.age)
        >
            <img
                src=mysfit.image_uri()
                alt=mysfit.portrait.get(locale)
                width="320"
                height="320"
                loading=if position < N_EAGER { "eager" } else { "lazy" }
                decoding="async"
            />
            <h3>
                <a
                    class="open"
                    data-testid="view-profile"
                    data-opens=mysfit.slug
                    href=profile_path(locale, mysfit.slug)
                >
                    {name}
                </a>
            </h3>
            <p class="species">{species}</p>
            <p class="line">{card_line(mysfit).get(locale)}</p>
            <p class="tag">
                <AlignmentTag alignment=mysfit.alignment locale/>
            </p>
            <Likes locale/>
            <template>
                <Profile mysfit locale/>
            </template>
        </li>
    }
}
