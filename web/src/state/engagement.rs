//! Likes, adoptions and profile views.

use leptos::prelude::*;
use mysfits_domain::MysfitId;

use super::{
    account::{ACCOUNT_ID, VisitorAccount, open_sign_in},
    config_store::ConfigStore,
    filter::{LIKES_ATTRIBUTE, sort_cards},
    forms::enable_submit_buttons,
    stored::Stored,
};
use crate::{
    api::{
        json::object,
        session::UserSession,
        stats::{self, MysfitStats},
    },
    browser::{self, FetchRequest},
    i18n::{DynamicText, Messages},
};

/// The key of the tab's random id in its storage.
const TAB_KEY: &str = "tab";
/// How long an adoption can be undone. The workshop's API cannot take one back, so it is sent afterwards.
const UNDO_MS: u32 = 8_000;

/// A request that needs a signed-in visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingAction {
    Like(MysfitId),
    Adopt(MysfitId),
}

impl PendingAction {
    /// Returns the mysfit, and the last segment of the request's path.
    const fn parts(self) -> (MysfitId, &'static str) {
        match self {
            Self::Like(mysfit) => (mysfit, "like"),
            Self::Adopt(mysfit) => (mysfit, "adopt"),
        }
    }

    /// Returns the key under which the browser stores that a visitor has done this.
    fn mark_key(self, session: &UserSession) -> String {
        let (mysfit, path) = self.parts();
        [path, &session.user, mysfit.as_str()].join(" ")
    }
}

/// An adoption that is not completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AdoptionStep {
    /// The visitor is asked to confirm it.
    Asking(MysfitId),
    /// It is confirmed and can be undone. The number tells its timer from those of other adoptions.
    Undoable(MysfitId, u32),
    /// It is being sent.
    Sending(MysfitId),
}

/// Likes, adoptions and profile views. The likes are fetched for all cards together, and again for a profile if the list has none, as
/// that of the workshop's service.
#[derive(Debug, Clone, Copy)]
pub struct Engagement {
    config: ConfigStore,
    messages: Messages,
    account: VisitorAccount,
    stats: Stored<Vec<MysfitStats>>,
    /// The action that waits until the visitor has signed in.
    pending: Stored<Option<PendingAction>>,
    adoption: Stored<Option<AdoptionStep>>,
    n_adoptions: Stored<u32>,
    /// Whether a like is being sent.
    is_sending: Stored<bool>,
}

impl Engagement {
    pub fn new(config: ConfigStore, messages: Messages, account: VisitorAccount) -> Self {
        Self {
            config,
            messages,
            account,
            stats: Stored::new(Vec::new()),
            pending: Stored::new(None),
            adoption: Stored::new(None),
            n_adoptions: Stored::new(0),
            is_sending: Stored::new(false),
        }
    }

    /// Fetches the configuration and the likes, once the page is hydrated: those of the page's mysfit, or by default those of all.
    pub fn start(self, mysfit: Option<MysfitId>) {
        self.account.restore_session();
        browser::spawn(async move {
            if self.config.fetch().await.is_ok() {
                self.refresh_dom();
                match mysfit {
                    Some(mysfit) => self.profile_opened(mysfit),
                    None => self.fetch_stats(None).await,
                }
            }
        });
        let handle = window_event_listener_untyped("pagehide", move |_| self.complete_adoption());
        on_cleanup(move || handle.remove());
    }

    /// Updates the static HTML, also of profiles that were opened since: shows what is configured, likes and adoptions.
    pub fn refresh_dom(self) {
        let Some(config) = self.config.get() else { return };
        let services = [
            ("mysfits", config.mysfits_api_endpoint.is_some()),
            ("questions", config.questions_api_endpoint.is_some()),
        ];
        for (service, _) in services.into_iter().filter(|(_, is_configured)| *is_configured) {
            browser::hide_all(&["[data-needs=", service, "]"].concat(), false);
        }
        enable_submit_buttons();
        self.account.refresh_dom();
        for MysfitStats { mysfit, likes, adopted } in self.stats.get() {
            let number = likes.to_string();
            browser::set_text_all(&within(mysfit, "likes"), &number);
            browser::set_attribute_all(
                &[".card[data-id=\"", mysfit.as_str(), "\"]"].concat(),
                LIKES_ATTRIBUTE,
                &number,
            );
            let is_liked = if self.is_done(PendingAction::Like(mysfit)) { "true" } else { "false" };
            browser::set_attribute_all(&within(mysfit, "do=like"), "aria-pressed", is_liked);
            self.show_adoption(mysfit, adopted);
        }
        sort_cards();
    }

