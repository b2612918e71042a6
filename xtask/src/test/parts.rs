//! The parts of the tests, and what several of them share.

use std::process::Command;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use mysfits_output::errln;
use mysfits_process::ServerProcess;

use crate::{
    background::BuildQueue,
    build::{self, build_server},
    conformance, deny, deployer_calls, distribution, docs, e2e, examples, feature_sharing, features, fuzz,
    guide, integrations, lighthouse, notebook,
    package::{self, build_function},
    packages,
    process::{add_option, cargo, program, run as run_program, run_together, step},
    public_api, readme, server, synth,
    tools::{
        browser::InstalledBrowser,
        engines,
        node::{self, JavaScript, Scripts},
        python::PythonEnvironment,
        wasm::Wasm,
    },
    words, workspace,
};

/// The crates that must stay pure and compile for wasm32.
const PURE: [&str; 2] = ["mysfits-domain", "mysfits-knn"];
/// The programs that make and visit the site.
const SITE_PROGRAMS: [&str; 2] = ["mysfits-bundle", "mysfits-e2e"];
/// How many browsers run the flows at the same time. Half of a flow's time is waiting.
const SHARDS: usize = 2;
/// How long each fuzz target runs.
const FUZZ_SECONDS: u32 = 20;

/// A part of the tests, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TestPart {
    /// rustfmt; the number of banned words
    Format,
    /// Imports of modules, type names, dependencies between crates
    Structure,
    /// clippy, with warnings denied
    Lints,
    /// Licenses, sources and security advisories of all dependencies, by cargo-deny
    SupplyChain,
    /// rustdoc with private items and warnings denied; the books and their links
    Docs,
    /// Public items are those committed; packages are complete and compile
    Packages,
    /// Each feature of each publishable crate alone, k-NN on one thread; only with --nightly or by name
    Features,
    /// cfn-lint, checkov and a YAML 1.1 reader on the templates
    Templates,
    /// Unit, documentation, integration and property tests, fuzz corpora; takes a filter after --
    Unit,
    /// The same results as faiss, scikit-learn and pycognito
    Differential,
    /// AWS's own clients and the Python module against the endpoint; the API against its OpenAPI document; the deployer's
    /// calls against AWS's service models
    Conformance,
    /// The wheel and the image of local-sagemaker, with every Python found; only with --nightly or by name
    Distribution,
    /// Every fuzz target for 20 seconds; only with --nightly or by name
    Fuzz,
    /// The pure crates compile for wasm32, the page's own tests in a browser; only with --nightly or by name
    Wasm,
    /// Browser flows against the server, with axe-core; takes --only FLOW
    Browser,
    /// The main browser flows in Firefox and WebKitGTK, with --nightly all; takes --only FLOW
    Engines,
    /// Lighthouse's scores against their thresholds
    Lighthouse,
    /// Deploy into the local cloud, test, break, repair and destroy
    E2e,
    /// The guide's commands and outputs, in both languages
    Guide,
    /// The example projects build and run on the packages; only with --nightly or by name
    Examples,
    /// k-NN models as SQL functions, in one process and on an Apache Ballista cluster; only with --nightly or by name
    Integrations,
    /// The notebook, run from top to bottom; only with --nightly or by name
    Notebook,
}

impl TestPart {
    /// Returns whether the part runs only when asked for: it takes long, and seldom finds what the others do not.
    pub(super) fn is_nightly(self) -> bool {
        matches!(
            self,
            Self::Features
                | Self::Distribution
                | Self::Fuzz
                | Self::Wasm
                | Self::Examples
                | Self::Integrations
                | Self::Notebook
        )
    }

    fn needs_site(self) -> bool {
        matches!(self, Self::Browser | Self::Engines | Self::Lighthouse | Self::E2e | Self::Guide)
    }
}

/// A run of some parts: what they share is made once, when the first needs it.
pub(super) struct Run<'a> {
    only: &'a str,
    filter: &'a [String],
    is_nightly: bool,
    /// The page's compiler, if a part needs the site.
    wasm: Option<Wasm>,
    /// The page, the server and the function while they compile.
    shipped: Option<BuildQueue>,
    has_site: bool,
}

