//! Hydration, filters, profiles and language.

use mysfits_domain::{Locale, catalogue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{
    TestPage, address, document, every_page, mock_fetch, run, settle, wait_for_address, window,
};

#[wasm_bindgen_test]
async fn hydration_does_not_change_the_served_html() {
    mock_fetch("{}", false, "response('', 404)");
    for (html, at, locale, kind) in every_page() {
        let mut page = TestPage::served(html, at);
        let served = page.normalized();
        page.hydrate(locale, kind);
        settle().await;
        // Hydration enables the submit buttons.
        assert!(!page.has("[type=submit][disabled]"));
        run("for (const button of document.querySelectorAll('[type=submit]')) button.disabled = true;");
        let now = page.normalized();
        let same = now.chars().zip(served.chars()).take_while(|(a, b)| a == b).count();
        let from = |text: &str| text.chars().skip(same.saturating_sub(80)).take(200).collect::<String>();
        assert!(now == served, "{at}: hydrated: {}\nserved: {}", from(&now), from(&served));
    }
}

#[wasm_bindgen_test]
async fn keeps_and_counts_a_filter_selected_before_hydration() {
    let (html, at, locale, kind) = every_page()[0];
    let mut page = TestPage::served(html, at);
    page.find("[name=good-evil][value=Good]").click();
    page.hydrate(locale, kind);
    settle().await;
    assert_eq!(page.text("[data-testid=count]"), "4 of 12 mysfits");
}

#[wasm_bindgen_test]
async fn filters_change_the_count_and_view_all_resets_it() {
    let page = TestPage::home().await;
    page.click("[name=good-evil][value=Evil]").await;
    page.click("[name=law-chaos][value=Chaotic]").await;
    assert_eq!(page.text("[data-testid=count]"), "1 of 12 mysfits");
    page.click("[data-testid=view-all]").await;
    assert_eq!(page.text("[data-testid=count]"), "12 of 12 mysfits");
}

#[wasm_bindgen_test]
async fn filters_and_order_of_the_address_are_selected_and_stored() {
    let query = || window().location().search().expect("a query");
    let page = TestPage::at("/?good-evil=Evil&sort=age").await;
    assert_eq!(page.text("[data-testid=count]"), "4 of 12 mysfits");
    assert_eq!(page.attribute(".card", "data-slug"), "pauly");
    page.click("[name=good-evil][value=Good]").await;
    assert_eq!(query(), "?good-evil=Good&sort=age");
    page.click("[data-testid=view-all]").await;
    assert_eq!(query(), "");
    assert_eq!(page.attribute(".card", "data-slug"), "evangeline");
}

#[wasm_bindgen_test]
async fn a_filter_selected_before_hydration_wins_over_the_address() {
    let (html, _, locale, kind) = every_page()[0];
    let mut page = TestPage::served(html, "/?good-evil=Evil");
    page.find("[name=good-evil][value=Good]").click();
    page.hydrate(locale, kind);
    settle().await;
    assert_eq!(window().location().search().expect("a query"), "?good-evil=Good");
}

#[wasm_bindgen_test]
async fn a_card_opens_its_profile_with_an_address_and_back_closes_it() {
    let page = TestPage::home().await;
    let title = document().title();
    let hasla = &catalogue()[4];
    page.click(&format!("[data-slug={}] [data-testid=view-profile]", hasla.slug)).await;
    assert!(page.has("[data-testid=profile][open]"));
    assert_eq!(address(), "/mysfits/hasla/");
    assert_eq!(page.text("[data-testid=profile] h2"), hasla.name.en);
    assert_eq!(page.attribute("[data-testid=profile]", "aria-label"), hasla.name.en);
    assert!(document().title().starts_with(hasla.name.en));
    window().history().expect("a history").back().expect("back");
    wait_for_address("/").await;
    assert!(!page.has("[data-testid=profile][open]"));
    assert_eq!((address(), document().title()), ("/".to_owned(), title));
}

#[wasm_bindgen_test]
async fn closing_a_profile_returns_to_the_grid() {
    let page = TestPage::home().await;
    page.click("[data-slug=gary] [data-testid=view-profile]").await;
    page.click("[data-testid=profile] [data-testid=close]").await;
    wait_for_address("/").await;
    assert!(!page.has("[data-testid=profile][open]"));
    assert_eq!(address(), "/");
    // The closed dialog is empty, so its ids and test ids are unique.
    assert_eq!(page.text("[data-testid=profile] .content"), "");
}

#[wasm_bindgen_test]
async fn an_unknown_profile_shows_the_grid() {
    let page = TestPage::at("/mysfits/unknown/").await;
    assert!(!page.has("dialog[open]"));
    assert_eq!(address(), "/");
}

#[wasm_bindgen_test]
async fn removes_the_language_from_the_address() {
    let (html, _, _, kind) = every_page()[0];
    let mut page = TestPage::served(html, "/?lang=en#quiz=12000");
    page.hydrate(Locale::En, kind);
    settle().await;
    assert_eq!(window().location().search().expect("a query"), "");
    assert_eq!(address(), "/#quiz=12000");
}
