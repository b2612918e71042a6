//! The part of the account's dialog for visitors who are signed in.

use leptos::prelude::*;
use mysfits_domain::{Locale, Mysfit, catalogue};

use super::{
    form::{FormLink, HiddenEmailField, PasswordField, SubmitButton},
    privacy_link::PrivacyLink,
};
use crate::{
    i18n::StaticText,
    state::{MY_ACCOUNT, profile_path},
};

/// The mysfits that the visitor likes or has adopted, a link about privacy, and the buttons to sign out and to delete the account.
/// Static HTML.
#[component]
pub fn MyAccount(locale: Locale) -> impl IntoView {
    let rows = catalogue().iter().map(|mysfit| view! { <MyMysfit mysfit locale/> }).collect_view();
    view! {
        <section
            id=MY_ACCOUNT
            data-testid="my-account-panel"
            data-account-form
            data-title=StaticText::MyAccount.get(locale)
            hidden
        >
            <p>{StaticText::SignedInAs.get(locale)}" "<b data-email></b></p>
            <h3>{StaticText::MyMysfits.get(locale)}</h3>
            <p data-testid="no-mysfits" data-no-mysfits>{StaticText::NoMysfits.get(locale)}</p>
            <ul class="mine" data-testid="my-mysfits">{rows}</ul>
            <p class="hint">{StaticText::ListHint.get(locale)}</p>
            <p class="hint"><PrivacyLink label=StaticText::AccountPrivacy locale/></p>
            <button type="button" class="button" data-testid="sign-out" data-do="sign-out">
                {StaticText::SignOut.get(locale)}
            </button>
            <FormLink to="delete-form" label=StaticText::DeleteAccount locale/>
        </section>
    }
}

/// A mysfit of the list, with what the visitor has done.
#[component]
fn MyMysfit(mysfit: &'static Mysfit, locale: Locale) -> impl IntoView {
    view! {
        <li data-mine data-id=mysfit.id.as_str() hidden>
            <img src=mysfit.image_uri() alt="" width="48" height="48" loading="lazy"/>
            <a href=profile_path(locale, mysfit.slug) data-opens=mysfit.slug>{mysfit.name.get(locale)}</a>
            <span data-liked hidden>
                <span aria-hidden="true">"♥"</span>
                <span class="sr">{StaticText::Liked.get(locale)}</span>
            </span>
            <span class="home" data-home="yours undoable" hidden>{StaticText::AdoptedByYou.get(locale)}</span>
        </li>
    }
}

/// The content of the form that deletes the account. Static HTML.
#[component]
pub fn DeleteForm(locale: Locale) -> impl IntoView {
    view! {
        <p>{StaticText::DeleteHint.get(locale)}</p>
        <HiddenEmailField form="delete"/>
        <PasswordField form="delete" label=StaticText::Password locale/>
        <SubmitButton label=StaticText::DeleteForGood locale/>
        <FormLink to=MY_ACCOUNT label=StaticText::KeepAccount locale/>
    }
}
