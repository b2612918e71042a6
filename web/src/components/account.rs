//! The account: the buttons in the banner and the dialog with its forms.

use leptos::prelude::*;
use mysfits_domain::Locale;

use super::{
    close_button::CloseButton,
    form::{Field, SubmitButton},
};
use crate::{i18n::StaticText, state::ACCOUNT_ID};

/// The button to sign in, or the visitor's name and the button to sign out. Static HTML, hidden until there is an account service.
#[component]
pub fn AccountButtons(locale: Locale) -> impl IntoView {
    view! {
        <span class="who" data-who data-signed-in hidden></span>
        <button type="button" data-testid="sign-in" data-do="sign-in" data-needs="account" data-signed-out hidden>
            {StaticText::SignIn.get(locale)}
        </button>
        <button type="button" data-testid="sign-out" data-do="sign-out" data-signed-in hidden>
            {StaticText::SignOut.get(locale)}
        </button>
    }
}

/// The dialog with the forms to sign in, to register and to confirm an e-mail address, of which one is shown. Static HTML.
#[component]
pub fn AccountDialog(locale: Locale) -> impl IntoView {
    view! {
        <dialog id=ACCOUNT_ID class="sheet form" data-testid="account" aria-labelledby="account-title">
            <div class="corner"><CloseButton dialog_id=ACCOUNT_ID locale/></div>
            <h2 id="account-title">{StaticText::Account.get(locale)}</h2>
            <p class="note" role="status" data-account-note></p>
            <p class="error" role="alert" data-testid="account-error"></p>
            <form id="sign-in-form" data-testid="sign-in-form">
                <Field form="sign-in" name="email" kind="email" complete="username" label=StaticText::Email locale/>
                <Field
                    form="sign-in"
                    name="password"
                    kind="password"
                    complete="current-password"
                    label=StaticText::Password
                    locale
                />
                <SubmitButton label=StaticText::SignIn locale/>
                <FormLink to="register-form" label=StaticText::ToRegister locale/>
            </form>
            <form id="register-form" data-testid="register-form" hidden>
                <Field form="register" name="email" kind="email" complete="username" label=StaticText::Email locale/>
                <Field
                    form="register"
                    name="password"
                    kind="password"
                    complete="new-password"
                    label=StaticText::Password
                    locale
                />
                <p class="hint">{StaticText::PasswordRules.get(locale)}</p>
                <SubmitButton label=StaticText::Register locale/>
                <FormLink to="sign-in-form" label=StaticText::ToSignIn locale/>
            </form>
            <form id="confirm-form" data-testid="confirm-form" hidden>
                <Field form="confirm" name="code" kind="text" complete="one-time-code" label=StaticText::Code locale/>
                <SubmitButton label=StaticText::Confirm locale/>
                <button type="button" class="quiet" data-testid="resend" data-do="resend">
                    {StaticText::Resend.get(locale)}
                </button>
            </form>
        </dialog>
    }
}

/// A button that shows another of the forms.
#[component]
fn FormLink(to: &'static str, label: StaticText, locale: Locale) -> impl IntoView {
    view! { <button type="button" class="quiet" data-do="switch" data-to=to>{label.get(locale)}</button> }
}
