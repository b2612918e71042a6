//! The document: elements, clicks, dialogs, focus, forms.

use std::cell::RefCell;

use leptos::ev::{KeyboardEvent, MouseEvent, SubmitEvent};
use wasm_bindgen::JsCast;
use web_sys::{
    Document, Element, FocusOptions, FormData, HtmlDialogElement, HtmlElement, HtmlFormElement,
    HtmlInputElement, HtmlOptionElement,
};

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

pub fn element(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

fn element_as<T: JsCast>(id: &str) -> Option<T> {
    element(id)?.dyn_into().ok()
}

/// Returns the first element that matches a selector.
fn select(selector: &str) -> Option<Element> {
    document()?.query_selector(selector).ok()?
}

/// Returns the text of the first element that matches a selector.
pub fn text(selector: &str) -> Option<String> {
    select(selector)?.text_content()
}

/// Returns the content of the first element that matches a selector, as HTML.
pub fn inner_html(selector: &str) -> Option<String> {
    Some(select(selector)?.inner_html())
}

/// Returns an attribute of the first element that matches a selector.
pub fn attribute(selector: &str, name: &str) -> Option<String> {
    select(selector)?.get_attribute(name)
}

/// Marks the page as interactive, for tests and measurements.
pub fn mark_ready() {
    set_attribute_all(":root", "data-ready", "");
}

fn target(event: &MouseEvent) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Returns an attribute of the clicked element or of its nearest ancestor that has the attribute.
pub fn attribute_at(event: &MouseEvent, name: &str) -> Option<String> {
    target(event)?.closest(&["[", name, "]"].concat()).ok()??.get_attribute(name)
}

/// Like [`attribute_at`], but ignores clicks that ask the browser for a new tab or window.
pub fn plain_click_on(event: &MouseEvent, name: &str) -> Option<String> {
    let is_plain = event.button() == 0
        && !event.ctrl_key()
        && !event.meta_key()
        && !event.shift_key()
        && !event.default_prevented();
    if is_plain { attribute_at(event, name) } else { None }
}

/// Returns whether a click hit the element with this id itself, not one of its descendants.
pub fn is_click_on(event: &MouseEvent, id: &str) -> bool {
    target(event).is_some_and(|target| target.id() == id)
}

/// Returns whether a radio button was clicked. The browser turns a click on a label into one on its radio button.
pub fn is_click_on_radio(event: &MouseEvent) -> bool {
    target(event).is_some_and(|target| target.has_type::<HtmlInputElement>())
}

/// Returns the key that was pressed, unless a modifier or an earlier press is held.
pub fn plain_key(event: &KeyboardEvent) -> Option<String> {
    let is_plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key() && !event.repeat();
    is_plain.then(|| event.key())
}

/// Opens a modal dialog, unless it is open.
pub fn show_dialog(id: &str) {
    if let Some(dialog) = element_as::<HtmlDialogElement>(id).filter(|dialog| !dialog.open()) {
        // Fails only if the dialog is open.
        let _ = dialog.show_modal();
    }
}

/// Closes a dialog; the browser returns the focus to where it was.
pub fn close_dialog(id: &str) {
    if let Some(dialog) = element_as::<HtmlDialogElement>(id) {
        dialog.close();
    }
}

pub fn is_open(id: &str) -> bool {
    element_as::<HtmlDialogElement>(id).is_some_and(|dialog| dialog.open())
}

/// Returns whether a dialog is open and no other one.
pub fn is_topmost_dialog(id: &str) -> bool {
    is_open(id) && select(&["dialog[open]:not(#", id, ")"].concat()).is_none()
}

/// Moves the focus to the first element that matches a selector.
pub fn focus(selector: &str) {
    if let Some(element) = select(selector).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Moves the focus using the first selector that matches an element, and scrolls to the beginning of another element.
pub fn focus_in_view(selectors: &[String], container: &str) {
    let found = selectors.iter().find_map(|selector| select(selector)?.dyn_into::<HtmlElement>().ok());
    if let Some(element) = found {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
    if let Some(container) = element(container) {
        container.scroll_into_view();
    }
}

pub fn reset_form(id: &str) {
    if let Some(form) = element_as::<HtmlFormElement>(id) {
        form.reset();
    }
}

/// Returns the value of a form's control by its name.
pub fn form_value(form_id: &str, name: &str) -> Option<String> {
    let form = element_as::<HtmlFormElement>(form_id)?;
    FormData::new_with_form(&form).ok()?.get(name).as_string()
}

pub fn check_radio(id: &str) {
    if let Some(radio) = element_as::<HtmlInputElement>(id) {
        radio.set_checked(true);
    }
}

/// Selects a radio button or an option. An unknown id changes nothing.
pub fn select_choice(id: &str) {
    check_radio(id);
    if let Some(option) = element_as::<HtmlOptionElement>(id) {
        option.set_selected(true);
    }
}

/// Moves the focus to a text field and selects its text.
pub fn select_text(id: &str) {
    if let Some(field) = element_as::<HtmlInputElement>(id) {
        let _ = field.focus();
        field.select();
    }
}

pub fn set_field(id: &str, value: &str) {
    if let Some(field) = element_as::<HtmlInputElement>(id) {
        field.set_value(value);
    }
}

/// Returns the id of the form that was submitted.
pub fn submitted_form(event: &SubmitEvent) -> Option<String> {
    Some(event.target()?.dyn_into::<Element>().ok()?.id())
}

/// Calls a function for every element that matches a selector.
fn for_each(selector: &str, update: impl Fn(&Element)) {
    let found = document().and_then(|document| document.query_selector_all(selector).ok());
    let Some(found) = found else { return };
    for position in 0..found.length() {
        if let Some(element) = found.get(position).and_then(|node| node.dyn_into::<Element>().ok()) {
            update(&element);
        }
    }
}

/// Sorts elements of one parent by a whole number in an attribute, and those with the same number by another attribute. Elements
/// that are in order already keep the focus.
pub fn sort_by_attribute(selector: &str, first: &str, is_descending: bool, then: &str) {
    let found = RefCell::new(Vec::new());
    for_each(selector, |element| {
        let number =
            |name| element.get_attribute(name).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
        let key = (if is_descending { -number(first) } else { number(first) }, number(then));
        found.borrow_mut().push((key, element.clone()));
    });
    let mut left = found.into_inner();
    if left.windows(2).all(|pair| pair[0].0 <= pair[1].0) {
        return;
    }
    // The library's sorting functions would be larger in the wasm file than this page.
    while let Some(position) = (0..left.len()).min_by_key(|&position| left[position].0) {
        let (_, element) = left.remove(position);
        if let Some(parent) = element.parent_element() {
            let _ = parent.append_child(&element);
        }
    }
}

/// Hides or shows every element that matches a selector.
pub fn hide_all(selector: &str, hidden: bool) {
    for_each(selector, |element| {
        // Fails only for an invalid attribute name.
        let _ = element.toggle_attribute_with_force("hidden", hidden);
    });
}

/// Sets an attribute of every element that matches a selector.
pub fn set_attribute_all(selector: &str, name: &str, value: &str) {
    for_each(selector, |element| {
        // Fails only for an invalid attribute name.
        let _ = element.set_attribute(name, value);
    });
}

/// Sets the text of every element that matches a selector.
pub fn set_text_all(selector: &str, text: &str) {
    for_each(selector, |element| element.set_text_content(Some(text)));
}

/// Enables every control that matches a selector.
pub fn enable_all(selector: &str) {
    for_each(selector, |element| {
        let _ = element.remove_attribute("disabled");
    });
}
