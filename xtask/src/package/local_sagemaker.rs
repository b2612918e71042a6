//! What users of `local-sagemaker` install: the wheel, the image and the archives.
//!
//! The image has a static program. That of the wheel is linked with glibc, because a static program can crash when it resolves a
//! host name where `/etc/nsswitch.conf` names modules of another glibc, as Fedora's does. zig links it for an old glibc; cargo
//! compiles everything again for another linker.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use flate2::{Compression, GzBuilder};
use mysfits_output::errln;

use super::image;
use crate::{
    build::LOCAL_SAGEMAKER,
    process::{cargo, program, run as run_program, step},
    shipped,
    tools::{cross::Arch, python::PythonEnvironment},
    workspace,
};

/// The largest wheel.
const MAX_WHEEL_BYTES: u64 = 6 << 20;
/// The glibc of the wheel's program: 2.17 or newer, as Rust's standard library needs.
const COMPATIBILITY: &str = "manylinux2014";
/// The time of the files in the wheel, at which the calendar of zip begins: 1980-01-01.
const SOURCE_DATE_EPOCH: &str = "315532800";

/// What to make for users of `local-sagemaker`, in target/local-sagemaker.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
pub enum Product {
    /// Build the Python wheel and its source distribution
    Wheel,
    /// Build the container image as a folder in OCI's layout
    Image,
    /// Build the archives that `cargo binstall` and the release have
    Archives,
}

impl Product {
    pub fn make(self) -> Result<()> {
        let made = match self {
            Self::Wheel => wheel()?,
            Self::Image => image()?,
            Self::Archives => archives()?,
        };
        errln!("\n{}", made.display());
        Ok(())
    }
}

fn folder() -> PathBuf {
    workspace::target().join("local-sagemaker")
}

/// Builds the static program, and returns its path.
pub fn static_program() -> Result<PathBuf> {
    linux()?;
    let mut build = cargo();
    build.args(["rustc", "--release", "--locked", "--package", LOCAL_SAGEMAKER, "--bin", LOCAL_SAGEMAKER]);
    shipped::remap_paths(&mut build, &[]);
    // Only for the program itself: its crates are those of other programs of this profile.
    build.args(["--", "-C", "target-feature=+crt-static"]);
    step("build the static program (about 4 minutes the first time)", || run_program(&mut build))?;
    // Another link of the program has the same path.
    let path = folder().join("static").join(LOCAL_SAGEMAKER);
    fs::create_dir_all(folder().join("static"))?;
    fs::copy(workspace::release(LOCAL_SAGEMAKER), &path)?;
    shipped::check_paths(&path)?;
    Ok(path)
}

/// Returns where cargo puts the program of the wheel.
fn program_of_wheel(arch: Arch) -> PathBuf {
    workspace::cargo_target().join(arch.target()).join("release").join(LOCAL_SAGEMAKER)
}

/// Returns this machine's processor, if it can build and run the program.
fn linux() -> Result<Arch> {
    if env::consts::OS != "linux" {
        bail!("the static program is for Linux; elsewhere build a wheel by: maturin build --release");
    }
    Arch::host()
}

/// Builds the wheel and the source distribution, and returns the path of the wheel.
pub fn wheel() -> Result<PathBuf> {
    let arch = linux()?;
    let python = step("maturin and zig (Python)", || PythonEnvironment::Wheel.ensure())?;
    let out = folder().join("wheel");
    workspace::remove_folder(&out)?;
    let maturin = |command: &str| {
        let mut maturin = program(PythonEnvironment::Wheel.program("maturin"));
        maturin.args([command, "--manifest-path", "crates/local-sagemaker/Cargo.toml", "--out"]).arg(&out);
        maturin.env("SOURCE_DATE_EPOCH", SOURCE_DATE_EPOCH);
        maturin
    };
    step("the source distribution", || run_program(&mut maturin("sdist")))?;
    step("the wheel (about 4 minutes the first time)", || {
        let mut build = maturin("build");
        build.args(["--release", "--target", arch.target(), "--zig", "--compatibility", COMPATIBILITY]);
        build.env("CARGO_ZIGBUILD_PYTHON_PATH", &python);
        shipped::remap_paths(&mut build, &[]);
        run_program(&mut build)
    })?;
    shipped::check_paths(&program_of_wheel(arch))?;
    let wheel = file_with_extension(&out, "whl")?;
    let bytes = fs::metadata(&wheel)?.len();
    ensure!(bytes <= MAX_WHEEL_BYTES, "the wheel has {bytes} bytes; the limit is {MAX_WHEEL_BYTES}");
    errln!("  {bytes} bytes");
    Ok(wheel)
}

fn file_with_extension(folder: &Path, extension: &str) -> Result<PathBuf> {
    let mut files = fs::read_dir(folder)?.filter_map(Result::ok).map(|entry| entry.path());
    let file = files.find(|path| path.extension().is_some_and(|found| found == extension));
    file.with_context(|| format!("there is no .{extension} in {}", folder.display()))
}

/// Writes the image, and returns its folder.
pub fn image() -> Result<PathBuf> {
    let (arch, built) = (linux()?, static_program()?);
    let out = folder().join("image");
    step("the image", || {
        let digest = image::write(&out, &fs::read(built)?, arch, env!("CARGO_PKG_VERSION"))?;
        errln!("  {digest}");
        Ok(())
    })?;
    Ok(out)
}

/// Packs the programs, each with README and licenses, as `cargo binstall` expects them, and returns the folder: that of the wheel
/// for systems with glibc, and the static one for all others.
fn archives() -> Result<PathBuf> {
    let arch = linux()?;
    wheel()?;
    let with_glibc = fs::read(program_of_wheel(arch))?;
    let without_libc = fs::read(static_program()?)?;
    for (target, program) in
        [(arch.target(), with_glibc), (&format!("{}-linux-static", env::consts::ARCH), without_libc)]
    {
        let name = format!("{LOCAL_SAGEMAKER}-{}-{target}", env!("CARGO_PKG_VERSION"));
        let path = folder().join(format!("{name}.tar.gz"));
        fs::write(&path, pack(&name, program)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(folder())
}

/// Returns an archive with one folder.
fn pack(name: &str, program: Vec<u8>) -> Result<Vec<u8>> {
    let crate_folder = workspace::root().join("crates/local-sagemaker");
    let mut files = vec![(LOCAL_SAGEMAKER, 0o755, program)];
    for text in ["README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        files.push((text, 0o644, fs::read(crate_folder.join(text))?));
    }
    let mut tar = tar::Builder::new(GzBuilder::new().mtime(0).write(Vec::new(), Compression::best()));
    for (file, mode, contents) in files {
        let mut header = tar::Header::new_ustar();
        header.set_mode(mode);
        header.set_size(contents.len() as u64);
        header.set_mtime(0);
        tar.append_data(&mut header, Path::new(name).join(file), contents.as_slice())?;
    }
    Ok(tar.into_inner()?.finish()?)
}
