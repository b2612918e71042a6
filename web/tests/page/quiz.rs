//! The questionnaire: drawings, portraits, keys, and its rules in the style sheet.

use std::collections::BTreeSet;

use mysfits_domain::{Locale, OPTION_COUNT, QUESTION_COUNT, catalogue, questionnaire};
use mysfits_web::{StaticPage, style};

use super::{one, parsed, select, within};

/// The largest drawing of an option, in bytes: all forty are in each home page.
const MAX_DRAWING_BYTES: usize = 400;

#[test]
fn every_option_has_a_small_drawing_of_its_own() {
    let page = parsed(StaticPage::Home, Locale::En);
    let drawings = select(&page, "#quiz .option svg.icon[aria-hidden=true]");
    assert_eq!(drawings.len(), QUESTION_COUNT * OPTION_COUNT);
    let all: BTreeSet<String> = drawings.iter().map(scraper::ElementRef::inner_html).collect();
    assert_eq!(all.len(), drawings.len(), "two options have the same drawing");
    for drawing in all {
        let size = drawing.len();
        assert!((1..=MAX_DRAWING_BYTES).contains(&size), "{size} bytes: {drawing}");
    }
}

/// The options of the question about colours show them. The last one is transparent.
#[test]
fn colours_are_shown_and_named() {
    let page = parsed(StaticPage::Home, Locale::En);
    let options = select(&page, "[data-feature=colour] .option");
    let fills: BTreeSet<_> = options
        .iter()
        .filter_map(|option| {
            within(*option, "svg [fill^=\"#\"]").first().and_then(|shape| shape.attr("fill"))
        })
        .collect();
    assert_eq!(fills.len(), OPTION_COUNT - 1, "{fills:?}");
    for (option, words) in options.into_iter().zip(&questionnaire()[3].options) {
        assert!(option.text().collect::<String>().contains(words.en));
    }
}

#[test]
fn another_mysfit_asks_each_question() {
    let page = parsed(StaticPage::Home, Locale::Ko);
    let portraits = select(&page, "[data-testid=question] legend img.asking[alt=\"\"]");
    let asking: BTreeSet<_> = portraits.iter().filter_map(|portrait| portrait.attr("src")).collect();
    let known: BTreeSet<_> = catalogue().iter().map(mysfits_domain::Mysfit::image_uri).collect();
    assert_eq!(asking.len(), QUESTION_COUNT);
    assert!(asking.iter().all(|portrait| known.contains(*portrait)), "{asking:?}");
    let loading: BTreeSet<_> = portraits.iter().map(|portrait| portrait.attr("loading")).collect();
    assert_eq!(loading, BTreeSet::from([Some("lazy")]), "the closed questionnaire loads no pictures");
}

#[test]
fn each_option_names_its_key() {
    let page = parsed(StaticPage::Home, Locale::En);
    for field in select(&page, "fieldset[role=radiogroup]") {
        let keys: Vec<_> =
            within(field, "input").iter().filter_map(|radio| radio.attr("aria-keyshortcuts")).collect();
        assert_eq!(keys, ["1", "2", "3", "4", "5", "6", "7", "8"]);
    }
}

/// A missing answer is described by the text that names it, and only then.
#[test]
fn the_questions_are_valid_before_the_visitor_continues() {
    let page = parsed(StaticPage::Home, Locale::En);
    assert!(select(&page, "fieldset[aria-invalid], fieldset[aria-describedby]").is_empty());
    assert_eq!(one(&page, "#quiz-status").attr("role"), Some("status"));
}

/// Returns the content of a media query of the style sheet.
#[track_caller]
fn media<'a>(sheet: &'a str, query: &str) -> &'a str {
    let (_, rest) = sheet.split_once(&format!("@media {query} {{\n")).unwrap_or_else(|| panic!("{query}"));
    rest.split_once("\n}\n").expect("a media query ends").0
}

/// On a touch screen the numbers of the keys would be noise.
#[test]
fn keys_are_shown_for_fine_pointers_only() {
    let sheet = style::sheet();
    let fine = media(&sheet, "(hover: hover) and (pointer: fine)");
    assert!(fine.contains("counter(option)") && fine.contains(".keys { display: block; }"), "{fine}");
    assert_eq!(sheet.matches("content: counter(option)").count(), 1);
    assert!(sheet.contains(".keys { display: none;"));
}

/// With 200 % zoom a fixed part would leave no space for the question.
#[test]
fn nothing_of_the_questionnaire_stays_in_place_in_low_windows() {
    let sheet = style::sheet();
    let low = media(&sheet, "(max-height: 32rem)");
    assert!(low.contains(".quiz[open] { display: block;") && low.contains("overflow: auto; }"), "{low}");
    assert!(!low.contains("sticky"), "{low}");
    assert!(sheet.contains(".quiz .corner { position: absolute;"));
}
