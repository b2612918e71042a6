//! Likes and adoptions. Hidden until there is a service for them.

use leptos::prelude::*;
use mysfits_domain::Locale;

use crate::i18n::{StaticText, interpolate};

/// A card's likes, and whether its mysfit is adopted. Static HTML.
#[component]
pub fn Likes(locale: Locale) -> impl IntoView {
    view! {
        <p class="liked" data-needs="mysfits" hidden>
            <span class="hearts">
                <span aria-hidden="true">"♥ "</span>
                <span class="sr">{StaticText::Likes.get(locale)}": "</span>
                <span data-likes></span>
            </span>
            <span class="home" data-home="taken" hidden>{StaticText::Adopted.get(locale)}</span>
            <span class="home" data-home="yours undoable" hidden>{StaticText::AdoptedByYou.get(locale)}</span>
        </p>
    }
}

/// The buttons to like and adopt a mysfit, in its profile. Static HTML.
///
/// `data-home` lists the states of the adoption in which an element is shown.
#[component]
pub fn EngagementButtons(locale: Locale, name: &'static str) -> impl IntoView {
    let question = interpolate(StaticText::AdoptQuestion.get(locale), &[("name", name)]);
    view! {
        <div class="care" data-needs="mysfits" hidden>
            <button type="button" class="button" data-testid="like" data-do="like" aria-pressed="false">
                <span aria-hidden="true">"♥ "</span>
                {StaticText::Like.get(locale)}
                " "
                <span class="n" data-likes data-testid="likes"></span>
            </button>
            <button type="button" class="button" data-testid="adopt" data-do="adopt" data-home="free">
                {StaticText::Adopt.get(locale)}
            </button>
            <div class="ask" data-testid="adopt-question" data-home="asking" hidden>
                <p>{question}</p>
                <button type="button" class="button main" data-testid="adopt-yes" data-do="adopt-yes">
                    {StaticText::AdoptYes.get(locale)}
                </button>
                <button type="button" class="button" data-testid="adopt-no" data-do="adopt-no">
                    {StaticText::AdoptNo.get(locale)}
                </button>
            </div>
            <p class="home" data-testid="adopted" data-home="taken" hidden>{StaticText::Adopted.get(locale)}</p>
            <p class="home" data-testid="yours" data-home="yours undoable" hidden>
                {StaticText::AdoptedByYou.get(locale)}
            </p>
            <button type="button" class="quiet" data-testid="undo" data-do="undo" data-home="undoable" hidden>
                {StaticText::Undo.get(locale)}
            </button>
            <p class="note" role="status" data-care-note></p>
        </div>
    }
}
