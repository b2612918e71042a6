//! The page's code over the prerendered body, in a real browser. How to run it is in README.md.
//!
//! The body is the file that the native tests keep current. Requests are answered by a stand-in for `fetch`.
#![cfg(target_arch = "wasm32")]

use mysfits_domain::{Locale, catalogue};
use mysfits_web::hydrate;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{
    Document, Element, HtmlElement,
    js_sys::{Array, Function, Promise, Reflect},
};

wasm_bindgen_test_configure!(run_in_browser);

const BODY: &str = include_str!("body.html");

/// The hydrated page, taken out of the document when the test is over.
struct Page(HtmlElement);

impl Page {
    fn served() -> Self {
        let host = document().create_element("div").expect("a div");
        // A failed test cannot tidy up: its panic ends everything.
        while let Ok(Some(left)) = document().query_selector("body > .page-under-test") {
            left.remove();
        }
        host.set_class_name("page-under-test");
        host.set_inner_html(BODY);
        document().body().expect("a body").append_child(&host).expect("appended");
        Self(host.unchecked_into())
    }

    fn hydrated() -> Self {
        let page = Self::served();
        hydrate(page.0.clone(), Locale::En);
        page
    }

    fn find(&self, selector: &str) -> HtmlElement {
        let found = self.0.query_selector(selector).expect("a selector");
        found.unwrap_or_else(|| panic!("no {selector} in the page")).unchecked_into()
    }

    fn has(&self, selector: &str) -> bool {
        self.0.query_selector(selector).expect("a selector").is_some()
    }

    fn text(&self, selector: &str) -> String {
        self.find(selector).text_content().unwrap_or_default()
    }

    async fn click(&self, selector: &str) {
        self.find(selector).click();
        settle().await;
    }

    async fn answer(&self, numbers: [u8; 5]) {
        for (field, number) in mysfits_domain::questionnaire().iter().zip(numbers) {
            self.click(&format!("#{}-{number}", field.feature)).await;
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.0.remove();
    }
}

fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect("a document")
}

/// Lets effects, animation frames and the stand-in's promises run.
async fn settle() {
    let wait = Promise::new(&mut |done, _| {
        let window = web_sys::window().expect("a window");
        window.set_timeout_with_callback_and_timeout_and_arguments_0(&done, 60).expect("a timer");
    });
    JsFuture::from(wait).await.expect("the timer ends");
}

/// Replaces `fetch`: settings for `/config.json`, `reply` with `status` for everything else. Remembers what was asked.
fn answer_requests_with(status: u16, reply: &str) {
    let body = format!(
        "self.asked.push(url + ' ' + ((init && init.body) || ''));
         const config = url.endsWith('/config.json');
         const text = config ? '{{\"recommendationsApiEndpoint\": \"https://api.example/\"}}' : {reply:?};
         return Promise.resolve(new Response(text, {{ status: config ? 200 : {status} }}));"
    );
    let window = web_sys::window().expect("a window");
    Reflect::set(&window, &"asked".into(), &Array::new()).expect("set");
    Reflect::set(&window, &"fetch".into(), &Function::new_with_args("url, init", &body)).expect("set");
}

fn asked() -> Vec<String> {
    let asked = Reflect::get(&web_sys::window().expect("a window"), &"asked".into()).expect("a property");
    Array::from(&asked).iter().filter_map(|request| request.as_string()).collect()
}

#[wasm_bindgen_test]
async fn hydration_leaves_the_page_as_it_was_served() {
    let page = Page::hydrated();
    settle().await;
    // The one change is the point of hydrating: now there is somebody to submit to.
    assert!(!page.has("[data-testid=submit][disabled]"));
    page.find("[data-testid=submit]").set_attribute("disabled", "").expect("an attribute");
    let now = without_order(&page.0);
    drop(page);
    let served = without_order(&Page::served().0);
    let same = now.chars().zip(served.chars()).take_while(|(a, b)| a == b).count();
    let from = |text: &str| text.chars().skip(same.saturating_sub(80)).take(200).collect::<String>();
    assert!(now == served, "hydrated: {}\nserved: {}", from(&now), from(&served));
}

/// The elements' names, texts and sorted attributes: the order of attributes is not the page's.
fn without_order(element: &Element) -> String {
    let names = element.get_attribute_names();
    let mut attributes: Vec<String> = names
        .iter()
        .filter_map(|name| name.as_string())
        .map(|name| format!("{name}={:?}", element.get_attribute(&name)))
        .collect();
    attributes.sort();
    let children = element.children();
    let inner: String =
        (0..children.length()).filter_map(|i| children.item(i)).map(|child| without_order(&child)).collect();
    let text = if inner.is_empty() { element.text_content().unwrap_or_default() } else { inner };
    format!("<{} {}>{text}</>", element.tag_name(), attributes.join(" "))
}

