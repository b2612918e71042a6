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

/// A form's submit button. Disabled until the code has loaded: a submission without it would leave the page.
#[component]
pub fn SubmitButton(label: StaticText, locale: Locale) -> impl IntoView {
    view! { <button type="submit" class="button main" data-awaits-code disabled>{label.get(locale)}</button> }
}
