//! Events of static HTML. Its elements have no listeners, so the page's root handles their clicks and submissions.

use leptos::ev::{MouseEvent, SubmitEvent};

use crate::{
    browser,
    i18n::Messages,
    state::{
        CONTACT_ID, ConfigStore, ContactForm, Engagement, FormLock, MY_ACCOUNT, PendingAction,
        VisitorAccount, open_account, reveal_passwords, switch_account_form,
    },
};

/// The attribute of a button with the name of its action.
const ACTION: &str = "data-do";

/// The state behind the static HTML of a page.
#[derive(Debug, Clone, Copy)]
pub struct EventHandler {
    account: VisitorAccount,
    contact: ContactForm,
    pub engagement: Engagement,
}

impl EventHandler {
    pub fn new(config: ConfigStore, messages: Messages) -> Self {
        let lock = FormLock::new();
        let account = VisitorAccount::new(config, messages, lock);
        Self {
            account,
            contact: ContactForm::new(config, messages, lock),
            engagement: Engagement::new(config, messages, account),
        }
    }

    /// Performs the action of a clicked button; returns whether the click had one.
    pub fn handle_click(self, event: &MouseEvent) -> bool {
        if browser::attribute_at(event, "commandfor").as_deref() == Some(CONTACT_ID) {
            self.contact.clear_messages();
        }
        let Some(action) = browser::attribute_at(event, ACTION) else { return false };
        let mysfit = browser::attribute_at(event, "data-id").and_then(|id| id.parse().ok());
        match (action.as_str(), mysfit) {
            ("like", Some(mysfit)) => self.engagement.perform(PendingAction::Like(mysfit)),
            ("adopt", Some(mysfit)) => self.engagement.perform(PendingAction::Adopt(mysfit)),
            ("adopt-yes", Some(mysfit)) => self.engagement.confirm_adoption(mysfit),
            ("adopt-no" | "undo", Some(mysfit)) => self.engagement.cancel_adoption(mysfit),
            ("sign-in", _) => self.engagement.sign_in(),
            ("sign-out", _) => self.engagement.sign_out(),
            ("resend", _) => self.account.resend_code(),
            ("my-account", _) => open_account(MY_ACCOUNT),
            ("show-password", _) => {
                reveal_passwords(browser::attribute_at(event, "aria-pressed").as_deref() != Some("true"));
            }
            ("switch", _) => {
                let attribute = |name| browser::attribute_at(event, name).unwrap_or_default();
                switch_account_form(&attribute("id"), &attribute("data-to"));
            }
            _ => {}
        }
        true
    }

    /// Handles the submission of a form.
    pub fn handle_submit(self, event: &SubmitEvent) {
        event.prevent_default();
        let form = browser::submitted_form(event).unwrap_or_default();
        if !self.account.submit(&form, Box::new(move || self.engagement.session_changed())) {
            self.contact.submit(&form);
        }
    }
}
