//! The account: the buttons in the banner and the dialog with its forms.

use leptos::prelude::*;
use mysfits_domain::Locale;

use super::{
    close_button::CloseButton,
    form::{EmailField, Field, FormLink, HiddenEmailField, PasswordField, SubmitButton},
    my_account::{DeleteForm, MyAccount},
    privacy_link::PrivacyLink,
};
use crate::{i18n::StaticText, state::ACCOUNT_ID};

/// The button to sign in, or the one with the visitor's name. Static HTML, hidden until there is an account service.
#[component]
pub fn AccountButtons(locale: Locale) -> impl IntoView {
    view! {
        <button type="button" data-testid="sign-in" data-do="sign-in" data-needs="account" data-signed-out hidden>
            {StaticText::SignIn.get(locale)}
        </button>
        <button type="button" data-testid="my-account" data-do="my-account" data-signed-in hidden>
            <span class="who" data-who></span>
            <span class="sr">": "{StaticText::MyAccount.get(locale)}</span>
        </button>
    }
}

/// The dialog with the account's forms, of which one is shown. Its heading is the `data-title` of that form. Static HTML.
#[component]
pub fn AccountDialog(locale: Locale) -> impl IntoView {
    view! {
        <dialog id=ACCOUNT_ID class="sheet form" data-testid="account" aria-labelledby="account-title">
            <div class="corner"><CloseButton dialog_id=ACCOUNT_ID locale/></div>
            <h2 id="account-title" tabindex="-1">{StaticText::SignIn.get(locale)}</h2>
            <p class="note" role="status" data-testid="account-note" data-account-note></p>
            <p class="error" role="alert" data-testid="account-error"></p>
            <AccountForm id="sign-in-form" title=StaticText::SignIn locale>
                <EmailField form="sign-in" locale/>
                <PasswordField form="sign-in" label=StaticText::Password locale/>
                <SubmitButton label=StaticText::SignIn locale/>
                <FormLink to="forgot-form" label=StaticText::ToForgot locale/>
                <FormLink to="register-form" label=StaticText::ToRegister locale/>
            </AccountForm>
            <AccountForm id="register-form" title=StaticText::Register is_hidden=true locale>
                <EmailField form="register" locale/>
                <PasswordField form="register" is_new=true label=StaticText::Password locale/>
                <p class="hint"><PrivacyLink label=StaticText::AccountPrivacy locale/></p>
                <SubmitButton label=StaticText::Register locale/>
                <FormLink to="sign-in-form" label=StaticText::ToSignIn locale/>
            </AccountForm>
            <AccountForm id="confirm-form" title=StaticText::ConfirmTitle is_hidden=true locale>
                <CodeField form="confirm" locale/>
                <SubmitButton label=StaticText::Confirm locale/>
                <button type="button" class="quiet" data-testid="resend" data-do="resend">
                    {StaticText::Resend.get(locale)}
                </button>
            </AccountForm>
            <AccountForm id="forgot-form" title=StaticText::ForgotTitle is_hidden=true locale>
                <p class="hint">{StaticText::ForgotHint.get(locale)}</p>
                <EmailField form="forgot" locale/>
                <SubmitButton label=StaticText::SendCode locale/>
                <FormLink to="sign-in-form" label=StaticText::BackToSignIn locale/>
            </AccountForm>
            <AccountForm id="reset-form" title=StaticText::ForgotTitle is_hidden=true locale>
                <CodeField form="reset" locale/>
                <HiddenEmailField form="reset"/>
                <PasswordField form="reset" is_new=true label=StaticText::NewPassword locale/>
                <SubmitButton label=StaticText::SavePassword locale/>
                <FormLink to="forgot-form" label=StaticText::Resend locale/>
            </AccountForm>
            <AccountForm id="delete-form" title=StaticText::DeleteAccount is_hidden=true locale>
                <DeleteForm locale/>
            </AccountForm>
            <MyAccount locale/>
        </dialog>
    }
}

/// One of the dialog's forms.
#[component]
fn AccountForm(
    /// Also its test id.
    id: &'static str,
    title: StaticText,
    #[prop(optional)] is_hidden: bool,
    locale: Locale,
    children: Children,
) -> impl IntoView {
    view! {
        <form id=id data-testid=id data-account-form data-title=title.get(locale) hidden=is_hidden>
            {children()}
        </form>
    }
}

/// The field for a code from an e-mail.
#[component]
fn CodeField(form: &'static str, locale: Locale) -> impl IntoView {
    view! { <Field form name="code" kind="text" complete="one-time-code" label=StaticText::Code locale/> }
}
