//! A compiler for another processor, for the function.

use std::process::Command;

use anyhow::{Result, bail};

use super::system;
use crate::{
    package::Arch,
    process::{output, program, run},
};

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
        system::install_on_debian(&[&format!("gcc-{}", prefix.replace('_', "-")), &libc_package(arch)])?;
    }
    let variable = target.replace('-', "_");
    build.env(format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase()), &compiler);
    build.env(format!("CC_{variable}"), &compiler);
    Ok(())
}

/// Debian's package of the C library's headers for another processor.
fn libc_package(arch: Arch) -> String {
    match arch {
        Arch::X86_64 => "libc6-dev-amd64-cross".to_owned(),
        Arch::Arm64 => "libc6-dev-arm64-cross".to_owned(),
    }
}

/// Whether the toolchain in use has the standard library for a target.
pub fn has_standard_library(target: &str) -> bool {
    // rustc names the folder even of a target that is not there, so look inside.
    let folder = output(program("rustc").args(["--print", "target-libdir", "--target", target]));
    folder.is_some_and(|folder| {
        std::fs::read_dir(folder).is_ok_and(|entries| {
            entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        })
    })
}
