//! Stubs for native builds, which have no document. Each returns the default of its type.

use std::convert::Infallible;

use leptos::ev::{KeyboardEvent, MouseEvent, SubmitEvent};

use super::{FetchError, FetchRequest, FetchResponse, ShareOutcome};

macro_rules! stubs {
    ($(fn $name:ident($($argument:ty),*) $(-> $result:ty)?;)+) => {
        $(pub fn $name($(_: $argument),*) $(-> $result)? { $(<$result>::default())? })+
    };
}

stubs! {
    fn address() -> String;
    fn attribute(&str, &str) -> Option<String>;
    fn attribute_at(&MouseEvent, &str) -> Option<String>;
    fn check_radio(&str);
    fn close_dialog(&str);
    fn enable_all(&str);
    fn entry_state() -> String;
    fn focus(&str);
    fn focus_in_view(&[String], &str);
    fn form_value(&str, &str) -> Option<String>;
    fn from_base64(&str) -> Option<Vec<u8>>;
    fn go_back(usize);
    fn has_mark(&str) -> bool;
    fn hash() -> String;
    fn hide_all(&str, bool);
    fn inner_html(&str) -> Option<String>;
    fn is_click_on(&MouseEvent, &str) -> bool;
    fn is_click_on_radio(&MouseEvent) -> bool;
    fn is_open(&str) -> bool;
    fn is_topmost_dialog(&str) -> bool;
    fn next_frame(impl FnOnce() + 'static);
    fn now() -> f64;
    fn origin() -> String;
    fn path() -> String;
    fn plain_click_on(&MouseEvent, &str) -> Option<String>;
    fn plain_key(&KeyboardEvent) -> Option<String>;
    fn push_address(&str);
    fn push_entry(&str, &str);
    fn query_parameter(&str) -> Option<String>;
    fn random_bytes(usize) -> Vec<u8>;
    fn recall(&str) -> Option<String>;
    fn remember(&str, &str);
    fn replace_address(&str);
    fn replace_entry(&str, &str);
    fn replace_query(&str);
    fn reset_form(&str);
    fn select_choice(&str);
    fn select_text(&str);
    fn set_attribute_all(&str, &str, &str);
    fn set_field(&str, &str);
    fn set_mark(&str, bool);
    fn set_text_all(&str, &str);
    fn set_timeout(u32, impl FnOnce() + 'static);
    fn set_title(&str);
    fn show_dialog(&str);
    fn sort_by_attribute(&str, &str, bool, &str);
    fn spawn(impl Future<Output = ()> + 'static);
    fn srp_exchange() -> Option<Infallible>;
    fn srp_proof(&Infallible, [&str; 6], &str) -> Option<String>;
    fn srp_public(&Infallible) -> String;
    fn submitted_form(&SubmitEvent) -> Option<String>;
    fn text(&str) -> Option<String>;
    fn title() -> String;
    fn utc() -> String;
}

#[expect(clippy::unused_async, reason = "the browser's function is asynchronous")]
pub async fn share(_: &str, _: &str) -> ShareOutcome {
    ShareOutcome::Failed
}

#[expect(clippy::unused_async, reason = "the browser's function is asynchronous")]
pub async fn fetch(_: &FetchRequest<'_>) -> Result<FetchResponse, FetchError> {
    Err(FetchError::Unreachable)
}

#[expect(clippy::unused_async, reason = "the browser's function is asynchronous")]
pub async fn fetch_bytes(_: &str) -> Option<Vec<u8>> {
    None
}
