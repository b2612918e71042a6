//! Accounts and sign-in, likes, adoptions, the contact form; and that none of them is shown if it is not set up.
//!
//! An account needs the code that Cognito mails. The server's fake writes it to its log, where these flows read it. Without a
//! log, the flows that need it fail with a message.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_domain::{Locale, Mysfit};
use thirtyfour::Key;

use super::{Flow, Visit, addresses::index};
use crate::{
    page::{equal, part},
    proxy::InjectedFault,
};

/// The mysfit that these flows like.
const FAVOURITE: &str = "gary";
pub(super) const PASSWORD: &str = "Passw0rd-한글!";
/// The texts before a code in the server's log.
const CODES: [&str; 2] = ["confirmation code for the account just created: ", "code to reset a password: "];
/// How long a code may take to appear.
const MAIL: Duration = Duration::from_secs(5);

/// The flows, in a visitor's order.
pub const FLOWS: &[Flow] = &[
    ("an account is made on the way to a like", |visit| Box::pin(account(visit, Locale::En))),
    ("an account is made on the way to a like in Korean", |visit| Box::pin(account(visit, Locale::Ko))),
    ("a cancelled action is not performed later", |visit| Box::pin(cancelled(visit))),
    ("an adoption can be undone", |visit| Box::pin(undone(visit))),
    ("a question is sent once, in the page's language", |visit| Box::pin(sent_once(visit))),
    ("a question is sent, and kept if sending fails", |visit| Box::pin(contact(visit, Locale::En))),
    ("a question is sent in Korean", |visit| Box::pin(contact(visit, Locale::Ko))),
    ("features that are not set up are not shown", |visit| Box::pin(not_set_up(visit))),
];

/// Returns a new email address.
fn new_address() -> Result<String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
    Ok(format!("visitor-{now}-{}@mysfits.example", COUNT.fetch_add(1, Ordering::Relaxed)))
}

impl Visit {
    /// Returns the number of codes in the server's log, and the last one.
    pub(super) fn codes(&self) -> Result<(usize, String)> {
        let Some(log) = &self.server_log else { bail!("--server-log is required: the log has the codes") };
        let log = std::fs::read_to_string(log).with_context(|| format!("cannot read {}", log.display()))?;
        let mut codes = Vec::new();
        for line in log.lines() {
            codes.extend(CODES.iter().find_map(|text| line.split_once(text)?.1.get(..6)));
        }
        Ok((codes.len(), codes.last().copied().unwrap_or_default().to_owned()))
    }

