//! Likes, adoptions and profile views.

use leptos::prelude::*;
use mysfits_domain::MysfitId;

use super::{
    account::VisitorAccount,
    account_forms::{ACCOUNT_ID, SIGN_IN, open_account},
    config_store::ConfigStore,
    filter::{LIKES_ATTRIBUTE, sort_cards},
    forms::enable_submit_buttons,
    marks::PendingAction,
    stored::Stored,
};
use crate::{
    api::{
        json::object,
        stats::{self, MysfitStats},
    },
    browser::{self, FetchRequest},
    i18n::{DynamicText, Messages},
};

/// The key of the tab's random id in its storage.
const TAB_KEY: &str = "tab";
/// How long a like or an adoption can be undone. The workshop's API cannot take one back, so it is sent afterwards.
const UNDO_MS: u32 = 8_000;

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
    /// The mysfit whose adoption the visitor is asked to confirm.
    asking: Stored<Option<MysfitId>>,
    /// The action that can be undone. The number tells its timer from those of earlier ones.
    undoable: Stored<Option<(PendingAction, u32)>>,
    /// The number of actions that could be undone.
    n_undoable: Stored<u32>,
    /// The actions that are being sent.
    sending: Stored<Vec<PendingAction>>,
}

impl Engagement {
    pub fn new(config: ConfigStore, messages: Messages, account: VisitorAccount) -> Self {
        Self {
            config,
            messages,
            account,
            stats: Stored::new(Vec::new()),
            pending: Stored::new(None),
            asking: Stored::new(None),
            undoable: Stored::new(None),
            n_undoable: Stored::new(0),
            sending: Stored::new(Vec::new()),
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
                    None => self.update_stats(None).await,
                }
            }
        });
        let handle = window_event_listener_untyped("pagehide", move |_| self.complete());
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
        let (all, mut has_mysfits) = (self.stats.get(), false);
        for mysfit in MysfitId::all() {
            let stats = all.iter().find(|stats| stats.mysfit == mysfit);
            let like = PendingAction::Like(mysfit);
            // Not counted by the service yet.
            let is_new = self.is_undoable(like) || self.is_sending(like);
            let is_liked = is_new || self.is_done(like);
            let adoption = self.adoption_state(mysfit, stats.map(|stats| stats.adopted));
            let is_mine = is_liked || ["yours", "undoable"].contains(&adoption);
            has_mysfits |= is_mine;
            if let Some(stats) = stats {
                let likes = stats.likes + u32::from(is_new);
                let number = likes.to_string();
                browser::set_text_all(&within(mysfit, "likes"), &number);
                let card = [".card[data-id=\"", mysfit.as_str(), "\"]"].concat();
                browser::set_attribute_all(&card, LIKES_ATTRIBUTE, &number);
            }
            let pressed = if is_liked { "true" } else { "false" };
            browser::set_attribute_all(&within(mysfit, "do=like"), "aria-pressed", pressed);
            browser::hide_all(&within(mysfit, "liked"), !is_liked);
            browser::hide_all(&within(mysfit, "home"), true);
            browser::hide_all(&within(mysfit, &["home~=", adoption].concat()), false);
            browser::hide_all(&["[data-mine][data-id=\"", mysfit.as_str(), "\"]"].concat(), !is_mine);
        }
        browser::hide_all("[data-no-mysfits]", has_mysfits);
        sort_cards();
    }

    /// Returns the state of an adoption, as the attribute `data-home` lists the states in which an element is shown. `adopted` is
    /// what the service says, if that is known.
    fn adoption_state(self, mysfit: MysfitId, adopted: Option<bool>) -> &'static str {
        let adopt = PendingAction::Adopt(mysfit);
        if self.is_undoable(adopt) {
            "undoable"
        } else if self.is_sending(adopt) || (adopted != Some(false) && self.is_done(adopt)) {
            "yours"
        } else if adopted == Some(true) {
            "taken"
        } else if self.asking.get() == Some(mysfit) {
            "asking"
        } else {
            "free"
        }
    }

    /// Records a profile view, if that is configured, and updates the opened profile. Ignores errors of the request.
    pub fn profile_opened(self, mysfit: MysfitId) {
        self.asking.set(None);
        self.refresh_dom();
        let is_known = self.stats.with(|stats| stats.iter().any(|stats| stats.mysfit == mysfit));
        if !is_known {
            browser::spawn(self.update_stats(Some(mysfit)));
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
        open_account(SIGN_IN);
    }

    /// Updates the page after a sign-in, and continues the pending action, or after the account was deleted. Closing the dialog
    /// cancels that action.
    pub fn session_changed(self) {
        let pending = self.pending.with(Option::take).filter(|_| browser::is_open(ACCOUNT_ID));
        if self.account.session().is_none() {
            self.undoable.set(None);
            return self.refresh_dom();
        }
        self.refresh_dom();
        browser::close_dialog(ACCOUNT_ID);
        if let Some(action) = pending {
            self.perform(action);
        }
    }

    pub fn sign_out(self) {
        self.complete();
        self.end_session();
        browser::close_dialog(ACCOUNT_ID);
    }

    fn end_session(self) {
        self.account.sign_out();
        self.refresh_dom();
    }

    /// Asks the visitor to sign in before an action.
    fn sign_in_for(self, action: PendingAction) {
        self.pending.set(Some(action));
        self.end_session();
        open_account(SIGN_IN);
    }

    /// Performs an action, or asks the visitor to sign in first. An adoption must be confirmed. A second like takes back the first,
    /// until it is sent.
    pub fn perform(self, action: PendingAction) {
        if self.account.valid_session().is_none() {
            return self.sign_in_for(action);
        }
        match action {
            PendingAction::Like(_) if self.is_undoable(action) => {
                self.undoable.set(None);
                self.update("");
            }
            PendingAction::Like(_) if self.is_done(action) => {
                self.update(self.messages.get(DynamicText::AlreadyLiked));
            }
            PendingAction::Like(_) => {
                self.schedule(action);
                self.update(self.messages.get(DynamicText::LikeUndoable));
            }
            PendingAction::Adopt(mysfit) => {
                self.complete();
                self.asking.set(Some(mysfit));
                self.update("");
                browser::focus(&within(mysfit, "do=adopt-yes"));
            }
        }
    }

    /// Cancels an adoption that is not confirmed or can be undone.
    pub fn cancel_adoption(self, mysfit: MysfitId) {
        self.asking.set(None);
        self.undoable.set(None);
        self.update("");
        browser::focus(&within(mysfit, "do=adopt"));
    }

    /// Confirms an adoption, which is sent when it can no longer be undone.
    pub fn confirm_adoption(self, mysfit: MysfitId) {
        self.asking.set(None);
        self.schedule(PendingAction::Adopt(mysfit));
        self.update("");
        browser::focus(&within(mysfit, "do=undo"));
    }

    /// Lets the visitor undo an action for a while, then sends it. Sends an earlier one at once.
    fn schedule(self, action: PendingAction) {
        self.complete();
        let number = self.n_undoable.with(|count| {
            *count += 1;
            *count
        });
        let scheduled = Some((action, number));
        self.undoable.set(scheduled);
        browser::set_timeout(UNDO_MS, move || {
            if self.undoable.get() == scheduled {
                self.complete();
            }
        });
    }

    /// Sends the action that could be undone until now.
    fn complete(self) {
        if let Some((action, _)) = self.undoable.with(Option::take) {
            self.send(action);
        }
    }

    fn is_undoable(self, action: PendingAction) -> bool {
        self.undoable.get().is_some_and(|(undoable, _)| undoable == action)
    }

    fn is_sending(self, action: PendingAction) -> bool {
        self.sending.with(|sending| sending.contains(&action))
    }

    /// Returns whether the signed-in visitor has done this, as far as this browser knows.
    fn is_done(self, action: PendingAction) -> bool {
        self.account.session().is_some_and(|session| action.is_marked(&session.user))
    }

    fn send(self, action: PendingAction) {
        let (mysfit, path) = action.parts();
        let Some(session) = self.account.valid_session() else { return self.sign_in_for(action) };
        let config = self.config.get();
        let url = config.and_then(|config| config.mysfits_url(&["/", mysfit.as_str(), "/", path].concat()));
        let Some(url) = url else { return };
        self.sending.with(|sending| sending.push(action));
        // Before the response, because the visitor may leave the page until then.
        action.mark(&session.user, true);
        self.update("");
        browser::spawn(async move {
            let headers = [("authorization", session.token.as_str())];
            let request =
                FetchRequest { method: "POST", url: &url, json: None, headers: &headers, keepalive: true };
            let status = browser::fetch(&request).await.map_or(0, |response| response.status);
            let is_done = (200..300).contains(&status);
            let fetched = if is_done { self.fetch_stats(Some(mysfit)).await } else { None };
            self.sending.with(|sending| sending.retain(|it| *it != action));
            if let Some(fetched) = fetched {
                self.set_stats(fetched);
            }
            if is_done {
                return self.refresh_dom();
            }
            action.mark(&session.user, false);
            self.update(self.messages.get(DynamicText::ActionFailed));
            if status == 401 {
                self.sign_in_for(action);
            }
        });
    }

    /// Fetches the likes of one mysfit, or of all, if there is a service for them.
    async fn fetch_stats(self, mysfit: Option<MysfitId>) -> Option<Vec<MysfitStats>> {
        let path = mysfit.map(|mysfit| ["/", mysfit.as_str()].concat()).unwrap_or_default();
        let url = self.config.get()?.mysfits_url(&path)?;
        let response = browser::fetch(&FetchRequest::get(&url)).await.ok()?;
        (response.status == 200).then(|| stats::parse(&response.body))
    }

    /// Replaces what is known of the mysfits in `fetched`.
    fn set_stats(self, fetched: Vec<MysfitStats>) {
        self.stats.with(|stats| {
            stats.retain(|old| fetched.iter().all(|new| new.mysfit != old.mysfit));
            stats.extend(fetched);
        });
    }

    /// Fetches the likes of one mysfit, or of all, and shows them.
    async fn update_stats(self, mysfit: Option<MysfitId>) {
        if let Some(fetched) = self.fetch_stats(mysfit).await {
            self.set_stats(fetched);
            self.refresh_dom();
        }
    }

    /// Updates the page, and the note below the buttons of the open profiles.
    fn update(self, note: &str) {
        self.refresh_dom();
        browser::set_text_all("[data-care-note]", note);
    }
}

/// Returns the selector of a mysfit's elements that have an attribute `data-...`, given with or without its value.
fn within(mysfit: MysfitId, attribute: &str) -> String {
    ["[data-id=\"", mysfit.as_str(), "\"] [data-", attribute, "]"].concat()
}

/// Returns the random id of this tab, with which profile views of visitors without a session are recorded.
fn tab_id() -> String {
    browser::recall(TAB_KEY).unwrap_or_else(|| {
        let id = browser::hex(&browser::random_bytes(16));
        browser::remember(TAB_KEY, &id);
        id
    })
}
