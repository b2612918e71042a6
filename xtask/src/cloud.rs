//! `deploy`, `destroy`, `status`, `outputs`, `logs`: the module's life in an account, or in the local cloud.

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use mysfits_output::errln;

use crate::{
    build, checkout, forward,
    localcloud::LocalCloud,
    package::{self, BuildArgs, FunctionArgs},
    process::{cargo, program, run},
    shipped, workspace,
};

/// Where things are deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// An AWS account: the one that the environment's or the profile's credentials belong to
    Aws,
    /// The cloud on this machine: an emulator, with SageMaker played by this workspace's own endpoint
    Local,
}

/// Build, package, show what would change and what it costs, ask, deploy, try it, print the addresses.
#[derive(Debug, clap::Args)]
pub struct DeployArgs {
    /// Where to
    #[arg(long, value_enum, default_value_t = Target::Aws)]
    target: Target,
    /// Deploy this package instead of building one
    #[arg(long, value_name = "DIR", conflicts_with_all = ["arch", "link_statically"])]
    package: Option<PathBuf>,
    /// The site's other settings, a JSON file: where the workshop's other modules are
    #[arg(long, value_name = "FILE")]
    site_settings: Option<PathBuf>,
    #[command(flatten)]
    function: FunctionArgs,
    /// Everything else is for the deployer: --backend, --hosting, --ttl, --yes, --dry-run, …; `-- --help` lists it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
    options: Vec<String>,
}

/// A command of the deployer that needs no package.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct LifeArgs {
    /// Where
    #[arg(long, value_enum, default_value_t = Target::Aws)]
    target: Target,
    /// Everything else is for the deployer; --help lists it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
    options: Vec<String>,
}

/// Train the mysfits' model here, or as a SageMaker training job.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct TrainArgs {
    /// Where it is trained
    #[arg(long, value_enum, default_value_t = On::Local)]
    on: On,
    /// Whose SageMaker
    #[arg(long, value_enum, default_value_t = Target::Aws)]
    target: Target,
    /// Everything else is for the program that trains; --help lists it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
    options: Vec<String>,
}

/// Where a model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum On {
    /// On this machine
    Local,
    /// A training job with SageMaker's built-in algorithm
    Sagemaker,
}

/// `train`.
pub fn train(args: &TrainArgs) -> Result<()> {
    if args.on == On::Sagemaker {
        return other("train", &LifeArgs { target: args.target, options: args.options.clone() });
    }
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--package", "mysfits-server", "--", "survey"]);
    // As the other release builds of the server, or it would be compiled twice.
    shipped::remap_paths(&mut command, &[]);
    run(command.args(forward::resolve_paths(&args.options)))
}

/// `deploy`.
pub fn deploy(args: &DeployArgs) -> Result<()> {
    if asks_for_help(&args.options) {
        return run(deployer()?.args(["deploy", "--help"]));
    }
    let folder = if let Some(folder) = &args.package {
        workspace::from_caller(folder)
    } else {
        let folder = package::default_folder();
        package::make(&BuildArgs::of(&args.function), &folder)?;
        folder
    };
    let mut deployer = deployer()?;
    deployer.arg("deploy").arg("--package").arg(folder).args(&args.options);
    if let Some(settings) = &args.site_settings {
        deployer.arg("--site-settings").arg(workspace::from_caller(settings));
    }
    let (notebook, missing) = notebook_source(&args.options, checkout::git);
    deployer.args(notebook);
    // The local cloud has notebook instances only on paper.
    if args.target == Target::Aws {
        for missing in missing {
            errln!("note: {missing}");
        }
    }
    if args.target == Target::Local {
        let cloud = LocalCloud::own();
        cloud.ensure()?;
        cloud.reach(&mut deployer)?;
        agree(&mut deployer, &args.options);
    }
    run(&mut deployer)
}

