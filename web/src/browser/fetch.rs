//! Requests with a timeout.

use std::time::Duration;

use leptos::prelude::set_timeout_with_handle;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, RequestInit, Response,
    js_sys::{Reflect, Uint8Array},
};

use super::http::{FetchError, FetchRequest, FetchResponse, TIMEOUT_MS};

/// Sends a request and reads the whole response.
///
/// # Errors
/// [`FetchError`] if there is no complete response within [`TIMEOUT_MS`].
pub async fn fetch(request: &FetchRequest<'_>) -> Result<FetchResponse, FetchError> {
    let text = async |response: Response| {
        let text = JsFuture::from(response.text()?).await?;
        let retry_after = response.headers().get("retry-after")?.and_then(|seconds| seconds.parse().ok());
        Ok(FetchResponse {
            status: response.status(),
            body: text.as_string().unwrap_or_default(),
            retry_after,
        })
    };
    with_timeout(request, text).await
}

/// Fetches a file, if it is available.
pub async fn fetch_bytes(url: &str) -> Option<Vec<u8>> {
    let bytes = async |response: Response| {
        let buffer = JsFuture::from(response.array_buffer()?).await?;
        Ok(response.ok().then(|| Uint8Array::new(&buffer).to_vec()))
    };
    with_timeout(&FetchRequest::get(url), bytes).await.ok()?
}

async fn with_timeout<T>(
    request: &FetchRequest<'_>,
    read: impl AsyncFnOnce(Response) -> Result<T, JsValue>,
) -> Result<T, FetchError> {
    let abort = AbortController::new().map_err(|_| FetchError::Unreachable)?;
    let signal = abort.signal();
    let timer = set_timeout_with_handle(move || abort.abort(), Duration::from_millis(TIMEOUT_MS.into()));
    let init = RequestInit::new();
    init.set_signal(Some(&signal));
    let outcome = async {
        let response = send(request, &init).await?;
        read(response).await
    };
    let outcome = outcome.await;
    if let Ok(timer) = timer {
        timer.clear();
    }
    outcome.map_err(|_: JsValue| {
        if signal.aborted() {
            FetchError::TimedOut
        } else if is_offline() {
            FetchError::Offline
        } else {
            FetchError::Unreachable
        }
    })
}

async fn send(request: &FetchRequest<'_>, init: &RequestInit) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in request.headers {
        headers.set(name, value)?;
    }
    if let Some(json) = request.json {
        if request.headers.is_empty() {
            headers.set("content-type", "application/json")?;
        }
        init.set_body(&JsValue::from_str(json));
    }
    if request.keepalive {
        // As a property, because web-sys has no setter.
        Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE)?;
    }
    init.set_method(request.method);
    init.set_headers(&headers);
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    JsFuture::from(window.fetch_with_str_and_init(request.url, init)).await?.dyn_into()
}

/// Returns whether the browser reports that it has no network.
fn is_offline() -> bool {
    web_sys::window().is_some_and(|window| !window.navigator().on_line())
}
