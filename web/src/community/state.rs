//! What the page knows of its visitors and services, and what can happen.

use leptos::ev::MouseEvent;
use mysfits_domain::MysfitId;

use super::{
    ACCOUNT_ID,
    cognito::object,
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

/// A visitor's wish for a mysfit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Like(MysfitId),
    Adopt(MysfitId),
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
        browser::enable_all("[data-awaits-code]");
        let session = self.session.get();
        let is_in = session.is_some();
        browser::hide_all("[data-signed-in]", !is_in);
        browser::hide_all("[data-signed-out]", is_in || config.pool().is_none());
        browser::write_all("[data-who]", session.as_ref().map_or("", Session::name));
        for Fact { mysfit, likes, adopted } in self.facts.get() {
            let within = |what| ["[data-id=\"", mysfit.as_str(), "\"] [data-", what, "]"].concat();
            browser::write_all(&within("likes"), &likes.to_string());
            browser::hide_all(&within("adopted"), !adopted);
            browser::hide_all(&within("at-home-not"), adopted);
        }
    }

    /// A profile was opened: counted, where that is set up, and dressed. Whether counting works is nobody's concern here.
    pub fn opened(self, mysfit: MysfitId) {
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
        let Some(wanted) = browser::attribute_at(event, DOES) else { return false };
        let mysfit = browser::attribute_at(event, "data-id").and_then(|id| id.parse().ok());
        match (wanted.as_str(), mysfit) {
            ("like", Some(mysfit)) => self.want(Wish::Like(mysfit)),
            ("adopt", Some(mysfit)) => self.want(Wish::Adopt(mysfit)),
            ("sign-in", _) => self.ask_who(),
            ("sign-out", _) => self.sign_out(),
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

    /// The visitor is signed in: goes on with what was wanted.
    pub(super) fn welcome(self, token: &str) {
        browser::remember(TOKEN, token);
        self.session.set(Session::read(token, browser::from_base64));
        self.dress();
        browser::close_dialog(ACCOUNT_ID);
        if let Some(wish) = self.wish.get() {
            self.want(wish);
        }
    }

    /// Nobody is signed in any more.
    fn sign_out(self) {
        browser::remember(TOKEN, "");
        self.session.set(None);
        self.dress();
    }

    /// Fulfils a wish, or asks who wishes first.
    fn want(self, wish: Wish) {
        let session = self.session.get().filter(|session| session.is_good_at(browser::now()));
        let Some(session) = session else { return self.ask_who_wishes(wish) };
        self.wish.set(None);
        let (mysfit, path) = match wish {
            Wish::Like(mysfit) => (mysfit, "like"),
            Wish::Adopt(mysfit) => (mysfit, "adopt"),
        };
        browser::spawn(async move {
            let config = self.settings.known();
            let Some(url) =
                config.and_then(|config| config.mysfits_url(&["/", mysfit.as_str(), "/", path].concat()))
            else {
                return;
            };
            let headers = [("authorization", session.token.as_str())];
            let request = Request { method: "POST", url: &url, json: None, headers: &headers };
            let note = match browser::fetch(&request).await {
                Ok(reply) if reply.status < 300 => {
                    self.fetch_facts().await;
                    ""
                }
                Ok(reply) if reply.status == 401 => return self.ask_who_wishes(wish),
                _ => self.voice.say(Spoken::WishFailed),
            };
            browser::write_all("[data-care-note]", note);
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
