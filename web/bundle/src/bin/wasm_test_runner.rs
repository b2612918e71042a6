//! `mysfits-wasm-test-runner`: runs the page's tests in a headless browser.
//!
//! This is `wasm-bindgen-test-runner` in the version of the page's wasm-bindgen, so nothing needs to be installed. Cargo starts it
//! through `CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER`.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
