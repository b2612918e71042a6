//! Parts of forms. Static HTML.

use leptos::prelude::*;
use mysfits_domain::Locale;

use crate::i18n::StaticText;

/// A text field with its label.
#[component]
pub fn Field(
    /// The form's name, the prefix of the field's id.
    form: &'static str,
    name: &'static str,
    /// The input's type.
    kind: &'static str,
    complete: &'static str,
    label: StaticText,
    locale: Locale,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label.get(locale)}</span>
            <input id=format!("{form}-{name}") name=name type=kind autocomplete=complete required/>
        </label>
    }
}

/// The field for an e-mail address.
#[component]
pub fn EmailField(
    /// The form's name, the prefix of the field's id.
    form: &'static str,
    locale: Locale,
) -> impl IntoView {
    view! { <Field form name="email" kind="email" complete="username" label=StaticText::Email locale/> }
}

/// The account of a password form without a field for the e-mail address: password managers read it, visitors do not see it.
#[component]
pub fn HiddenEmailField(
    /// The form's name, the prefix of the field's id.
    form: &'static str,
) -> impl IntoView {
    view! { <input id=format!("{form}-email") name="email" type="email" autocomplete="username" hidden/> }
}

/// The field for a password, with the button that shows the password.
#[component]
pub fn PasswordField(
    /// The form's name, the prefix of the field's id.
    form: &'static str,
    /// Whether the visitor chooses the password here. By default, it is an existing one.
    #[prop(optional)]
    is_new: bool,
    label: StaticText,
    locale: Locale,
) -> impl IntoView {
    let complete = if is_new { "new-password" } else { "current-password" };
    let rules = is_new.then(|| format!("{form}-rules"));
    let hint = rules.clone().map(|id| {
        view! { <p class="hint" id=id>{StaticText::PasswordRules.get(locale)}</p> }
    });
    view! {
        <div class="password">
            <label class="field">
                <span>{label.get(locale)}</span>
                // Browsers may send what is typed to a spelling service while the password is shown.
                <input
                    id=format!("{form}-password")
                    name="password"
                    type="password"
                    autocomplete=complete
                    autocapitalize="none"
                    spellcheck="false"
                    aria-describedby=rules
                    required
                />
            </label>
            <button type="button" class="quiet" data-do="show-password" aria-pressed="false">
                {StaticText::ShowPassword.get(locale)}
            </button>
            {hint}
        </div>
    }
}

/// A form's submit button. Disabled until the code has loaded: a submission without it would leave the page.
#[component]
pub fn SubmitButton(label: StaticText, locale: Locale) -> impl IntoView {
    view! { <button type="submit" class="button main" data-awaits-code disabled>{label.get(locale)}</button> }
}

/// A button that shows another of the forms, which gets the e-mail address that was typed.
#[component]
pub fn FormLink(to: &'static str, label: StaticText, locale: Locale) -> impl IntoView {
    view! { <button type="button" class="quiet" data-do="switch" data-to=to>{label.get(locale)}</button> }
}
