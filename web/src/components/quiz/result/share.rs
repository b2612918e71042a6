//! The button that shares the result.

use leptos::prelude::*;
use mysfits_domain::{Entry, Locale};
use mysfits_site::results;

use crate::{
    api::json::object,
    browser::{self, ShareOutcome},
    i18n::{DynamicText, Messages},
};

/// The id of the text field with the link, for browsers that can neither share nor copy it.
const LINK_ID: &str = "link";
/// How long the page says that the link was shared or copied.
const NOTICE_MS: u32 = 4_000;

/// The button, a live region that says what has happened, and the link to copy by hand.
#[component]
pub fn Share(entry: Entry, name: String, messages: Messages, locale: Locale) -> impl IntoView {
    let url = browser::origin() + &results::path(locale, entry);
    let text = messages.format(DynamicText::ShareText, &[("name", &name)]);
    let data = object(&[("title", &browser::title()), ("text", &text), ("url", &url)]);
    let note = RwSignal::new(String::new());
    let must_copy = RwSignal::new(false);
    let link = url.clone();
    let share = move |_| {
        let (data, url) = (data.clone(), url.clone());
        note.set(String::new());
        browser::spawn(async move {
            let outcome = browser::share(&data, &url).await;
            note.try_set(note_text(outcome, messages).to_owned());
            must_copy.try_set(outcome == ShareOutcome::Failed);
            if outcome == ShareOutcome::Failed {
                browser::next_frame(|| browser::select_text(LINK_ID));
            } else {
                browser::set_timeout(NOTICE_MS, move || {
                    note.try_set(String::new());
                });
            }
        });
    };
    view! {
        <div class="share-result">
            <button type="button" class="button share-button" data-testid="share" on:click=share>
                {messages.get(DynamicText::Share)}
            </button>
            <p role="status" data-testid="link-note" inner_html=move || note.get()></p>
            <label class="field" hidden=move || !must_copy.get()>
                <span class="sr">{messages.get(DynamicText::Link)}</span>
                <input id=LINK_ID data-testid="link" readonly value=link/>
            </label>
        </div>
    }
}

fn note_text(outcome: ShareOutcome, messages: Messages) -> &'static str {
    match outcome {
        ShareOutcome::Shared => messages.get(DynamicText::Shared),
        ShareOutcome::Cancelled => "",
        ShareOutcome::Copied => messages.get(DynamicText::LinkCopied),
        ShareOutcome::Failed => messages.get(DynamicText::CopyByHand),
    }
}
