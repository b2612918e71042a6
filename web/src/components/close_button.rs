//! The button that closes a dialog.

use leptos::prelude::*;
use mysfits_domain::Locale;

use crate::i18n::StaticText;

/// The button in a dialog's corner. Static HTML. In browsers with `command`, it works before the code has loaded.
#[component]
pub fn CloseButton(dialog_id: &'static str, locale: Locale) -> impl IntoView {
    view! {
        <button type="button" class="close" data-testid="close" command="close" commandfor=dialog_id>
            <span class="sr">{StaticText::Close.get(locale)}</span>
        </button>
    }
}
