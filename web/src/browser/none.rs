//! There is no browser: a page is being written.

use leptos::ev::{MouseEvent, SubmitEvent};
use mysfits_domain::MysfitId;

use super::{Command, Creature, Request};
use crate::exchange::{NoReply, Reply};

pub fn attribute_at(_event: &MouseEvent, _name: &str) -> Option<String> {
    None
}

pub fn plain_click_on(_event: &MouseEvent, _name: &str) -> Option<String> {
    None
}

pub fn command_at(_event: &MouseEvent) -> Option<Command> {
    None
}

pub fn hits(_event: &MouseEvent, _id: &str) -> bool {
    false
}

pub fn is_radio(_event: &MouseEvent) -> bool {
    false
}

pub fn show_dialog(_id: &str) {}

pub fn close_dialog(_id: &str) {}

pub fn is_open(_id: &str) -> bool {
    false
}

pub fn focus(_selector: &str) {}

pub fn focus_first(_selectors: &[String]) {}

pub fn text(_selector: &str) -> Option<String> {
    None
}

pub fn creature(_id: MysfitId) -> Option<Creature> {
    None
}

pub fn creature_of(_slug: &str) -> Option<Creature> {
    None
}

pub fn profile_html(_slug: &str) -> Option<String> {
    None
}

pub fn reset_form(_id: &str) {}

pub fn chosen(_form_id: &str, _name: &str) -> Option<String> {
    None
}

pub fn choose(_id: &str) {}

pub fn path() -> String {
    String::new()
}

pub fn hash() -> String {
    String::new()
}

pub fn parameter(_name: &str) -> Option<String> {
    None
}

pub fn push_address(_address: &str) {}

pub fn replace_address(_address: &str) {}

pub fn was_pushed() -> bool {
    false
}

pub fn back() {}

pub fn title() -> String {
    String::new()
}

pub fn set_title(_title: &str) {}

pub fn address() -> String {
    String::new()
}

#[expect(clippy::unused_async, reason = "its twin in the browser waits")]
pub async fn copy_address() -> bool {
    false
}

pub fn select_text(_id: &str) {}

pub fn type_into(_id: &str, _text: &str) {}

pub fn mark(_key: &str, _is_marked: bool) {}

pub fn is_marked(_key: &str) -> bool {
    false
}

pub fn set_cookie(_cookie: &str) {}

pub fn remember(_key: &str, _value: &str) {}

pub fn recall(_key: &str) -> Option<String> {
    None
}

#[expect(clippy::unused_async, reason = "its twin in the browser waits")]
pub async fn fetch(_request: &Request<'_>) -> Result<Reply, NoReply> {
    Err(NoReply::Away)
}

#[expect(clippy::unused_async, reason = "its twin in the browser waits")]
pub async fn fetch_bytes(_url: &str) -> Option<Vec<u8>> {
    None
}

pub fn spawn(_work: impl Future<Output = ()> + 'static) {}

pub fn later(_milliseconds: u32, _deed: impl FnOnce() + 'static) {}

pub fn next_frame(_deed: impl FnOnce() + 'static) {}

pub fn submitted(_event: &SubmitEvent) -> Option<String> {
    None
}

pub fn hide_all(_selector: &str, _hidden: bool) {}

pub fn set_all(_selector: &str, _name: &str, _value: &str) {}

pub fn write_all(_selector: &str, _text: &str) {}

pub fn enable_all(_selector: &str) {}

pub fn random(_length: usize) -> Vec<u8> {
    Vec::new()
}

pub fn now() -> f64 {
    0.0
}

pub fn utc() -> String {
    String::new()
}

pub fn from_base64(_text: &str) -> Option<Vec<u8>> {
    None
}

/// A sign-in that nobody begins.
pub struct NoExchange;

pub fn srp_exchange() -> Option<NoExchange> {
    None
}

pub fn srp_public(_exchange: &NoExchange) -> String {
    String::new()
}

pub fn srp_proof(_exchange: &NoExchange, _challenge: [&str; 6], _password: &str) -> Option<String> {
    None
}
