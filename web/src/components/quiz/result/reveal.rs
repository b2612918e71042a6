//! The reveal: the mysfit's name and portrait in its colours, and what to do with the result.

use leptos::prelude::*;
use mysfits_domain::{Entry, Locale};

use super::share::Share;
use crate::{
    i18n::{DynamicText, Messages},
    state::{CardData, Quiz},
};

/// The name, the portrait, and buttons to share the result, to adopt the mysfit, to review the answers and to start over.
#[component]
pub fn Reveal(
    card: CardData,
    entry: Option<Entry>,
    messages: Messages,
    locale: Locale,
    quiz: Quiz,
) -> impl IntoView {
    let CardData { id, name, portrait, alt, .. } = card;
    let adopt = messages.format(DynamicText::AdoptName, &[("name", &name)]);
    let share = entry.map(|entry| view! { <Share entry name=name.clone() messages locale/> });
    view! {
        <div class="reveal">
            <h3 tabindex="-1" data-takes-focus>{messages.get(DynamicText::Result)} " " <span>{name}</span></h3>
            <img class="portrait" src=portrait alt=alt width="320" height="320"/>
            <div class="reveal-actions">
                {share}
                // The page's root handles the click; the profile below asks for the confirmation.
                <span data-id=id.as_str() data-needs="mysfits" hidden>
                    <button type="button" class="button" data-testid="adopt-result" data-do="adopt" data-home="free">
                        {adopt}
                    </button>
                </span>
                <button type="button" class="quiet" data-testid="back" on:click=move |_| quiz.review()>
                    {messages.get(DynamicText::BackToAnswers)}
                </button>
                <button type="button" class="quiet" data-testid="start-over" on:click=move |_| quiz.restart()>
                    {messages.get(DynamicText::StartOver)}
                </button>
            </div>
        </div>
    }
}
