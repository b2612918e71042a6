//! The page as a whole.

use leptos::{ev::MouseEvent, prelude::*};
use mysfits_domain::{Locale, Mysfit};

use crate::{
    Texts,
    banner::Banner,
    browser,
    card::{Cards, OPENS},
    filters::Filters,
    fixed::fixed,
    profile::{PROFILE_ID, ProfileDialog},
    quiz::Quiz,
};

/// The page's body in one language: banner, filters, grid, and the two dialogs.
///
/// Clicks in the parts that are never hydrated are handled here: a card's button, and buttons with a `command` in
/// browsers that do not know that attribute yet.
#[component]
pub fn App(
    /// The language of everything on the page.
    locale: Locale,
) -> impl IntoView {
    let texts = Texts::of(locale);
    let visited = RwSignal::new(None::<&'static Mysfit>);
    let on_click = move |event: MouseEvent| {
        let opens = browser::attribute_at(&event, OPENS);
        if let Some(mysfit) = opens.and_then(|slug| Mysfit::by_slug(&slug)) {
            visited.set(Some(mysfit));
            browser::show_dialog(PROFILE_ID);
        } else {
            browser::run_command(&event);
        }
    };
    view! {
        <div on:click=on_click>
            <header class="banner" inner_html=fixed(|| view! { <Banner texts/> })></header>
            <main>
                <Filters texts/>
                <ul
                    class="grid"
                    data-testid="grid"
                    aria-labelledby="gallery"
                    inner_html=fixed(|| view! { <Cards locale/> })
                ></ul>
            </main>
            <footer inner_html=fixed(|| view! { <Footer texts/> })></footer>
            <ProfileDialog locale visited/>
            <Quiz locale/>
        </div>
    }
}

/// What stands below everything.
#[component]
fn Footer(
    /// The page's words.
    texts: &'static Texts,
) -> impl IntoView {
    view! {
        <p class="no-script">{texts.no_script}</p>
        <p>{texts.footer}</p>
    }
}
