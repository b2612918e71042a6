//! Finding and installing programs of the system.

use std::{
    env, fs,
    path::PathBuf,
    sync::{Mutex, OnceLock},
};

use anyhow::{Result, bail};
use mysfits_output::errln;

use crate::process::{output, program, run};

/// Returns a program on the PATH.
pub fn find(name: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    env::split_paths(&paths).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Returns whether packages can be installed without asking anyone: Debian or a child of it, and we are root.
pub fn can_install() -> bool {
    find("apt-get").is_some() && output(program("id").arg("-u")).is_some_and(|id| id == "0")
}

/// A system, as far as its packages have names of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    /// Debian, and what is derived from it but for Ubuntu.
    Debian,
    /// Ubuntu: its Chromium is a snap.
    Ubuntu,
    /// Fedora, and what is derived from it.
    Fedora,
    /// macOS with Homebrew.
    MacOs,
    /// Any other.
    Other,
}

impl System {
    fn current() -> Self {
        match env::consts::OS {
            "macos" => Self::MacOs,
            "linux" => Self::from_os_release(&fs::read_to_string("/etc/os-release").unwrap_or_default()),
            _ => Self::Other,
        }
    }

    fn from_os_release(text: &str) -> Self {
        let value = |name: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            value.unwrap_or_default().trim_matches(['"', '\''])
        };
        // Mint and others that are derived from Ubuntu have a Chromium package of their own, named as Debian's.
        if value("ID") == "ubuntu" {
            return Self::Ubuntu;
        }
        let mut ids = value("ID_LIKE").split(' ').chain([value("ID")]);
        ids.find_map(|id| match id {
            "debian" | "ubuntu" => Some(Self::Debian),
            "fedora" | "rhel" => Some(Self::Fedora),
            _ => None,
        })
        .unwrap_or(Self::Other)
    }

    fn install_command(self, packages: &Packages) -> String {
        let apt = "sudo apt-get install --no-install-recommends";
        let (command, names) = match self {
            Self::Debian => (apt, packages.debian),
            Self::Ubuntu => (apt, packages.ubuntu),
            Self::Fedora => ("sudo dnf install", packages.fedora),
            Self::MacOs => ("brew install", packages.macos),
            Self::Other => {
                return format!("your system's package manager (Debian: {})", packages.debian.join(" "));
            }
        };
        format!("{command} {}", names.join(" "))
    }
}

/// Returns whether this is Debian, or derived from it, but not Ubuntu.
pub fn is_debian() -> bool {
    System::current() == System::Debian
}

/// What brings a tool, by system.
#[derive(Debug)]
pub struct Packages {
    debian: &'static [&'static str],
    ubuntu: &'static [&'static str],
    fedora: &'static [&'static str],
    macos: &'static [&'static str],
}

impl Packages {
    /// Packages that have one name everywhere.
    const fn named(names: &'static [&'static str]) -> Self {
        Self { debian: names, ubuntu: names, fedora: names, macos: names }
    }

    /// Returns the command that installs them on this system.
    pub fn install_command(&self) -> String {
        System::current().install_command(self)
    }
}

pub const BASH: Packages = Packages::named(&["bash"]);
/// Chromium, or Chrome, and its driver.
pub const BROWSER: Packages = Packages {
    debian: &["chromium", "chromium-driver"],
    ubuntu: &["chromium-browser", "chromium-chromedriver"],
    fedora: &["chromium", "chromedriver"],
    macos: &["google-chrome", "chromedriver"],
};
pub const CC: Packages =
    Packages { fedora: &["gcc", "glibc-devel"], macos: &["llvm"], ..Packages::named(&["gcc", "libc6-dev"]) };
pub const CURL: Packages = Packages::named(&["curl"]);
/// debootstrap, which makes a clean Debian.
pub const DEBOOTSTRAP: Packages = Packages::named(&["debootstrap"]);
pub const FIREFOX: Packages = Packages { debian: &["firefox-esr"], ..Packages::named(&["firefox"]) };
pub const GIT: Packages = Packages::named(&["git"]);
/// A Python that can make environments.
pub const PYTHON: Packages = Packages {
    fedora: &["python3"],
    macos: &["python@3.13"],
    ..Packages::named(&["python3", "python3-venv"])
};
pub const TAR: Packages = Packages { macos: &["gnu-tar"], ..Packages::named(&["tar"]) };

/// The driver of WebKitGTK, which brings its browser, and an X server that needs no screen.
pub const WEBKIT: Packages = Packages {
    fedora: &["webkitgtk6.0", "xorg-x11-server-Xvfb"],
    macos: &[],
    ..Packages::named(&["webkit2gtk-driver", "xvfb"])
};

/// Whether the list of packages was brought up to date, once a run.
static UPDATED: OnceLock<bool> = OnceLock::new();

/// Installs packages where that is possible without asking; else the error has the command that would.
pub fn install(packages: &Packages) -> Result<()> {
    match System::current() {
        System::Debian if can_install() => install_by_apt(packages.debian),
        System::Ubuntu if can_install() => install_by_apt(packages.ubuntu),
        system => bail!(
            "a program is missing; please install it, for example with: {}",
            system.install_command(packages)
        ),
    }
}

/// Makes sure that there is a curl on the PATH.
pub fn ensure_curl() -> Result<()> {
    if find("curl").is_some() { Ok(()) } else { install(&CURL) }
}

/// Installs packages that only Debian has, or says which command would.
pub fn install_on_debian(packages: &[impl AsRef<str>]) -> Result<()> {
    let packages: Vec<&str> = packages.iter().map(AsRef::as_ref).collect();
    if can_install() {
        return install_by_apt(&packages);
    }
    bail!(
        "a program is missing; on Debian: sudo apt-get install --no-install-recommends {}",
        packages.join(" ")
    )
}

fn install_by_apt(packages: &[&str]) -> Result<()> {
    static INSTALLING: Mutex<()> = Mutex::new(());
    // apt-get does not wait for another one.
    let _installing = INSTALLING.lock();
    errln!("  installing: {}", packages.join(", "));
    // The list may be old or missing: that shows in the install, so a failure here is not the end.
    UPDATED.get_or_init(|| run(apt_get().arg("update")).is_ok());
    run(apt_get().args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

fn apt_get() -> std::process::Command {
    let mut command = program("apt-get");
    command.arg("--quiet=2").env("DEBIAN_FRONTEND", "noninteractive").stdout(std::process::Stdio::null());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_packages_of_each_system() {
        let debian = "ID=debian\nVERSION_ID=\"12\"";
        let ubuntu = "NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian";
        let mint = "ID=linuxmint\nID_LIKE=\"ubuntu debian\"";
        let command = |release: &str| System::from_os_release(release).install_command(&BROWSER);
        let apt = "sudo apt-get install --no-install-recommends";
        assert_eq!(command(debian), format!("{apt} chromium chromium-driver"));
        assert_eq!(command(ubuntu), format!("{apt} chromium-browser chromium-chromedriver"));
        assert_eq!(command(mint), format!("{apt} chromium chromium-driver"));
        assert_eq!(command("ID=fedora"), "sudo dnf install chromium chromedriver");
        assert_eq!(command("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\""), command("ID=fedora"));
        assert_eq!(System::MacOs.install_command(&BROWSER), "brew install google-chrome chromedriver");
        for unknown in ["ID=arch", ""] {
            assert_eq!(command(unknown), "your system's package manager (Debian: chromium chromium-driver)");
        }
    }
}
