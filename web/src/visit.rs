//! Where the visitor is, kept in step with the address bar: what opens has an address, and back and forward work.

use leptos::{ev, prelude::*};
use mysfits_domain::Locale;
use mysfits_site::language::PARAMETER;

use crate::{
    address::Place,
    browser::{self, Command, Creature},
    community::Community,
    language,
    profile::PROFILE_ID,
    quiz::{QUIZ_ID, Quiz},
};

/// The visitor's place on the index.
#[derive(Debug, Clone, Copy)]
pub struct Visit {
    locale: Locale,
    quiz: Quiz,
    community: Community,
    /// The slug of the profile that is open.
    profile: RwSignal<Option<String>>,
}

impl Visit {
    /// Nothing is open yet.
    pub fn new(locale: Locale, quiz: Quiz, community: Community) -> Self {
        Self { locale, quiz, community, profile: RwSignal::new(None) }
    }

    /// The slug of the profile that is open.
    pub fn profile(self) -> RwSignal<Option<String>> {
        self.profile
    }

    /// The questionnaire.
    pub fn quiz(self) -> Quiz {
        self.quiz
    }

    /// What visitors do for the mysfits.
    pub fn community(self) -> Community {
        self.community
    }

    /// Once the page is hydrated: goes where the address says, and follows it from then on.
    pub fn begin(self) {
        Effect::new(move |_| {
            self.community.begin();
            if let Some(code) = browser::parameter(PARAMETER) {
                language::keep(&code);
                browser::replace_address(&self.here().address(self.locale));
            }
            // The questionnaire may have been opened before the code was here.
            if browser::is_open(QUIZ_ID) && self.here() == Place::Grid {
                browser::push_address(&Place::Quiz(Quiz::kept_answers()).address(self.locale));
            }
            self.enter(self.here());
            let handle = window_event_listener(ev::popstate, move |_| self.enter(self.here()));
            on_cleanup(move || handle.remove());
        });
        let title = browser::title();
        Effect::new(move |_| {
            let opened = self.profile.get().and_then(|slug| browser::creature_of(&slug));
            let Some(Creature { id, name, .. }) = opened else { return browser::set_title(&title) };
            browser::set_title(&[&name, " · ", &title].concat());
            // The profile comes out of a template, as it was written; what is known is put in once it is there.
            browser::next_frame(move || self.community.opened(id));
        });
        Effect::new(move |_| {
            let answers = self.quiz.answers().get();
            if matches!(self.here(), Place::Quiz(_)) {
                browser::replace_address(&Place::Quiz(answers).address(self.locale));
            }
        });
    }

    /// Opens a profile, if there is such a mysfit.
    pub fn open_profile(self, slug: String) {
        self.go(Place::Profile { slug });
    }

    /// Does what a clicked button says.
    pub fn obey(self, command: &Command) {
        match (command.name.as_str(), command.target.as_str()) {
            ("show-modal", QUIZ_ID) => self.go(Place::Quiz(Quiz::kept_answers())),
            _ => command.obey(),
        }
    }

    /// The profile's dialog was closed, by whatever means.
    pub fn profile_closed(self) {
        self.profile.set(None);
        if matches!(self.here(), Place::Profile { .. }) {
            self.leave();
        }
    }

    /// The questionnaire's dialog was closed, by whatever means.
    pub fn quiz_closed(self) {
        if matches!(self.here(), Place::Quiz(_)) {
            self.leave();
        }
    }

    fn here(self) -> Place {
        Place::parse(self.locale, &browser::path(), &browser::hash())
    }

    fn go(self, place: Place) {
        if self.here() != place {
            browser::push_address(&place.address(self.locale));
        }
        self.enter(place);
    }

    /// Back to where the visitor came from, or, if that was another site, to the grid.
    fn leave(self) {
        if browser::was_pushed() {
            browser::back();
        } else {
            browser::replace_address(&Place::Grid.address(self.locale));
        }
    }

    /// Shows a place. A profile may lie over the questionnaire, whose result leads to it.
    fn enter(self, place: Place) {
        match place {
            Place::Grid => {
                browser::close_dialog(PROFILE_ID);
                browser::close_dialog(QUIZ_ID);
            }
            Place::Profile { slug } if browser::creature_of(&slug).is_some() => {
                self.profile.set(Some(slug));
                browser::show_dialog(PROFILE_ID);
            }
            Place::Profile { .. } => browser::replace_address(&Place::Grid.address(self.locale)),
            Place::Quiz(answers) => {
                browser::close_dialog(PROFILE_ID);
                self.quiz.open(answers);
            }
        }
    }
}
