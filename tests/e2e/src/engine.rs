//! The browser engines that flows run in.

use clap::ValueEnum;

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
