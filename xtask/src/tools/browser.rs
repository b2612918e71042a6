//! Chromium and its driver.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::system;
use crate::{
    process::{output, program},
    workspace,
};

/// The browsers that the driver drives, by their names on Linux.
const BROWSERS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
/// Where macOS has them, which is not on the PATH.
const MACOS_BROWSERS: [&str; 2] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
/// The driver, also as Ubuntu's snap of Chromium names it.
const DRIVERS: [&str; 2] = ["chromedriver", "chromium.chromedriver"];

/// A browser that can be driven.
#[derive(Debug, Clone)]
pub struct InstalledBrowser {
    pub chromium: PathBuf,
    pub chromedriver: PathBuf,
}

impl InstalledBrowser {
    /// Returns the browser and the driver that are installed. Of several browsers, the one of the driver's version.
    pub fn installed() -> Option<Self> {
        let chromedriver = DRIVERS.into_iter().find_map(system::find)?;
        let on_path = BROWSERS.into_iter().filter_map(system::find);
        let apps = MACOS_BROWSERS.into_iter().map(PathBuf::from).filter(|path| path.is_file());
        let mut browsers: Vec<_> = on_path.chain(apps).collect();
        let chromium = match browsers.len() {
            // Starting a browser for its version takes a while.
            0 | 1 => browsers.pop()?,
            _ => {
                let browsers = browsers.into_iter().map(|path| (version(&path), path)).collect();
                choose(version(&chromedriver), browsers)?
            }
        };
        Some(Self { chromium, chromedriver })
    }

    /// Returns the browser and the driver, installed first if need be.
    pub fn ensure() -> Result<Self> {
        if let Some(browser) = Self::installed() {
            return Ok(browser);
        }
        system::install(&system::BROWSER)
            .context("tests in a browser need Chromium or Chrome, and its driver")?;
        Self::installed().context("chromium and chromedriver were installed and are not on the PATH")
    }

    /// Returns what the browser says of itself.
    ///
    /// # Errors
    /// If the driver is one for another version.
    pub fn describe(&self) -> Result<String> {
        let described = output(program(&self.chromium).arg("--version"));
        let browser = described.as_deref().and_then(major_version);
        let driver = version(&self.chromedriver);
        if let (Some(browser), Some(driver)) = (&browser, &driver)
            && browser != driver
        {
            bail!(
                "{} is version {browser} and {} is for version {driver}; install the driver of the same version",
                self.chromium.display(),
                self.chromedriver.display()
            );
        }
        Ok(described.unwrap_or_else(|| self.chromium.display().to_string()))
    }

    /// Writes the capabilities in web/webdriver.json with this browser's path, for the runner of the page's tests.
    pub fn write_capabilities(&self) -> Result<PathBuf> {
        let source = workspace::root().join("web/webdriver.json");
        let text =
            fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
        let mut capabilities: Value = serde_json::from_str(&text).context("web/webdriver.json is no JSON")?;
        capabilities["goog:chromeOptions"]["binary"] = self.chromium.display().to_string().into();
        let path = workspace::log("webdriver").with_extension("json");
        fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        fs::write(&path, capabilities.to_string())
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

/// Returns the major version of a browser or a driver, if it tells.
fn version(path: &Path) -> Option<String> {
    major_version(&output(program(path).arg("--version"))?)
}

/// Returns the first number of a text such as `ChromeDriver 148.0.7778.96 (...)`.
fn major_version(text: &str) -> Option<String> {
    let word = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(word.split('.').next()?.to_owned())
}

fn choose(driver: Option<String>, browsers: Vec<(Option<String>, PathBuf)>) -> Option<PathBuf> {
    let same = browsers.iter().find(|(version, _)| *version == driver);
    same.or(browsers.first()).map(|(_, path)| path.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chooses_the_browser_of_the_drivers_version() {
        let version = |text: &str| major_version(text);
        let driver = version("ChromeDriver 148.0.7778.96 (abc-refs/branch-heads/7778@{#1})");
        let browsers = vec![
            (version("Chromium 131.0.1 built on Debian"), "/usr/bin/chromium".into()),
            (version("Google Chrome 148.0.2"), "/usr/bin/google-chrome".into()),
        ];
        assert_eq!(choose(driver, browsers.clone()), Some("/usr/bin/google-chrome".into()));
        assert_eq!(choose(None, browsers), Some("/usr/bin/chromium".into()));
        assert_eq!(choose(None, vec![]), None);
    }

    #[test]
    fn the_pages_tests_use_the_browser_that_was_found() {
        let browser = InstalledBrowser {
            chromium: "/opt/google/chrome".into(),
            chromedriver: "/usr/bin/chromedriver".into(),
        };
        let written = fs::read_to_string(browser.write_capabilities().unwrap()).unwrap();
        let options = &serde_json::from_str::<Value>(&written).unwrap()["goog:chromeOptions"];
        assert_eq!(options["binary"], "/opt/google/chrome");
        assert_eq!(options["args"][0], "--headless=new");
    }
}
