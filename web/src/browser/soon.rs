//! What happens a little later. Everything goes through one type each: otherwise the code would hold the same machinery once for
//! every caller.

use std::{pin::Pin, time::Duration};

use leptos::prelude::{request_animation_frame, set_timeout};

/// Does some work beside all else.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    spawn_boxed(Box::pin(work));
}

fn spawn_boxed(work: Pin<Box<dyn Future<Output = ()>>>) {
    wasm_bindgen_futures::spawn_local(work);
}

/// Does something after a while.
pub fn later(milliseconds: u32, deed: impl FnOnce() + 'static) {
    later_boxed(milliseconds, Box::new(deed));
}

fn later_boxed(milliseconds: u32, deed: Box<dyn FnOnce()>) {
    set_timeout(deed, Duration::from_millis(milliseconds.into()));
}

/// Does something when the page has been changed and is about to be painted.
pub fn next_frame(deed: impl FnOnce() + 'static) {
    next_frame_boxed(Box::new(deed));
}

fn next_frame_boxed(deed: Box<dyn FnOnce()>) {
    request_animation_frame(deed);
}
