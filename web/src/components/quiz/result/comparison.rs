//! The comparison of the result with that of a friend.

use leptos::{ev::SubmitEvent, prelude::*};
use mysfits_domain::{Entry, Locale, MysfitId, QUESTION_COUNT};
use mysfits_site::results;

use super::html::fill;
use crate::{
    browser,
    i18n::{DynamicText, Messages, one_decimal},
    state::{Comparison, Quiz, QuizAnswers, card_by_id, entry_of_link},
};

const FORM_ID: &str = "compare";
/// The name of the field for a link or a code.
const FIELD: &str = "result";

/// What the form shows below its field.
#[derive(Debug, Clone, PartialEq)]
enum CompareOutcome {
    /// The text is neither a link to a result nor a code.
    Invalid,
    /// The decision table cannot be fetched.
    Unavailable,
    Compared(Comparison),
}

/// A field for the link or the code of a friend's result, and both mysfits.
#[component]
pub fn CompareForm(
    entry: Entry,
    /// The visitor's mysfit.
    mysfit: MysfitId,
    messages: Messages,
    locale: Locale,
    quiz: Quiz,
) -> impl IntoView {
    let (note, both) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let is_invalid = RwSignal::new(false);
    let show = move |outcome: CompareOutcome| {
        note.try_set(note_text(&outcome, messages));
        is_invalid.try_set(outcome == CompareOutcome::Invalid);
        both.try_set(match outcome {
            CompareOutcome::Compared(comparison) => pair(mysfit, comparison, messages, locale),
            _ => String::new(),
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let text = browser::form_value(FORM_ID, FIELD).unwrap_or_default();
        let Some(other) = entry_of_link(&text) else { return show(CompareOutcome::Invalid) };
        browser::spawn(async move {
            let comparison = quiz.compare(entry, other).await;
            show(comparison.map_or(CompareOutcome::Unavailable, CompareOutcome::Compared));
        });
    };
    let code = QuizAnswers::from(entry).to_string();
    view! {
        <form id=FORM_ID class="compare" data-testid="compare" novalidate on:submit=submit>
            <h4>{messages.get(DynamicText::CompareTitle)}</h4>
            <p>{messages.format(DynamicText::OwnCode, &[("code", &code)])}</p>
            <label class="field">
                <span>{messages.get(DynamicText::CompareLabel)}</span>
                <input
                    name=FIELD
                    data-testid="friend"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-describedby="compare-note"
                    aria-invalid=move || is_invalid.get().then_some("true")
                />
            </label>
            <button type="submit" class="button" data-testid="compare-submit">
                {messages.get(DynamicText::Compare)}
            </button>
            <p id="compare-note" role="status" data-testid="compare-note" inner_html=move || note.get()></p>
            <div inner_html=move || both.get()></div>
        </form>
    }
}

fn note_text(outcome: &CompareOutcome, messages: Messages) -> String {
    match outcome {
        CompareOutcome::Invalid => messages.get(DynamicText::NotAResult).to_owned(),
        CompareOutcome::Unavailable => messages.get(DynamicText::NoComparison).to_owned(),
        CompareOutcome::Compared(comparison) => messages.format(
            DynamicText::Compared,
            &[
                ("equal", &comparison.n_equal.to_string()),
                ("of", &QUESTION_COUNT.to_string()),
                ("distance", &one_decimal(comparison.distance)),
                ("max", &one_decimal(Comparison::MAX_DISTANCE)),
            ],
        ),
    }
}

/// Both mysfits.
const PAIR: &str = "<div class=\"pair\" data-testid=\"pair\" data-mysfit-id=\"{id}\"><p><img src=\"{own-portrait}\" alt=\"\" \
    width=\"96\" height=\"96\"><small>{you}</small><b>{own-name}</b></p><p><img src=\"{portrait}\" alt=\"\" width=\"96\" \
    height=\"96\"><small>{friend}</small><a data-result=\"{code}\" href=\"{href}\">{name}</a></p></div>";

/// Returns both mysfits as HTML.
fn pair(own: MysfitId, comparison: Comparison, messages: Messages, locale: Locale) -> String {
    let own = card_by_id(own);
    let friend = card_by_id(comparison.mysfit);
    let values = [
        ("id", comparison.mysfit.as_str()),
        ("own-portrait", &own.portrait),
        ("own-name", &own.name),
        ("portrait", &friend.portrait),
        ("name", &friend.name),
        ("you", messages.get(DynamicText::You)),
        ("friend", messages.get(DynamicText::Friend)),
        ("code", &QuizAnswers::from(comparison.entry).to_string()),
        ("href", &results::path(locale, comparison.entry)),
    ];
    fill(PAIR, &values)
}

#[cfg(test)]
mod tests {
    use mysfits_domain::catalogue;

    use super::*;

    #[test]
    fn every_outcome_has_its_own_text() {
        let entry = Entry::try_from([1; 5]).expect("an entry");
        let comparison = Comparison { entry, mysfit: catalogue()[0].id, n_equal: 2, distance: 4.0 };
        for locale in Locale::ALL {
            let outcomes =
                [CompareOutcome::Invalid, CompareOutcome::Unavailable, CompareOutcome::Compared(comparison)];
            let notes = outcomes.map(|outcome| note_text(&outcome, Messages::new(locale)));
            assert!(notes[0] != notes[1], "{notes:?}");
            for number in ["2", "5", "4.0", "15.7"] {
                assert!(notes[2].contains(number), "{number}: {}", notes[2]);
            }
        }
    }
}
