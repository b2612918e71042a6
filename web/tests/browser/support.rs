//! A page under test, and a stand-in for the network.

use std::any::Any;

use mysfits_domain::{FEATURES, Locale, MysfitId};
use mysfits_web::{Page, hydrate};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, Element, HtmlElement, Window,
    js_sys::{Array, Function, Promise, Reflect},
};

/// The bodies, as the native tests keep them.
const INDEX: &str = include_str!("index.html");
const INDEX_IN_KOREAN: &str = include_str!("index.ko.html");
const PROFILE: &str = include_str!("profile.html");

/// Whose profile the body of a profile's page is.
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

/// Where the page is: path and hash.
pub fn address() -> String {
    let location = window().location();
    location.pathname().expect("a path") + &location.hash().expect("a hash")
}

/// A page in the document, taken out of it when the test is over.
pub struct Tested {
    body: HtmlElement,
    host: HtmlElement,
    hydrated: Option<Box<dyn Any>>,
}

impl Tested {
    /// As it was served, before any code.
    pub fn served(html: &str, address: &str) -> Self {
        let body = document().create_element("div").expect("a div");
        // A failed test cannot tidy up: its panic ends everything.
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

    pub fn hydrate(&mut self, locale: Locale, page: Page) {
        self.hydrated = Some(hydrate(self.host.clone(), locale, page));
    }

    /// The index in English, served at an address and taken over.
    pub async fn at(address: &str) -> Self {
        let mut page = Self::served(INDEX, address);
        page.hydrate(Locale::En, Page::Index);
        settle().await;
        page
    }

    /// The index in English.
    pub async fn index() -> Self {
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

    /// Which question is shown.
    pub fn asked_now(&self) -> String {
        self.attribute("[data-testid=question]:not([hidden])", "data-feature")
    }

    /// Answers from the first question on, as with the keyboard: choose, go on.
    pub async fn answer(&self, numbers: [u8; 5]) {
        for (feature, number) in FEATURES.iter().zip(numbers) {
            self.click(&format!("#{feature}-{number}")).await;
            self.click("[data-testid=next]").await;
        }
    }

    /// Opens the questionnaire, answers it and asks.
    pub async fn ask(&self, numbers: [u8; 5]) {
        self.click("[data-testid=recommend]").await;
        self.answer(numbers).await;
        self.click("[data-testid=submit]").await;
        settle().await;
    }

    /// The elements' names, texts and sorted attributes: the order of attributes is not the page's.
    pub fn without_order(&self) -> String {
        without_order(&self.host)
    }
}

impl Drop for Tested {
    fn drop(&mut self) {
        self.hydrated = None;
        self.body.remove();
    }
}

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

/// Every page that is served, with its address: body, language, page.
pub fn every_page() -> [(&'static str, &'static str, Locale, Page); 3] {
    let atlantis: MysfitId = ATLANTIS.parse().expect("a mysfit");
    [
        (INDEX, "/", Locale::En, Page::Index),
        (INDEX_IN_KOREAN, "/ko/", Locale::Ko, Page::Index),
        (PROFILE, "/mysfits/atlantis/", Locale::En, Page::Profile(atlantis)),
    ]
}

/// Lets effects, animation frames and the stand-in's promises run.
pub async fn settle() {
    // What waits for a frame comes in the next one, however long that takes.
    for _ in 0..2 {
        let frame = Promise::new(&mut |done, _| {
            window().request_animation_frame(&done).expect("a frame");
        });
        JsFuture::from(frame).await.expect("the frame comes");
    }
    pause(60).await;
}

/// Waits until the history has led to this address, which takes a way through the browser and back.
pub async fn arrive(at: &str) {
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

/// The settings of a site whose service is elsewhere.
pub const CONFIGURED: &str = r#"{"recommendationsApiEndpoint": "https://api.example/"}"#;

/// Replaces `fetch`: `/config.json` is `config`; the decision table says label 10 to everything, unless `has_table` is
/// false; all else is what the expression `reply` gives. Remembers what was asked.
pub fn network(config: &str, has_table: bool, reply: &str) {
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
         return {reply};"
    );
    Reflect::set(&window(), &"asked".into(), &Array::new()).expect("set");
    Reflect::set(&window(), &"fetch".into(), &Function::new_with_args("url, init", &body)).expect("set");
}

/// A service that answers with this status and body.
pub fn service_says(status: u16, body: &str) {
    network(CONFIGURED, true, &format!("response({body:?}, {status}, {{}})"));
}

/// What was asked of the service so far; settings and table are no secrets.
pub fn asked() -> Vec<String> {
    let asked = Reflect::get(&window(), &"asked".into()).expect("a property");
    let requests = Array::from(&asked).iter().filter_map(|request| request.as_string()).collect::<Vec<_>>();
    requests.into_iter().filter(|request| request.contains("/recommendations")).collect()
}

/// Whether the browser says that it has a network.
pub fn online(is_online: bool) {
    run(&format!(
        "Object.defineProperty(navigator, 'onLine', {{ value: {is_online}, configurable: true }});"
    ));
}
