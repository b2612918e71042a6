//! What goes wrong, and that nothing is lost by it.

use mysfits_domain::catalogue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{ATLANTIS, CONFIGURED, Tested, asked, network, online, pause, service_says, settle};

const ANSWERS: [u8; 5] = [8, 7, 6, 5, 4];

/// The table that the stand-in serves says this of every entry.
fn cole() -> &'static str {
    catalogue()[10].id.as_str()
}

async fn fails_as(kind: &str) -> Tested {
    let page = Tested::index().await;
    page.ask(ANSWERS).await;
    assert_eq!(page.attribute("[data-testid=failure]", "data-kind"), kind);
    let words = page.text("[data-testid=failure] h3 + p");
    assert!(words.len() > 20, "{kind}: {words:?}");
    assert!(page.text("[data-testid=failure]").contains("Your answers are safe."));
    page
}

#[wasm_bindgen_test]
async fn every_failure_is_told_by_name_and_a_retry_asks_the_same() {
    let stranger = r#"{"recommendedMysfit":"00000000-0000-0000-0000-000000000000"}"#;
    for (status, body, kind) in [
        (429, "", "throttled"),
        (503, "", "busy"),
        (400, "{}", "refused"),
        (500, "", "broken"),
        (200, stranger, "unknown-mysfit"),
        (200, "<!doctype html>", "unreadable"),
    ] {
        service_says(status, body);
        let page = fails_as(kind).await;
        service_says(200, &format!("{{\"recommendedMysfit\":\"{ATLANTIS}\"}}"));
        page.click("[data-testid=retry]").await;
        settle().await;
        assert_eq!(asked().len(), 1, "{kind}");
        assert!(asked()[0].contains("[8,7,6,5,4]"), "{kind}: {:?}", asked());
        assert_eq!(page.attribute("[data-testid=result]", "data-mysfit-id"), ATLANTIS, "{kind}");
    }
}

#[wasm_bindgen_test]
async fn a_refusal_is_quoted_and_a_wait_is_named() {
    service_says(400, r#"{"detail":"entry[2] is odd"}"#);
    let page = fails_as("refused").await;
    assert_eq!(page.text("[data-testid=detail]"), "entry[2] is odd");
    assert!(!page.has("[data-testid=ask-table]"), "the table would not know better");
    drop(page);
    network(CONFIGURED, true, "response('', 429, { 'retry-after': '7' })");
    let page = fails_as("throttled").await;
    assert_eq!(page.text("[data-testid=retry-after]"), "They ask for 7 seconds.");
}

#[wasm_bindgen_test]
async fn from_every_failure_the_answers_can_be_looked_at() {
    network(CONFIGURED, true, "Promise.reject(new TypeError('Failed to fetch'))");
    let page = fails_as("away").await;
    page.click("[data-testid=failure] [data-testid=back]").await;
    assert!(!page.find("[data-testid=review]").hidden());
    assert!(page.has("#age-8:checked"));
}

#[wasm_bindgen_test]
async fn the_visitor_can_have_the_tables_answer_instead() {
    network(CONFIGURED, true, "response('', 503)");
    let page = fails_as("busy").await;
    page.click("[data-testid=ask-table]").await;
    settle().await;
    assert_eq!(page.attribute("[data-testid=result]", "data-source"), "table");
    assert_eq!(page.attribute("[data-testid=result]", "data-mysfit-id"), cole());
}

#[wasm_bindgen_test]
async fn offline_the_page_answers_from_the_table_and_says_so() {
    network(CONFIGURED, true, "Promise.reject(new TypeError('Failed to fetch'))");
    online(false);
    let page = Tested::index().await;
    page.ask(ANSWERS).await;
    online(true);
    assert_eq!(page.attribute("[data-testid=result]", "data-mysfit-id"), cole());
    assert!(page.text("[data-testid=why]").starts_with("You are offline"));
}

#[wasm_bindgen_test]
async fn offline_without_a_table_is_a_failure_of_its_own() {
    network(CONFIGURED, false, "Promise.reject(new TypeError('Failed to fetch'))");
    online(false);
    let page = fails_as("offline").await;
    online(true);
    assert!(!page.has("[data-testid=ask-table]"));
}

#[wasm_bindgen_test]
async fn a_site_without_a_service_answers_from_the_table_and_says_so() {
    network(r#"{"awsRegion": "eu-central-1"}"#, true, "response('', 500)");
    let page = Tested::index().await;
    page.ask(ANSWERS).await;
    assert_eq!(page.attribute("[data-testid=result]", "data-mysfit-id"), cole());
    assert!(page.text("[data-testid=why]").starts_with("This site has no service to ask"));
    assert_eq!(asked(), Vec::<String>::new());
    drop(page);
    network("{}", false, "response('', 500)");
    fails_as("nobody-to-ask").await;
    network("no settings", true, "response('', 500)");
    fails_as("not-configured").await;
}

#[wasm_bindgen_test]
async fn a_wait_that_grows_long_is_admitted() {
    network(CONFIGURED, true, "new Promise(() => {})");
    let page = Tested::index().await;
    page.ask(ANSWERS).await;
    assert!(page.has("[data-testid=waiting]:not([data-slow])"));
    pause(2700).await;
    assert!(page.has("[data-testid=waiting][data-slow]"));
    page.click("[data-testid=ask-table]").await;
    settle().await;
    assert_eq!(page.attribute("[data-testid=result]", "data-mysfit-id"), cole());
}
