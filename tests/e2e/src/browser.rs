//! chromedriver and a fresh Chromium whose every request passes our proxy, ended whatever happens.

use std::{path::Path, process::Stdio, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use thirtyfour::{
    ChromiumLikeCapabilities as _, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver,
    common::capabilities::chrome::ChromeCapabilities,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::{engines::Engine, proxy::Proxy};

/// How long chromedriver may take to say its port.
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
    processes: Vec<Child>,
    _profile: TempDir,
}

impl Browser {
    /// Starts chromedriver on a free port, and a Chromium through it.
    ///
    /// # Errors
    /// If either does not start; the error says which.
    pub async fn start(chromedriver: &Path, chromium: Option<&Path>) -> Result<Self> {
        let profile = tempfile::tempdir().context("cannot make a folder for the browser's profile")?;
        let mut child = Command::new(chromedriver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", chromedriver.display()))?;
        let stdout = child.stdout.take().context("chromedriver has no output")?;
        let port = tokio::time::timeout(START_TIMEOUT, read_port(BufReader::new(stdout).lines()))
            .await
            .with_context(|| format!("{} did not name its port in time", chromedriver.display()))??;
        let proxy = Arc::new(Proxy::start().await?);
        let capabilities = capabilities(profile.path(), &proxy, chromium)?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities)
            .await
            .context("chromedriver cannot start Chromium")?;
        Ok(Self::new(driver, Engine::Chromium, proxy, vec![child], profile))
    }

    pub(crate) fn new(
        driver: WebDriver,
        engine: Engine,
        proxy: Arc<Proxy>,
        processes: Vec<Child>,
        profile: TempDir,
    ) -> Self {
        Self { driver, engine, proxy, processes, _profile: profile }
    }

    /// Its engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// What the browser is driven by.
    #[must_use]
    pub fn driver(&self) -> WebDriver {
        self.driver.clone()
    }

    /// What its requests pass.
    #[must_use]
    pub fn proxy(&self) -> Arc<Proxy> {
        Arc::clone(&self.proxy)
    }

    /// Ends the browser, then its driver.
    pub async fn quit(mut self) {
        // A driver ends its browser when it ends itself; should one of them hang, there is nothing left to do.
        let _ = self.driver.quit().await;
        for process in &mut self.processes {
            let _ = process.kill().await;
        }
    }
}

/// The port that chromedriver chose; goes on reading in the background, lest chromedriver wait for a full pipe.
async fn read_port(mut lines: Lines<BufReader<ChildStdout>>) -> Result<u16> {
    while let Some(line) = lines.next_line().await? {
        let port =
            line.split_once("started successfully on port ").map(|(_, port)| port.trim_end_matches('.'));
        if let Some(port) = port {
            let port = port.parse().with_context(|| format!("chromedriver says: {line}"))?;
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(port);
        }
    }
    bail!("chromedriver ended before it had a port")
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
