//! The pages as wholes: the index, and a mysfit's profile.

use leptos::{
    ev::{MouseEvent, SubmitEvent},
    prelude::*,
};
use mysfits_domain::{Locale, MysfitId};

use crate::{
    banner::{Banner, SmallBanner},
    browser,
    card::Cards,
    community::{AccountDialog, Community, ContactDialog},
    filters::Filters,
    fixed::fixed,
    footer::Footer,
    language,
    profile::{PROFILE_ID, ProfileDialog, ProfilePage},
    quiz::{Quiz, QuizDialog},
    settings::Settings,
    visit::Visit,
    words::Voice,
};

/// The attribute of a link that opens a profile in place; its value is the mysfit's slug.
pub const OPENS: &str = "data-opens";

/// The index: banner, filters, grid, and the dialogs.
///
/// Clicks in the parts that are never hydrated are handled here: links that open a profile in place, and buttons with a
/// `command` in browsers that do not know that attribute yet.
#[component]
pub fn Index(
    /// The language of everything on the page.
    locale: Locale,
) -> impl IntoView {
    let voice = Voice::of(locale);
    let settings = Settings::new();
    let quiz = Quiz::new(settings);
    let community = Community::new(settings, voice);
    let visit = Visit::new(locale, quiz, community);
    visit.begin();
    let on_click = move |event: MouseEvent| {
        language::keep_choice(&event);
        if community.obey(&event) {
            return;
        }
        if browser::hits(&event, PROFILE_ID) {
            // The backdrop; browsers that do not know `closedby` leave it to the page.
            browser::close_dialog(PROFILE_ID);
        } else if let Some(slug) = browser::plain_click_on(&event, OPENS) {
            event.prevent_default();
            visit.open_profile(slug);
        } else if let Some(command) = browser::command_at(&event) {
            event.prevent_default();
            visit.obey(&command);
        }
    };
    view! {
        <div on:click=on_click on:submit=move |event| send(community, &event)>
            <header class="banner" inner_html=fixed(|| view! { <Banner locale/> })></header>
            <main>
                <Filters voice locale/>
                <ul
                    class="grid"
                    data-testid="grid"
                    aria-labelledby="gallery"
                    inner_html=fixed(|| view! { <Cards locale/> })
                ></ul>
            </main>
            <footer inner_html=fixed(|| view! { <Footer locale/> })></footer>
            <ProfileDialog locale visit/>
            <QuizDialog locale voice visit/>
            <div inner_html=fixed(|| view! { <CommunityDialogs locale/> })></div>
        </div>
    }
}

/// A profile's own page. All of it is there before any code is, so nothing of it is hydrated: the code only
/// listens (`attend`).
#[component]
pub fn ProfileOf(
    /// Whose profile it is.
    id: MysfitId,
    /// The language of everything on the page.
    locale: Locale,
) -> impl IntoView {
    view! {
        <header class="banner small"><SmallBanner locale id/></header>
        <main class="alone" data-testid="profile-page"><ProfilePage id locale/></main>
        <footer><Footer locale/></footer>
        <CommunityDialogs locale/>
    }
}

/// A form of the community's was sent: the page stays.
pub fn send(community: Community, event: &SubmitEvent) {
    event.prevent_default();
    if let Some(form) = browser::submitted(event) {
        community.submitted(&form);
    }
}

/// The dialogs that are the same on every page; never hydrated.
#[component]
fn CommunityDialogs(
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! {
        <AccountDialog locale/>
        <ContactDialog locale/>
    }
}
