//! What stands in the pages, hidden until it is set up; nothing here is ever hydrated.

use leptos::prelude::*;
use mysfits_domain::Locale;

use super::{ACCOUNT_ID, CONTACT_ID};
use crate::{
    profile::CloseButton,
    words::{Written, fill},
};

/// Sign in, or who is signed in and the way out.
#[component]
pub fn AccountButtons(
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! {
        <span class="who" data-who data-signed-in hidden></span>
        <button type="button" data-testid="sign-in" data-do="sign-in" data-needs="account" data-signed-out hidden>
            {Written::SignIn.get(locale)}
        </button>
        <button type="button" data-testid="sign-out" data-do="sign-out" data-signed-in hidden>
            {Written::SignOut.get(locale)}
        </button>
    }
}

/// A card's likes, and whether its mysfit has a home.
#[component]
pub fn Likes(
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! {
        <p class="liked" data-needs="mysfits" hidden>
            <span aria-hidden="true">"♥ "</span>
            <span class="sr">{Written::Likes.get(locale)}": "</span>
            <span data-likes></span>
            <span class="home" data-home="taken" hidden>{Written::Adopted.get(locale)}</span>
            <span class="home" data-home="yours undoable" hidden>{Written::AdoptedByYou.get(locale)}</span>
        </p>
    }
}

/// What a visitor can do for a mysfit, in its profile. `data-home` names the states in which an element is shown.
#[component]
pub fn Care(
    /// The language.
    locale: Locale,
    /// The mysfit's name.
    name: &'static str,
) -> impl IntoView {
    let question = fill(Written::AdoptQuestion.get(locale), &[("name", name)]);
    view! {
        <div class="care" data-needs="mysfits" hidden>
            <button type="button" class="button" data-testid="like" data-do="like" aria-pressed="false">
                <span aria-hidden="true">"♥ "</span>
                {Written::Like.get(locale)}
                " "
                <span class="n" data-likes data-testid="likes"></span>
            </button>
            <button type="button" class="button" data-testid="adopt" data-do="adopt" data-home="free">
                {Written::Adopt.get(locale)}
            </button>
            <div class="ask" data-testid="adopt-question" data-home="asking" hidden>
                <p>{question}</p>
                <button type="button" class="button main" data-testid="adopt-yes" data-do="adopt-yes">
                    {Written::AdoptYes.get(locale)}
                </button>
                <button type="button" class="button" data-testid="adopt-no" data-do="adopt-no">
                    {Written::AdoptNo.get(locale)}
                </button>
            </div>
            <p class="home" data-testid="adopted" data-home="taken" hidden>{Written::Adopted.get(locale)}</p>
            <p class="home" data-testid="yours" data-home="yours undoable" hidden>
                {Written::AdoptedByYou.get(locale)}
            </p>
            <button type="button" class="quiet" data-testid="undo" data-do="undo" data-home="undoable" hidden>
                {Written::Undo.get(locale)}
            </button>
            <p class="note" role="status" data-care-note></p>
        </div>
    }
}

/// The way to the contact form.
#[component]
pub fn ContactButton(
    /// The language.
    locale: Locale,
) -> impl IntoView {
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
                {Written::Contact.get(locale)}
            </button>
        </p>
    }
}

/// The contact form.
#[component]
pub fn ContactDialog(
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! {
        <dialog id=CONTACT_ID class="sheet form" aria-labelledby="contact-title" closedby="closerequest">
            <div class="corner"><CloseButton dialog_id=CONTACT_ID locale/></div>
            <form id="contact-form" data-testid="contact-form">
                <h2 id="contact-title">{Written::Contact.get(locale)}</h2>
                <Field form="contact" name="email" kind="email" complete="email" words=Written::Email locale/>
                <label class="field">
                    <span>{Written::Question.get(locale)}</span>
                    <textarea id="contact-question" name="question" rows="4" maxlength="2000" required></textarea>
                </label>
                <p class="error" role="alert" data-testid="contact-error"></p>
                <p class="note" role="status" data-testid="contact-sent"></p>
                <Send words=Written::Send locale/>
            </form>
        </dialog>
    }
}

/// Signing in, registering, and the code that confirms an address: three forms, of which one is shown.
#[component]
pub fn AccountDialog(
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! {
        <dialog id=ACCOUNT_ID class="sheet form" data-testid="account" aria-labelledby="account-title">
            <div class="corner"><CloseButton dialog_id=ACCOUNT_ID locale/></div>
            <h2 id="account-title">{Written::Account.get(locale)}</h2>
            <p class="note" role="status" data-account-note></p>
            <p class="error" role="alert" data-testid="account-error"></p>
            <form id="sign-in-form" data-testid="sign-in-form">
                <Field form="sign-in" name="email" kind="email" complete="username" words=Written::Email locale/>
                <Field
                    form="sign-in"
                    name="password"
                    kind="password"
                    complete="current-password"
                    words=Written::Password
                    locale
                />
                <Send words=Written::SignIn locale/>
                <Switch to="register-form" words=Written::ToRegister locale/>
            </form>
            <form id="register-form" data-testid="register-form" hidden>
                <Field form="register" name="email" kind="email" complete="username" words=Written::Email locale/>
                <Field
                    form="register"
                    name="password"
                    kind="password"
                    complete="new-password"
                    words=Written::Password
                    locale
                />
                <p class="hint">{Written::PasswordRules.get(locale)}</p>
                <Send words=Written::Register locale/>
                <Switch to="sign-in-form" words=Written::ToSignIn locale/>
            </form>
            <form id="confirm-form" data-testid="confirm-form" hidden>
                <Field form="confirm" name="code" kind="text" complete="one-time-code" words=Written::Code locale/>
                <Send words=Written::Confirm locale/>
                <button type="button" class="quiet" data-testid="resend" data-do="resend">
                    {Written::Resend.get(locale)}
                </button>
            </form>
        </dialog>
    }
}

/// A labelled line of text.
#[component]
fn Field(
    /// The form's name, before the field's id.
    form: &'static str,
    /// The field's name.
    name: &'static str,
    /// The input's type.
    kind: &'static str,
    /// What a password manager or a keyboard may fill in.
    complete: &'static str,
    /// The label.
    words: Written,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{words.get(locale)}</span>
            <input id=format!("{form}-{name}") name=name type=kind autocomplete=complete required/>
        </label>
    }
}

/// A form's button; disabled until the code is there, for a form sent before would leave the page.
#[component]
fn Send(
    /// What it says.
    words: Written,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! { <button type="submit" class="button main" data-awaits-code disabled>{words.get(locale)}</button> }
}

/// The way to another of the account's forms.
#[component]
fn Switch(
    /// The form's id.
    to: &'static str,
    /// What it says.
    words: Written,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    view! { <button type="button" class="quiet" data-do="switch" data-to=to>{words.get(locale)}</button> }
}
