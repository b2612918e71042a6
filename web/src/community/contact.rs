//! The contact form's way.

use super::{Community, cognito::object};
use crate::{
    browser::{self, Request},
    exchange::detail,
    words::Spoken,
};

const FORM: &str = "contact-form";

impl Community {
    /// Sends the question. What was typed stays until it has arrived.
    pub(super) fn send_question(self) {
        let typed = |name| browser::chosen(FORM, name).unwrap_or_default();
        let question = object(&[("email", &typed("email")), ("questionText", &typed("question"))]);
        say("", self.voice.say(Spoken::Sending));
        browser::spawn(async move {
            let config = self.settings.known();
            let Some(url) = config.and_then(|config| config.questions_url()) else { return };
            let not_sent = self.voice.say(Spoken::NotSent);
            match browser::fetch(&Request::post(&url, &question)).await {
                Ok(reply) if reply.status < 300 => {
                    browser::reset_form(FORM);
                    say("", self.voice.say(Spoken::QuestionSent));
                }
                Ok(reply) if reply.status == 400 => {
                    say(detail(&reply.body).as_deref().unwrap_or(not_sent), "");
                }
                _ => say(not_sent, ""),
            }
        });
    }
}

fn say(error: &str, note: &str) {
    browser::write_all("[data-testid=contact-error]", error);
    browser::write_all("[data-testid=contact-sent]", note);
}
