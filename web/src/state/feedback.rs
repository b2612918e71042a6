//! Feedback on a result, where the site has a service for it.

use mysfits_domain::{Entry, MysfitId};

use super::quiz::Quiz;
use crate::browser::{self, FetchRequest};

impl Quiz {
    /// Returns whether the site has a service for feedback.
    pub async fn has_feedback(self) -> bool {
        self.config.fetch().await.is_ok_and(|config| config.feedback_url().is_some())
    }

    /// Sends whether a mysfit suits a visitor with these answers; returns whether it has arrived.
    pub async fn send_feedback(self, entry: Entry, mysfit: MysfitId, suits: bool) -> bool {
        let url = self.config.get().and_then(|config| config.feedback_url());
        let Some(url) = url else { return false };
        let response = browser::fetch(&FetchRequest::post(&url, &body(entry, mysfit, suits))).await;
        let has_arrived = response.is_ok_and(|response| (200..300).contains(&response.status));
        if has_arrived {
            browser::remember(&key(entry), "1");
        }
        has_arrived
    }
}

/// Returns whether feedback on this result was sent from this tab.
pub fn is_feedback_sent(entry: Entry) -> bool {
    browser::recall(&key(entry)).is_some()
}

/// Returns the key under which the tab stores that feedback was sent.
fn key(entry: Entry) -> String {
    "feedback ".to_owned() + &entry.index().to_string()
}

fn body(entry: Entry, mysfit: MysfitId, suits: bool) -> String {
    let answers = entry.answers().map(|answer| answer.get().to_string()).join(",");
    let suits = if suits { "true" } else { "false" };
    ["{\"entry\":[", &*answers, "],\"mysfit\":\"", mysfit.as_str(), "\",\"suits\":", suits, "}"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sends_entry_mysfit_and_opinion() {
        let entry = Entry::try_from([1, 2, 3, 4, 5]).expect("an entry");
        let id = "c0684344-1eb7-40e7-b334-06d25ac9268c";
        let json = body(entry, id.parse().expect("a mysfit"), false);
        assert_eq!(json, format!("{{\"entry\":[1,2,3,4,5],\"mysfit\":\"{id}\",\"suits\":false}}"));
    }
}
