//! The event listeners of a mysfit's page, which is static HTML.

use leptos::{ev, prelude::*};
use mysfits_domain::{Locale, MysfitId};

use super::events::EventHandler;
use crate::{browser::DialogCommand, i18n::Messages, state::ConfigStore};

/// Handles the page's events: likes, adoption, account and contact form, until the returned value is dropped.
pub fn attach_listeners(id: MysfitId, locale: Locale) -> impl Sized {
    let events = EventHandler::new(ConfigStore::new(), Messages::new(locale));
    events.engagement.start(Some(id));
    let clicks = window_event_listener(ev::click, move |event| {
        if !events.handle_click(&event)
            && let Some(command) = DialogCommand::from_event(&event)
        {
            event.prevent_default();
            command.run();
        }
    });
    let submissions = window_event_listener(ev::submit, move |event| events.handle_submit(&event));
    ListenerGuard(vec![clicks, submissions])
}

/// Removes event listeners when it is dropped.
struct ListenerGuard(Vec<WindowListenerHandle>);

impl Drop for ListenerGuard {
    fn drop(&mut self) {
        for handle in self.0.drain(..) {
            handle.remove();
        }
    }
}
