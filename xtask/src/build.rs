//! `build`: the native programs, optimised, and the site.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;
use mysfits_output::errln;

use crate::{
    background::{self, BackgroundBuild},
    feature_sharing,
    process::{self, cargo, program, step},
    shipped,
    tools::wasm::Wasm,
    workspace,
};

/// Build the native programs and the site.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_: &Args) -> Result<()> {
    build()?;
    errln!("\nserver: {}", workspace::release("mysfits-server").display());
    errln!("site:   {}", workspace::site().display());
    Ok(())
}

/// Builds everything that is served: the server and the site.
pub fn build() -> Result<()> {
    build_with(&[])
}

/// The same, with features of the server.
pub fn build_with(features: &[&str]) -> Result<()> {
    let wasm = ensure_wasm()?;
    if feature_sharing::is_shared() {
        // The bundler was built with the other programs of the run.
        let page = start_page(&wasm)?;
        build_server_with(features)?;
        programs(&["mysfits-bundle"])?;
        background::wait(vec![page])?;
        return bundle();
    }
    // The page's last step, whole-program optimisation, keeps one core busy for long: the native builds use the other.
    step("build the server, the bundler and the page (about 6 minutes the first time)", || {
        background::wait(vec![
            BackgroundBuild::start(
                "server and bundler",
                "native",
                release_command(&[SERVER, BUNDLER], features),
            )?,
            BackgroundBuild::start("page", "page", page_command(&wasm))?,
        ])
    })?;
    bundle_by(&workspace::release(BUNDLER), &[])
}

/// Makes sure that there is a compiler for the page, and says which.
pub fn ensure_wasm() -> Result<Wasm> {
    let wasm = step("a compiler for the page (wasm32)", Wasm::ensure)?;
    errln!("  {}", wasm.describe());
    Ok(wasm)
}

/// Builds the server, optimised.
pub fn build_server() -> Result<()> {
    build_server_with(&[])
}

/// The same, with features.
pub fn build_server_with(features: &[&str]) -> Result<()> {
    step("build the server (about 3 minutes the first time)", || {
        background::wait(vec![BackgroundBuild::start("server", "native", server_command(features))?])
    })
}

/// Returns the command that builds the server, optimised.
pub fn server_command(features: &[&str]) -> Command {
    release_command(&[SERVER], features)
}

/// Returns the command that builds one or both of the programs that `dev` runs, optimised.
///
/// Both packages are always selected, whichever program is built: cargo chooses the features of common dependencies by the
/// selected packages. So these are compiled once, and a server without the site is not compiled again for one with it.
pub fn release_command(programs: &[&str], features: &[&str]) -> Command {
    let mut build = cargo();
    build.args(["build", "--release", "--package", SERVER, "--package", BUNDLER]);
    build.args(programs.iter().flat_map(|program| ["--bin", program]));
    for (package, level) in COMPILED_QUICKLY {
        build.args(["--config", &format!("profile.release.package.{package}.opt-level={level}")]);
    }
    shipped::remap_paths(&mut build, &[]);
    build.args(features.iter().flat_map(|feature| ["--features".to_owned(), format!("{SERVER}/{feature}")]));
    build
}

/// Packages and their programs, which have the same names.
pub const SERVER: &str = "mysfits-server";
pub const LOCAL_SAGEMAKER: &str = "local-sagemaker";
pub const BUNDLER: &str = "mysfits-bundle";

/// Larger crates that run for a moment, and how much they are optimised: compiling them quickly matters more. Most are the
/// bundler's, of which what reads and writes wasm works on megabytes. Not in `Cargo.toml`, because the page's profile
/// inherits from `release` and compiles some of them, too.
const COMPILED_QUICKLY: [(&str, u8); 30] = [
    ("config", 0),
    ("gimli", 1),
    ("js-sys", 0),
    ("leptos", 0),
    ("leptos_config", 0),
    ("leptos_dom", 0),
    ("leptos_hot_reload", 0),
    ("leptos_server", 0),
    ("mysfits-bundle", 0),
    ("mysfits-web", 0),
    ("oco_ref", 0),
    ("prettyplease", 0),
    ("proc-macro2", 0),
    ("quote", 0),
    ("reactive_graph", 0),
    ("reactive_stores", 0),
    // The server's log filter.
    ("regex-automata", 1),
    ("regex-syntax", 1),
    ("rstml", 0),
    ("serde_qs", 0),
    ("server_fn", 0),
    ("syn", 0),
    ("tachys", 0),
    ("toml", 0),
    // The description of the API, which the server writes once.
    ("utoipa", 1),
    ("walrus", 1),
    ("wasm-bindgen-cli-support", 1),
    ("wasm-encoder", 1),
    ("wasmparser", 1),
    ("web-sys", 0),
];

/// Builds programs of packages quickly, for [`workspace::debug`].
pub fn programs(packages: &[&str]) -> Result<()> {
    let mut build = cargo();
    build.arg("build");
    if feature_sharing::is_shared() {
        build.arg("--all-targets").args(feature_sharing::SHARED_FEATURES);
    } else {
        build.args(packages.iter().flat_map(|package| ["--package", package]));
    }
    step(&format!("build {}", packages.join(", ")), || process::run(&mut build))
}

/// Starts to compile the page.
pub fn start_page(wasm: &Wasm) -> Result<BackgroundBuild> {
    BackgroundBuild::start("page", "page", page_command(wasm))
}

/// Returns the command that compiles the page.
pub fn page_command(wasm: &Wasm) -> Command {
    page_command_with(wasm, "wasm")
}

/// Returns the command that compiles the page with a profile.
pub fn page_command_with(wasm: &Wasm, profile: &str) -> Command {
    let mut command = wasm.cargo("build");
    command.args(["--profile", profile, "--package", "mysfits-web", "--bin", "mysfits-web"]);
    command
}

/// Makes the site of the compiled page. Sizes over budget are a warning: another compiler may make the page larger.
pub fn bundle() -> Result<()> {
    bundle_with(&[])
}

/// Makes the site of the compiled page; sizes over budget are an error.
pub fn bundle_within_budget() -> Result<()> {
    bundle_with(&["--enforce-budget"])
}

fn bundle_with(options: &[&str]) -> Result<()> {
    bundle_by(&workspace::debug(BUNDLER), options)
}

/// Makes the site by a bundler that is already built.
fn bundle_by(bundler: &Path, options: &[&str]) -> Result<()> {
    step("bundle the site", || {
        let mut bundle = program(bundler);
        bundle.arg("--wasm").arg(page("wasm")).arg("--out").arg(workspace::site());
        process::run(bundle.args(options))
    })
}

/// Returns the page compiled with a profile.
pub fn page(profile: &str) -> PathBuf {
    workspace::target().join("web/wasm32-unknown-unknown").join(profile).join("mysfits-web.wasm")
}
