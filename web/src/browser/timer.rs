//! Delayed and concurrent work.
//!
//! Each function boxes its argument, so that the wasm file holds its code once and not once per caller.

use std::{pin::Pin, time::Duration};

use leptos::prelude::request_animation_frame;

/// Runs a future concurrently.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    spawn_boxed(Box::pin(future));
}

fn spawn_boxed(future: Pin<Box<dyn Future<Output = ()>>>) {
    wasm_bindgen_futures::spawn_local(future);
}

/// Calls a function after a number of milliseconds.
pub fn set_timeout(delay_ms: u32, callback: impl FnOnce() + 'static) {
    set_timeout_boxed(delay_ms, Box::new(callback));
}

fn set_timeout_boxed(delay_ms: u32, callback: Box<dyn FnOnce()>) {
    leptos::prelude::set_timeout(callback, Duration::from_millis(delay_ms.into()));
}

/// Calls a function before the next frame is painted, when pending changes are in the document.
pub fn next_frame(callback: impl FnOnce() + 'static) {
    next_frame_boxed(Box::new(callback));
}

fn next_frame_boxed(callback: Box<dyn FnOnce()>) {
    request_animation_frame(callback);
}
