//! A page under test, and a mock of `fetch`.

use std::any::Any;

use mysfits_domain::{FEATURES, Locale, MysfitId};
use mysfits_web::{StaticPage, hydrate};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, Element, HtmlElement, Window,
    js_sys::{Array, Function, Promise, Reflect},
};

/// The prerendered content of the pages.
const HOME: &str = include_str!("home.html");
const HOME_IN_KOREAN: &str = include_str!("home.ko.html");
const PROFILE: &str = include_str!("profile.html");

/// The mysfit of the profile's page.
pub const ATLANTIS: &str = "c0684344-1eb7-40e7-b334-06d25ac9268c";

pub fn window() -> Window {
    web_sys::window().expect("a window")
}

pub fn document() -> Document {
    window().document().expect("a document")
}

/// Runs a script.
pub fn run(script: &str) {
    Function::new_no_args(script).call0(&window()).expect("the script runs");
}

/// Returns the path and the fragment of the address.
pub fn address() -> String {
    let location = window().location();
    location.pathname().expect("a path") + &location.hash().expect("a hash")
}

/// A page in the document, removed when it is dropped.
pub struct TestPage {
    body: HtmlElement,
    host: HtmlElement,
    hydrated: Option<Box<dyn Any>>,
}

impl TestPage {
    /// Shows a page as it is served, before hydration.
    pub fn served(html: &str, address: &str) -> Self {
        let body = document().create_element("div").expect("a div");
        // A failed test does not drop its page, because panics abort.
        while let Ok(Some(left)) = document().query_selector("body > .page-under-test") {
            left.remove();
        }
        run(&format!("sessionStorage.clear(); history.replaceState(null, '', {address:?});"));
        body.set_class_name("page-under-test");
        body.set_inner_html(html);
        document().body().expect("a body").append_child(&body).expect("appended");
        let host = body.query_selector("#app").expect("a selector").expect("#app").unchecked_into();
        Self { body: body.unchecked_into(), host, hydrated: None }
    }

    pub fn hydrate(&mut self, locale: Locale, page: StaticPage) {
        self.hydrated = Some(hydrate(self.host.clone(), locale, page));
    }

    /// Shows and hydrates the home page in English at an address.
    pub async fn at(address: &str) -> Self {
        let mut page = Self::served(HOME, address);
        page.hydrate(Locale::En, StaticPage::Home);
        settle().await;
        page
    }

    /// Shows and hydrates the home page in English.
    pub async fn home() -> Self {
        Self::at("/").await
    }

    pub fn find(&self, selector: &str) -> HtmlElement {
        let found = self.host.query_selector(selector).expect("a selector");
        found.unwrap_or_else(|| panic!("no {selector} in the page")).unchecked_into()
    }

    pub fn has(&self, selector: &str) -> bool {
        self.host.query_selector(selector).expect("a selector").is_some()
    }

    pub fn text(&self, selector: &str) -> String {
        self.find(selector).text_content().unwrap_or_default()
    }

    pub fn attribute(&self, selector: &str, name: &str) -> String {
        self.find(selector).get_attribute(name).unwrap_or_default()
    }

    pub async fn click(&self, selector: &str) {
        self.find(selector).click();
        settle().await;
    }

    /// Returns the feature of the question that is shown.
    pub fn current_question(&self) -> String {
        self.attribute("[data-testid=question]:not([hidden])", "data-feature")
    }

    /// Answers all questions, as with the keyboard.
    pub async fn answer(&self, numbers: [u8; 5]) {
        for (feature, number) in FEATURES.iter().zip(numbers) {
            self.click(&format!("#{feature}-{number}")).await;
            self.click("[data-testid=next]").await;
        }
    }

    /// Opens, answers and submits the questionnaire.
    pub async fn submit(&self, numbers: [u8; 5]) {
        self.click("[data-testid=recommend]").await;
        self.answer(numbers).await;
        self.click("[data-testid=submit]").await;
        settle().await;
    }

    /// Returns the names, texts and sorted attributes of all elements.
    pub fn normalized(&self) -> String {
        normalized(&self.host)
    }
}

impl Drop for TestPage {
    fn drop(&mut self) {
        self.hydrated = None;
        self.body.remove();
    }
}

