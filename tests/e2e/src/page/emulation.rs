//! Emulation: window sizes, colour schemes, languages, slow connections, no scripting.
//!
//! Settings last until they are changed, also on the next page.

use std::{fmt, time::Duration};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::{BrowserPage, equal};

/// The least width of a desktop's window, in CSS pixels.
const DESKTOP_WIDTH: u32 = 1024;

/// Deletes what WebDriver has no command for; passes null to its callback.
const FORGET: &str = "const done = arguments[0];
    (async () => {
        sessionStorage.clear();
        localStorage.clear();
        for (const worker of await navigator.serviceWorker?.getRegistrations() ?? []) await worker.unregister();
        for (const name of await window.caches?.keys() ?? []) await caches.delete(name);
    })().then(() => done(null), error => done(String(error)))";

/// What was asked of the browser needs Chromium's own protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeedsChromium;

impl fmt::Display for NeedsChromium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("only Chromium can do this")
    }
}

impl std::error::Error for NeedsChromium {}

/// The window and the visitor's system settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its width in CSS pixels.
    pub width: u32,
    /// Its height in CSS pixels.
    pub height: u32,
    /// The preferred colour scheme.
    pub scheme: Scheme,
    /// The preferred amount of motion.
    pub motion: Motion,
    /// What the page is rendered for.
    pub medium: Medium,
}

/// What the page is rendered for. Only Chromium emulates others than a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// A screen.
    Screen,
    /// A screen with the few colours that the visitor has chosen.
    ForcedColors,
    /// Paper.
    Print,
}

/// The preferred colour scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    /// Returns its name in CSS.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The preferred amount of motion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// As the page will have it.
    Full,
    /// Reduced, so that a test sees no animation.
    Reduced,
}

impl Window {
    /// A laptop in daylight, with motion reduced.
    pub const USUAL: Self = Self::new(1280, 800);

    /// Returns a window of this size in daylight, with motion reduced.
    #[must_use]
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height, scheme: Scheme::Light, motion: Motion::Reduced, medium: Medium::Screen }
    }

    /// Returns the same with this colour scheme.
    #[must_use]
    pub const fn with_scheme(self, scheme: Scheme) -> Self {
        Self { scheme, ..self }
    }

    /// Returns the same with this amount of motion.
    #[must_use]
    pub const fn with_motion(self, motion: Motion) -> Self {
        Self { motion, ..self }
    }

    /// Returns the same for this medium.
    #[must_use]
    pub const fn with_medium(self, medium: Medium) -> Self {
        Self { medium, ..self }
    }
}

/// The quality of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// As it is.
    Good,
    /// A latency of 400 ms and 50 kB/s.
    Slow,
    /// No network; the browser tells the page.
    Offline,
}

