//! Starts chromedriver and a Chromium with an empty profile, whose requests all pass the proxy.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result};
use mysfits_process::{ChildProcess, LogFile, StopMethod};
use tempfile::TempDir;
use thirtyfour::{
    ChromiumLikeCapabilities as _, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver,
    common::capabilities::chrome::ChromeCapabilities,
};

use crate::{engine::Engine, proxy::Proxy};

/// How long chromedriver may take to print its port.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// How Chromium is started: without a window, without a sandbox (containers forbid it), without calls home.
const ARGUMENTS: [&str; 8] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A running browser with an empty profile.
///
/// End it with [`quit`](Self::quit). If it is dropped instead, its driver is killed.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
    proxy: Arc<Proxy>,
    engine: Engine,
    /// The driver first.
    processes: Vec<ChildProcess>,
    _profile: TempDir,
}

impl Browser {
    /// Starts chromedriver on a free port, and a Chromium through it.
    ///
    /// # Errors
    /// If either does not start; the error says which.
    pub async fn start(chromedriver: &Path, chromium: Option<&Path>) -> Result<Self> {
        let profile = tempfile::tempdir().context("cannot make a folder for the browser's profile")?;
        let log = LogFile::temporary()?;
        let mut command = Command::new(chromedriver);
        command.arg("--port=0").stdin(Stdio::null()).stdout(log.stdio()?).stderr(Stdio::null());
        let mut process = ChildProcess::start(&mut command, StopMethod::Kill)?;
        let port = process.wait_for_line(&log, START_TIMEOUT, port)?;
        let port = port.with_context(|| format!("{} ended before it had a port", chromedriver.display()))?;
        let proxy = Arc::new(Proxy::start().await?);
        let capabilities = capabilities(profile.path(), &proxy, chromium)?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities)
            .await
            .context("chromedriver cannot start Chromium")?;
        Ok(Self::new(driver, Engine::Chromium, proxy, vec![process], profile))
    }

    pub(crate) fn new(
        driver: WebDriver,
        engine: Engine,
        proxy: Arc<Proxy>,
        processes: Vec<ChildProcess>,
        profile: TempDir,
    ) -> Self {
        Self { driver, engine, proxy, processes, _profile: profile }
    }

    /// Returns its engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Returns the WebDriver session.
    #[must_use]
    pub fn driver(&self) -> WebDriver {
        self.driver.clone()
    }

    /// Returns the proxy of its requests.
    #[must_use]
    pub fn proxy(&self) -> Arc<Proxy> {
        Arc::clone(&self.proxy)
    }

    /// Ends the browser, then its driver.
    pub async fn quit(mut self) {
        // A driver ends its browser when it ends itself; should one of them hang, there is nothing left to do.
        let _ = self.driver.quit().await;
        for process in &mut self.processes {
            let _ = process.stop();
        }
    }
}

/// Returns the port in chromedriver's line about it.
fn port(line: &str) -> Option<u16> {
    line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
}

fn capabilities(profile: &Path, proxy: &Proxy, chromium: Option<&Path>) -> Result<ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in ARGUMENTS {
        capabilities.add_arg(argument)?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
    capabilities.add_arg(&format!("--proxy-server=http://{}", proxy.address()))?;
    // Otherwise what is on this machine would be asked without the proxy.
    capabilities.add_arg("--proxy-bypass-list=<-loopback>")?;
    capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    // What the page asks of the network; the proxy sees what Chromium asks for itself too, and cannot tell.
    capabilities.set_logging_prefs("performance".to_owned(), LoggingPrefsLogLevel::All)?;
    if let Some(chromium) = chromium {
        capabilities.set_binary(&chromium.display().to_string())?;
    }
    Ok(capabilities)
}