/// The deployer's option for where the notebook instance gets this project from.
const NOTEBOOK_REPOSITORY: &str = "--notebook-repository";

/// The deployer's option for which commit of it.
const NOTEBOOK_COMMIT: &str = "--notebook-commit";

/// The deployer's option for no notebook instance.
const WITHOUT_NOTEBOOK: &str = "--without-notebook";

/// Returns the deployer's options for what the notebook instance clones, unless `options` has them, and what could not be found
/// out.
fn notebook_source(
    options: &[String],
    git: impl Fn(&[&str]) -> Result<String>,
) -> (Vec<String>, Vec<String>) {
    let is_given = |name: &str| options.iter().any(|option| option.starts_with(name));
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    if !is_given(NOTEBOOK_REPOSITORY) {
        // The notebook instance clones what this machine has cloned.
        let reason = match git(&["remote", "get-url", "origin"]) {
            Ok(url) if is_public(&url) => {
                found.extend([NOTEBOOK_REPOSITORY.to_owned(), url]);
                None
            }
            Ok(_) => Some("the remote origin has no public https address".to_owned()),
            Err(error) => Some(format!("{error:#}")),
        };
        missing.extend(reason.map(|reason| {
            format!(
                "the notebook instance finds this project only where an earlier deployment told it, or in the stack's \
                 CodeCommit repository ({reason}); name a public repository with {NOTEBOOK_REPOSITORY} URL, or use \
                 {WITHOUT_NOTEBOOK}"
            )
        }));
    }
    if !is_given(NOTEBOOK_COMMIT) {
        // What is deployed, and not what the repository's branch has become when the instance starts.
        match git(&["rev-parse", "HEAD"]) {
            Ok(commit) => found.extend([NOTEBOOK_COMMIT.to_owned(), commit]),
            // Said once for both is enough.
            Err(error) if missing.is_empty() => missing.push(format!(
                "the notebook instance uses the default branch of its repository ({error:#}); name a commit with \
                 {NOTEBOOK_COMMIT} HASH"
            )),
            Err(_) => {}
        }
    }
    if is_given(WITHOUT_NOTEBOOK) {
        missing.clear();
    }
    (found, missing)
}

/// Returns whether a machine without credentials can clone this URL: it holds no name or password. The
/// deployer rejects all others.
fn is_public(url: &str) -> bool {
    url.starts_with("https://") && !url.contains('@')
}

/// Skips the confirmation: nothing in the local cloud costs money or belongs to another user.
fn agree(deployer: &mut Command, options: &[String]) {
    if !options.iter().any(|option| option == "--yes" || option == "--dry-run") {
        deployer.arg("--yes");
    }
}

/// `destroy`: in the local cloud, also asks the emulators whether anything is left, and ends them.
pub fn destroy(args: &LifeArgs) -> Result<()> {
    let mut deployer = deployer()?;
    deployer.arg("destroy").args(&args.options);
    if args.target == Target::Aws || asks_for_help(&args.options) {
        return run(&mut deployer);
    }
    let cloud = LocalCloud::own();
    cloud.reach(&mut deployer)?;
    agree(&mut deployer, &args.options);
    run(&mut deployer)?;
    if args.options.iter().any(|option| option == "--dry-run") {
        return Ok(());
    }
    cloud.check_empty()?;
    cloud.stop()
}

/// `status`, `outputs`, `logs`, and `train --on sagemaker`.
pub fn other(command: &str, args: &LifeArgs) -> Result<()> {
    let mut deployer = deployer()?;
    if args.target == Target::Local && !asks_for_help(&args.options) {
        LocalCloud::own().reach(&mut deployer)?;
    }
    run(deployer.arg(command).args(&args.options))
}

/// The deployer's program, built.
pub fn deployer() -> Result<Command> {
    build::programs(&["mysfits-deploy"])
        .context("its AWS SDKs are large: the first build takes a few minutes")?;
    Ok(program(workspace::debug("mysfits-deploy")))
}

