//! Firefox and WebKitGTK through their WebDrivers: the engines of the site's visitors that are not Chromium.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::{Instant, sleep},
};

use crate::{browser::Browser, proxy::Proxy};

/// How long a driver or the X server may take to start.
const START_TIMEOUT: Duration = Duration::from_mins(1);
/// The screen of the X server: larger than any window of the flows.
const SCREEN: &str = "1600x1300x24";

/// A browser engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// Blink: Chromium through chromedriver
    Chromium,
    /// Gecko: Firefox through geckodriver
    Firefox,
    /// WebKit: WebKitGTK's MiniBrowser through WebKitWebDriver, on a virtual X server
    Webkit,
}

impl Browser {
    /// Starts Firefox through geckodriver, or WebKitGTK through WebKitWebDriver, with the proxy in front. By default, the
    /// driver finds the browser.
    ///
    /// # Errors
    /// If the driver, the browser or the X server does not start.
    pub async fn start_other(engine: Engine, driver: &Path, browser: Option<&Path>) -> Result<Self> {
        let profile = tempfile::tempdir().context("cannot make a folder for the browser's profile")?;
        let proxy = Arc::new(Proxy::start().await?);
        let port = free_port()?;
        let mut command = Command::new(driver);
        command.arg("--port").arg(port.to_string());
        if engine == Engine::Webkit {
            // WebKitWebDriver does not take the value as an argument of its own.
            command = Command::new(driver);
            command.arg(format!("--port={port}"));
        }
        let log = File::create(profile.path().join("driver.log"))?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).kill_on_drop(true);
        command.env("HOME", profile.path()).env("LANG", "en_US.UTF-8").env("LANGUAGE", "en_US:en");
        let mut processes = Vec::new();
        if engine == Engine::Webkit {
            let settings = profile.path().join("gtk-3.0");
            fs::create_dir(&settings)?;
            // What pages see as prefers-reduced-motion.
            fs::write(settings.join("settings.ini"), "[Settings]\ngtk-enable-animations=0\n")?;
            let (screen, display) = start_screen().await?;
            processes.push(screen);
            command.env("XDG_CONFIG_HOME", profile.path()).env("DISPLAY", display);
            command.env("GDK_BACKEND", "x11").env("LIBGL_ALWAYS_SOFTWARE", "1").env("NO_AT_BRIDGE", "1");
        }
        let child = command.spawn().with_context(|| format!("cannot start {}", driver.display()))?;
        processes.insert(0, child);
        listening(port).await.with_context(|| format!("{} does not listen", driver.display()))?;
        let capabilities = capabilities(engine, &proxy, browser)?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities)
            .await
            .with_context(|| format!("{} cannot start its browser", driver.display()))?;
        Ok(Self::new(driver, engine, proxy, processes, profile))
    }
}

/// Starts an X server without a screen on a free display; returns it and the display's name.
async fn start_screen() -> Result<(Child, String)> {
    let mut screen = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("cannot start Xvfb")?;
    let stdout = screen.stdout.take().context("Xvfb has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    let line = tokio::time::timeout(START_TIMEOUT, lines.next_line()).await.context("Xvfb is late")??;
    let number = line.context("Xvfb ended before it had a display")?;
    Ok((screen, format!(":{}", number.trim())))
}

/// Returns a port that is free now; another process may take it before the driver does.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port for the driver")?;
    Ok(listener.local_addr()?.port())
}

async fn listening(port: u16) -> Result<()> {
    let begun = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
        ensure!(
            begun.elapsed() < START_TIMEOUT,
            "nothing on port {port} after {} s",
            START_TIMEOUT.as_secs()
        );
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

fn capabilities(engine: Engine, proxy: &Proxy, browser: Option<&Path>) -> Result<Capabilities> {
    let address = proxy.address().to_string();
    let mut capabilities = Capabilities::new();
    capabilities.set("proxy", json!({ "proxyType": "manual", "httpProxy": address, "sslProxy": address }))?;
    let binary = browser.map(|path| path.display().to_string());
    if engine == Engine::Firefox {
        let mut options = json!({
            "args": ["-headless"],
            "prefs": {
                "intl.accept_languages": "en-US,en",
                // Otherwise requests to this machine would not pass the proxy.
                "network.proxy.allow_hijacking_localhost": true,
                "ui.prefersReducedMotion": 1,
            },
        });
        if let Some(binary) = binary {
            options["binary"] = binary.into();
        }
        capabilities.set("moz:firefoxOptions", options)?;
    } else if let Some(binary) = binary {
        capabilities
            .set("webkitgtk:browserOptions", json!({ "binary": binary, "args": ["--automation"] }))?;
    }
    Ok(capabilities)
}
