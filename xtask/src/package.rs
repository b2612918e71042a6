//! `package`: builds the deployment package, or what users of `local-sagemaker` install, reproducibly.

mod image;
pub mod local_sagemaker;

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use self::local_sagemaker::Product;
use crate::{
    background,
    build::{
        BUNDLER, DEPLOYER, FUNCTION, FUNCTION_PROGRAM, SERVER, build_server, bundle, cloud_programs,
        ensure_wasm, start_page,
    },
    process::{cargo, choice_name, output, program, run as run_program, step},
    shipped,
    tools::cross::{self, Arch},
    workspace,
};

/// The file that describes a package.
const MANIFEST: &str = "manifest.json";

/// Options of `package`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    product: Option<Product>,
    #[command(flatten)]
    build: BuildArgs,
    /// Folder to write, replacing an existing package [default: target/package]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// What is built into a package.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct BuildArgs {
    #[command(flatten)]
    pub function: FunctionArgs,
    /// Number of survey rows to generate for the model
    #[arg(long)]
    rows: Option<u32>,
    /// Number of neighbours that vote
    #[arg(long)]
    k: Option<u32>,
}

impl BuildArgs {
    /// Returns a package with the model that is trained unless another is asked for.
    pub fn of(function: &FunctionArgs) -> Self {
        Self { function: function.clone(), rows: None, k: None }
    }
}

/// What the function is built for.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct FunctionArgs {
    /// Architecture of the function [default: arm64 in AWS if this machine can compile for it, else this machine's]
    #[arg(long, value_enum)]
    arch: Option<Arch>,
    /// Link the function statically; needed if this machine's glibc is newer than 2.34
    #[arg(long = "static")]
    link_statically: bool,
}

impl FunctionArgs {
    /// Returns the options with the architecture of a function in AWS, if none is given.
    pub fn for_aws(&self) -> Result<Self> {
        let arch = self.arch.map_or_else(cross::default_in_aws, Ok)?;
        Ok(Self { arch: Some(arch), ..self.clone() })
    }
}

/// Returns the package's folder unless another is named.
pub fn default_folder() -> PathBuf {
    workspace::target().join("package")
}

/// Returns the folder of the package that is compiled for development.
pub fn development_folder() -> PathBuf {
    workspace::target().join("package-development")
}

pub fn run(args: &Args) -> Result<()> {
    if let Some(product) = args.product {
        return product.make();
    }
    let out = args.out.as_deref().map_or_else(default_folder, workspace::from_caller);
    make(&BuildArgs { function: args.build.function.for_aws()?, ..args.build.clone() }, &out, &[])
}

/// Checks that this machine, and so the local cloud, can run the function of a package.
pub fn check_runs_here(folder: &Path) -> Result<()> {
    // The deployer reports a package that cannot be read.
    let Ok(manifest) = fs::read(folder.join(MANIFEST)) else { return Ok(()) };
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap_or_default();
    let host = choice_name(Arch::host()?);
    match manifest["architecture"].as_str() {
        Some(found) if found != host => bail!(
            "the function of the package {} is for {found}, and this machine, which is {host}, runs it in the local cloud; build it \
             with `cargo xtask package --arch {host}`",
            folder.display()
        ),
        _ => Ok(()),
    }
}