impl<'a> Run<'a> {
    /// Starts to compile the page, the server and the function if a part needs the site. The tests of the first parts leave
    /// enough of the processor.
    pub(super) fn start(
        parts: &[TestPart],
        only: &'a str,
        filter: &'a [String],
        is_nightly: bool,
    ) -> Result<Self> {
        feature_sharing::share();
        let (mut wasm, mut shipped) = (None, None);
        let needs_site = parts.iter().any(|part| part.needs_site());
        if needs_site || parts.contains(&TestPart::Wasm) {
            wasm = Some(build::ensure_wasm()?);
        }
        if let Some(wasm) = wasm.as_ref().filter(|_| needs_site) {
            let mut programs = vec![
                ("page", "page", build::page_command(wasm, build::PAGE_PROFILE)),
                ("server", "server-build", build::release_command(&[build::SERVER], &[])),
            ];
            if parts.contains(&TestPart::E2e) {
                programs.push(("function", "function-build", package::function_command()));
            }
            shipped = Some(BuildQueue::start(programs));
        }
        let has_flows = parts.iter().any(|part| matches!(part, TestPart::Browser | TestPart::Engines));
        if has_flows && !only.is_empty() {
            // While the page compiles: an unknown flow is reported before anything else is built.
            build::programs(&SITE_PROGRAMS)?;
            let mut list = program(workspace::debug("mysfits-e2e"));
            step("the chosen flows", || run_program(list.args(["--list", "--only", only])))?;
        }
        Ok(Self { only, filter, is_nightly, wasm, shipped, has_site: false })
    }

    /// Runs a part; false if the machine lacks what it needs and may do without.
    pub(super) fn part(&mut self, part: TestPart) -> Result<bool> {
        if part.needs_site() {
            if let Some(shipped) = self.shipped.take() {
                step("wait for what compiles in the background", || shipped.wait())?;
            }
            build_server(&[])?;
        }
        let (only, is_nightly) = (self.only, self.is_nightly);
        match part {
            TestPart::Format => step("format", || run_program(cargo().args(["fmt", "--all", "--check"])))
                .context("run: cargo fmt --all")
                .and_then(|()| step("words", words::check)),
            TestPart::Structure => {
                step("structure", || run_program(cargo_test().args(["--test", "structure"])))
            }
            TestPart::Lints => step("lints", lints),
            TestPart::SupplyChain => deny::check(),
            TestPart::Docs => step("docs", rustdoc).and_then(|()| docs::build()),
            TestPart::Packages => {
                step("package the publishable crates", packages::make)?;
                packages::check()?;
                return step("public items are the committed ones", public_api::check);
            }
            TestPart::Examples => examples::run(&examples::Args::default()),
            TestPart::Features => step("each feature alone", features::check),
            TestPart::Templates => templates(),
            TestPart::Unit => {
                step("unit, documentation, integration and property tests", || unit(self.filter))?;
                if is_nightly {
                    step("4,096 clients that never read", || {
                        let mut test = cargo_test();
                        test.args(["--package", "local-sagemaker", "--test", "local_sagemaker"]);
                        run_program(test.args(["--", "--ignored"]))
                    })?;
                }
                Ok(())
            }
            TestPart::Differential => differential(is_nightly),
            TestPart::Conformance => conformance::ours(false)
                .and_then(|()| distribution::python_module(&workspace::debug(build::LOCAL_SAGEMAKER)))
                .and_then(|()| conformance::openapi())
                .and_then(|()| deployer_calls::check()),
            TestPart::Distribution => return distribution::check(),
            TestPart::Fuzz => step("fuzz", || fuzz::all(FUZZ_SECONDS)),
            TestPart::Wasm => {
                let wasm = self.wasm.as_ref().context("the page's compiler is missing")?;
                on_wasm(wasm, &step("a browser", InstalledBrowser::ensure)?)
            }
            TestPart::Browser => self.in_chromium(only, is_nightly),
            TestPart::Engines => {
                if !engines::are_supported() {
                    errln!("  skipped: WebKitGTK is for Linux");
                    return Ok(false);
                }
                self.in_other_engines()
            }
            TestPart::Lighthouse => {
                // The median of several runs is for the nightly set: the first run decides if it reaches the thresholds.
                let options = if is_nightly { vec![] } else { vec!["--first-pass".to_owned()] };
                let (browser, tools) = chromium()?;
                self.site()?;
                let server = step("start the server", || server::start(&server::log("lighthouse")))?;
                server::with(server, |server| lighthouse::judge(&browser, &tools, server.url(), &options))
            }
            TestPart::E2e => {
                self.site()?;
                let function = build_function(&package::FunctionArgs::default())?;
                e2e::run_built(&e2e::Args::default(), &function)
            }
            TestPart::Guide => guide::check(),
            TestPart::Integrations => integrations::test(),
            TestPart::Notebook => notebook::run(&notebook::Args::default()),
        }?;
        Ok(true)
    }

