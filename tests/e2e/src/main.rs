//! `mysfits-e2e`: visits a site, reports each flow in a line, and fails if one of them does.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use mysfits_e2e::{
    api::Api,
    axe::Axe,
    browser::Browser,
    engine::Engine,
    flows::{IN_ALL_ENGINES, Visit, all, run_all},
    page::BrowserPage,
    pictures,
    selection::select,
};
use mysfits_output::{outln, report};

#[derive(Parser)]
#[command(version, about = "Drives the site and the API as a visitor does, in a browser without a window")]
struct Cli {
    /// Where the site is served, with its API
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Where the API is, if not at the site's own address
    #[arg(long)]
    api: Option<String>,
    /// The chromedriver to start
    #[arg(long, default_value = "chromedriver")]
    chromedriver: PathBuf,
    /// The Chromium that it starts; by default the one that it finds
    #[arg(long)]
    chromium: Option<PathBuf>,
    /// The engine; by default, Firefox and WebKit run only the main flows
    #[arg(long, value_enum, default_value_t = Engine::Chromium)]
    engine: Engine,
    /// geckodriver or WebKitWebDriver, with --engine firefox or webkit
    #[arg(long, value_name = "PROGRAM")]
    driver: Option<PathBuf>,
    /// Firefox or MiniBrowser; by default the one that the driver finds
    #[arg(long, value_name = "PROGRAM")]
    browser: Option<PathBuf>,
    /// axe-core's script, `axe.min.js`; by default, accessibility is not checked
    #[arg(long, value_name = "FILE")]
    axe: Option<PathBuf>,
    /// Check what takes longer too: Korean pages in every window; in Firefox and WebKit all flows, in every window
    #[arg(long)]
    nightly: bool,
    /// Write the documentation's pictures of the site to this folder instead of running flows
    #[arg(long, value_name = "FOLDER", conflicts_with = "only")]
    pictures: Option<PathBuf>,
    /// The folder for the screenshots
    #[arg(long, default_value = "target/screenshots")]
    screenshots: PathBuf,
    /// The server's log, in which the codes stand that Amazon Cognito would mail
    #[arg(long, value_name = "FILE")]
    server_log: Option<PathBuf>,
    /// Only the flows whose name contains this
    #[arg(long, value_name = "FLOW", default_value = "")]
    only: String,
    /// Only every N-th flow, beginning with the I-th: a part of the flows that runs beside the others
    #[arg(long, value_name = "I/N", value_parser = parse_shard, default_value = "1/1")]
    shard: (usize, usize),
    /// Print the names of the flows that would run, and end
    #[arg(long)]
    list: bool,
}

/// Parses `I/N`, with I from 1 to N.
fn parse_shard(text: &str) -> Result<(usize, usize), String> {
    let shard = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    shard.filter(|(i, n)| (1..=*n).contains(i)).ok_or_else(|| "expected I/N, for instance 1/2".to_owned())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(status) => status,
        Err(error) => report(error.as_ref()),
    }
}

async fn run(cli: Cli) -> Result<ExitCode> {
    let mut names: Vec<&str> = all().into_iter().map(|(name, _)| name).collect();
    if cli.engine != Engine::Chromium && !cli.nightly && cli.only.is_empty() {
        names.retain(|name| IN_ALL_ENGINES.contains(name));
    }
    let (first, step) = cli.shard;
    let selected = select("flow", &names, &[cli.only])?;
    let selected: Vec<&str> = selected.into_iter().skip(first - 1).step_by(step).collect();
    if cli.list {
        for name in selected {
            outln!("{name}")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    std::fs::create_dir_all(&cli.screenshots)
        .with_context(|| format!("cannot make the folder {}", cli.screenshots.display()))?;
    let api = Api::new(cli.api.as_deref().unwrap_or(&cli.url))?;
    let axe = cli.axe.as_deref().map(Axe::read).transpose()?;
    let browser = match (cli.engine, &cli.driver) {
        (Engine::Chromium, _) => Browser::start(&cli.chromedriver, cli.chromium.as_deref()).await?,
        (engine, Some(driver)) => Browser::start_other(engine, driver, cli.browser.as_deref()).await?,
        (_, None) => bail!("--driver is missing: geckodriver or WebKitWebDriver"),
    };
    let page = BrowserPage::new(&browser, &cli.url);
    let visit = Visit {
        page,
        proxy: browser.proxy(),
        api,
        axe,
        is_nightly: cli.nightly,
        screenshots: cli.screenshots,
        server_log: cli.server_log,
    };
    let work = async {
        if let Some(folder) = &cli.pictures {
            return pictures::take(&visit, folder).await.map(|()| 0);
        }
        Ok(run_all(&visit, |name| selected.contains(&name)).await?)
    };
    let failed = tokio::select! {
        failed = work => failed,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    browser.quit().await;
    Ok(if failed? == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::parse_shard;

    #[test]
    fn the_command_line_is_well_defined() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn a_shard_is_one_of_several() {
        assert_eq!(parse_shard("2/3"), Ok((2, 3)));
        for wrong in ["", "1", "0/2", "3/2", "a/b", "1/0", "-1/2"] {
            assert!(parse_shard(wrong).is_err(), "{wrong}");
        }
    }
}
