//! The questionnaire's keys: digits select options, Escape closes the dialog.

use leptos::{ev, prelude::*};
use mysfits_domain::OPTION_COUNT;

use crate::{
    browser,
    state::{QUIZ_ID, Quiz},
};

/// Handles keys while the questionnaire is the topmost dialog.
///
/// The page closes the dialog on Escape instead of the browser, because Chromium on Android takes the gesture for "back" as a request to
/// close a dialog. With `closedby="none"` the gesture goes back in the history: to the question before.
pub fn handle_keys(quiz: Quiz) {
    Effect::new(move |_| {
        browser::set_attribute_all(&["#", QUIZ_ID].concat(), "closedby", "none");
        let handle = window_event_listener(ev::keydown, move |event| {
            let Some(key) = browser::plain_key(&event) else { return };
            if !browser::is_topmost_dialog(QUIZ_ID) {
                return;
            }
            match key.parse() {
                Ok(number) if (1..=OPTION_COUNT).contains(&number) => quiz.choose(number),
                _ if key == "Escape" => browser::close_dialog(QUIZ_ID),
                _ => {}
            }
        });
        on_cleanup(move || handle.remove());
    });
}
