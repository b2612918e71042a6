//! The mysfits in the grid.

use leptos::prelude::*;
use mysfits_domain::{Locale, Mysfit, catalogue};

use crate::Texts;

/// The attribute of a button that opens a profile; its value is the mysfit's slug.
pub const OPENS: &str = "data-opens";

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

/// A card: portrait, name, species, alignment, and the button that opens the profile.
///
/// The description is in the card too, where only visitors without scripting see it: they have no profile dialog.
#[component]
fn Card(
    /// Whose card it is.
    mysfit: &'static Mysfit,
    /// The card's place in the grid, counted from 0.
    position: usize,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    let texts = Texts::of(locale);
    let (name, species) = (mysfit.name.get(locale), mysfit.species.get(locale));
    view! {
        <li
            class="card"
            data-testid="card"
            data-slug=mysfit.slug
            data-good-evil=mysfit.alignment.good_evil.as_str()
            data-law-chaos=mysfit.alignment.law_chaos.as_str()
        >
            <img
                src=mysfit.image_uri()
                alt=(texts.portrait)(name, species)
                width="320"
                height="320"
                loading=if position < EAGER { "eager" } else { "lazy" }
            />
            <h3>{name}</h3>
            <p class="species">{species}</p>
            <p class="tag">{texts.alignment_of(mysfit.alignment)}</p>
            <p class="bio">{mysfit.description.get(locale)}</p>
            <button
                type="button"
                class="open"
                data-testid="view-profile"
                data-opens=mysfit.slug
                aria-haspopup="dialog"
            >
                {texts.view_profile}
                <span class="sr">{(texts.of)(name)}</span>
            </button>
        </li>
    }
}
