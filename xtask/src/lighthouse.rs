//! `lighthouse`: runs Lighthouse on the site as a deployment serves it. Thresholds are in
//! tests/e2e/tools/lighthouse.json.

use anyhow::Result;

use crate::{
    build,
    process::{run as run_program, step},
    server,
    tools::{
        browser::InstalledBrowser,
        node::{JavaScript, Scripts},
    },
    workspace,
};

/// Measure the site with Lighthouse: a slow phone's performance, accessibility, best practices, SEO.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many runs the performance is the median of
    #[arg(long, value_name = "N")]
    runs: Option<u32>,
    /// Measure the site that is served here instead of building and serving it
    #[arg(long)]
    url: Option<String>,
    /// Only this page of the site; can be given several times
    #[arg(long = "page", value_name = "PATH")]
    pages: Vec<String>,
}

pub fn run(args: &Args) -> Result<()> {
    let browser = step("a browser", InstalledBrowser::ensure)?;
    let tools = step("Lighthouse", || JavaScript::ensure(Scripts::Site))?;
    let mut options = Vec::new();
    options.extend(args.runs.map(|runs| format!("--runs={runs}")));
    options.extend(args.pages.iter().map(|page| format!("--page={page}")));
    if let Some(url) = &args.url {
        return judge(&browser, &tools, url, &options);
    }
    build::build(&[])?;
    let server = step("start the server", || server::start(&server::log("lighthouse")))?;
    server::with(server, |server| judge(&browser, &tools, server.url(), &options))
}

/// Measures the site at `url`. Nothing else may be running: what takes the processor from the browser takes points too.
pub fn judge(browser: &InstalledBrowser, tools: &JavaScript, url: &str, options: &[String]) -> Result<()> {
    step("run Lighthouse", || {
        let mut lighthouse = tools.script("lighthouse.mjs");
        lighthouse.args(["--site", url]).arg("--chromium").arg(&browser.chromium);
        lighthouse.arg("--out").arg(workspace::target().join("lighthouse")).args(options);
        run_program(&mut lighthouse)
    })
}
