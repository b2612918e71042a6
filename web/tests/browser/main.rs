//! The pages' code over their prerendered bodies, in a real browser. How to run it is in README.md.
//!
//! The bodies are files that the native tests keep current. Requests are answered by a stand-in for `fetch`.
#![cfg(target_arch = "wasm32")]

mod failures;
mod index;
mod quiz;
mod srp;
mod srp_vectors;
mod support;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
