//! The contact form.

use super::{config_store::ConfigStore, forms::FormLock};
use crate::{
    api::json::object,
    browser::{self, FetchRequest},
    i18n::{DynamicText, Messages},
};

/// The id of the contact form's dialog.
pub const CONTACT_ID: &str = "contact";
const FORM: &str = "contact-form";

#[derive(Debug, Clone, Copy)]
pub struct ContactForm {
    config: ConfigStore,
    messages: Messages,
    lock: FormLock,
}

impl ContactForm {
    pub fn new(config: ConfigStore, messages: Messages, lock: FormLock) -> Self {
        Self { config, messages, lock }
    }

    /// Removes the messages about an earlier question, unless one is being sent.
    pub fn clear_messages(self) {
        if !self.lock.is_taken() {
            show_messages("", "");
        }
    }

    /// Sends the question, if the submitted form is this one. The form keeps its content until the question has arrived.
    pub fn submit(self, form: &str) {
        if form != FORM {
            return;
        }
        let field = |name| browser::form_value(FORM, name).unwrap_or_default();
        let (email, question) = (field("email"), field("question"));
        // The browser's validation accepts blanks, the service does not.
        if question.trim().is_empty() {
            return show_messages(self.messages.get(DynamicText::CheckQuestion), "");
        }
        let Some(url) = self.config.get().and_then(|config| config.questions_url()) else { return };
        if !self.lock.take() {
            return;
        }
        let question = object(&[("email", &email), ("questionText", &question)]);
        show_messages("", self.messages.get(DynamicText::Sending));
        browser::spawn(async move {
            let response = browser::fetch(&FetchRequest::post(&url, &question)).await;
            self.lock.release();
            match response {
                Ok(response) if response.status < 300 => {
                    browser::reset_form(FORM);
                    show_messages("", self.messages.get(DynamicText::QuestionSent));
                }
                // The service's own message is English and for developers.
                Ok(response) if response.status == 400 => {
                    show_messages(self.messages.get(DynamicText::CheckQuestion), "");
                }
                _ => show_messages(self.messages.get(DynamicText::NotSent), ""),
            }
        });
    }
}

/// Shows an error and a note; empty ones are hidden.
fn show_messages(error: &str, note: &str) {
    browser::set_text_all("[data-testid=contact-error]", error);
    browser::set_text_all("[data-testid=contact-sent]", note);
}