    /// Bundles the site, once.
    fn site(&mut self) -> Result<()> {
        if !self.has_site {
            build::programs(&SITE_PROGRAMS)?;
            build::bundle(&workspace::debug(build::BUNDLER), &["--enforce-budget"])?;
            self.has_site = true;
        }
        Ok(())
    }

    /// Tests the served site in Firefox and WebKitGTK, at the same time.
    fn in_other_engines(&mut self) -> Result<()> {
        let engines = [
            step("Firefox and geckodriver", engines::ensure_firefox)?,
            step("WebKitGTK and its driver", engines::ensure_webkit)?,
        ];
        self.site()?;
        let visitors = engines.iter().map(|engine| {
            let mut visitor = visitor(engine.name, self.only);
            visitor.args(["--engine", engine.name]).arg("--driver").arg(&engine.driver);
            add_option(&mut visitor, "--browser", engine.browser.as_ref());
            visitor.args(self.is_nightly.then_some("--nightly"));
            (engine.name.to_owned(), visitor)
        });
        let what = if self.is_nightly { "all flows" } else { "the main flows" };
        visit(&format!("{what} in Firefox and WebKitGTK"), visitors.collect(), |_| Ok(()))
    }

    /// Tests the served site in Chromium, in several browsers at the same time.
    fn in_chromium(&mut self, only: &str, is_nightly: bool) -> Result<()> {
        let (browser, tools) = chromium()?;
        self.site()?;
        let shards = if only.is_empty() { SHARDS } else { 1 };
        let visitors = (1..=shards).map(|shard| {
            let name = format!("chromium-{shard}");
            let mut visitor = visitor(&name, only);
            visitor.arg("--axe").arg(tools.module("axe-core/axe.min.js"));
            visitor.arg("--chromium").arg(&browser.chromium).arg("--chromedriver").arg(&browser.chromedriver);
            visitor.args(["--shard", &format!("{shard}/{shards}")]);
            visitor.args(is_nightly.then_some("--nightly"));
            (name, visitor)
        });
        visit("browser flows", visitors.collect(), |url| {
            if only.is_empty() { step("the commands of the READMEs", || readme::check(url)) } else { Ok(()) }
        })
    }
}

/// Returns Chromium with its driver, and the tools that inspect pages.
fn chromium() -> Result<(InstalledBrowser, JavaScript)> {
    let browser = step("a browser", InstalledBrowser::ensure)?;
    let tools = step("axe-core and Lighthouse (Node)", || JavaScript::ensure(Scripts::Site))?;
    Ok((browser, tools))
}

/// Returns the command of a visitor, with a folder for its screenshots, without the site's address.
fn visitor(name: &str, only: &str) -> Command {
    let mut visitor = program(workspace::debug("mysfits-e2e"));
    visitor.args(["--only", only]).arg("--server-log").arg(server::log(name));
    visitor.arg("--screenshots").arg(workspace::target().join("screenshots").join(name));
    visitor
}

/// Runs visitors, by name, at the same time, then something with the address of the first server. Each has a server of its
/// own: a mysfit that was adopted in one browser cannot be adopted in the next.
fn visit(
    what: &str,
    mut visitors: Vec<(String, Command)>,
    then: impl FnOnce(&str) -> Result<()>,
) -> Result<()> {
    let mut servers = Vec::new();
    let mut commands = Vec::new();
    for (name, mut command) in visitors.drain(..) {
        let server = step("start the server", || server::start(&server::log(&name)))?;
        command.args(["--url", server.url()]);
        servers.push(server);
        commands.push(command);
    }
    let visited = step(what, || run_together(&mut commands));
    let visited = visited.and_then(|()| then(servers.first().map_or("", ServerProcess::url)));
    let ended = servers.into_iter().map(ServerProcess::stop).collect::<Vec<_>>();
    visited.and(ended.into_iter().collect())
}