    /// Waits for a code after those that were there before.
    pub(super) async fn next_code(&self, before: usize) -> Result<String> {
        let begun = Instant::now();
        loop {
            let (count, code) = self.codes()?;
            if count > before {
                return Ok(code);
            }
            ensure!(begun.elapsed() < MAIL, "no code came");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a form that was just shown has moved the focus to its first field, which would get what is typed.
    pub(super) async fn focused(&self, id: &str) -> Result<()> {
        let script = format!("return document.activeElement.id === '{id}'");
        let what = format!("the focus is on {id}");
        self.page.wait(&what, async || Ok(self.page.script(&script).await? == true)).await
    }

    /// Replaces the text of a field.
    pub(super) async fn fill(&self, css: &str, text: &str) -> Result<()> {
        self.page.click(css).await?;
        self.page.press(Key::Control + "a").await?;
        self.page.press(text).await
    }

    pub(super) async fn sends(&self, form: &str) -> Result<()> {
        self.page.click(&format!("#{form} [type=submit]")).await
    }

    pub(super) async fn likes(&self) -> Result<u32> {
        let likes = self.page.text(&format!("dialog[open] {}", part("likes"))).await?;
        likes.parse().with_context(|| format!("{likes:?} is no number"))
    }

    /// Waits until a note has text in the page's language.
    pub(super) async fn says(&self, note: &str, locale: Locale) -> Result<()> {
        // A part's name, or a selector of its own.
        let note = if note.contains('[') { note.to_owned() } else { part(note) };
        self.page.see(&note).await?;
        let words = self.page.text(&note).await?;
        let is_korean = words.chars().any(|c| ('가'..='힣').contains(&c));
        equal("whether the words are Korean", is_korean, locale == Locale::Ko)
    }
}

async fn account(visit: &Visit, locale: Locale) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    let favourite = Mysfit::by_slug(FAVOURITE).context("the favourite is gone")?;
    let address = new_address()?;
    page.open_ready(index(locale)).await?;
    page.see(&part("sign-in")).await?;
    page.click(&format!("{}[data-opens={FAVOURITE}]", part("view-profile"))).await?;
    page.see(&format!("dialog[open] {}", part("like"))).await?;
    let likes = visit.likes().await?;
    page.wait("the opened profile is counted", async || Ok(!proxy.seen("/clicks").is_empty())).await?;
    let clicks = proxy.seen("/clicks");
    equal("how often the opened profile was counted", clicks.len(), 1)?;
    ensure!(clicks[0].body.contains(favourite.id.as_str()), "counted was {}", clicks[0].body);

    // A like without a sign-in opens the dialog. The user pool does not know this visitor.
    page.click(&format!("dialog[open] {}", part("like"))).await?;
    page.see(&part("sign-in-form")).await?;
    visit.check_phone("account").await?;
    visit.focused("sign-in-email").await?;
    visit.fill("#sign-in-email", &address).await?;
    visit.fill("#sign-in-password", PASSWORD).await?;
    visit.sends("sign-in-form").await?;
    visit.says("account-error", locale).await?;
    visit.check_phone("account-refused").await?;

    // Registers, first with a weak password, then with the mailed code.
    page.click("#sign-in-form [data-to=register-form]").await?;
    page.see(&part("register-form")).await?;
    visit.focused("register-email").await?;
    visit.check_phone("account-register").await?;
    visit.fill("#register-email", &address).await?;
    visit.fill("#register-password", "easy").await?;
    visit.sends("register-form").await?;
    visit.says("account-error", locale).await?;
    let (before, _) = visit.codes()?;
    visit.fill("#register-password", PASSWORD).await?;
    visit.sends("register-form").await?;
    page.see(&part("confirm-form")).await?;
    visit.check_phone("account-code").await?;
    visit.fill("#confirm-code", "000000").await?;
    visit.sends("confirm-form").await?;
    visit.says("account-error", locale).await?;
    visit.fill("#confirm-code", &visit.next_code(before).await?).await?;
    visit.sends("confirm-form").await?;

    // Signed in, and the like is counted without another click.
    page.gone("dialog[open]#account").await?;
    page.wait("the like is counted", async || Ok(visit.likes().await? == likes + 1)).await?;
    for request in proxy.seen("/cognito") {
        let is_registering = request.body.contains("UserAttributes");
        ensure!(is_registering || !request.body.contains(PASSWORD), "a password was sent to sign in");
    }
    let like = format!("dialog[open] {}", part("like"));
    page.see(&format!("{like}[aria-pressed=true]"))
        .await
        .context("the like is shown as the visitor's own")?;
    // Another click takes the like back; it is sent when the visitor leaves the page.
    page.click(&like).await?;
    page.see(&format!("{like}[aria-pressed=false]")).await?;
    equal("likes after another click", visit.likes().await?, likes)?;
    page.click(&like).await?;
    visit.says("dialog[open] [data-care-note]", locale).await?;
    let sent = format!("/mysfits/{}/like", favourite.id);
    equal("likes that were sent", proxy.seen(&sent).len(), 0)?;
    visit.check_phone("profile-signed-in").await?;

    // The session survives a reload, until the visitor signs out.
    page.open_ready(index(locale)).await?;
    page.wait("the like is sent", async || Ok(proxy.seen(&sent).len() == 1)).await?;
    page.see(&part("my-account")).await?;
    // The name is `visitor-` and numbers; there is room for eight characters.
    let who = "return document.querySelector('[data-who]').textContent";
    equal("who is signed in", page.script(who).await?, "visitor…")?;
    visit.sign_out().await?;
    page.click(&part("sign-in")).await?;
    visit.focused("sign-in-email").await?;
    visit.fill("#sign-in-email", &address).await?;
    visit.fill("#sign-in-password", PASSWORD).await?;
    visit.sends("sign-in-form").await?;
    page.see(&part("my-account")).await?;

    // Adoption, on the profile's own page.
    let slug = if locale == Locale::En { "nessi" } else { "hasla" };
    page.open_ready(&mysfits_address(locale, slug)).await?;
    page.click(&part("adopt")).await?;
    visit.check_phone("adopt-question").await?;
    page.click(&part("adopt-yes")).await?;
    page.see(&part("yours")).await?;
    page.see(&part("undo")).await?;
    visit.check_phone("adopt-undo").await?;
    let adopted = format!("/mysfits/{}/adopt", Mysfit::by_slug(slug).context("the mysfit is gone")?.id);
    page.wait("the adoption is sent", async || Ok(proxy.seen(&adopted).len() == 1)).await?;
    page.wait("it cannot be undone any more", async || {
        Ok(page.script("return document.querySelector('[data-testid=undo]').hidden").await? == true)
    })
    .await?;
    page.see(&part("yours")).await?;
    visit.check_phone("profile-page-signed-in").await?;
    // Other visitors see that it is adopted, but not by which visitor.
    visit.sign_out().await?;
    page.see(&part("adopted")).await?;
    page.gone(&format!("{}:not([hidden])", part("yours"))).await?;
    visit.expect_noise(&["/cognito"]).await
}

impl Visit {
    /// Makes an account in the dialog that is open; the visitor is signed in afterwards.
    pub(super) async fn register(&self) -> Result<String> {
        let page = &self.page;
        let address = new_address()?;
        self.focused("sign-in-email").await?;
        self.fill("#sign-in-email", &address).await?;
        page.click("#sign-in-form [data-to=register-form]").await?;
        page.see(&part("register-form")).await?;
        let carried = page.script("return document.getElementById('register-email').value").await?;
        equal("the address that was typed before", carried, address.clone())?;
        let (before, _) = self.codes()?;
        self.focused("register-email").await?;
        self.fill("#register-password", PASSWORD).await?;
        self.sends("register-form").await?;
        page.see(&part("confirm-form")).await?;
        self.fill("#confirm-code", &self.next_code(before).await?).await?;
        self.sends("confirm-form").await?;
        page.gone("dialog[open]#account").await?;
        Ok(address)
    }

