//! `test`: everything that must hold. Each part can be run alone by its name.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use mysfits_output::{errln, outln};

use crate::{
    build::{build_server, bundle, start_page},
    cloud::Target,
    conformance, deny, e2e, fuzz, guide, lighthouse,
    package::{BuildArgs, build_function, build_tools},
    packages,
    process::{cargo, output, program, run as run_program, step},
    readme,
    server::Server,
    synth,
    tools::{
        browser::Browser,
        node::{self, JavaScript, Scripts},
        python::Environment,
        wasm::Wasm,
    },
    workspace,
};

/// The crates that must stay pure and compile for wasm32.
const PURE: [&str; 2] = ["mysfits-domain", "mysfits-knn"];
/// How long each decoder and reader is fuzzed.
const FUZZ_SECONDS: u32 = 20;

/// Run everything that must hold, or only some parts of it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these parts
    #[arg(value_enum)]
    parts: Vec<Part>,
}

/// A part of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Every file is formatted
    Format,
    /// The pure crates stay pure: no runtime, no HTTP, no AWS beneath them
    Purity,
    /// clippy finds nothing
    Lints,
    /// Licenses, sources and security advisories of all dependencies, by cargo-deny
    SupplyChain,
    /// The documentation builds without a warning
    Docs,
    /// What the crates offer is what is committed; their packages compile; the examples build and run on them
    Packages,
    /// cfn-lint, checkov and a YAML 1.1 reader find nothing in the templates
    Templates,
    /// Unit, documentation, integration and property tests
    Unit,
    /// faiss and scikit-learn have the same word; artifacts in both directions; trained and served as containers are
    Oracle,
    /// AWS's own clients against the endpoint; the snippets of docs/local-sagemaker.md; the API against its OpenAPI document
    Conformance,
    /// Bytes that nobody thought of, for every decoder and reader, for a short while
    Fuzz,
    /// The pure crates compile for wasm32; the page hydrates and works in a browser
    Wasm,
    /// A visitor's whole way, in a browser, against the server; every state looked at by axe
    Browser,
    /// Lighthouse's bars: performance, accessibility, best practices, SEO
    Lighthouse,
    /// The whole module into the local cloud and out again
    E2e,
    /// Everything that the guide says, done and compared with what it shows, in both languages
    Guide,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let begun = Instant::now();
    let parts = if args.parts.is_empty() { Part::value_variants() } else { &args.parts };
    // The page takes the longest to compile and needs one core for much of it: it starts first and is awaited last.
    let needs_page =
        |part: &Part| matches!(part, Part::Wasm | Part::Browser | Part::Lighthouse | Part::E2e | Part::Guide);
    let page = if parts.iter().any(needs_page) {
        let wasm = step("a compiler for the page (wasm32)", Wasm::ensure)?;
        errln!("  {}", wasm.describe());
        Some((start_page(&wasm)?, wasm))
    } else {
        None
    };
    let mut n_skipped = 0;
    let native = Part::value_variants().iter().filter(|part| !needs_page(part));
    for part in native.filter(|part| parts.contains(part)) {
        n_skipped += usize::from(!part.run()?);
    }
    if let Some((page, wasm)) = page {
        let browser = step("a browser", Browser::ensure)?;
        let of_site = [Part::Browser, Part::Lighthouse].map(|part| parts.contains(&part));
        let tools = if of_site.contains(&true) {
            build_server()?; // while the page still compiles
            Some(step("axe-core and Lighthouse (Node)", || JavaScript::ensure(Scripts::Site))?)
        } else {
            None
        };
        let function = if parts.contains(&Part::E2e) {
            let build = BuildArgs::default();
            let function = build_function(&build.function)?;
            build_tools()?;
            Some((function, build))
        } else {
            None
        };
        page.wait()?;
        if parts.contains(&Part::Wasm) {
            on_wasm(&wasm, &browser)?;
        }
        if let Some(tools) = tools {
            on_site(&browser, &tools, of_site)?;
        }
        if let Some((function, build)) = function {
            bundle()?;
            e2e::Prepared::of_built(browser, &function, &build)?.run(Target::Local, false)?;
        }
        if parts.contains(&Part::Guide) {
            guide::check()?;
        }
    }
    let skipped = if n_skipped > 0 { format!(", {n_skipped} skipped") } else { String::new() };
    outln!("\n{} passed, 0 failed{skipped}", parts.len() - n_skipped)?;
    errln!("({:.0} s)", begun.elapsed().as_secs_f64());
    Ok(())
}