fn normalized(element: &Element) -> String {
    let names = element.get_attribute_names();
    let mut attributes: Vec<String> = names
        .iter()
        .filter_map(|name| name.as_string())
        .map(|name| format!("{name}={:?}", element.get_attribute(&name)))
        .collect();
    attributes.sort();
    let children = element.children();
    let inner: String =
        (0..children.length()).filter_map(|i| children.item(i)).map(|child| normalized(&child)).collect();
    let text = if inner.is_empty() { element.text_content().unwrap_or_default() } else { inner };
    format!("<{} {}>{text}</>", element.tag_name(), attributes.join(" "))
}

/// Returns content, address, language and page of the prerendered pages.
pub fn every_page() -> [(&'static str, &'static str, Locale, StaticPage); 3] {
    let atlantis: MysfitId = ATLANTIS.parse().expect("a mysfit");
    [
        (HOME, "/", Locale::En, StaticPage::Home),
        (HOME_IN_KOREAN, "/ko/", Locale::Ko, StaticPage::Home),
        (PROFILE, "/mysfits/atlantis/", Locale::En, StaticPage::Profile(atlantis)),
    ]
}

/// Waits for effects, animation frames and promises of the mock.
pub async fn settle() {
    // A callback for a frame runs in the next one.
    for _ in 0..2 {
        let frame = Promise::new(&mut |done, _| {
            window().request_animation_frame(&done).expect("a frame");
        });
        JsFuture::from(frame).await.expect("the frame comes");
    }
    pause(60).await;
}

/// Waits until the page has an address; going back in the history is asynchronous.
pub async fn wait_for_address(at: &str) {
    for _ in 0..500 {
        if address() == at {
            return settle().await;
        }
        pause(20).await;
    }
    panic!("the address is {}, not {at}", address());
}

pub async fn pause(milliseconds: i32) {
    let wait = Promise::new(&mut |done, _| {
        window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, milliseconds).expect("a timer");
    });
    JsFuture::from(wait).await.expect("the timer ends");
}

/// The configuration of a site with a recommendation API.
pub const CONFIGURED: &str = r#"{"recommendationsApiEndpoint": "https://api.example/"}"#;

/// Replaces `fetch` and records requests. `/config.json` is `config`. The decision table has label 10 for every entry; without
/// `has_table` it is missing. All other requests get the value of the JavaScript expression `result`.
pub fn mock_fetch(config: &str, has_table: bool, result: &str) {
    let body = format!(
        "init = init || {{}};
         self.asked.push([init.method || 'GET', url, init.body].filter(Boolean).join(' '));
         const response = (text, status, headers) => Promise.resolve(new Response(text, {{ status, headers }}));
         if (url === '/config.json') return response({config:?}, 200);
         if (url === '/decision-table.bin') {{
             if (!{has_table}) return response('', 404);
             const bytes = new Uint8Array(8 + 4 + 5 * 8 + 4 + 8 + 32768), view = new DataView(bytes.buffer);
             bytes.set(new TextEncoder().encode('knntabl\\x02'));
             view.setUint32(8, 5, true);
             for (let axis = 0; axis < 5; axis++) {{
                 view.setInt32(12 + 8 * axis, 1, true);
                 view.setUint32(16 + 8 * axis, 8, true);
             }}
             view.setUint32(52, 1, true);
             view.setFloat64(56, 10, true);
             return response(bytes, 200);
         }}
         return {result};"
    );
    Reflect::set(&window(), &"asked".into(), &Array::new()).expect("set");
    Reflect::set(&window(), &"fetch".into(), &Function::new_with_args("url, init", &body)).expect("set");
}

/// Replaces `fetch` by a service that responds with this status and body.
pub fn mock_service(status: u16, body: &str) {
    mock_fetch(CONFIGURED, true, &format!("response({body:?}, {status}, {{}})"));
}

/// Returns the requests to the recommendation API.
pub fn requests() -> Vec<String> {
    let asked = Reflect::get(&window(), &"asked".into()).expect("a property");
    let requests = Array::from(&asked).iter().filter_map(|request| request.as_string()).collect::<Vec<_>>();
    requests.into_iter().filter(|request| request.contains("/recommendations")).collect()
}

/// Sets whether the browser reports that it has a network.
pub fn set_online(is_online: bool) {
    run(&format!(
        "Object.defineProperty(navigator, 'onLine', {{ value: {is_online}, configurable: true }});"
    ));
}
