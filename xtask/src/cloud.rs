//! `deploy`, `destroy`, `status`, `outputs`, `logs`, `train`: the deployer, for an AWS account or the local cloud.

mod notebook_source;
mod region;
mod train;

use std::{error::Error, fmt, process::Command};

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Args, ValueEnum};
use mysfits_deploy_cli::{
    Backend, DeployArgs, DeploySettings, DestroyArgs, EndpointContainer, SETTINGS_FILE, SettingsFile,
    StageArgs, check_region,
};
use mysfits_infra::{Stack, Stage, recommendations::parameter::BACKEND, sagemaker::parameter::CONTAINER};
use mysfits_output::errln;

use crate::{
    build, checkout,
    forwarded::Forwarded,
    localcloud::LocalCloud,
    package::{self, BuildArgs, FunctionArgs, local_sagemaker},
    process::{add_option, program, step},
    workspace,
};

use self::notebook_source::notebook_source;
pub use self::train::{TrainAnywhereArgs, train};

/// Where to deploy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum CloudTarget {
    /// The AWS account of the environment's or the profile's credentials
    Aws,
    /// The local cloud: an AWS emulator, with this workspace's SageMaker
    #[default]
    Local,
}

/// Options of `deploy`.
#[derive(Debug, Args)]
#[command(mut_arg("package", |arg| {
    arg.help("Deploy this package instead of building one").conflicts_with_all(["arch", "link_statically"])
}))]
pub struct BuildAndDeployArgs {
    /// Where to deploy
    #[arg(long, value_enum, default_value_t = CloudTarget::Aws)]
    target: CloudTarget,
    #[command(flatten)]
    function: FunctionArgs,
    #[command(flatten)]
    deployer: Forwarded<DeployArgs>,
}

/// Options of a deployer's command that needs no package.
#[derive(Debug, Args)]
pub struct CloudArgs<A: Args> {
    /// Where the module is deployed
    #[arg(long, value_enum, default_value_t = CloudTarget::Aws)]
    target: CloudTarget,
    #[command(flatten)]
    deployer: Forwarded<A>,
}

pub fn deploy(args: &BuildAndDeployArgs) -> Result<()> {
    let options = &args.deployer.parsed;
    // Invalid settings and unsupported regions are reported before anything is built.
    let settings = check_settings(options, args.target)?;
    // The local cloud runs the function on this machine: unless it must be built in a certain way, it is compiled quickly.
    let for_development = args.target == CloudTarget::Local && args.function == FunctionArgs::default();
    let folder = if for_development { package::development_folder() } else { package::default_folder() };
    let built = options.package.is_none().then_some(folder);
    let programs: &[_] = match args.target {
        CloudTarget::Aws => &[build::DEPLOYER],
        CloudTarget::Local => &[build::DEPLOYER, build::LOCAL_CLOUD],
    };
    if let Some(folder) = &built {
        let function = match args.target {
            CloudTarget::Aws => args.function.for_aws()?,
            CloudTarget::Local => args.function.clone(),
        };
        if for_development {
            package::make_for_development(folder, programs)?;
        } else {
            package::make(&BuildArgs::of(&function), folder, programs)?;
        }
    } else if let Some(folder) = options.package.as_ref().filter(|_| args.target == CloudTarget::Local) {
        package::check_runs_here(folder)?;
    }
    build::cloud_programs(programs)?;
    let image = builds_image(options, &settings).then(local_sagemaker::image).transpose()?;
    let mut deployer = deployer()?;
    deployer.arg("deploy").args(&args.deployer.given);
    add_option(&mut deployer, "--package", built);
    add_option(&mut deployer, "--image", image);
    let (notebook, missing) = notebook_source(options, checkout::git);
    deployer.args(notebook);
    if args.target == CloudTarget::Local {
        let cloud = LocalCloud::own();
        cloud.ensure()?;
        cloud.reach(&mut deployer)?;
        skip_confirmation(&mut deployer, options.yes || options.dry_run);
    } else {
        // The local cloud only records notebook instances.
        for missing in missing {
            errln!("note: {missing}");
        }
    }
    run_with_exit_code(&mut deployer)
}

/// Reads the settings file of a command: the named one, or the one in the workspace's root, if it exists.
fn settings_file(stage: &StageArgs) -> Result<Option<SettingsFile>> {
    let default = workspace::root().join(SETTINGS_FILE);
    match stage.config.clone().or_else(|| default.exists().then_some(default)) {
        Some(config) => Ok(SettingsFile::load(Some(&config))?),
        None => Ok(None),
    }
}

/// Returns the settings of a deployment, and checks that its region has what it needs.
fn check_settings(options: &DeployArgs, target: CloudTarget) -> Result<DeploySettings> {
    let given = options.settings()?;
    let file = settings_file(&options.stage)?;
    let of_file = file.as_ref().map(|file| file.for_stage(options.stage.stage.as_str()));
    let settings = of_file.unwrap_or_default().overridden_by(given);
    // A saved plan has its own region, a hotswap changes stacks that exist, and the local cloud has all types.
    if target == CloudTarget::Aws && options.apply.is_none() && !options.hotswap {
        let region = options.stage.region_in(file.as_ref()).or_else(region::configured);
        // Without a region, the deployer reports what to set.
        region.map_or(Ok(()), |region| check_region(&region, &settings))?;
    }
    Ok(settings)
}

/// Returns whether the settings ask for a container with our image, and no image is given.
fn builds_image(options: &DeployArgs, settings: &DeploySettings) -> bool {
    // A saved plan has its image; a hotswap changes none.
    if options.image.is_some() || options.apply.is_some() || options.hotswap {
        return false;
    }
    let is = |name: &str, value: &str| settings.parameters.get(name).is_some_and(|given| given == value);
    is(CONTAINER, EndpointContainer::Own.as_str()) && !is(BACKEND, Backend::Embedded.as_str())
}

