//! The attributes `command` and `commandfor` of buttons, for browsers that do not support them.

use leptos::ev::MouseEvent;

use super::{attribute_at, close_dialog, show_dialog};

/// What a button does to a dialog, as its `command` and `commandfor` say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogCommand {
    /// `show-modal` or `close`.
    pub name: String,
    /// The id of the dialog.
    pub target: String,
}

impl DialogCommand {
    /// Returns the command of the clicked button.
    pub fn from_event(event: &MouseEvent) -> Option<Self> {
        Some(Self { name: attribute_at(event, "command")?, target: attribute_at(event, "commandfor")? })
    }

    /// Opens or closes the dialog.
    pub fn run(&self) {
        if self.name == "close" { close_dialog(&self.target) } else { show_dialog(&self.target) }
    }
}