impl BrowserPage {
    /// Sets the window and its preferences.
    ///
    /// # Errors
    /// The browser's.
    pub async fn look_through(&self, window: Window) -> Result<()> {
        let Window { width, height, scheme, motion, medium } = window;
        if !self.is_chromium() {
            let is_default = (scheme, motion, medium) == (Scheme::Light, Motion::Reduced, Medium::Screen);
            if !is_default {
                return Err(NeedsChromium.into());
            }
            return self.resize(width, height).await;
        }
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        // Scroll bars of phones and tablets lie over the page, a desktop's take space. Set first, because it applies at the
        // next layout.
        self.command("Emulation.setScrollbarsHidden", json!({ "hidden": width < DESKTOP_WIDTH })).await?;
        self.command("Emulation.setDeviceMetricsOverride", metrics).await?;
        let motion = match motion {
            Motion::Full => "no-preference",
            Motion::Reduced => "reduce",
        };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme.as_str() },
            { "name": "prefers-reduced-motion", "value": motion },
            { "name": "forced-colors", "value": if medium == Medium::ForcedColors { "active" } else { "none" } },
        ]);
        let media = if medium == Medium::Print { "print" } else { "" };
        self.command("Emulation.setEmulatedMedia", json!({ "media": media, "features": features })).await?;
        Ok(())
    }

    /// Ends a flow that only Chromium can run.
    ///
    /// # Errors
    /// [`NeedsChromium`] in other engines.
    pub fn require_chromium(&self) -> Result<()> {
        if self.is_chromium() { Ok(()) } else { Err(NeedsChromium.into()) }
    }

    /// Hides the scroll bars of pages that are opened from now on.
    ///
    /// # Errors
    /// The browser's.
    pub async fn hide_scroll_bars(&self) -> Result<()> {
        self.command("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await.map(drop)
    }

    /// Sets the size of the window's content.
    async fn resize(&self, width: u32, height: u32) -> Result<()> {
        let (mut outer_width, mut outer_height) = (width, height);
        // The first time, what is around the content is unknown.
        for _ in 0..3 {
            self.driver.set_window_rect(0, 0, outer_width, outer_height).await?;
            let script = "const done = arguments[0];
                requestAnimationFrame(() => requestAnimationFrame(() => done([innerWidth, innerHeight])))";
            let [inner_width, inner_height]: [u32; 2] =
                serde_json::from_value(self.script_later(script).await?).context("the window's size")?;
            if (inner_width, inner_height) == (width, height) {
                return Ok(());
            }
            outer_width = (outer_width + width).saturating_sub(inner_width);
            outer_height = (outer_height + height).saturating_sub(inner_height);
        }
        bail!("the window cannot be made {width} x {height}")
    }

    /// Sets the quality of the network.
    ///
    /// # Errors
    /// The browser's.
    pub async fn connect(&self, line: Connection) -> Result<()> {
        let (latency, bytes_per_second) = match line {
            Connection::Good | Connection::Offline => (Duration::ZERO, -1),
            Connection::Slow => (Duration::from_millis(400), 50_000),
        };
        let conditions = json!({
            "offline": line == Connection::Offline, "latency": latency.as_millis() as u64,
            "downloadThroughput": bytes_per_second, "uploadThroughput": bytes_per_second,
        });
        // Deprecated in favour of two newer commands; every Chromium has this one.
        self.command("Network.enable", json!({})).await?;
        self.command("Network.emulateNetworkConditions", conditions).await?;
        Ok(())
    }

    /// Sets whether the visitor saves data. The page then installs no service worker.
    ///
    /// # Errors
    /// The browser's.
    pub async fn save_data(&self, saves: bool) -> Result<()> {
        self.command("Emulation.setDataSaverOverride", json!({ "dataSaverEnabled": saves })).await.map(drop)
    }

    /// Sets whether requests for addresses of this pattern fail as if no server listened.
    ///
    /// # Errors
    /// The browser's.
    pub async fn block(&self, pattern: Option<&str>) -> Result<()> {
        self.command("Network.enable", json!({})).await?;
        let urls: Vec<_> = pattern.into_iter().collect();
        self.command("Network.setBlockedURLs", json!({ "urls": urls })).await?;
        Ok(())
    }

    /// Prefers these languages, the best first (`ko-KR,ko,en`), as the browser tells servers and pages.
    ///
    /// # Errors
    /// The browser's.
    pub async fn prefer(&self, languages: &str) -> Result<()> {
        let version = self.command("Browser.getVersion", json!({})).await?;
        let agent = version["userAgent"].as_str().context("the browser has no name")?;
        let identity = json!({ "userAgent": agent, "acceptLanguage": languages });
        self.command("Emulation.setUserAgentOverride", identity).await?;
        Ok(())
    }

    /// Whether pages that are opened from now on may run scripts. The driver's own run all the same.
    ///
    /// # Errors
    /// The browser's.
    pub async fn allow_scripts(&self, allowed: bool) -> Result<()> {
        self.command("Emulation.setScriptExecutionDisabled", json!({ "value": !allowed })).await?;
        Ok(())
    }

    /// Deletes what sites have stored in the browser, as for a new visitor.
    ///
    /// # Errors
    /// The browser's.
    pub async fn forget(&self) -> Result<()> {
        if !self.is_chromium() {
            self.open("/robots.txt").await?;
            self.driver.delete_all_cookies().await?;
            equal("what was left", self.script_later(FORGET).await?, json!(null))?;
            return Ok(());
        }
        self.command("Network.clearBrowserCookies", json!({})).await?;
        self.command("Network.clearBrowserCache", json!({})).await?;
        let all = json!({ "origin": self.origin(), "storageTypes": "all" });
        self.command("Storage.clearDataForOrigin", all).await?;
        // What the tab keeps is not among "all"; only a page of the site can forget it.
        self.open("/robots.txt").await?;
        self.script("sessionStorage.clear()").await?;
        Ok(())
    }

    /// Lets the site's pages read the clipboard without asking, so that what they wrote can be read back.
    ///
    /// # Errors
    /// The browser's.
    pub async fn allow_clipboard(&self) -> Result<()> {
        let permissions = json!(["clipboardReadWrite", "clipboardSanitizedWrite"]);
        let leave = json!({ "origin": self.origin(), "permissions": permissions });
        self.command("Browser.grantPermissions", leave).await?;
        Ok(())
    }

    /// Returns a command of the browser's own protocol.
    pub(super) async fn command(&self, method: &str, parameters: Value) -> Result<Value> {
        self.require_chromium()?;
        let answer = self.driver.cdp().send_raw(method, parameters).await;
        answer.with_context(|| format!("the browser refuses {method}"))
    }
}
