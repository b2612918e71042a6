//! A compiler for another processor, for the function.

use std::process::Command;

use anyhow::{Result, bail};
use clap::ValueEnum;

use mysfits_output::errln;

use super::system;
use crate::process::{choice_name, output, program, run};

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

/// Returns the processor of a function in AWS unless another is asked for: arm64, whose time costs a fifth less, if this machine
/// can compile for it without a download by rustup. Otherwise that of this machine, with a note.
pub fn default_in_aws() -> Result<Arch> {
    let host = Arch::host()?;
    let target = Arch::Arm64.target();
    let (default, note) = choose_in_aws(host, has_standard_library(target), || {
        system::find(&compiler(Arch::Arm64)).is_some() || system::can_install()
    });
    if let Some(note) = note {
        errln!("note: the function is built for {}; {note}", choice_name(default));
    }
    Ok(default)
}

/// Returns the default processor in AWS, and, if that is not arm64, what arm64 needs.
fn choose_in_aws(
    host: Arch,
    has_library: bool,
    has_compiler: impl FnOnce() -> bool,
) -> (Arch, Option<&'static str>) {
    match host {
        Arch::Arm64 => (host, None),
        Arch::X86_64 if !has_library => (
            host,
            Some("for arm64, whose time costs a fifth less: rustup target add aarch64-unknown-linux-gnu"),
        ),
        Arch::X86_64 if !has_compiler() => {
            (host, Some("for arm64, whose time costs a fifth less, install aarch64-linux-gnu-gcc"))
        }
        Arch::X86_64 => (Arch::Arm64, None),
    }
}

/// Returns the name of the C compiler for a processor, as Debian and Fedora have it.
fn compiler(arch: Arch) -> String {
    format!("{}-gcc", arch.target().replace("-unknown", ""))
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
    let compiler = compiler(arch);
    if system::find(&compiler).is_none() {
        let debian = if arch == Arch::X86_64 { "amd64" } else { "arm64" };
        let prefix = target.replace("-unknown", "").replace('_', "-");
        let packages = [format!("gcc-{prefix}"), format!("libc6-dev-{debian}-cross")];
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arm64_is_the_default_in_aws_where_it_can_be_compiled() {
        let choose = |host, has_library, has_compiler| choose_in_aws(host, has_library, || has_compiler);
        assert_eq!(choose(Arch::X86_64, true, true), (Arch::Arm64, None));
        assert_eq!(choose(Arch::Arm64, false, false), (Arch::Arm64, None));
        let (arch, note) = choose(Arch::X86_64, false, true);
        assert_eq!(arch, Arch::X86_64);
        assert!(note.unwrap().ends_with(&format!("rustup target add {}", Arch::Arm64.target())), "{note:?}");
        let (arch, note) = choose(Arch::X86_64, true, false);
        assert_eq!(arch, Arch::X86_64);
        assert!(note.unwrap().ends_with(&format!("install {}", compiler(Arch::Arm64))), "{note:?}");
    }
}
