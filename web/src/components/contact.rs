//! The contact form.

use leptos::prelude::*;
use mysfits_domain::Locale;

use super::{
    close_button::CloseButton,
    form::{Field, SubmitButton},
};
use crate::{i18n::StaticText, state::CONTACT_ID};

/// The button that opens the contact form. Static HTML, hidden until there is a contact service.
#[component]
pub fn ContactButton(locale: Locale) -> impl IntoView {
    view! {
        <p data-needs="questions" hidden>
            <button
                type="button"
                class="quiet"
                data-testid="contact"
                aria-haspopup="dialog"
                command="show-modal"
                commandfor=CONTACT_ID
            >
                {StaticText::Contact.get(locale)}
            </button>
        </p>
    }
}

/// The dialog with the contact form. Static HTML.
#[component]
pub fn ContactDialog(locale: Locale) -> impl IntoView {
    view! {
        <dialog id=CONTACT_ID class="sheet form" aria-labelledby="contact-title" closedby="closerequest">
            <div class="corner"><CloseButton dialog_id=CONTACT_ID locale/></div>
            <form id="contact-form" data-testid="contact-form">
                <h2 id="contact-title">{StaticText::Contact.get(locale)}</h2>
                <Field form="contact" name="email" kind="email" complete="email" label=StaticText::Email locale/>
                <label class="field">
                    <span>{StaticText::Question.get(locale)}</span>
                    <textarea id="contact-question" name="question" rows="4" maxlength="2000" required></textarea>
                </label>
                <p class="error" role="alert" data-testid="contact-error"></p>
                <p class="note" role="status" data-testid="contact-sent"></p>
                <SubmitButton label=StaticText::Send locale/>
            </form>
        </dialog>
    }
}
