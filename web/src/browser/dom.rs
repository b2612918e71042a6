//! The browser itself: the document. The address bar is in [`history`], requests are in [`net`], numbers
//! that nobody can guess in [`secrets`].

#[path = "history.rs"]
mod history;
#[path = "net.rs"]
mod net;
#[path = "secrets.rs"]
mod secrets;
#[path = "soon.rs"]
mod soon;

use leptos::ev::{MouseEvent, SubmitEvent};
use mysfits_domain::MysfitId;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, Element, FormData, HtmlDialogElement, HtmlElement, HtmlFormElement, HtmlInputElement,
};

pub use self::{history::*, net::*, secrets::*, soon::*};
use super::{Command, Creature};

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// The element with this id.
pub fn element(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

fn element_as<T: JsCast>(id: &str) -> Option<T> {
    element(id)?.dyn_into().ok()
}

/// The first element that a selector selects.
fn select(selector: &str) -> Option<Element> {
    document()?.query_selector(selector).ok()?
}

/// An attribute of `<html>`.
pub fn page_attribute(name: &str) -> Option<String> {
    document()?.document_element()?.get_attribute(name)
}

/// Tells tests and measurements that the page now reacts.
pub fn mark_ready() {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        // Fails only for a name that is not an attribute's.
        let _ = root.set_attribute("data-ready", "");
    }
}

fn target(event: &MouseEvent) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// The value of an attribute of the clicked element, or of the nearest element around it that has one.
pub fn attribute_at(event: &MouseEvent, name: &str) -> Option<String> {
    target(event)?.closest(&["[", name, "]"].concat()).ok()??.get_attribute(name)
}

/// The same, for clicks that do not ask for a new tab or window: those are the browser's.
pub fn plain_click_on(event: &MouseEvent, name: &str) -> Option<String> {
    let is_plain = event.button() == 0
        && !event.ctrl_key()
        && !event.meta_key()
        && !event.shift_key()
        && !event.default_prevented();
    if is_plain { attribute_at(event, name) } else { None }
}

/// What the clicked button's `command` and `commandfor` say. Older browsers do not know them, so the code obeys in any
/// case.
pub fn command_at(event: &MouseEvent) -> Option<Command> {
    Some(Command { name: attribute_at(event, "command")?, target: attribute_at(event, "commandfor")? })
}

/// Returns whether the click hit the element with this id itself and not something in it.
pub fn hits(event: &MouseEvent, id: &str) -> bool {
    target(event).is_some_and(|target| target.id() == id)
}

/// Whether a radio was clicked; a click on its label counts, for the browser passes it on.
pub fn is_radio(event: &MouseEvent) -> bool {
    target(event).is_some_and(|target| target.has_type::<HtmlInputElement>())
}

/// Opens a dialog as a modal one; one that is open already stays as it is.
pub fn show_dialog(id: &str) {
    if let Some(dialog) = element_as::<HtmlDialogElement>(id).filter(|dialog| !dialog.open()) {
        // Fails only if the dialog is open.
        let _ = dialog.show_modal();
    }
}

/// Closes a dialog; the browser gives the focus back to where it was.
pub fn close_dialog(id: &str) {
    if let Some(dialog) = element_as::<HtmlDialogElement>(id) {
        dialog.close();
    }
}

/// Whether a dialog is open.
pub fn is_open(id: &str) -> bool {
    element_as::<HtmlDialogElement>(id).is_some_and(|dialog| dialog.open())
}