    pub(super) async fn sign_out(&self) -> Result<()> {
        self.page.click(&part("my-account")).await?;
        self.page.click(&part("sign-out")).await?;
        self.page.gone("dialog[open]#account").await
    }
}

/// The visitor closes the sign-in dialog, or closes it while it works, and signs in later.
async fn cancelled(visit: &Visit) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    let mysfit = Mysfit::by_slug("rujin").context("the mysfit is gone")?;
    page.open_ready("/mysfits/rujin/").await?;
    for wish in ["adopt", "like"] {
        page.click(&part(wish)).await?;
        page.see(&part("sign-in-form")).await?;
        page.press(Key::Escape).await?;
        page.gone("dialog[open]#account").await?;
    }
    page.click(&part("sign-in")).await?;
    visit.register().await?;
    page.see(&part("my-account")).await?;
    page.gone(&format!("{}:not([hidden])", part("adopt-question"))).await?;
    for wish in ["adopt", "like"] {
        let path = format!("/mysfits/{}/{wish}", mysfit.id);
        equal(&path, proxy.seen(&path).len(), 0)?;
    }
    Ok(())
}

/// Cancels at the question, then undoes an adoption; nothing is sent.
async fn undone(visit: &Visit) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    let mysfit = Mysfit::by_slug("cole").context("the mysfit is gone")?;
    let adopt = format!("/mysfits/{}/adopt", mysfit.id);
    page.open_ready("/mysfits/cole/").await?;
    page.click(&part("adopt")).await?;
    page.see(&part("sign-in-form")).await?;
    visit.register().await?;
    // After a sign-in for an adoption, the question is shown.
    page.click(&part("adopt-no")).await?;
    page.click(&part("adopt")).await?;
    page.click(&part("adopt-yes")).await?;
    page.click(&part("undo")).await?;
    page.see(&part("adopt")).await?;
    // Longer than the time to undo an adoption.
    tokio::time::sleep(Duration::from_secs(9)).await;
    equal("adoptions that were sent", proxy.seen(&adopt).len(), 0)?;
    // A visitor who leaves the page has not undone it.
    page.click(&part("adopt")).await?;
    page.click(&part("adopt-yes")).await?;
    page.see(&part("undo")).await?;
    page.open_nothing().await?;
    page.wait("the adoption is sent", async || Ok(proxy.seen(&adopt).len() == 1)).await?;
    page.open_ready("/mysfits/cole/").await?;
    page.see(&part("yours")).await.map(drop)
}