/// Makes the package. `programs` are those that the command needs beside it, built together with those that make it.
pub fn make(args: &BuildArgs, out: &Path, programs: &[&'static str]) -> Result<()> {
    let function = build_parts(&args.function, programs)?;
    let model = train("package-model", args)?;
    assemble(&function, &model, out)
}

/// Makes a package that runs on this machine only: all native programs are compiled for development, with one call of cargo.
pub fn make_for_development(out: &Path, programs: &[&'static str]) -> Result<()> {
    let page = start_page(&ensure_wasm()?)?;
    cloud_programs(&[&[BUNDLER, DEPLOYER, SERVER, FUNCTION_PROGRAM], programs].concat())?;
    background::wait(vec![page])?;
    bundle(&workspace::debug(BUNDLER), &[])?;
    let function = BuiltFunction { program: workspace::debug(FUNCTION_PROGRAM), arch: Arch::host()? };
    let model = train_with(&workspace::debug(SERVER), "package-model", [""; 0])?;
    assemble(&function, &model, out)
}

/// Builds the function, the site, and what trains and packs; and other programs for the cloud together with it.
pub fn build_parts(args: &FunctionArgs, programs: &[&'static str]) -> Result<BuiltFunction> {
    let page = start_page(&ensure_wasm()?)?;
    let function = build_function(args)?;
    // It trains the model.
    build_server(&[])?;
    cloud_programs(&[&[BUNDLER, DEPLOYER], programs].concat())?;
    background::wait(vec![page])?;
    bundle(&workspace::debug(BUNDLER), &[])?;
    Ok(function)
}

/// The function's program, and what it is for.
pub struct BuiltFunction {
    program: PathBuf,
    arch: Arch,
}

/// Builds the function as Lambda is to run it.
pub fn build_function(args: &FunctionArgs) -> Result<BuiltFunction> {
    let host = Arch::host()?;
    let arch = args.arch.unwrap_or(host);
    let mut build = function_command();
    let mut folder = workspace::cargo_output();
    if arch != host || env::consts::OS != "linux" || args.link_statically {
        // With a target named, flags for the linker reach the function only, and not what runs while it is built.
        build.args(["--target", arch.target()]);
        folder = workspace::cargo_target().join(arch.target());
    }
    if arch != host || env::consts::OS != "linux" {
        step("a compiler for the function", || cross::prepare(arch, &mut build))?;
    }
    let flags: &[&str] = if args.link_statically { &["-C", "target-feature=+crt-static"] } else { &[] };
    shipped::remap_paths(&mut build, flags);
    step("build the function", || run_program(&mut build))?;
    let program = folder.join("lambda").join(FUNCTION_PROGRAM);
    shipped::check_paths(&program)?;
    Ok(BuiltFunction { program, arch })
}

/// Returns the command that builds the function for this machine.
pub fn function_command() -> Command {
    let mut build = cargo();
    build.args(["build", "--profile", "lambda", "--package", FUNCTION]);
    shipped::remap_paths(&mut build, &[]);
    build
}

/// Writes what `cargo tree` says of the function's program, for the package's list of crates.
fn list_dependencies(arch: Arch) -> Result<PathBuf> {
    let mut tree = cargo();
    tree.args(["tree", "--locked", "--package", FUNCTION, "--target", arch.target()]);
    tree.args(["--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", "{p}|{l}|{r}"]);
    let tree =
        output(tree.args(["--charset", "utf8"])).context("cargo tree --package mysfits-lambda failed")?;
    let file = workspace::log("lambda-dependencies").with_extension("txt");
    fs::create_dir_all(workspace::target().join("xtask"))?;
    fs::write(&file, tree).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

/// A trained model: its artifact, and the folder with its decision table.
pub struct ModelFiles {
    artifact: PathBuf,
    /// The folder with the decision table.
    pub table: PathBuf,
}

/// Trains the model of a package in target/NAME.
pub fn train(name: &str, args: &BuildArgs) -> Result<ModelFiles> {
    let option = |name: &str, value: Option<u32>| value.map(|value| format!("{name}={value}"));
    train_with(
        &workspace::release(SERVER),
        name,
        option("--rows", args.rows).into_iter().chain(option("--k", args.k)),
    )
}

/// Trains a model whose labels have nothing to do with the answers: another model, for tests that must see a difference.
pub fn train_at_random(name: &str) -> Result<ModelFiles> {
    train_with(&workspace::release(SERVER), name, ["--random", "--rows", "20000"])
}

fn train_with(
    server: &Path,
    name: &str,
    options: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<ModelFiles> {
    let folder = workspace::target().join(name);
    let trained = ModelFiles { artifact: folder.join("model.tar.gz"), table: folder.join("table") };
    let mut survey = program(server);
    survey.arg("survey").arg("--out").arg(&trained.artifact).arg("--table").arg(&trained.table);
    step("train the model", || run_program(survey.args(options)))?;
    Ok(trained)
}

/// Makes the package of its parts; the site is the one in target/site.
pub fn assemble(function: &BuiltFunction, model: &ModelFiles, out: &Path) -> Result<()> {
    step("make the package", || {
        let dependencies = list_dependencies(function.arch)?;
        let mut package = program(workspace::debug("mysfits-deploy"));
        package.arg("package").arg("--dependencies").arg(dependencies).args(["--lock", "Cargo.lock"]);
        package
            .arg("--bootstrap")
            .arg(&function.program)
            .arg("--architecture")
            .arg(choice_name(function.arch));
        package.arg("--table").arg(&model.table).arg("--model").arg(&model.artifact);
        run_program(package.arg("--site").arg(workspace::site()).arg("--out").arg(out))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_cloud_runs_only_functions_for_this_machine() {
        let folder = tempfile::tempdir().unwrap();
        let check = |architecture: &str| {
            let manifest = format!(r#"{{"architecture": "{architecture}"}}"#);
            fs::write(folder.path().join(MANIFEST), manifest).unwrap();
            check_runs_here(folder.path()).map_err(|error| error.to_string())
        };
        let host = choice_name(Arch::host().unwrap());
        assert_eq!(check(&host), Ok(()));
        let other = if host == "arm64" { "x86_64" } else { "arm64" };
        let error = check(other).unwrap_err();
        assert!(error.contains(&format!("is for {other}")), "{error}");
        assert!(error.contains(&format!("cargo xtask package --arch {host}")), "{error}");
    }
}