impl Part {
    /// Runs the part; false if the machine lacks what it needs and may do without.
    fn run(self) -> Result<bool> {
        match self {
            Self::Fuzz => return step("fuzz", || fuzz::smoke(FUZZ_SECONDS)),
            Self::Packages => return packages::test(),
            Self::Format => step("format", || run_program(cargo().args(["fmt", "--all", "--check"])))
                .context("run: cargo fmt --all"),
            Self::Purity => step("purity", purity),
            Self::Lints => step("lints", || {
                run_program(
                    cargo()
                        .args(["clippy", "--workspace", "--all-targets", "--all-features"])
                        .args(["--", "--deny", "warnings"]),
                )
            }),
            Self::SupplyChain => deny::check(),
            Self::Docs => step("docs", || {
                let doc = |arguments: &[&str]| {
                    let mut doc = cargo();
                    doc.args(["doc", "--no-deps"]).args(arguments).env("RUSTDOCFLAGS", "--deny warnings");
                    run_program(&mut doc)
                };
                doc(&["--workspace", "--document-private-items"])?;
                // As others read them: every feature, nothing private to link to.
                let published = packages::publishable()?;
                let names = published.iter().flat_map(|member| ["--package", member.name.as_str()]);
                doc(&["--all-features"].into_iter().chain(names).collect::<Vec<_>>())
            }),
            Self::Unit => step("unit, documentation, integration and property tests", || {
                // The program is tested too, not only the library that others depend on.
                let mut test = cargo();
                test.args(["test", "--workspace", "--features", "mysfits-data/cli,mysfits-infra/cli"]);
                // What CloudFront runs at the edge is JavaScript.
                run_program(test.env("MYSFITS_NODE", node::node()?))?;
                run_program(cargo().args([
                    "test",
                    "--package",
                    "mysfits-server",
                    "--features",
                    "endpoint",
                    "--test",
                    "server",
                    "backends",
                ]))?;
                // One thread must give what all cores give.
                run_program(cargo().args(["test", "--package", "mysfits-knn", "--no-default-features"]))
            }),
            Self::Oracle => oracle(),
            Self::Conformance => conformance::ours(false).and_then(|()| conformance::openapi()),
            Self::Templates => templates(),
            // Run last, by `run`: the page compiles beside the other parts.
            Self::Wasm | Self::Browser | Self::Lighthouse | Self::E2e | Self::Guide => Ok(()),
        }?;
        Ok(true)
    }
}

/// The pure crates depend on no runtime, no HTTP and no AWS.
fn purity() -> Result<()> {
    for package in PURE {
        let tree =
            output(cargo().args(["tree", "--package", package, "--edges", "normal", "--prefix", "none"]));
        let tree = tree.with_context(|| format!("cargo tree --package {package} failed"))?;
        let impure = ["tokio", "axum", "hyper", "http", "aws-", "reqwest"];
        let found = tree.lines().find(|line| {
            impure.iter().any(|impure| {
                let name = line.split(' ').next().unwrap_or_default();
                name == *impure || (impure.ends_with('-') && name.starts_with(impure))
            })
        });
        ensure!(found.is_none(), "{package} must not depend on {}", found.unwrap_or_default());
    }
    Ok(())
}

