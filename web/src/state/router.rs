//! The client-side router of the home page. Dialogs have addresses, so that back, forward and links work.

use leptos::{ev, prelude::*};
use mysfits_domain::Locale;
use mysfits_site::language::PARAMETER;

use super::{
    answers::QuizAnswers,
    cards::{CardData, card_by_slug},
    engagement::Engagement,
    filter::{restore_filters, store_filters, with_filters},
    quiz::{QUIZ_ID, Quiz},
    quiz_trail::{HistoryChange, QuizTrail},
    route::Route,
};
use crate::browser::{self, DialogCommand};

/// The id of the dialog with a profile.
pub const PROFILE_ID: &str = "profile";
/// The name of the mysfit in the dialog.
const PROFILE_HEADING: &str = "#profile .name";

/// The router of the home page.
#[derive(Debug, Clone, Copy)]
pub struct Router {
    locale: Locale,
    pub quiz: Quiz,
    pub engagement: Engagement,
    /// The slug of the open profile; empty if none is open. Not an option: each type of a signal adds code.
    pub profile: RwSignal<String>,
}

impl Router {
    /// Returns a router with all dialogs closed.
    pub fn new(locale: Locale, quiz: Quiz, engagement: Engagement) -> Self {
        Self { locale, quiz, engagement, profile: RwSignal::new(String::new()) }
    }

    /// Shows the route of the address and follows its changes, once the page is hydrated.
    pub fn start(self) {
        Effect::new(move |_| {
            self.engagement.start(None);
            // The loader has stored the language.
            if browser::query_parameter(PARAMETER).is_some() {
                browser::replace_address(&with_filters(&self.route().address(self.locale)));
            }
            // The questionnaire may have been opened before the code had loaded, and filters selected, which the grid's entry holds.
            if browser::is_open(QUIZ_ID) && self.route() == Route::Grid {
                restore_filters();
                store_filters();
                self.open_quiz();
            }
            self.show(self.route());
            let handle = window_event_listener(ev::popstate, move |_| self.show(self.route()));
            on_cleanup(move || handle.remove());
        });
        let title = browser::title();
        Effect::new(move |_| {
            let opened = card_by_slug(&self.profile.get());
            let Some(CardData { id, name, .. }) = opened else { return browser::set_title(&title) };
            browser::set_title(&[&name, " · ", &title].concat());
            // The template has no likes and adoptions; they are filled in when the profile is in the document.
            browser::next_frame(move || {
                // The browser has moved the focus to the close button.
                browser::focus(PROFILE_HEADING);
                self.engagement.profile_opened(id);
            });
        });
        Effect::new(move |_| {
            self.quiz.stage.track();
            self.quiz.answers.track();
            self.record_quiz();
        });
    }

    /// Opens the profile of a mysfit, if it exists.
    pub fn open_profile(self, slug: String) {
        self.go(Route::Profile { slug });
    }

    /// Opens the result of a code of five answers, over another result. Another code opens nothing.
    pub fn open_result(self, code: &str) {
        if let Some(answers) = QuizAnswers::parse(code).filter(|answers| answers.entry().is_ok()) {
            self.quiz.open(answers, None);
        }
    }

    /// Runs the command of a clicked button.
    pub fn run(self, command: &DialogCommand) {
        match (command.name.as_str(), command.target.as_str()) {
            ("show-modal", QUIZ_ID) => self.open_quiz(),
            _ => command.run(),
        }
    }

    /// Updates the address after the dialog with the profile was closed.
    pub fn profile_closed(self) {
        self.profile.set(String::new());
        if matches!(self.route(), Route::Profile { .. }) {
            self.leave();
        }
    }

    /// Updates the address after the dialog with the questionnaire was closed.
    pub fn quiz_closed(self) {
        if matches!(self.route(), Route::Quiz(_)) {
            self.leave();
        }
    }

    fn route(self) -> Route {
        Route::parse(self.locale, &browser::path(), &browser::hash())
    }

    fn go(self, route: Route) {
        if self.route() != route {
            browser::push_address(&route.address(self.locale));
        }
        self.show(route);
    }

    /// Opens the questionnaire where the visitor left it.
    fn open_quiz(self) {
        self.quiz.reopen();
        let address = Route::Quiz(self.quiz.answers.get_untracked()).address(self.locale);
        browser::push_entry(&address, &QuizTrail::opened_at(self.quiz.step()).to_string());
    }

    /// Lets the history follow the open questionnaire: a new step gets an entry, and the address has the current answers.
    fn record_quiz(self) {
        let trail = current_trail();
        let (Route::Quiz(recorded), Some(_)) = (self.route(), trail.current()) else { return };
        let answers = self.quiz.answers.get_untracked();
        let address = Route::Quiz(answers).address(self.locale);
        match trail.follow(self.quiz.step(), answers == recorded) {
            HistoryChange::Stay => browser::replace_entry(&address, &trail.to_string()),
            HistoryChange::Back => browser::go_back(1),
            HistoryChange::Push(trail) => browser::push_entry(&address, &trail.to_string()),
        }
    }

    /// Goes back, or to the grid if that would leave the site.
    fn leave(self) {
        match current_trail().entries_to_leave() {
            Some(entries) => browser::go_back(entries),
            None => browser::replace_entry(&Route::Grid.address(self.locale), ""),
        }
    }

    /// Shows a route. A profile may be shown over the questionnaire, because a result links to profiles.
    fn show(self, route: Route) {
        match route {
            Route::Grid => {
                browser::close_dialog(PROFILE_ID);
                browser::close_dialog(QUIZ_ID);
            }
            Route::Profile { slug } if card_by_slug(&slug).is_some() => {
                self.profile.set(slug);
                browser::show_dialog(PROFILE_ID);
            }
            Route::Profile { .. } => browser::replace_address(&Route::Grid.address(self.locale)),
            Route::Quiz(answers) => {
                browser::close_dialog(PROFILE_ID);
                let trail = current_trail();
                self.quiz.open(answers, trail.current());
                if trail.current().is_none() {
                    // A link. The entry gets the step that it has opened.
                    browser::replace_entry(&browser::address(), &trail.with(self.quiz.step()).to_string());
                }
                self.record_quiz();
            }
        }
    }
}

/// Returns the trail of the current history entry.
fn current_trail() -> QuizTrail {
    QuizTrail::parse(&browser::entry_state())
}
