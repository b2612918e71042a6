//! A compiler for another processor, for the function.

use std::process::Command;

use anyhow::{Result, bail};
use clap::ValueEnum;

use super::system;
use crate::process::{output, program, run};

/// A processor that Lambda offers, by Lambda's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Arch {
    /// Intel and AMD
    #[value(name = "x86_64")]
    X86_64,
    /// Arm: AWS Graviton
    #[value(name = "arm64")]
    Arm64,
}

impl Arch {
    /// Returns the processor of this machine.
    pub fn host() -> Result<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Ok(Self::X86_64),
            "aarch64" => Ok(Self::Arm64),
            other => {
                bail!("Lambda has no processor like this machine's ({other}); choose --arch x86_64 or arm64")
            }
        }
    }

    /// Rust's name of the processor on Linux.
    pub fn target(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }
}

/// Makes sure that the function can be compiled for `arch`, and tells the build how.
///
/// rustup brings the standard library, the system a C compiler, which links, and compiles the cryptography's assembly.
pub fn prepare(arch: Arch, build: &mut Command) -> Result<()> {
    let target = arch.target();
    if !has_standard_library(target) {
        if system::find("rustup").is_none() {
            bail!(
                "the toolchain in use has no standard library for {target}; with rustup: rustup target add {target}"
            );
        }
        run(program("rustup").args(["target", "add", target]))?;
    }
    let prefix = target.replace("-unknown", "");
    let compiler = format!("{prefix}-gcc");
    if system::find(&compiler).is_none() {
        let debian = if arch == Arch::X86_64 { "amd64" } else { "arm64" };
        let packages = [format!("gcc-{}", prefix.replace('_', "-")), format!("libc6-dev-{debian}-cross")];
        system::install_on_debian(&packages)?;
    }
    let variable = target.replace('-', "_");
    build.env(format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase()), &compiler);
    build.env(format!("CC_{variable}"), &compiler);
    Ok(())
}

/// Returns whether the toolchain in use has the standard library for a target.
pub fn has_standard_library(target: &str) -> bool {
    // rustc names the folder even of a target that is not there, so look inside.
    let folder = output(program("rustc").args(["--print", "target-libdir", "--target", target]));
    folder.is_some_and(|folder| {
        std::fs::read_dir(folder).is_ok_and(|entries| {
            entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        })
    })
}