    /// Shows whether a mysfit is adopted, and what the visitor can do about it.
    fn show_adoption(self, mysfit: MysfitId, adopted: bool) {
        let state = match self.adoption.get() {
            Some(AdoptionStep::Undoable(of, _)) if of == mysfit => "undoable",
            Some(AdoptionStep::Sending(of)) if of == mysfit => "yours",
            _ if adopted && self.is_done(PendingAction::Adopt(mysfit)) => "yours",
            _ if adopted => "taken",
            Some(AdoptionStep::Asking(of)) if of == mysfit => "asking",
            _ => "free",
        };
        browser::hide_all(&within(mysfit, "home"), true);
        browser::hide_all(&within(mysfit, &["home~=", state].concat()), false);
    }

    /// Records a profile view, if that is configured, and updates the opened profile. Ignores errors of the request.
    pub fn profile_opened(self, mysfit: MysfitId) {
        if matches!(self.adoption.get(), Some(AdoptionStep::Asking(_))) {
            self.adoption.set(None);
        }
        self.refresh_dom();
        let is_known = self.stats.with(|stats| stats.iter().any(|stats| stats.mysfit == mysfit));
        if !is_known {
            browser::spawn(self.fetch_stats(Some(mysfit)));
        }
        browser::spawn(async move {
            let url = self.config.fetch().await.ok().and_then(|config| config.clicks_url());
            let Some(url) = url else { return };
            let user = self.account.session().map_or_else(tab_id, |session| session.user);
            let json = object(&[("userId", &user), ("mysfitId", mysfit.as_str())]);
            let _ = browser::fetch(&FetchRequest { method: "PUT", ..FetchRequest::post(&url, &json) }).await;
        });
    }

    /// Asks the visitor to sign in.
    pub fn sign_in(self) {
        self.pending.set(None);
        open_sign_in();
    }

    /// Updates the page after a sign-in and continues the pending action. Closing the dialog cancels that action.
    pub fn signed_in(self) {
        self.refresh_dom();
        let pending = self.pending.get().filter(|_| browser::is_open(ACCOUNT_ID));
        self.pending.set(None);
        browser::close_dialog(ACCOUNT_ID);
        if let Some(action) = pending {
            self.perform(action);
        }
    }

    pub fn sign_out(self) {
        self.complete_adoption();
        self.end_session();
    }

    fn end_session(self) {
        self.account.sign_out();
        self.refresh_dom();
    }

    /// Asks the visitor to sign in before an action.
    fn sign_in_for(self, action: PendingAction) {
        self.pending.set(Some(action));
        self.end_session();
        open_sign_in();
    }

    /// Performs an action, or asks the visitor to sign in first. An adoption must be confirmed.
    pub fn perform(self, action: PendingAction) {
        if self.account.valid_session().is_none() {
            return self.sign_in_for(action);
        }
        match action {
            PendingAction::Like(_) if self.is_done(action) => {
                show_note(self.messages.get(DynamicText::AlreadyLiked));
            }
            PendingAction::Like(_) => self.send(action),
            PendingAction::Adopt(mysfit) => {
                self.complete_adoption();
                self.set_adoption(mysfit, Some(AdoptionStep::Asking(mysfit)), "do=adopt-yes");
            }
        }
    }

    /// Cancels an adoption that is not confirmed or can be undone.
    pub fn cancel_adoption(self, mysfit: MysfitId) {
        self.set_adoption(mysfit, None, "do=adopt");
    }

    /// Confirms an adoption, which is sent when it can no longer be undone.
    pub fn confirm_adoption(self, mysfit: MysfitId) {
        let number = self.n_adoptions.with(|count| {
            *count += 1;
            *count
        });
        let adoption = Some(AdoptionStep::Undoable(mysfit, number));
        self.set_adoption(mysfit, adoption, "do=undo");
        browser::set_timeout(UNDO_MS, move || {
            if self.adoption.get() == adoption {
                self.complete_adoption();
            }
        });
    }

