//! Tests of the pages' code in a browser. README.md says how to run them.
//!
//! They hydrate the prerendered files in this folder, which a native test keeps current. A mock replaces `fetch`.
#![cfg(target_arch = "wasm32")]

mod failures;
mod home;
mod quiz;
mod srp;
mod srp_vectors;
mod support;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
