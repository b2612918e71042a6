//! No browser: the page is being written, not visited.

use std::future::{Ready, ready};

use leptos::ev::MouseEvent;

use crate::exchange::{NoReply, Reply};

/// The value of an attribute of the clicked element, or of the nearest element around it that has one.
pub const fn attribute_at(_event: &MouseEvent, _name: &str) -> Option<String> {
    None
}

/// Does what the clicked button's `command` and `commandfor` say.
pub const fn run_command(_event: &MouseEvent) {}

/// Gives an element an attribute without a value, or takes it away.
pub const fn mark(_id: &str, _attribute: &str, _on: bool) {}

/// Opens a dialog as a modal one.
pub const fn show_dialog(_id: &str) {}

/// Moves the focus to an element.
pub const fn focus(_id: &str) {}

/// Scrolls an element to the top of what scrolls it.
pub const fn reveal(_id: &str) {}

/// Puts a form back to how it was served.
pub const fn reset_form(_id: &str) {}

/// The value of the control chosen under a name in a form.
pub const fn chosen(_form_id: &str, _name: &str) -> Option<String> {
    None
}

/// Sends a request and reads the whole reply.
pub fn fetch(_url: &str, _json: Option<String>) -> Ready<Result<Reply, NoReply>> {
    ready(Err(NoReply::Away))
}
