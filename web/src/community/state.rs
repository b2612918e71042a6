//! What the page knows of its visitors and services, and what can happen.

use leptos::{ev::MouseEvent, prelude::*};
use mysfits_domain::MysfitId;

use super::{
    ACCOUNT_ID, CONTACT_ID,
    cognito::object,
    contact,
    facts::{self, Fact},
    session::Session,
};
use crate::{
    browser::{self, Request},
    kept::Kept,
    settings::Settings,
    words::{Spoken, Voice},
};

/// The attribute of a button that asks for something; its value says what.
const DOES: &str = "data-do";
/// Under which key the tab keeps the identity token.
const TOKEN: &str = "token";
/// Under which key the tab keeps the number by which its visitor is counted who is not signed in.
const TAB: &str = "tab";
/// The buttons that send a form.
const SUBMITS: &str = "[data-awaits-code]";

/// How long an adoption can be undone, in milliseconds: the workshop's API cannot take one back, so it is sent afterwards.
const UNDO_MS: u32 = 8_000;

/// A visitor's wish for a mysfit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Like(MysfitId),
    Adopt(MysfitId),
}

impl Wish {
    /// Returns the mysfit, and the last segment of the path to which the wish is sent.
    const fn parts(self) -> (MysfitId, &'static str) {
        match self {
            Self::Like(mysfit) => (mysfit, "like"),
            Self::Adopt(mysfit) => (mysfit, "adopt"),
        }
    }
}

/// An adoption that is not completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Adopting {
    /// The visitor is asked to confirm it.
    Asking(MysfitId),
    /// It is confirmed and can be undone; counted, so that a timer knows its own.
    Undoable(MysfitId, u32),
    /// It is being sent.
    Sending(MysfitId),
}

/// The state; a handle, as cheap to copy as the signals in it.
#[derive(Debug, Clone, Copy)]
pub struct Community {
    pub(super) settings: Settings,
    pub(super) voice: Voice,
    session: Kept<Option<Session>>,
    facts: Kept<Vec<Fact>>,
    /// What the visitor wanted when it turned out that signing in comes first.
    wish: Kept<Option<Wish>>,
    adopting: Kept<Option<Adopting>>,
    n_adoptions: Kept<u32>,
    /// Whether a like or an adoption is being sent.
    is_sending: Kept<bool>,
    /// Whether a form is being sent.
    is_busy: Kept<bool>,
    /// Name and password of an account that waits for its code.
    pub(super) unconfirmed: Kept<Option<(String, String)>>,
}

impl Community {
    /// Nothing is known yet.
    pub fn new(settings: Settings, voice: Voice) -> Self {
        Self {
            settings,
            voice,
            session: Kept::new(None),
            facts: Kept::new(Vec::new()),
            wish: Kept::new(None),
            adopting: Kept::new(None),
            n_adoptions: Kept::new(0),
            is_sending: Kept::new(false),
            is_busy: Kept::new(false),
            unconfirmed: Kept::new(None),
        }
    }

    /// Once the page is hydrated: shows what is set up, and fetches what is known.
    pub fn begin(self) {
        let token = browser::recall(TOKEN).and_then(|token| Session::read(&token, browser::from_base64));
        self.session.set(token.filter(|session| session.is_good_at(browser::now())));
        browser::spawn(async move {
            if self.settings.fetch().await.is_ok() {
                self.dress();
                self.fetch_facts().await;
            }
        });
        let handle = window_event_listener_untyped("pagehide", move |_| self.complete_adoption());
        on_cleanup(move || handle.remove());
    }

    /// Shows what is set up and known wherever it belongs, also in profiles that were opened only now.
    pub fn dress(self) {
        let Some(config) = self.settings.known() else { return };
        let needs = [
            ("mysfits", config.mysfits_api_endpoint.is_some()),
            ("questions", config.questions_api_endpoint.is_some()),
        ];
        for (need, _) in needs.into_iter().filter(|(_, is_set_up)| *is_set_up) {
            browser::hide_all(&["[data-needs=", need, "]"].concat(), false);
        }
        browser::enable_all(SUBMITS);
        let session = self.session.get();
        let is_in = session.is_some();
        browser::hide_all("[data-signed-in]", !is_in);
        browser::hide_all("[data-signed-out]", is_in || config.pool().is_none());
        browser::write_all("[data-who]", session.as_ref().map_or("", Session::name));
        for Fact { mysfit, likes, adopted } in self.facts.get() {
            browser::write_all(&within(mysfit, "likes"), &likes.to_string());
            let is_liked = if self.has_done(Wish::Like(mysfit)) { "true" } else { "false" };
            browser::set_all(&within(mysfit, "do=like"), "aria-pressed", is_liked);
            self.show_home(mysfit, adopted);
        }
    }

