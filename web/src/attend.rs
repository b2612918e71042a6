//! The code on a profile's own page, of which nothing is hydrated: it listens.

use leptos::{ev, prelude::*};
use mysfits_domain::{Locale, MysfitId};

use crate::{app::send, browser, community::Community, language, settings::Settings, words::Voice};

/// What the code does on a profile's own page: it keeps the choice of a language, and lets visitors care for the mysfit where
/// that is set up. Until what is returned is dropped.
pub fn attend(id: MysfitId, locale: Locale) -> impl Sized {
    let community = Community::new(Settings::new(), Voice::of(locale));
    community.begin();
    community.opened(id);
    let clicks = window_event_listener(ev::click, move |event| {
        language::keep_choice(&event);
        if !community.obey(&event)
            && let Some(command) = browser::command_at(&event)
        {
            event.prevent_default();
            command.obey();
        }
    });
    let submissions = window_event_listener(ev::submit, move |event| send(community, &event));
    Listening(vec![clicks, submissions])
}

/// Listens as long as it lives.
struct Listening(Vec<WindowListenerHandle>);

impl Drop for Listening {
    fn drop(&mut self) {
        for handle in self.0.drain(..) {
            handle.remove();
        }
    }
}
