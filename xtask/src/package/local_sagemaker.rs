//! What users of `local-sagemaker` install: the wheel, the image and the archive, all with the same static program.

use std::{
    env, fs,
    io::Write as _,
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
/// What a static program runs on: any Linux with the system calls of the oldest kernel that Rust supports, with any libc.
const COMPATIBILITY: [&str; 2] = ["manylinux2014", "musllinux_1_1"];
/// The time of the files in the wheel, at which the calendar of zip begins: 1980-01-01.
const SOURCE_DATE_EPOCH: &str = "315532800";

/// What to make for users of `local-sagemaker`, in target/local-sagemaker.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
pub enum Product {
    /// Build the Python wheel and its source distribution
    Wheel,
    /// Build the container image as a folder in OCI's layout
    Image,
    /// Build the archive that `cargo binstall` and the release have
    Archive,
}

impl Product {
    pub fn make(self) -> Result<()> {
        let made = match self {
            Self::Wheel => wheel()?,
            Self::Image => image()?,
            Self::Archive => archive()?,
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
    let arch = linux()?;
    let mut build = cargo();
    build.args(["build", "--release", "--locked", "--package", LOCAL_SAGEMAKER]);
    // With a target named, the flags do not reach what runs while it is built.
    build.args(["--target", arch.target()]);
    shipped::remap_paths(&mut build, STATIC);
    step("build the static program (about 4 minutes the first time)", || run_program(&mut build))?;
    let path = workspace::cargo_target().join(arch.target()).join("release").join(LOCAL_SAGEMAKER);
    shipped::check_paths(&path)?;
    Ok(path)
}

const STATIC: &[&str] = &["-C", "target-feature=+crt-static"];

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
    let program_path = static_program()?;
    step("maturin (Python)", || PythonEnvironment::Wheel.ensure())?;
    let out = folder().join("wheel");
    workspace::remove_folder(&out)?;
    let manifest = "crates/local-sagemaker/Cargo.toml";
    let maturin = |command: &str| {
        let mut maturin = program(PythonEnvironment::Wheel.program("maturin"));
        maturin.args([command, "--manifest-path", manifest, "--out"]).arg(&out);
        maturin.env("SOURCE_DATE_EPOCH", SOURCE_DATE_EPOCH);
        maturin
    };
    step("the source distribution", || run_program(&mut maturin("sdist")))?;
    step("the wheel", || {
        let mut build = maturin("build");
        build.args(["--release", "--target", arch.target(), "--compatibility"]).args(COMPATIBILITY);
        shipped::remap_paths(&mut build, STATIC);
        run_program(&mut build)
    })?;
    let wheel = file_with_extension(&out, "whl")?;
    let bytes = fs::metadata(&wheel)?.len();
    ensure!(bytes <= MAX_WHEEL_BYTES, "the wheel has {bytes} bytes; the limit is {MAX_WHEEL_BYTES}");
    errln!("  {bytes} bytes, the program {}", fs::metadata(program_path)?.len());
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

/// Packs the program with its README and licenses, as `cargo binstall` expects it, and returns the archive's path.
fn archive() -> Result<PathBuf> {
    let (arch, built) = (linux()?, static_program()?);
    let name = format!("{LOCAL_SAGEMAKER}-{}-{}", env!("CARGO_PKG_VERSION"), arch.target());
    let path = folder().join(format!("{name}.tar.gz"));
    let crate_folder = workspace::root().join("crates/local-sagemaker");
    let mut tar = tar::Builder::new(GzBuilder::new().mtime(0).write(Vec::new(), Compression::best()));
    let files = [(built, 0o755)]
        .into_iter()
        .chain(["README.md", "LICENSE-APACHE", "LICENSE-MIT"].map(|name| (crate_folder.join(name), 0o644)));
    for (file, mode) in files {
        let contents = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut header = tar::Header::new_ustar();
        header.set_mode(mode);
        header.set_size(contents.len() as u64);
        header.set_mtime(0);
        let file = file.file_name().context("a file has a name")?;
        tar.append_data(&mut header, Path::new(&name).join(file), contents.as_slice())?;
    }
    let mut gzip = tar.into_inner()?;
    gzip.flush()?;
    fs::create_dir_all(folder())?;
    fs::write(&path, gzip.finish()?).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