    /// Shows whether a mysfit has a home, and what the visitor can do about it.
    fn show_home(self, mysfit: MysfitId, adopted: bool) {
        let state = match self.adopting.get() {
            Some(Adopting::Undoable(of, _)) if of == mysfit => "undoable",
            Some(Adopting::Sending(of)) if of == mysfit => "yours",
            _ if adopted && self.has_done(Wish::Adopt(mysfit)) => "yours",
            _ if adopted => "taken",
            Some(Adopting::Asking(of)) if of == mysfit => "asking",
            _ => "free",
        };
        browser::hide_all(&within(mysfit, "home"), true);
        browser::hide_all(&within(mysfit, &["home~=", state].concat()), false);
    }

    /// Counts an opened profile, where that is set up, and shows what is known of its mysfit. Errors of counting are ignored.
    pub fn opened(self, mysfit: MysfitId) {
        if matches!(self.adopting.get(), Some(Adopting::Asking(_))) {
            self.adopting.set(None);
        }
        self.dress();
        browser::spawn(async move {
            let url = self.settings.fetch().await.ok().and_then(|config| config.clicks_url());
            let Some(url) = url else { return };
            let user = self.session.get().map_or_else(tab, |session| session.user);
            let json = object(&[("userId", &user), ("mysfitId", mysfit.as_str())]);
            let _ = browser::fetch(&Request { method: "PUT", ..Request::post(&url, &json) }).await;
        });
    }

    /// Does what a clicked button asks for; whether it asked for anything.
    pub fn obey(self, event: &MouseEvent) -> bool {
        if browser::attribute_at(event, "commandfor").as_deref() == Some(CONTACT_ID) && !self.is_busy.get() {
            // What was said about the question before.
            contact::say("", "");
        }
        let Some(wanted) = browser::attribute_at(event, DOES) else { return false };
        let mysfit = browser::attribute_at(event, "data-id").and_then(|id| id.parse().ok());
        match (wanted.as_str(), mysfit) {
            ("like", Some(mysfit)) => self.want(Wish::Like(mysfit)),
            ("adopt", Some(mysfit)) => self.want(Wish::Adopt(mysfit)),
            ("adopt-yes", Some(mysfit)) => self.confirm_adoption(mysfit),
            ("adopt-no" | "undo", Some(mysfit)) => self.step(mysfit, None, "do=adopt"),
            ("sign-in", _) => {
                self.wish.set(None);
                self.ask_who();
            }
            ("sign-out", _) => {
                self.complete_adoption();
                self.sign_out();
            }
            ("resend", _) => self.resend(),
            ("switch", _) => self.show_form(&browser::attribute_at(event, "data-to").unwrap_or_default()),
            _ => {}
        }
        true
    }

    /// A form was sent, given by its id.
    pub fn submitted(self, form: &str) {
        match form {
            "contact-form" => self.send_question(),
            "sign-in-form" => self.sign_in(),
            "register-form" => self.register(),
            "confirm-form" => self.confirm(),
            _ => {}
        }
    }

    /// The visitor is signed in. Continues with what was wanted, unless the dialog was closed, which cancels that.
    pub(super) fn welcome(self, token: &str) {
        browser::remember(TOKEN, token);
        self.session.set(Session::read(token, browser::from_base64));
        self.dress();
        let wish = self.wish.get().filter(|_| browser::is_open(ACCOUNT_ID));
        self.wish.set(None);
        browser::close_dialog(ACCOUNT_ID);
        if let Some(wish) = wish {
            self.want(wish);
        }
    }

    /// Marks the forms as busy; returns false if they are busy already.
    pub(super) fn begin_work(self) -> bool {
        let was_busy = self.is_busy.with(|is_busy| std::mem::replace(is_busy, true));
        browser::set_all(SUBMITS, "aria-busy", "true");
        !was_busy
    }

    /// The forms can be sent again.
    pub(super) fn end_work(self) {
        self.is_busy.set(false);
        browser::set_all(SUBMITS, "aria-busy", "false");
    }

    /// Nobody is signed in any more.
    fn sign_out(self) {
        browser::remember(TOKEN, "");
        self.session.set(None);
        self.dress();
    }

    /// Fulfils a wish, or asks the visitor to sign in first. An adoption must be confirmed.
    fn want(self, wish: Wish) {
        if self.session().is_none() {
            return self.ask_who_wishes(wish);
        }
        match wish {
            Wish::Like(_) if self.has_done(wish) => note(self.voice.say(Spoken::AlreadyLiked)),
            Wish::Like(_) => self.send(wish),
            Wish::Adopt(mysfit) => {
                self.complete_adoption();
                self.step(mysfit, Some(Adopting::Asking(mysfit)), "do=adopt-yes");
            }
        }
    }

