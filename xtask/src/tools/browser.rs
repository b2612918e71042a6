//! Chromium and its driver.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::system;

/// A browser that can be driven.
#[derive(Debug, Clone)]
pub struct Browser {
    /// The browser.
    pub chromium: PathBuf,
    /// Its driver.
    pub chromedriver: PathBuf,
}

impl Browser {
    /// What is on the PATH.
    pub fn installed() -> Option<Self> {
        let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
        Some(Self {
            chromium: names.into_iter().find_map(system::find)?,
            chromedriver: system::find("chromedriver")?,
        })
    }

    /// What is on the PATH, installed first if need be.
    pub fn ensure() -> Result<Self> {
        if let Some(browser) = Self::installed() {
            return Ok(browser);
        }
        system::install(&["chromium", "chromium-driver"])?;
        Self::installed().context("chromium and chromedriver were installed and are not on the PATH")
    }
}