async fn sent_once(visit: &Visit) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    for locale in Locale::ALL {
        proxy.forget();
        page.open_ready(index(locale)).await?;
        page.click(&part("contact")).await?;
        visit.fill("#contact-email", "mina@mysfits.example").await?;
        visit.fill("#contact-question", " ").await?;
        visit.sends("contact-form").await?;
        visit.says("contact-error", locale).await?;
        equal("questions that were sent", proxy.seen("/questions").len(), 0)?;
        // The service's message for developers is not shown.
        proxy.fail("/questions", InjectedFault::problem(400, "questionText is empty"));
        visit.fill("#contact-question", "?").await?;
        visit.sends("contact-form").await?;
        page.wait("the service has refused", async || Ok(proxy.seen("/questions").len() == 1)).await?;
        visit.says("contact-error", locale).await?;
        proxy.forget();
        proxy.fail("/questions", InjectedFault::Late(Duration::from_millis(500)));
        let clicks = "const send = document.querySelector('#contact-form [type=submit]');
            send.click(); send.click(); send.click()";
        page.script(clicks).await?;
        page.wait("the question has arrived", async || {
            Ok(page.script("return document.getElementById('contact-question').value").await? == "")
        })
        .await?;
        visit.says("contact-sent", locale).await?;
        equal("questions that were sent", proxy.seen("/questions").len(), 1)?;
        // The message is gone when the next question is written.
        page.press(Key::Escape).await?;
        page.gone("dialog[open]").await?;
        page.click(&part("contact")).await?;
        page.see(&part("contact-form")).await?;
        let said = "return document.querySelector('[data-testid=contact-sent]').textContent";
        equal("what is said at the next question", page.script(said).await?, "")?;
        proxy.heal();
    }
    visit.expect_noise(&["/questions"]).await
}

pub(super) fn mysfits_address(locale: Locale, slug: &str) -> String {
    format!("{}mysfits/{slug}/", index(locale))
}

async fn contact(visit: &Visit, locale: Locale) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    let question = "Does Gary bite?";
    page.open_ready(index(locale)).await?;
    page.click(&part("contact")).await?;
    page.see(&part("contact-form")).await?;
    visit.check_phone("contact").await?;
    visit.fill("#contact-email", "mina@mysfits.example").await?;
    visit.fill("#contact-question", question).await?;
    proxy.fail("/questions", InjectedFault::HangUp);
    visit.sends("contact-form").await?;
    visit.says("contact-error", locale).await?;
    let kept = page.script("return document.getElementById('contact-question').value").await?;
    equal("the question", kept, question)?;
    proxy.heal();
    proxy.forget();
    visit.sends("contact-form").await?;
    visit.says("contact-sent", locale).await?;
    page.wait("the form is empty again", async || {
        Ok(page.script("return document.getElementById('contact-question').value").await? == "")
    })
    .await?;
    let sent = proxy.seen("/questions");
    equal("questions that were sent", sent.len(), 1)?;
    let body: serde_json::Value = serde_json::from_str(&sent[0].body)?;
    equal(
        "what was sent",
        body,
        serde_json::json!({ "email": "mina@mysfits.example", "questionText": question }),
    )?;
    visit.expect_noise(&["/questions"]).await
}

async fn not_set_up(visit: &Visit) -> Result<()> {
    let (page, proxy) = (&visit.page, &visit.proxy);
    proxy.fail("/config.json", InjectedFault::json(r#"{ "recommendationsApiEndpoint": "" }"#));
    page.open_ready("/").await?;
    page.click(&format!("{}[data-opens={FAVOURITE}]", part("view-profile"))).await?;
    page.see(&format!("dialog[open]{}", part("profile"))).await?;
    page.wait("the settings were read", async || Ok(!proxy.seen("/config.json").is_empty())).await?;
    let shown = "return [...document.querySelectorAll('[data-do], [data-testid=contact], [data-likes]')]\
                 .filter(element => element.checkVisibility()).length";
    equal("controls of what is not set up", page.script(shown).await?, 0)?;
    for path in ["/mysfits", "/clicks", "/questions", "/cognito"] {
        equal(path, proxy.seen(path).len(), 0)?;
    }
    Ok(())
}
