//! The contact form's way.

use super::{Community, cognito::object};
use crate::{
    browser::{self, Request},
    words::Spoken,
};

const FORM: &str = "contact-form";

impl Community {
    /// Sends the question. What was typed stays until it has arrived.
    pub(super) fn send_question(self) {
        let typed = |name| browser::chosen(FORM, name).unwrap_or_default();
        let (email, question) = (typed("email"), typed("question"));
        // A blank is enough for the browser, and not for the service.
        if question.trim().is_empty() {
            return say(self.voice.say(Spoken::CheckQuestion), "");
        }
        let Some(url) = self.settings.known().and_then(|config| config.questions_url()) else { return };
        if !self.begin_work() {
            return;
        }
        let question = object(&[("email", &email), ("questionText", &question)]);
        say("", self.voice.say(Spoken::Sending));
        browser::spawn(async move {
            let reply = browser::fetch(&Request::post(&url, &question)).await;
            self.end_work();
            match reply {
                Ok(reply) if reply.status < 300 => {
                    browser::reset_form(FORM);
                    say("", self.voice.say(Spoken::QuestionSent));
                }
                // The service's own words are English and meant for developers.
                Ok(reply) if reply.status == 400 => say(self.voice.say(Spoken::CheckQuestion), ""),
                _ => say(self.voice.say(Spoken::NotSent), ""),
            }
        });
    }
}

/// Shows an error and a note; empty ones are hidden.
pub(super) fn say(error: &str, note: &str) {
    browser::write_all("[data-testid=contact-error]", error);
    browser::write_all("[data-testid=contact-sent]", note);
}
