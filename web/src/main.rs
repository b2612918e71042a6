//! The program on wasm32: hydrates the page. Native builds have no program; `mysfits-bundle` uses the library.

#[cfg(target_arch = "wasm32")]
fn main() {
    mysfits_web::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    use std::io::Write as _;
    let _ = writeln!(
        std::io::stdout(),
        "This program runs in a browser, compiled to wasm32. To build and pack the site: cargo xtask build"
    );
}
