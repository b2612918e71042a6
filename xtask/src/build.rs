//! `build`: the native programs, optimised, and the site.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
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

pub fn run(_: &Args) -> Result<()> {
    build(&[])?;
    errln!("\nserver: {}", workspace::release("mysfits-server").display());
    errln!("site:   {}", workspace::site().display());
    Ok(())
}

/// Builds everything that is served: the server, with these features, and the site.
pub fn build(features: &[&str]) -> Result<()> {
    let wasm = ensure_wasm()?;
    if feature_sharing::is_shared() {
        // The bundler was built with the other programs of the run.
        let page = start_page(&wasm)?;
        build_server(features)?;
        programs(&[BUNDLER])?;
        background::wait(vec![page])?;
        return bundle(&workspace::debug(BUNDLER), &[]);
    }
    // The page's last step, whole-program optimisation, keeps one core busy for long: the native builds use the other.
    step("build the server, the bundler and the page (about 6 minutes the first time)", || {
        let native = release_command(&[SERVER, BUNDLER], features);
        background::wait(vec![
            BackgroundBuild::start("server and bundler", "native", native)?,
            start_page(&wasm)?,
        ])
    })?;
    bundle(&workspace::release(BUNDLER), &[])
}

/// Makes sure that there is a compiler for the page, and says which.
pub fn ensure_wasm() -> Result<Wasm> {
    let wasm = step("a compiler for the page (wasm32)", Wasm::ensure)?;
    errln!("  {}", wasm.describe());
    Ok(wasm)
}

/// Builds the server, optimised, with these features.
pub fn build_server(features: &[&str]) -> Result<()> {
    step("build the server (about 3 minutes the first time)", || {
        let server = release_command(&[SERVER], features);
        background::wait(vec![BackgroundBuild::start("server", "native", server)?])
    })
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
pub const DEPLOYER: &str = "mysfits-deploy";
pub const LOCAL_CLOUD: &str = "mysfits-localcloud";
pub const SERVER: &str = "mysfits-server";
pub const LOCAL_SAGEMAKER: &str = "local-sagemaker";
pub const BUNDLER: &str = "mysfits-bundle";
/// The function's package and its program, whose name Lambda demands.
pub const FUNCTION: &str = "mysfits-lambda";
pub const FUNCTION_PROGRAM: &str = "bootstrap";
/// The profile of the page.
pub const PAGE_PROFILE: &str = "wasm";

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

/// The packages of the programs behind the commands for the cloud.
const CLOUD_PACKAGES: [&str; 5] = [BUNDLER, DEPLOYER, LOCAL_CLOUD, SERVER, FUNCTION];
/// Those of the programs that this run has built.
static BUILT: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());

/// Builds programs behind the commands for the cloud quickly, for [`workspace::debug`]; each once in a run.
///
/// All packages are always selected, as for [`release_command`]: a command that needs one of them compiles nothing again
/// after one that needed all.
pub fn cloud_programs(needed: &[&'static str]) -> Result<()> {
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let missing: BTreeSet<_> = needed.iter().copied().filter(|program| !built.contains(program)).collect();
    let missing: Vec<_> = missing.into_iter().collect();
    if missing.is_empty() {
        return Ok(());
    }
    if feature_sharing::is_shared() {
        programs(&missing)?;
    } else {
        let mut command = cloud_command(&missing);
        step(&format!("build {}", missing.join(", ")), || process::run(&mut command))?;
    }
    built.extend(missing);
    Ok(())
}

fn cloud_command(programs: &[&str]) -> Command {
    let mut build = cargo();
    build.arg("build").args(CLOUD_PACKAGES.iter().flat_map(|package| ["--package", package]));
    build.args(programs.iter().flat_map(|program| ["--bin", program]));
    build
}

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

pub fn start_page(wasm: &Wasm) -> Result<BackgroundBuild> {
    BackgroundBuild::start("page", "page", page_command(wasm, PAGE_PROFILE))
}

/// Returns the command that compiles the page with a profile.
pub fn page_command(wasm: &Wasm, profile: &str) -> Command {
    let mut command = wasm.cargo("build");
    command.args(["--profile", profile, "--package", "mysfits-web", "--bin", "mysfits-web"]);
    command
}

/// Makes the site of the compiled page, by a bundler that is built. Sizes over budget are a warning, because another compiler
/// may make the page larger; an error with `--enforce-budget`.
pub fn bundle(bundler: &Path, options: &[&str]) -> Result<()> {
    step("bundle the site", || {
        let mut bundle = program(bundler);
        bundle.arg("--wasm").arg(page(PAGE_PROFILE)).arg("--out").arg(workspace::site());
        process::run(bundle.args(options))
    })
}

/// Returns the page compiled with a profile.
pub fn page(profile: &str) -> PathBuf {
    workspace::target().join("web/wasm32-unknown-unknown").join(profile).join("mysfits-web.wasm")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_for_the_cloud_is_built_with_the_features_of_all() {
        let command = cloud_command(&[DEPLOYER]);
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        for package in CLOUD_PACKAGES {
            assert!(arguments.windows(2).any(|pair| pair == ["--package", package]), "{arguments:?}");
        }
        assert!(arguments.ends_with(&["--bin".into(), DEPLOYER.into()]), "{arguments:?}");
    }
}
