//! The browser itself.

use std::time::Duration;

use leptos::{ev::MouseEvent, prelude::set_timeout_with_handle};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Document, Element, FormData, Headers, HtmlDialogElement, HtmlElement, HtmlFormElement,
    RequestInit, Response,
};

use crate::exchange::{NoReply, Reply, TIMEOUT_MS};

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

/// The page's `<html lang>`.
pub fn page_language() -> Option<String> {
    document()?.document_element()?.get_attribute("lang")
}

/// Tells tests and measurements that the page now reacts.
pub fn mark_ready() {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        // Fails only for a name that is not an attribute's.
        let _ = root.set_attribute("data-ready", "");
    }
}

/// The value of an attribute of the clicked element, or of the nearest element around it that has one.
pub fn attribute_at(event: &MouseEvent, name: &str) -> Option<String> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(&format!("[{name}]")).ok()??.get_attribute(name)
}

/// Does what the clicked button's `command` and `commandfor` say, in place of the browser: older ones do not know them.
pub fn run_command(event: &MouseEvent) {
    let (Some(command), Some(dialog)) = (attribute_at(event, "command"), attribute_at(event, "commandfor"))
    else {
        return;
    };
    event.prevent_default();
    if command == "close" {
        close_dialog(&dialog);
    } else {
        show_dialog(&dialog);
    }
}

/// Gives an element an attribute without a value, or takes it away.
pub fn mark(id: &str, attribute: &str, on: bool) {
    if let Some(element) = element(id) {
        // Fails only for a name that is not an attribute's.
        let _ = element.toggle_attribute_with_force(attribute, on);
    }
}

/// Opens a dialog as a modal one; one that is open already stays as it is.
pub fn show_dialog(id: &str) {
    if let Some(dialog) = element_as::<HtmlDialogElement>(id).filter(|dialog| !dialog.open()) {
        // Fails only if the dialog is open.
        let _ = dialog.show_modal();
    }
}

/// Closes a dialog; the browser gives the focus back to where it was.
fn close_dialog(id: &str) {
    if let Some(dialog) = element_as::<HtmlDialogElement>(id) {
        dialog.close();
    }
}

/// Moves the focus to an element.
pub fn focus(id: &str) {
    if let Some(element) = element_as::<HtmlElement>(id) {
        let _ = element.focus();
    }
}

/// Scrolls an element to the top of what scrolls it.
pub fn reveal(id: &str) {
    if let Some(element) = element(id) {
        element.scroll_into_view();
    }
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

/// Sends a request, a POST if there is JSON to send, and reads the whole reply; gives up after [`TIMEOUT_MS`].
pub async fn fetch(url: &str, json: Option<String>) -> Result<Reply, NoReply> {
    let abort = AbortController::new().map_err(|_| NoReply::Away)?;
    let signal = abort.signal();
    let timer = set_timeout_with_handle(move || abort.abort(), Duration::from_millis(TIMEOUT_MS.into()));
    let init = RequestInit::new();
    init.set_signal(Some(&signal));
    let outcome = exchange(url, &init, json).await;
    if let Ok(timer) = timer {
        timer.clear();
    }
    outcome.map_err(|_| if signal.aborted() { NoReply::TimedOut } else { NoReply::Away })
}

async fn exchange(url: &str, init: &RequestInit, json: Option<String>) -> Result<Reply, JsValue> {
    if let Some(json) = json {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(&json));
    }
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(window.fetch_with_str_and_init(url, init)).await?.dyn_into()?;
    let body = JsFuture::from(response.text()?).await?;
    Ok(Reply { status: response.status(), body: body.as_string().unwrap_or_default() })
}
