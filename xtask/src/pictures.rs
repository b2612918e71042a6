//! `pictures`: takes the documentation's pictures of the site, in docs/images/site.

use anyhow::Result;

use crate::{
    build,
    process::{program, run as run_program, step},
    server,
    tools::browser::InstalledBrowser,
    workspace,
};

/// The program that visits the site.
const VISITOR: &str = "mysfits-e2e";

/// Take the documentation's pictures of the site.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_: &Args) -> Result<()> {
    let browser = step("a browser", InstalledBrowser::ensure)?;
    build::build(&[])?;
    build::programs(&[VISITOR])?;
    let server = step("start the server", || server::start(&server::log("pictures")))?;
    server::with(server, |server| {
        let mut visitor = program(workspace::debug(VISITOR));
        visitor.args(["--url", server.url()]);
        visitor.arg("--chromium").arg(&browser.chromium).arg("--chromedriver").arg(&browser.chromedriver);
        visitor.arg("--pictures").arg(workspace::root().join("docs/images/site"));
        step("take the pictures", || run_program(&mut visitor))
    })
}