    /// The visitor has confirmed an adoption: it is sent when it can no longer be undone.
    fn confirm_adoption(self, mysfit: MysfitId) {
        let number = self.n_adoptions.with(|count| {
            *count += 1;
            *count
        });
        let adopting = Some(Adopting::Undoable(mysfit, number));
        self.step(mysfit, adopting, "do=undo");
        browser::later(UNDO_MS, move || {
            if self.adopting.get() == adopting {
                self.complete_adoption();
            }
        });
    }

    /// Sends an adoption that is confirmed and was not undone.
    fn complete_adoption(self) {
        if let Some(Adopting::Undoable(mysfit, _)) = self.adopting.get() {
            self.step(mysfit, Some(Adopting::Sending(mysfit)), "");
            self.send(Wish::Adopt(mysfit));
        }
    }

    /// Takes a step of an adoption, shows it, and moves the focus to an element of the mysfit's profile.
    fn step(self, mysfit: MysfitId, adopting: Option<Adopting>, focus: &str) {
        self.adopting.set(adopting);
        note("");
        let is_adopted = |fact: &Fact| fact.mysfit == mysfit && fact.adopted;
        self.show_home(mysfit, self.facts.with(|facts| facts.iter().any(is_adopted)));
        if !focus.is_empty() {
            browser::focus(&within(mysfit, focus));
        }
    }

    /// The session of the visitor who is signed in.
    fn session(self) -> Option<Session> {
        self.session.get().filter(|session| session.is_good_at(browser::now()))
    }

    /// Returns whether the visitor who is signed in has had this wish fulfilled, as far as this browser knows.
    fn has_done(self, wish: Wish) -> bool {
        self.session.get().is_some_and(|session| browser::is_marked(&mark_key(&session, wish)))
    }

    /// Sends a wish; one after the other.
    fn send(self, wish: Wish) {
        let (mysfit, path) = wish.parts();
        let Some(session) = self.session() else { return self.ask_who_wishes(wish) };
        let config = self.settings.known();
        let url = config.and_then(|config| config.mysfits_url(&["/", mysfit.as_str(), "/", path].concat()));
        let Some(url) = url else { return };
        let is_adoption = matches!(wish, Wish::Adopt(_));
        if !is_adoption && self.is_sending.with(|is_sending| std::mem::replace(is_sending, true)) {
            return;
        }
        browser::spawn(async move {
            let headers = [("authorization", session.token.as_str())];
            let request =
                Request { method: "POST", url: &url, json: None, headers: &headers, outlives_page: true };
            // Before the response, which a page that is left does not see.
            browser::mark(&mark_key(&session, wish), true);
            let reply = browser::fetch(&request).await;
            if !matches!(&reply, Ok(reply) if reply.status < 300) {
                browser::mark(&mark_key(&session, wish), false);
            }
            if is_adoption {
                self.adopting.with(|adopting| adopting.take_if(|it| *it == Adopting::Sending(mysfit)));
            } else {
                self.is_sending.set(false);
            }
            match reply {
                Ok(reply) if reply.status < 300 => {
                    note("");
                    self.fetch_facts().await;
                }
                Ok(reply) if reply.status == 401 => self.ask_who_wishes(wish),
                _ => {
                    self.dress();
                    note(self.voice.say(Spoken::WishFailed));
                }
            }
        });
    }

    fn ask_who_wishes(self, wish: Wish) {
        self.wish.set(Some(wish));
        self.sign_out();
        self.ask_who();
    }

    async fn fetch_facts(self) {
        let Some(url) = self.settings.known().and_then(|config| config.mysfits_url("")) else { return };
        if let Ok(reply) = browser::fetch(&Request::get(&url)).await
            && reply.status == 200
        {
            self.facts.set(facts::read(&reply.body));
            self.dress();
        }
    }
}

/// Selects elements that belong to a mysfit and have an attribute `data-...`, given with or without its value.
fn within(mysfit: MysfitId, attribute: &str) -> String {
    ["[data-id=\"", mysfit.as_str(), "\"] [data-", attribute, "]"].concat()
}

/// Says something below the buttons of all open profiles.
fn note(text: &str) {
    browser::write_all("[data-care-note]", text);
}

/// The key under which this browser stores that a visitor has done something for a mysfit.
fn mark_key(session: &Session, wish: Wish) -> String {
    let (mysfit, path) = wish.parts();
    [path, &session.user, mysfit.as_str()].join(" ")
}

/// The number of this tab: counts its visitor without saying who it is.
fn tab() -> String {
    browser::recall(TAB).unwrap_or_else(|| {
        let number = hex(&browser::random(16));
        browser::remember(TAB, &number);
        number
    })
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