#[wasm_bindgen_test]
async fn a_choice_made_before_hydration_is_kept_and_counted() {
    let page = Page::served();
    page.find("[name=good-evil][value=Good]").click();
    hydrate(page.0.clone(), Locale::En);
    settle().await;
    assert_eq!(page.text("[data-testid=count]"), "4 of 12 mysfits");
}

#[wasm_bindgen_test]
async fn filters_change_the_count_and_view_all_resets_it() {
    let page = Page::hydrated();
    page.click("[name=good-evil][value=Evil]").await;
    page.click("[name=law-chaos][value=Chaotic]").await;
    assert_eq!(page.text("[data-testid=count]"), "1 of 12 mysfits");
    page.click("[data-testid=view-all]").await;
    assert_eq!(page.text("[data-testid=count]"), "12 of 12 mysfits");
}

#[wasm_bindgen_test]
async fn a_card_opens_its_profile() {
    let page = Page::hydrated();
    let hasla = &catalogue()[4];
    page.click(&format!("[data-slug={}] [data-testid=view-profile]", hasla.slug)).await;
    assert!(page.has("[data-testid=profile][open]"));
    assert_eq!(page.text("#profile-name"), hasla.name.en);
    assert_eq!(
        page.find("[data-testid=profile]").get_attribute("data-mysfit-id").as_deref(),
        Some(hasla.id.as_str())
    );
    page.click("[data-testid=profile] [data-testid=close]").await;
    assert!(!page.has("[data-testid=profile][open]"));
}

#[wasm_bindgen_test]
async fn the_questionnaire_sends_the_answers_and_shows_the_mysfit() {
    let atlantis = &catalogue()[8];
    answer_requests_with(200, &format!("{{\"recommendedMysfit\":\"{}\"}}", atlantis.id));
    let page = Page::hydrated();
    page.click("[data-testid=recommend]").await;
    assert!(page.has("[data-testid=quiz][open]"));
    page.answer([1, 2, 3, 4, 5]).await;
    assert_eq!(page.text("[data-testid=progress]"), "5 of 5 answered");
    page.click("[data-testid=submit]").await;
    assert_eq!(asked(), ["/config.json ", "https://api.example/recommendations {\"entry\":[1, 2, 3, 4, 5]}"]);
    assert_eq!(page.find("[data-testid=result]").get_attribute("data-slug").as_deref(), Some(atlantis.slug));
    page.click("[data-testid=ask-again]").await;
    assert_eq!(page.text("[data-testid=progress]"), "0 of 5 answered");
}

#[wasm_bindgen_test]
async fn an_unanswered_question_is_named_and_nothing_is_sent() {
    answer_requests_with(200, "{}");
    let page = Page::hydrated();
    page.click("[data-testid=recommend]").await;
    page.click("#age-1").await;
    page.click("[data-testid=submit]").await;
    assert!(page.text("[data-testid=progress]").contains("Question 2"));
    assert!(page.has("#question-occupation[data-missing]"));
    assert_eq!(document().active_element().map(|element| element.id()).as_deref(), Some("occupation-1"));
    assert_eq!(asked(), Vec::<String>::new());
    page.click("#occupation-3").await;
    assert!(!page.has(".question[data-missing]"));
}

#[wasm_bindgen_test]
async fn a_failure_shows_its_reason_and_keeps_the_answers() {
    answer_requests_with(400, "{\"detail\":\"entry[2] is odd\"}");
    let page = Page::hydrated();
    page.click("[data-testid=recommend]").await;
    page.answer([8, 7, 6, 5, 4]).await;
    page.click("[data-testid=submit]").await;
    assert_eq!(page.find("[data-testid=failure]").get_attribute("data-kind").as_deref(), Some("refused"));
    assert_eq!(page.text("[data-testid=detail]"), "entry[2] is odd");
    let cole = &catalogue()[10];
    answer_requests_with(200, &format!("{{\"recommendedMysfit\":\"{}\"}}", cole.id));
    page.click("[data-testid=retry]").await;
    // The settings were read before, so they are not asked for again.
    assert_eq!(asked(), ["https://api.example/recommendations {\"entry\":[8, 7, 6, 5, 4]}"]);
    assert_eq!(page.text("[data-testid=result] h2"), cole.name.en);
}
