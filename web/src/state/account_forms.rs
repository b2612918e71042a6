//! The forms of the account's dialog, of which one is shown.

use crate::browser;

/// The id of the dialog with the account's forms.
pub const ACCOUNT_ID: &str = "account";

pub const SIGN_IN: &str = "sign-in-form";
pub const REGISTER: &str = "register-form";
pub const CONFIRM: &str = "confirm-form";
pub const FORGOT: &str = "forgot-form";
pub const RESET: &str = "reset-form";
pub const DELETE: &str = "delete-form";
/// Not a form: the visitor's mysfits, and the buttons of a visitor who is signed in.
pub const MY_ACCOUNT: &str = "my-account";

/// Opens the dialog with one of the forms.
pub fn open_account(form: &str) {
    show_account_form(form);
    browser::show_dialog(ACCOUNT_ID);
}

/// Shows one of the forms and hides the others.
pub fn show_account_form(form: &str) {
    let form = ["#", form].concat();
    browser::hide_all("[data-account-form]", true);
    browser::hide_all(&form, false);
    browser::set_text_all("#account-title", &browser::attribute(&form, "data-title").unwrap_or_default());
    show_account_messages("", "");
    reveal_passwords(false);
    let targets = [form + " input:not([hidden])", "#account-title".to_owned()];
    browser::next_frame(move || browser::focus_in_view(&targets, ACCOUNT_ID));
}

/// Replaces a form by another, which gets the e-mail address that was typed.
pub fn switch_account_form(from: &str, to: &str) {
    if let Some(email) = browser::form_value(from, "email").filter(|email| !email.is_empty()) {
        browser::set_field(&(to.trim_end_matches("form").to_owned() + "email"), &email);
    }
    show_account_form(to);
}

/// Shows the passwords in all forms as text, or hides them.
pub fn reveal_passwords(is_shown: bool) {
    let (kind, pressed) = if is_shown { ("text", "true") } else { ("password", "false") };
    browser::set_attribute_all("#account [name=password]", "type", kind);
    browser::set_attribute_all("[data-do=show-password]", "aria-pressed", pressed);
}

/// Empties all forms.
pub fn clear_account_forms() {
    for form in [SIGN_IN, REGISTER, CONFIRM, FORGOT, RESET, DELETE] {
        browser::reset_form(form);
    }
}

/// Shows a note and an error; empty ones are hidden.
pub fn show_account_messages(note: &str, error: &str) {
    browser::set_text_all("[data-account-note]", note);
    browser::set_text_all("[data-testid=account-error]", error);
}

/// Returns the value of a field.
pub fn field(form: &str, name: &str) -> String {
    browser::form_value(form, name).unwrap_or_default()
}