/// Our own options, and whether a value follows; all others belong to the program that is run.
const OWN: [(&str, bool); 6] = [
    ("--target", true),
    ("--on", true),
    ("--package", true),
    ("--site-settings", true),
    ("--arch", true),
    ("--static", false),
];
/// The commands that run another program with options of its own.
const FORWARDING: [&str; 6] = ["deploy", "destroy", "status", "outputs", "logs", "train"];

/// Moves our own options before those of the other program. Otherwise `deploy --backend endpoint --target
/// local` would go to AWS, because of the order of its options.
pub fn own_first(arguments: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut arguments = arguments.into_iter();
    let mut first: Vec<String> = arguments.by_ref().take(2).collect();
    if !first.get(1).is_some_and(|command| FORWARDING.contains(&command.as_str())) {
        return first.into_iter().chain(arguments).collect();
    }
    let mut others = Vec::new();
    while let Some(argument) = arguments.next() {
        let name = argument.split('=').next().unwrap_or_default();
        let Some((_, takes_value)) = OWN.iter().find(|(own, _)| *own == name) else {
            others.push(argument);
            continue;
        };
        let value_follows = *takes_value && !argument.contains('=');
        first.push(argument);
        first.extend(value_follows.then(|| arguments.next()).flatten());
    }
    first.into_iter().chain(others).collect()
}

fn asks_for_help(options: &[String]) -> bool {
    options.iter().any(|option| option == "--help" || option == "-h")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_options_may_stand_anywhere() {
        let ordered = |line: &str| own_first(line.split(' ').map(str::to_owned)).join(" ");
        assert_eq!(
            ordered("xtask deploy --backend endpoint --target local --yes"),
            "xtask deploy --target local --backend endpoint --yes"
        );
        assert_eq!(ordered("xtask destroy --yes --target=local"), "xtask destroy --target=local --yes");
        assert_eq!(ordered("xtask train --rows 9 --on sagemaker"), "xtask train --on sagemaker --rows 9");
        // Elsewhere nothing is another program's.
        assert_eq!(ordered("xtask e2e --times 2 --target local"), "xtask e2e --times 2 --target local");
        assert_eq!(ordered("xtask"), "xtask");
    }

    #[test]
    fn deploys_without_git() {
        let no_git = |_: &[&str]| anyhow::bail!("/src is no Git checkout: it has no .git");
        let (found, missing) = notebook_source(&[], no_git);
        assert_eq!((found.len(), missing.len()), (0, 1));
        assert!(missing[0].contains("/src is no Git checkout"), "{missing:?}");
        assert!(missing[0].contains("--notebook-repository URL"), "{missing:?}");
        let given = ["--notebook-repository=https://git.example.org/m.git".to_owned()];
        let (found, missing) = notebook_source(&given, no_git);
        assert_eq!((found.len(), missing.len()), (0, 1));
        assert!(missing[0].contains("--notebook-commit HASH"), "{missing:?}");
        assert_eq!(notebook_source(&["--without-notebook".to_owned()], no_git), (vec![], vec![]));
    }

    #[test]
    fn deploys_the_commit_of_the_checkout() {
        let git = |arguments: &[&str]| {
            Ok(if arguments == ["rev-parse", "HEAD"] { "c0ffee" } else { "https://git.example.org/m" }
                .to_owned())
        };
        let (found, missing) = notebook_source(&[], git);
        let expected = ["--notebook-repository", "https://git.example.org/m", "--notebook-commit", "c0ffee"];
        assert_eq!(found, expected);
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn a_notebook_is_told_of_no_repository_that_needs_a_key() {
        assert!(is_public("https://git.example.org/mysfits.git"));
        for wrong in
            ["", "/srv/mysfits", "git@example.org:mysfits.git", "https://me:secret@example.org/mysfits.git"]
        {
            assert!(!is_public(wrong), "{wrong}");
        }
    }
}
