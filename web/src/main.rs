//! The page's program: in the browser it takes over the prerendered page. Natively there is nothing to run: the library
//! writes the page and `mysfits-bundle` packs it, so the program only says so.

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
