//! Grid, filters, profiles, language; and that hydration changes nothing.

use mysfits_domain::{Locale, catalogue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Tested, address, arrive, document, every_page, network, run, settle, window};

#[wasm_bindgen_test]
async fn hydration_leaves_every_page_as_it_was_served() {
    network("{}", false, "response('', 404)");
    for (html, at, locale, kind) in every_page() {
        let mut page = Tested::served(html, at);
        let served = page.without_order();
        page.hydrate(locale, kind);
        settle().await;
        // The one change is the point of hydrating: now there is somebody to submit to.
        assert!(!page.has("[type=submit][disabled]"));
        run("for (const button of document.querySelectorAll('[type=submit]')) button.disabled = true;");
        let now = page.without_order();
        let same = now.chars().zip(served.chars()).take_while(|(a, b)| a == b).count();
        let from = |text: &str| text.chars().skip(same.saturating_sub(80)).take(200).collect::<String>();
        assert!(now == served, "{at}: hydrated: {}\nserved: {}", from(&now), from(&served));
    }
}

#[wasm_bindgen_test]
async fn a_choice_made_before_hydration_is_kept_and_counted() {
    let (html, at, locale, kind) = every_page()[0];
    let mut page = Tested::served(html, at);
    page.find("[name=good-evil][value=Good]").click();
    page.hydrate(locale, kind);
    settle().await;
    assert_eq!(page.text("[data-testid=count]"), "4 of 12 mysfits");
}

#[wasm_bindgen_test]
async fn filters_change_the_count_and_view_all_resets_it() {
    let page = Tested::index().await;
    page.click("[name=good-evil][value=Evil]").await;
    page.click("[name=law-chaos][value=Chaotic]").await;
    assert_eq!(page.text("[data-testid=count]"), "1 of 12 mysfits");
    page.click("[data-testid=view-all]").await;
    assert_eq!(page.text("[data-testid=count]"), "12 of 12 mysfits");
}

#[wasm_bindgen_test]
async fn a_card_opens_its_profile_with_an_address_and_back_closes_it() {
    let page = Tested::index().await;
    let title = document().title();
    let hasla = &catalogue()[4];
    page.click(&format!("[data-slug={}] [data-testid=view-profile]", hasla.slug)).await;
    assert!(page.has("[data-testid=profile][open]"));
    assert_eq!(address(), "/mysfits/hasla/");
    assert_eq!(page.text("[data-testid=profile] h2"), hasla.name.en);
    assert_eq!(page.attribute("[data-testid=profile]", "aria-label"), hasla.name.en);
    assert!(document().title().starts_with(hasla.name.en));
    window().history().expect("a history").back().expect("back");
    arrive("/").await;
    assert!(!page.has("[data-testid=profile][open]"));
    assert_eq!((address(), document().title()), ("/".to_owned(), title));
}

#[wasm_bindgen_test]
async fn closing_a_profile_goes_back_to_the_grid() {
    let page = Tested::index().await;
    page.click("[data-slug=gary] [data-testid=view-profile]").await;
    page.click("[data-testid=profile] [data-testid=close]").await;
    arrive("/").await;
    assert!(!page.has("[data-testid=profile][open]"));
    assert_eq!(address(), "/");
    // What was shown is gone, so that nothing of it is found twice.
    assert_eq!(page.text("[data-testid=profile] .content"), "");
}

#[wasm_bindgen_test]
async fn an_address_of_nobody_is_the_grid() {
    let page = Tested::at("/mysfits/nobody/").await;
    assert!(!page.has("dialog[open]"));
    assert_eq!(address(), "/");
}

#[wasm_bindgen_test]
async fn a_language_chosen_by_hand_is_kept() {
    let page = Tested::index().await;
    // The test stays where it is.
    run("document.cookie = 'lang=;path=/;max-age=0';
         document.addEventListener('click', event => event.preventDefault(), { once: true });");
    page.click("[data-testid=language]").await;
    let cookies = web_sys::js_sys::Reflect::get(&document(), &"cookie".into()).expect("cookies");
    assert!(cookies.as_string().unwrap_or_default().contains("lang=ko"), "{cookies:?}");
}

#[wasm_bindgen_test]
async fn a_language_asked_for_in_the_address_is_kept_and_the_address_tidied() {
    let (html, _, _, kind) = every_page()[0];
    run("document.cookie = 'lang=;path=/;max-age=0';");
    let mut page = Tested::served(html, "/?lang=en#quiz=12000");
    page.hydrate(Locale::En, kind);
    settle().await;
    assert_eq!(window().location().search().expect("a query"), "");
    assert_eq!(address(), "/#quiz=12000");
}
