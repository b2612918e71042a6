//! A compiler for wasm32-unknown-unknown, in one of three ways.
//!
//! First, the toolchain in use may have the target. Second, rustup may add it. Third, Debian's own compiler builds the
//! standard library itself, from the sources that Debian packages: slower, but it needs no download beyond the
//! system's packages.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Result, bail};
use mysfits_output::errln;
use mysfits_process::{ChildProcess, StopMethod};

use super::{cross::has_standard_library, system};
use crate::{
    process::{self, cargo, output, program},
    shipped::SEPARATOR,
    workspace,
};

const TARGET: &str = "wasm32-unknown-unknown";
/// How long rustup may take before the next way is tried: without a network it can hang.
const RUSTUP_TIMEOUT: Duration = Duration::from_mins(2);

/// A compiler that can build the page.
#[derive(Debug, Clone)]
pub enum Wasm {
    /// The toolchain in use.
    Toolchain,
    /// Debian's, with the linker for its LLVM.
    Debian {
        /// `wasm-ld-N`
        linker: PathBuf,
    },
}

impl Wasm {
    /// Returns the first way that works, without changing anything; none if something must be installed.
    pub fn installed() -> Option<Self> {
        if toolchain_has_target() {
            return Some(Self::Toolchain);
        }
        Debian::probe().linker.map(|linker| Self::Debian { linker })
    }

    /// Returns the text that says which tool installs the missing target; `None` if no tool can.
    pub fn installer() -> Option<&'static str> {
        if system::find("rustup").is_some() {
            return Some("rustup gets it");
        }
        (system::is_debian() && system::can_install()).then_some("Debian's packages bring it")
    }

    /// Makes sure that there is a way, installing what is missing where that is possible.
    pub fn ensure() -> Result<Self> {
        if let Some(wasm) = Self::installed() {
            return Ok(wasm);
        }
        if add_target_by_rustup() {
            return Ok(Self::Toolchain);
        }
        if system::is_debian() {
            Debian::probe().install()?;
            if let Some(wasm) = Self::installed() {
                return Ok(wasm);
            }
        }
        bail!(
            "no compiler for {TARGET} was found or could be installed. Either: rustup target add {TARGET}. Or, on \
             Debian: apt-get install rustc-web cargo-web rust-web-src and the lld of its LLVM version"
        )
    }

    /// Returns a cargo command for the page's target; the caller adds the package and the profile.
    ///
    /// The page has a target folder of its own: its builds neither wait for native ones nor mix two compilers' output.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let target_dir = workspace::target().join("web");
        let mut command = match self {
            Self::Toolchain => {
                let mut command = cargo();
                command.args([subcommand, "--target", TARGET, "--target-dir"]).arg(target_dir);
                command
            }
            Self::Debian { linker } => {
                let mut command = program("/usr/bin/cargo");
                process::without_toolchain(&mut command)
                    // Building the standard library is what needs the switch; the page itself uses no unstable feature.
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("RUSTC", "/usr/bin/rustc")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                    .args([subcommand, "-Zbuild-std=std,panic_abort", "--target", TARGET, "--target-dir"])
                    .arg(target_dir);
                if subcommand == "test" {
                    // The standard library that was built aborts on panic, and so must the tests over it.
                    command.arg("-Zpanic-abort-tests");
                }
                command
            }
        };
        command.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", flags().join(SEPARATOR));
        command
    }

    pub fn describe(&self) -> String {
        match self {
            Self::Toolchain => format!("the toolchain in use has {TARGET}"),
            Self::Debian { linker } => {
                format!("Debian's rustc builds its own standard library (linker {})", linker.display())
            }
        }
    }
}

/// Flags of the page's compilation: SHA-256 as a loop, since a sign-in hashes a few hundred bytes and every visitor loads the
/// code; and no folder of this machine in panic messages. The page's bytes do not depend on where the workspace lies; a mark
/// of leptos's `wasm_split` (sixteen digits) still depends on where cargo's registry does.
fn flags() -> Vec<String> {
    let cargo_home =
        env::var("CARGO_HOME").ok().or_else(|| Some(format!("{}/.cargo", env::var("HOME").ok()?)));
    let sources = cargo_home.map(|home| (format!("{home}/registry/src"), "/registry"));
    let root = (workspace::root().display().to_string(), "/workspace");
    let remap = |(from, to): (String, &str)| format!("--remap-path-prefix={from}={to}");
    let remaps = sources.into_iter().chain([root]).map(remap);
    let compact = "--cfg=sha2_backend_soft=\"compact\"".to_owned();
    std::iter::once(compact).chain(remaps).collect()
}

fn toolchain_has_target() -> bool {
    has_standard_library(TARGET)
}

/// Asks rustup for the target; whether it came.
fn add_target_by_rustup() -> bool {
    if system::find("rustup").is_none() {
        return false;
    }
    errln!("  adding the target {TARGET} to your toolchain (undo: rustup target remove {TARGET})");
    let mut command = program("rustup");
    command.args(["target", "add", TARGET]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let ended = ChildProcess::start(&mut command, StopMethod::Kill)
        .and_then(|mut rustup| rustup.wait_timeout(RUSTUP_TIMEOUT));
    match ended {
        Ok(status) if status.success() && toolchain_has_target() => return true,
        Ok(_) => errln!("  rustup could not; trying the system's packages"),
        Err(error) => errln!("  {error:#}; trying the system's packages"),
    }
    false
}

/// What Debian's way needs, and what of it is there.
struct Debian {
    has_compiler: bool,
    /// The compiler's LLVM version, which the linker must share.
    llvm: Option<String>,
    linker: Option<PathBuf>,
}

impl Debian {
    fn probe() -> Self {
        let rustc = Path::new("/usr/bin/rustc");
        let is_there = rustc.is_file() && Path::new("/usr/bin/cargo").is_file();
        let sysroot = output(program(rustc).args(["--print", "sysroot"]));
        let has_sources = sysroot.is_some_and(|sysroot| {
            Path::new(&sysroot).join("lib/rustlib/src/rust/library/Cargo.lock").is_file()
        });
        let llvm = output(program(rustc).arg("-vV")).and_then(|version| {
            let version = version.lines().find_map(|line| line.strip_prefix("LLVM version: "))?;
            Some(version.split('.').next()?.to_owned())
        });
        let has_compiler = is_there && has_sources;
        let linker = llvm.as_ref().map(|llvm| PathBuf::from(format!("/usr/bin/wasm-ld-{llvm}")));
        let linker = linker.filter(|linker| has_compiler && linker.is_file());
        Self { has_compiler, llvm, linker }
    }

    fn install(self) -> Result<()> {
        if !self.has_compiler {
            system::install_on_debian(&["rustc-web", "cargo-web", "rust-web-src"])?;
        }
        // Only the installed compiler knows which linker goes with it.
        let Some(llvm) = Self::probe().llvm.or(self.llvm) else {
            bail!("/usr/bin/rustc does not tell its LLVM version");
        };
        system::install_on_debian(&[format!("lld-{llvm}")])
    }
}