fn lints() -> Result<()> {
    let mut clippy = cargo();
    clippy.args(["clippy", "--all-targets"]).args(packages::ALL_FEATURES);
    run_program(clippy.args(["--", "--deny", "warnings"]))
}

fn rustdoc() -> Result<()> {
    let doc = |arguments: &[&str]| {
        let mut doc = cargo();
        doc.args(["doc", "--no-deps", "--examples"]).args(packages::ALL_FEATURES).args(arguments);
        run_program(doc.env("RUSTDOCFLAGS", "--deny warnings"))
    };
    doc(&["--lib", "--document-private-items"])?;
    // Not at once: a program and a library of one name have one page.
    doc(&["--bins", "--document-private-items"])
}

/// Returns `cargo test` for the workspace, with the features of the run.
fn cargo_test() -> Command {
    let mut test = cargo();
    test.arg("test").args(feature_sharing::SHARED_FEATURES);
    test
}

/// All tests that need neither a browser nor Python; with a filter, those whose names contain it.
fn unit(filter: &[String]) -> Result<()> {
    let mut test = cargo_test();
    // One report has all failures.
    test.arg("--no-fail-fast");
    if !filter.is_empty() {
        test.arg("--").args(filter);
    }
    // What CloudFront runs at the edge is JavaScript.
    run_program(test.env("MYSFITS_NODE", node::node()?))
}

/// Linters of templates; each must first report templates with known faults.
fn templates() -> Result<()> {
    let python = step("the linters of templates (Python)", || PythonEnvironment::Templates.ensure())?;
    step("the templates are what the Rust says, and no linter finds anything", || {
        synth::run(&synth::Args { check: true })?;
        run_program(program(&python).args(["infra/checks/check_templates.py", "infra/templates"]))?;
        run_program(program(&python).args(["infra/checks/check_policy.py", "infra"]))
    })
}

/// What faiss, scikit-learn and pycognito say. How much inverted files find of it all is a long search, for the nightly set.
fn differential(is_nightly: bool) -> Result<()> {
    let python = step("the oracles (Python)", || PythonEnvironment::Oracle.ensure())?;
    step("faiss as an oracle", || {
        let mut test = cargo_test();
        test.args(["--test", "faiss", "--", "--ignored"]);
        test.args((!is_nightly).then_some(["--skip", "recall::"]).into_iter().flatten());
        run_program(test.env("MYSFITS_PYTHON", &python))
    })?;
    build::programs(&[build::LOCAL_SAGEMAKER, build::SERVER])?;
    step("train and serve as the containers do: faiss and scikit-learn as oracles", || {
        let mut script = program(&python);
        script.arg("xtask/python/opt_ml_oracle.py");
        script.arg("--server").arg(workspace::debug(build::LOCAL_SAGEMAKER));
        run_program(&mut script)
    })?;
    let cognito = step("a client of Cognito's (Python)", || PythonEnvironment::Cognito.ensure())?;
    step("sign in as at Amazon Cognito: pycognito as an oracle", || {
        let mut script = program(&cognito);
        script.arg("xtask/python/cognito_oracle.py").arg("--server").arg(workspace::debug(build::SERVER));
        run_program(&mut script)
    })
}

/// What holds on wasm32: the pure crates compile, the page's own tests pass in a browser.
fn on_wasm(wasm: &Wasm, browser: &InstalledBrowser) -> Result<()> {
    step("check the pure crates for wasm32", || {
        for package in PURE {
            run_program(wasm.cargo("check").args(["--package", package]))?;
        }
        Ok(())
    })?;
    step("the page's own tests, in a browser", || {
        build::programs(&["mysfits-bundle"])?;
        let mut test = wasm.cargo("test");
        test.args(["--profile", "wasm-test", "--package", "mysfits-web", "--test", "browser"]);
        test.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", workspace::debug("mysfits-wasm-test-runner"));
        // Some tests wait as long as a visitor would; twenty seconds for all of them, as is usual, are not enough.
        test.env("WASM_BINDGEN_TEST_TIMEOUT", "180");
        // So long may the driver take to listen; the usual five seconds leave no time for a second try.
        test.env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
        test.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", browser.write_capabilities()?);
        run_program(test.env("CHROMEDRIVER", &browser.chromedriver))
    })
}
