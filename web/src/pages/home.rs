//! The home page: banner, filters, grid, and the dialogs.

use leptos::{ev::MouseEvent, prelude::*};
use mysfits_domain::Locale;

use super::events::EventHandler;
use crate::{
    browser::{self, DialogCommand},
    components::{
        Cards, ContactDialog, Filters, QuizDialog, account::AccountDialog, banner::HomeBanner,
        footer::Footer, profile::ProfileDialog, static_html::static_html,
    },
    i18n::Messages,
    state::{ConfigStore, PROFILE_ID, Quiz, Router},
};

/// The attribute of a link that opens a profile as a dialog; its value is the mysfit's slug.
const PROFILE_LINK: &str = "data-opens";
/// The attribute of a link that opens a result; its value is the code of the answers.
const RESULT_LINK: &str = "data-result";

/// The home page. It handles the clicks in its static HTML.
#[component]
pub fn HomePage(locale: Locale) -> impl IntoView {
    let messages = Messages::new(locale);
    let config = ConfigStore::new();
    let events = EventHandler::new(config, messages);
    let router = Router::new(locale, Quiz::new(config), events.engagement);
    router.start();
    let on_click = move |event: MouseEvent| {
        if events.handle_click(&event) {
            return;
        }
        if browser::is_click_on(&event, PROFILE_ID) {
            // The backdrop, in browsers without `closedby`.
            browser::close_dialog(PROFILE_ID);
        } else if let Some(slug) = browser::plain_click_on(&event, PROFILE_LINK) {
            event.prevent_default();
            router.open_profile(slug);
        } else if let Some(code) = browser::plain_click_on(&event, RESULT_LINK) {
            event.prevent_default();
            router.open_result(&code);
        } else if let Some(command) = DialogCommand::from_event(&event) {
            event.prevent_default();
            router.run(&command);
        }
    };
    view! {
        <div on:click=on_click on:submit=move |event| events.handle_submit(&event)>
            <header class="banner" inner_html=static_html(|| view! { <HomeBanner locale/> })></header>
            <main>
                <Filters messages locale/>
                <ul
                    class="grid"
                    data-testid="grid"
                    aria-labelledby="gallery"
                    inner_html=static_html(|| view! { <Cards locale/> })
                ></ul>
            </main>
            <footer inner_html=static_html(|| view! { <Footer locale/> })></footer>
            <ProfileDialog locale router/>
            <QuizDialog locale messages router/>
            <div
                inner_html=static_html(|| {
                    view! {
                        <AccountDialog locale/>
                        <ContactDialog locale/>
                    }
                })
            ></div>
        </div>
    }
}