    /// Sends an adoption that is confirmed and was not undone.
    fn complete_adoption(self) {
        if let Some(AdoptionStep::Undoable(mysfit, _)) = self.adoption.get() {
            self.set_adoption(mysfit, Some(AdoptionStep::Sending(mysfit)), "");
            self.send(PendingAction::Adopt(mysfit));
        }
    }

    /// Sets and shows the state of an adoption, and moves the focus to an element of the mysfit's profile.
    fn set_adoption(self, mysfit: MysfitId, adoption: Option<AdoptionStep>, focus: &str) {
        self.adoption.set(adoption);
        show_note("");
        let is_adopted = |stats: &MysfitStats| stats.mysfit == mysfit && stats.adopted;
        self.show_adoption(mysfit, self.stats.with(|stats| stats.iter().any(is_adopted)));
        if !focus.is_empty() {
            browser::focus(&within(mysfit, focus));
        }
    }

    /// Returns whether the signed-in visitor has done this, as far as this browser knows.
    fn is_done(self, action: PendingAction) -> bool {
        self.account.session().is_some_and(|session| browser::has_mark(&action.mark_key(&session)))
    }

    /// Sends an action. Likes are sent one at a time.
    fn send(self, action: PendingAction) {
        let (mysfit, path) = action.parts();
        let Some(session) = self.account.valid_session() else { return self.sign_in_for(action) };
        let config = self.config.get();
        let url = config.and_then(|config| config.mysfits_url(&["/", mysfit.as_str(), "/", path].concat()));
        let Some(url) = url else { return };
        let is_adoption = matches!(action, PendingAction::Adopt(_));
        if !is_adoption && self.is_sending.with(|is_sending| std::mem::replace(is_sending, true)) {
            return;
        }
        browser::spawn(async move {
            let headers = [("authorization", session.token.as_str())];
            let request =
                FetchRequest { method: "POST", url: &url, json: None, headers: &headers, keepalive: true };
            // Before the response, because the visitor may leave the page until then.
            browser::set_mark(&action.mark_key(&session), true);
            let response = browser::fetch(&request).await;
            if !matches!(&response, Ok(response) if response.status < 300) {
                browser::set_mark(&action.mark_key(&session), false);
            }
            if is_adoption {
                self.adoption.with(|adoption| adoption.take_if(|it| *it == AdoptionStep::Sending(mysfit)));
            } else {
                self.is_sending.set(false);
            }
            match response {
                Ok(response) if response.status < 300 => {
                    show_note("");
                    self.fetch_stats(Some(mysfit)).await;
                }
                Ok(response) if response.status == 401 => self.sign_in_for(action),
                _ => {
                    self.refresh_dom();
                    show_note(self.messages.get(DynamicText::ActionFailed));
                }
            }
        });
    }

    /// Fetches the likes of one mysfit, or of all, if there is a service for them.
    async fn fetch_stats(self, mysfit: Option<MysfitId>) {
        let path = mysfit.map(|mysfit| ["/", mysfit.as_str()].concat()).unwrap_or_default();
        let Some(url) = self.config.get().and_then(|config| config.mysfits_url(&path)) else { return };
        if let Ok(response) = browser::fetch(&FetchRequest::get(&url)).await
            && response.status == 200
        {
            let fetched = stats::parse(&response.body);
            self.stats.with(|stats| {
                stats.retain(|old| fetched.iter().all(|new| new.mysfit != old.mysfit));
                stats.extend(fetched);
            });
            self.refresh_dom();
        }
    }
}

/// Returns the selector of a mysfit's elements that have an attribute `data-...`, given with or without its value.
fn within(mysfit: MysfitId, attribute: &str) -> String {
    ["[data-id=\"", mysfit.as_str(), "\"] [data-", attribute, "]"].concat()
}

/// Shows a note below the buttons of the open profiles.
fn show_note(text: &str) {
    browser::set_text_all("[data-care-note]", text);
}

/// Returns the random id of this tab, with which profile views of visitors without a session are recorded.
fn tab_id() -> String {
    browser::recall(TAB_KEY).unwrap_or_else(|| {
        let id = browser::hex(&browser::random_bytes(16));
        browser::remember(TAB_KEY, &id);
        id
    })
}
