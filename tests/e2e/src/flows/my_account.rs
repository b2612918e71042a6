//! The visitor's own account: the list of mysfits, a forgotten password, deletion.

use anyhow::Result;
use mysfits_domain::{Locale, Mysfit};
use serde_json::json;
use thirtyfour::Key;

use super::{
    Flow, Visit,
    account::{PASSWORD, mysfits_address},
};
use crate::page::{equal, part};

/// The mysfit that the visitor likes.
const FAVOURITE: &str = "coco";
const NEW_PASSWORD: &str = "N3w-Passw0rd!";

/// The flows.
pub const FLOWS: &[Flow] =
    &[("an account gets a new password and is deleted", |visit| Box::pin(account_life(visit, Locale::Ko)))];

async fn account_life(visit: &Visit, locale: Locale) -> Result<()> {
    let page = &visit.page;
    let like = part("like");
    page.open_ready(&mysfits_address(locale, FAVOURITE)).await?;
    page.click(&part("sign-in")).await?;
    let address = visit.register().await?;
    page.click(&like).await?;
    page.see(&format!("{like}[aria-pressed=true]")).await?;
    // Sends the like.
    visit.sign_out().await?;
    page.see(&format!("{like}[aria-pressed=false]")).await?;
    replace_password(visit, locale, &address).await?;
    page.see(&format!("{like}[aria-pressed=true]")).await?;
    page.click(&like).await?;
    visit.says("[data-care-note]", locale).await?;
    page.see(&format!("{like}[aria-pressed=true]")).await?;

    page.click(&part("my-account")).await?;
    page.see(&part("my-mysfits")).await?;
    let names = "return [...document.querySelectorAll('[data-testid=my-mysfits] a')]
        .filter(link => link.checkVisibility()).map(link => link.textContent)";
    let name = Mysfit::by_slug(FAVOURITE).map(|mysfit| mysfit.name.get(locale));
    equal("the mysfits in the list", page.script(names).await?, json!([name]))?;
    visit.check_phone("my-account").await?;
    delete(visit, locale).await?;

    // The account is gone, and so is what this browser knew of it.
    visit.focused("sign-in-email").await?;
    visit.fill("#sign-in-email", &address).await?;
    visit.fill("#sign-in-password", NEW_PASSWORD).await?;
    visit.sends("sign-in-form").await?;
    visit.says("account-error", locale).await?;
    let marks = "return Object.keys(localStorage).filter(key => /^(like|adopt) /.test(key)).length";
    equal("what the browser still knows", page.script(marks).await?, 0)?;
    page.press(Key::Escape).await?;
    page.see(&format!("{like}[aria-pressed=false]")).await?;
    visit.expect_noise(&["/cognito"]).await
}

/// Replaces the forgotten password by the code from the e-mail; the visitor is signed in afterwards.
async fn replace_password(visit: &Visit, locale: Locale, address: &str) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    page.click(&part("sign-in")).await?;
    visit.focused("sign-in-email").await?;
    visit.fill("#sign-in-email", address).await?;
    page.click("#sign-in-form [data-to=forgot-form]").await?;
    visit.focused("forgot-email").await?;
    let carried = page.script("return document.getElementById('forgot-email').value").await?;
    equal("the address that was typed before", carried, address)?;
    let (before, _) = visit.codes()?;
    visit.sends("forgot-form").await?;
    page.see(&part("reset-form")).await?;
    visit.says("account-note", locale).await?;
    let code = visit.next_code(before).await?;

    visit.focused("reset-code").await?;
    visit.fill("#reset-code", "000000").await?;
    visit.fill("#reset-password", NEW_PASSWORD).await?;
    page.click("#reset-form [data-do=show-password]").await?;
    equal("the type of a shown password", page.attribute("#reset-password", "type").await?, "text")?;
    visit.sends("reset-form").await?;
    visit.says("account-error", locale).await?;
    visit.check_phone("account-reset").await?;
    visit.fill("#reset-code", &code).await?;
    proxy.forget();
    let clicks = "const send = document.querySelector('#reset-form [type=submit]');
        send.click(); send.click(); send.click()";
    page.script(clicks).await?;
    page.gone("dialog[open]#account").await?;
    let resets = proxy.seen("/cognito").into_iter().filter(|request| request.body.contains(NEW_PASSWORD));
    equal("how often the new password was sent", resets.count(), 1)
}

/// Deletes the account, first with the password that was replaced.
async fn delete(visit: &Visit, locale: Locale) -> Result<()> {
    let page = &visit.page;
    page.click("[data-to=delete-form]").await?;
    visit.focused("delete-password").await?;
    visit.fill("#delete-password", PASSWORD).await?;
    visit.sends("delete-form").await?;
    visit.says("account-error", locale).await?;
    visit.check_phone("account-delete").await?;
    visit.fill("#delete-password", NEW_PASSWORD).await?;
    visit.sends("delete-form").await?;
    page.see(&part("sign-in-form")).await?;
    visit.says("account-note", locale).await
}