/// AWS's and others' linters, each of which must first notice templates that are wrong on purpose.
fn templates() -> Result<()> {
    let python = step("the linters of templates (Python)", || Environment::Templates.ensure())?;
    step("the templates are what the Rust says, and no linter finds anything", || {
        synth::run(&synth::Args { check: true })?;
        run_program(program(&python).args(["infra/checks/check_templates.py", "infra/templates"]))
    })
}

fn oracle() -> Result<()> {
    let python = step("the oracles (Python)", || Environment::Oracle.ensure())?;
    step("faiss as an oracle", || {
        let mut test = cargo();
        test.args(["test", "--package", "mysfits-sagemaker", "--features", "slow-tests", "--test", "faiss"]);
        run_program(test.env("MYSFITS_PYTHON", &python))
    })?;
    conformance::build()?;
    step("train and serve as the containers do: faiss and scikit-learn as oracles", || {
        let mut script = program(&python);
        script.arg("xtask/python/opt_ml_oracle.py").arg("--server").arg(workspace::debug("mysfits-server"));
        run_program(&mut script)
    })?;
    let cognito = step("a client of Cognito's (Python)", || Environment::Cognito.ensure())?;
    step("sign in as at Amazon Cognito: pycognito as an oracle", || {
        let mut script = program(&cognito);
        script.arg("xtask/python/cognito_oracle.py").arg("--server").arg(workspace::debug("mysfits-server"));
        run_program(&mut script)
    })
}

/// What holds on wasm32: the pure crates compile, the page's own tests pass in a browser.
fn on_wasm(wasm: &Wasm, browser: &Browser) -> Result<()> {
    step("the pure crates compile for wasm32", || {
        for package in PURE {
            run_program(wasm.cargo("build").args(["--profile", "wasm", "--package", package]))?;
        }
        Ok(())
    })?;
    step("the page's own tests, in a browser", || {
        let runner = ["--features", "test-runner", "--bin", "mysfits-wasm-test-runner"];
        run_program(cargo().args(["build", "--package", "mysfits-bundle"]).args(runner))?;
        let mut test = wasm.cargo("test");
        test.args(["--profile", "wasm", "--package", "mysfits-web", "--test", "browser"]);
        test.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", workspace::debug("mysfits-wasm-test-runner"));
        // Some tests wait as long as a visitor would; twenty seconds for all of them, as is usual, are not enough.
        test.env("WASM_BINDGEN_TEST_TIMEOUT", "180");
        // So long may the driver take to listen; the usual five seconds leave no time for a second try.
        test.env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
        run_program(test.env("CHROMEDRIVER", &browser.chromedriver))
    })
}

/// What holds on the served site: a visitor's whole way and the READMEs' commands; Lighthouse's bars.
fn on_site(browser: &Browser, tools: &JavaScript, [visited, judged]: [bool; 2]) -> Result<()> {
    step("build the bundler and the visitor", || {
        run_program(cargo().args(["build", "--package", "mysfits-bundle", "--package", "mysfits-e2e"]))
    })?;
    bundle()?;
    let server = step("start the server", Server::start)?;
    let mut done = Ok(());
    if visited {
        done = visit(browser, tools, &server.url);
    }
    if judged {
        done = done.and_then(|()| lighthouse::judge(browser, tools, &server.url, &[]));
    }
    // The server must end cleanly when asked to, whatever it was asked before.
    let ended = server.stop();
    done.and(ended)
}

fn visit(browser: &Browser, tools: &JavaScript, url: &str) -> Result<()> {
    step("a visitor's whole way, in a browser", || {
        let mut visitor = program(workspace::debug("mysfits-e2e"));
        visitor.args(["--url", url]).arg("--axe").arg(tools.module("axe-core/axe.min.js"));
        visitor.arg("--chromium").arg(&browser.chromium).arg("--chromedriver").arg(&browser.chromedriver);
        visitor.arg("--screenshots").arg(workspace::target().join("screenshots"));
        visitor.arg("--server-log").arg(Server::log());
        run_program(&mut visitor)
    })?;
    step("the READMEs' commands print what is shown", || readme::check(url))
}
