//! Starts Firefox and WebKitGTK through their WebDrivers.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use mysfits_process::{ChildProcess, LogFile, StopMethod};
use serde_json::json;
use thirtyfour::{By, Capabilities, WebDriver};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};

use crate::{browser::Browser, engine::Engine, proxy::Proxy};

/// How long a driver or the X server may take to start.
const START_TIMEOUT: Duration = Duration::from_mins(1);
/// The screen of the X server: larger than any window of the flows.
const SCREEN: &str = "2000x1300x24";

impl Browser {
    /// Starts Firefox through geckodriver, or WebKitGTK through WebKitWebDriver, with the proxy in front. By default, the
    /// driver finds the browser.
    ///
    /// # Errors
    /// If the driver, the browser or the X server does not start.
    pub async fn start_other(engine: Engine, driver: &Path, browser: Option<&Path>) -> Result<Self> {
        let profile = tempfile::tempdir().context("cannot make a folder for the browser's profile")?;
        let proxy = Arc::new(Proxy::start().await?);
        // Its cache would respond where faults are injected, and only Chromium can remove it between flows.
        proxy.refuse("/service-worker.js");
        let port = free_port()?;
        let mut command = Command::new(driver);
        match engine {
            // WebKitWebDriver does not take the value as an argument of its own.
            Engine::Webkit => command.arg(format!("--port={port}")),
            Engine::Chromium | Engine::Firefox => command.arg("--port").arg(port.to_string()),
        };
        let log = File::create(profile.path().join("driver.log"))?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.env("HOME", profile.path()).env("LANG", "en_US.UTF-8").env("LANGUAGE", "en_US:en");
        let mut processes = Vec::new();
        if engine == Engine::Webkit {
            let settings = profile.path().join("gtk-3.0");
            fs::create_dir(&settings)?;
            // What pages see as prefers-reduced-motion.
            fs::write(settings.join("settings.ini"), "[Settings]\ngtk-enable-animations=0\n")?;
            let (screen, display) = start_screen()?;
            processes.push(screen);
            command.env("XDG_CONFIG_HOME", profile.path()).env("DISPLAY", display);
            command.env("GDK_BACKEND", "x11").env("LIBGL_ALWAYS_SOFTWARE", "1").env("NO_AT_BRIDGE", "1");
        }
        processes.insert(0, ChildProcess::start(&mut command, StopMethod::Kill)?);
        listening(port).await.with_context(|| format!("{} does not listen", driver.display()))?;
        let capabilities = capabilities(engine, &proxy, browser)?;
        let session = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities)
            .await
            .with_context(|| format!("{} cannot start its browser", driver.display()))?;
        open_bare_window(&session).await.context("a window without toolbars")?;
        Ok(Self::new(session, engine, proxy, processes, profile))
    }
}

/// Opens a window without toolbars, which may be as narrow as a phone, in place of the first one.
async fn open_bare_window(driver: &WebDriver) -> Result<()> {
    let first = driver.window().await?;
    driver.goto("about:blank").await?;
    // Browsers open windows for clicks only.
    let button = "const button = document.createElement('button');
        button.textContent = 'open';
        button.onclick = () => open('about:blank', '_blank', 'popup,width=1280,height=800');
        document.body.append(button)";
    driver.execute(button, Vec::new()).await?;
    driver.find(By::Css("button")).await?.click().await?;
    let begun = Instant::now();
    let bare = loop {
        if let Some(bare) = driver.windows().await?.into_iter().find(|window| *window != first) {
            break bare;
        }
        ensure!(begun.elapsed() < START_TIMEOUT, "no window opens");
        sleep(Duration::from_millis(50)).await;
    };
    driver.close_window().await?;
    Ok(driver.switch_to_window(bare).await?)
}

/// Starts an X server without a screen on a free display; returns it and the display's name.
fn start_screen() -> Result<(ChildProcess, String)> {
    let log = LogFile::temporary()?;
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"]);
    command.stdin(Stdio::null()).stdout(log.stdio()?).stderr(Stdio::null());
    let mut screen = ChildProcess::start(&mut command, StopMethod::Kill)?;
    let number = screen.wait_for_line(&log, START_TIMEOUT, |line| Some(line.trim().to_owned()))?;
    Ok((screen, format!(":{}", number.context("Xvfb ended before it had a display")?)))
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
                // Each flow is a new visitor; WebDriver cannot empty the cache.
                "browser.cache.disk.enable": false,
                "browser.cache.memory.enable": false,
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
