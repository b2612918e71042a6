//! Errors. None of them loses answers.

use mysfits_domain::catalogue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{
    ATLANTIS, CONFIGURED, TestPage, mock_fetch, mock_service, pause, requests, set_online, settle,
};

const ANSWERS: [u8; 5] = [8, 7, 6, 5, 4];

/// The mysfit that the mocked decision table recommends for every entry.
fn cole() -> &'static str {
    catalogue()[10].id.as_str()
}

/// Replaces `fetch` by a service that responds with this status and body, on a site without a decision table.
fn mock_without_table(status: u16, body: &str) {
    mock_fetch(CONFIGURED, false, &format!("response({body:?}, {status}, {{}})"));
}

async fn submit_and_expect(kind: &str) -> TestPage {
    let page = TestPage::home().await;
    page.submit(ANSWERS).await;
    assert_eq!(page.attribute("[data-testid=failure]", "data-kind"), kind);
    let text = page.text("[data-testid=failure] h3 + p");
    assert!(text.len() > 20, "{kind}: {text:?}");
    assert!(page.text("[data-testid=failure]").contains("Your answers are safe."));
    page
}

#[wasm_bindgen_test]
async fn every_error_has_its_kind_and_a_retry_sends_the_same_answers() {
    let unknown = r#"{"recommendedMysfit":"00000000-0000-0000-0000-000000000000"}"#;
    for (status, body, kind) in [
        (429, "", "throttled"),
        (503, "", "busy"),
        (400, "{}", "refused"),
        (500, "", "server-error"),
        (200, unknown, "unknown-mysfit"),
        (200, "<!doctype html>", "invalid-response"),
    ] {
        mock_without_table(status, body);
        let page = submit_and_expect(kind).await;
        mock_service(200, &format!("{{\"recommendedMysfit\":\"{ATLANTIS}\"}}"));
        page.click("[data-testid=retry]").await;
        settle().await;
        assert_eq!(requests().len(), 1, "{kind}");
        assert!(requests()[0].contains("[8,7,6,5,4]"), "{kind}: {:?}", requests());
        assert_eq!(page.attribute("[data-testid=result]", "data-mysfit-id"), ATLANTIS, "{kind}");
    }
}

#[wasm_bindgen_test]
async fn a_refusal_shows_no_text_of_the_service() {
    mock_service(400, r#"{"detail":"entry[2] is odd"}"#);
    let page = submit_and_expect("refused").await;
    let text = page.text("[data-testid=failure]");
    assert!(!text.contains("entry[2]"), "{text}");
}

#[wasm_bindgen_test]
async fn shows_the_time_to_wait() {
    mock_fetch(CONFIGURED, false, "response('', 429, { 'retry-after': '7' })");
    let page = submit_and_expect("throttled").await;
    assert_eq!(page.text("[data-testid=retry-after]"), "Please wait 7 seconds.");
}

#[wasm_bindgen_test]
async fn an_error_leads_back_to_the_answers() {
    mock_fetch(CONFIGURED, false, "Promise.reject(new TypeError('Failed to fetch'))");
    let page = submit_and_expect("unreachable").await;
    page.click("[data-testid=failure] [data-testid=back]").await;
    assert!(!page.find("[data-testid=review]").hidden());
    assert!(page.has("#age-8:checked"));
}

#[wasm_bindgen_test]
async fn uses_the_decision_table_when_the_service_fails_and_offers_a_retry() {
    for (status, body) in [(503, ""), (429, ""), (500, ""), (200, "<!doctype html>")] {
        mock_service(status, body);
        let page = TestPage::home().await;
        page.submit(ANSWERS).await;
        assert_eq!(page.attribute("[data-testid=result]", "data-source"), "table", "{status}");
        assert_eq!(page.attribute("[data-testid=result]", "data-mysfit-id"), cole());
        assert!(page.text("[data-testid=why]").starts_with("The recommendation service did not answer"));
        mock_service(200, &format!("{{\"recommendedMysfit\":\"{ATLANTIS}\"}}"));
        page.click("[data-testid=result] [data-testid=retry]").await;
        settle().await;
        assert_eq!(requests().len(), 1, "{status}");
        assert_eq!(page.attribute("[data-testid=result]", "data-mysfit-id"), ATLANTIS);
    }
}

#[wasm_bindgen_test]
async fn uses_the_decision_table_when_offline() {
    mock_fetch(CONFIGURED, true, "Promise.reject(new TypeError('Failed to fetch'))");
    set_online(false);
    let page = TestPage::home().await;
    page.submit(ANSWERS).await;
    set_online(true);
    assert_eq!(page.attribute("[data-testid=result]", "data-mysfit-id"), cole());
    assert!(page.text("[data-testid=reason]").starts_with("You are offline"));
}

#[wasm_bindgen_test]
async fn offline_without_a_decision_table_is_an_error() {
    mock_fetch(CONFIGURED, false, "Promise.reject(new TypeError('Failed to fetch'))");
    set_online(false);
    let page = submit_and_expect("offline").await;
    set_online(true);
    assert!(!page.has("[data-testid=ask-table]"));
}

#[wasm_bindgen_test]
async fn uses_the_decision_table_without_a_service() {
    mock_fetch(r#"{"awsRegion": "eu-central-1"}"#, true, "response('', 500)");
    let page = TestPage::home().await;
    page.submit(ANSWERS).await;
    assert_eq!(page.attribute("[data-testid=result]", "data-mysfit-id"), cole());
    assert!(page.text("[data-testid=reason]").starts_with("Worked out in your browser"));
    assert_eq!(requests(), Vec::<String>::new());
    drop(page);
    mock_fetch("{}", false, "response('', 500)");
    submit_and_expect("no-service").await;
    mock_fetch("no settings", false, "response('', 500)");
    submit_and_expect("not-configured").await;
}

#[wasm_bindgen_test]
async fn a_slow_request_offers_the_decision_table() {
    mock_fetch(CONFIGURED, true, "new Promise(() => {})");
    let page = TestPage::home().await;
    page.submit(ANSWERS).await;
    assert!(page.has("[data-testid=waiting]:not([data-slow])"));
    pause(2700).await;
    assert!(page.has("[data-testid=waiting][data-slow]"));
    page.click("[data-testid=ask-table]").await;
    settle().await;
    assert_eq!(page.attribute("[data-testid=result]", "data-mysfit-id"), cole());
}