/// Passes `--yes` unless the user did: nothing in the local cloud costs money or belongs to another user.
fn skip_confirmation(deployer: &mut Command, is_given: bool) {
    deployer.args((!is_given).then_some("--yes"));
}

/// Runs `destroy`: in the local cloud, also verifies that the emulators are empty, and stops them.
pub fn destroy(args: &CloudArgs<DestroyArgs>) -> Result<()> {
    let options = &args.deployer.parsed;
    let mut deployer = deployer_in(args.target)?;
    deployer.arg("destroy").args(&args.deployer.given);
    if args.target == CloudTarget::Aws {
        return run_with_exit_code(&mut deployer);
    }
    skip_confirmation(&mut deployer, options.yes || options.dry_run);
    // Notebook instance and code repository are only records there.
    deployer.args((!options.delete_data).then_some("--delete-data"));
    run_with_exit_code(&mut deployer)?;
    if options.dry_run {
        return Ok(());
    }
    let cloud = LocalCloud::own();
    let region = options.stage.region_in(settings_file(&options.stage)?.as_ref());
    let left = step("search the local cloud", || cloud.leftovers(region.as_deref()))?;
    if left.iter().any(|line| is_other_stack(line, &options.stage.stage)) {
        errln!("  the local cloud keeps running: there are other stacks in it");
        return Ok(());
    }
    ensure!(left.is_empty(), "resources are left:\n{}", left.join("\n"));
    cloud.stop()
}

/// Returns whether a line of the local cloud's leftovers is a stack that does not belong to the stage.
fn is_other_stack(line: &str, stage: &Stage) -> bool {
    let Some(stack) = line.strip_prefix("left: stack ") else { return false };
    let name = stack.split(' ').next().unwrap_or_default();
    Stack::ALL.iter().all(|stack| stack.name(stage) != name)
}

pub fn run_deployer<A: Args>(command: &str, args: &CloudArgs<A>) -> Result<()> {
    run_with_exit_code(deployer_in(args.target)?.arg(command).args(&args.deployer.given))
}

/// An exit code of the deployer that is more than a failure, such as that of drift.
#[derive(Debug)]
pub struct DeployerExit(pub u8);

impl fmt::Display for DeployerExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the deployer ended with exit code {}", self.0)
    }
}

impl Error for DeployerExit {}

/// Runs the deployer. Its exit codes become those of this program.
fn run_with_exit_code(deployer: &mut Command) -> Result<()> {
    let status = deployer.status().context("cannot start mysfits-deploy")?;
    match status.code() {
        Some(0) => Ok(()),
        Some(code @ 2..=255) => Err(DeployerExit(u8::try_from(code).unwrap_or(1)).into()),
        _ => bail!("the deployer failed: {status}"),
    }
}

/// Returns the deployer's program, with the environment of a target.
pub fn deployer_in(target: CloudTarget) -> Result<Command> {
    let mut deployer = deployer()?;
    if target == CloudTarget::Local {
        LocalCloud::own().reach(&mut deployer)?;
    }
    Ok(deployer)
}

/// Builds the deployer and returns its program.
fn deployer() -> Result<Command> {
    build::cloud_programs(&[build::DEPLOYER])
        .context("its AWS SDKs are large: the first build takes a few minutes")?;
    Ok(program(workspace::debug(build::DEPLOYER)))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Deploy {
        #[command(flatten)]
        args: BuildAndDeployArgs,
    }

    pub(super) fn options(line: &str) -> DeployArgs {
        Deploy::parse_from(std::iter::once("deploy").chain(line.split_terminator(' '))).args.deployer.parsed
    }

    #[test]
    fn accepts_options_of_both_programs_in_any_order() {
        let line = "deploy --backend endpoint --target local --yes";
        let args = Deploy::parse_from(line.split(' ')).args;
        assert_eq!(args.target, CloudTarget::Local);
        assert_eq!(args.deployer.given, ["--backend", "endpoint", "--yes"]);
        assert!(Deploy::try_parse_from(["deploy", "--package", "x", "--static"]).is_err());
    }

    #[test]
    fn builds_the_image_of_an_own_container() {
        let builds = |line: &str| {
            let options = options(line);
            builds_image(&options, &options.settings().unwrap())
        };
        assert!(builds("--container own") && builds("--backend endpoint --container own"));
        assert!(!builds("") && !builds("--container built-in"));
        assert!(!builds("--container own --image folder"), "it is given");
        assert!(!builds("--container own --backend embedded"), "there is no container");
    }

    #[cfg(unix)]
    #[test]
    fn exit_codes_of_the_deployer_are_kept() {
        let code = |script: &str| {
            let error = run_with_exit_code(Command::new("sh").args(["-c", script])).err()?;
            Some(error.downcast_ref().map(|DeployerExit(code)| *code))
        };
        assert_eq!(code("exit 0"), None);
        assert_eq!(code("exit 1"), Some(None));
        assert_eq!(code("exit 3"), Some(Some(3)));
    }

    #[test]
    fn other_stages_keep_the_local_cloud_running() {
        let prod = "prod".parse().unwrap();
        for (stack, is_other) in [
            (Stack::Website.name(&Stage::DEFAULT), false),
            (Stack::Website.name(&prod), true),
            ("MythicalMysfits-Website".to_owned(), true),
        ] {
            let line = format!("left: stack {stack} (CREATE_COMPLETE)");
            assert_eq!(is_other_stack(&line, &Stage::DEFAULT), is_other, "{line}");
        }
        assert!(!is_other_stack("left: bucket mysfits-prod-site", &Stage::DEFAULT));
    }
}