/// Moves the focus to the first element that a selector selects.
pub fn focus(selector: &str) {
    if let Some(element) = select(selector).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Moves the focus by the first selector that selects something.
pub fn focus_first(selectors: &[String]) {
    if let Some(selector) = selectors.iter().find(|selector| select(selector).is_some()) {
        focus(selector);
    }
}

/// The text of the first element that a selector selects.
pub fn text(selector: &str) -> Option<String> {
    select(selector)?.text_content()
}

/// What the page knows of a mysfit.
pub fn creature(id: MysfitId) -> Option<Creature> {
    read_card(&[".card[data-id=\"", id.as_str(), "\"]"].concat())
}

/// What the page knows of the mysfit with this slug; the slug may be anything that stood in an address.
pub fn creature_of(slug: &str) -> Option<Creature> {
    is_slug(slug).then(|| read_card(&[".card[data-slug=", slug, "]"].concat()))?
}

fn is_slug(slug: &str) -> bool {
    !slug.is_empty() && slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

fn read_card(selector: &str) -> Option<Creature> {
    let card = select(selector)?;
    let name = card.query_selector("h3").ok()??.text_content()?;
    let portrait = card.query_selector("img").ok()??.get_attribute("src")?;
    let id = card.get_attribute("data-id")?.parse().ok()?;
    Some(Creature { id, slug: card.get_attribute("data-slug")?, name, portrait })
}

/// The profile that a card holds as a template.
pub fn profile_html(slug: &str) -> Option<String> {
    is_slug(slug).then(|| Some(select(&[".card[data-slug=", slug, "] template"].concat())?.inner_html()))?
}

/// Puts a form back to how it was served.
pub fn reset_form(id: &str) {
    if let Some(form) = element_as::<HtmlFormElement>(id) {
        form.reset();
    }
}

/// The value of the control chosen under a name in a form.
pub fn chosen(form_id: &str, name: &str) -> Option<String> {
    let form = element_as::<HtmlFormElement>(form_id)?;
    FormData::new_with_form(&form).ok()?.get(name).as_string()
}

/// Chooses a radio.
pub fn choose(id: &str) {
    if let Some(radio) = element_as::<HtmlInputElement>(id) {
        radio.set_checked(true);
    }
}

/// Returns the page's address, with origin and fragment.
pub fn address() -> String {
    web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

/// Copies the page's address to the clipboard; returns whether the browser did it.
pub async fn copy_address() -> bool {
    let Some(window) = web_sys::window() else { return false };
    let clipboard = window.navigator().clipboard();
    // On plain http there is none, whatever the type says.
    if clipboard.is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(&address())).await.is_ok()
}

/// Moves the focus to a text field and selects its text.
pub fn select_text(id: &str) {
    if let Some(field) = element_as::<HtmlInputElement>(id) {
        let _ = field.focus();
        field.select();
    }
}

/// Writes a text into a text field.
pub fn type_into(id: &str, text: &str) {
    if let Some(field) = element_as::<HtmlInputElement>(id) {
        field.set_value(text);
    }
}

/// The id of the form that is sent.
pub fn submitted(event: &SubmitEvent) -> Option<String> {
    Some(event.target()?.dyn_into::<Element>().ok()?.id())
}

/// Does something with every element that a selector selects.
fn each(selector: &str, deed: impl Fn(&Element)) {
    let found = document().and_then(|document| document.query_selector_all(selector).ok());
    let Some(found) = found else { return };
    for position in 0..found.length() {
        if let Some(element) = found.get(position).and_then(|node| node.dyn_into::<Element>().ok()) {
            deed(&element);
        }
    }
}

/// Hides or shows every element that a selector selects.
pub fn hide_all(selector: &str, hidden: bool) {
    each(selector, |element| {
        // Fails only for a name that is not an attribute's.
        let _ = element.toggle_attribute_with_force("hidden", hidden);
    });
}

/// Sets an attribute of every element that a selector selects.
pub fn set_all(selector: &str, name: &str, value: &str) {
    each(selector, |element| {
        // Fails only for a name that is not an attribute's.
        let _ = element.set_attribute(name, value);
    });
}

/// Writes a text into every element that a selector selects.
pub fn write_all(selector: &str, text: &str) {
    each(selector, |element| element.set_text_content(Some(text)));
}

/// Lets every control that a selector selects be used.
pub fn enable_all(selector: &str) {
    each(selector, |element| {
        let _ = element.remove_attribute("disabled");
    });
}
