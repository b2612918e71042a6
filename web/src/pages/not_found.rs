//! The 404 page, in both languages and without code.

use leptos::prelude::*;
use mysfits_domain::{Locale, Mysfit, catalogue};

use crate::{
    i18n::StaticText,
    state::{home_path, profile_path},
};

/// The mysfits that are used to places without a path: the one under the stairs, the one in no photograph, the one at the door.
const RESIDENTS: [&str; 3] = ["rujin", "nessi", "hasla"];

/// The 404 page: three mysfits, and a message with a link home in each language.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    let residents = catalogue().iter().filter(|mysfit| RESIDENTS.contains(&mysfit.slug));
    view! {
        <main class="lost">
            <ul>{residents.map(|mysfit| view! { <Resident mysfit/> }).collect_view()}</ul>
            {Locale::ALL.map(|locale| view! { <Message locale/> })}
        </main>
    }
}

/// A mysfit with a link to its profile, named in both languages.
#[component]
fn Resident(mysfit: &'static Mysfit) -> impl IntoView {
    let locale = Locale::default();
    view! {
        <li>
            <a href=profile_path(locale, mysfit.slug)>
                <img src=mysfit.image_uri() alt=mysfit.name.get(locale) width="160" height="160"/>
            </a>
        </li>
    }
}

#[component]
fn Message(locale: Locale) -> impl IntoView {
    view! {
        <section lang=locale.code()>
            <h1>{StaticText::NotFound.get(locale)}</h1>
            <p>{StaticText::NotFoundHint.get(locale)}</p>
            <p><a class="button main" href=home_path(locale)>{StaticText::BackHome.get(locale)}</a></p>
        </section>
    }
}
