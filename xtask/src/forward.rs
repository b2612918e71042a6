//! Commands that are another program's: everything typed goes to it, `--help` too.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{
    process::{cargo, run},
    workspace,
};

/// What was typed, for the program to understand.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Args {
    /// The program's own arguments; --help lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Args {
    /// `data`: the survey's program; without arguments it lists its commands.
    pub fn data(&self) -> Result<()> {
        let help = self.arguments.is_empty().then_some("--help");
        let mut command = cargo();
        command.args(["run", "--quiet", "--package", "mysfits-data", "--features", "cli", "--"]);
        run(command.args(help).args(resolve_paths(&self.arguments)))
    }
}

/// The options of other programs whose values are paths.
const PATHS: [&str; 4] = ["--out", "--survey", "--svg", "--table"];

/// Returns another program's arguments with the paths as they are from the workspace's root, where the program runs.
pub fn resolve_paths(arguments: &[String]) -> Vec<OsString> {
    resolve_paths_by(arguments, workspace::from_caller)
}

fn resolve_paths_by(arguments: &[String], resolve: impl Fn(&Path) -> PathBuf) -> Vec<OsString> {
    // Standard output is no file.
    let resolve = |path: &str| if path == "-" { path.into() } else { resolve(Path::new(path)) };
    let mut resolved = Vec::new();
    let mut is_path = false;
    for argument in arguments {
        match argument.split_once('=') {
            _ if is_path => resolved.push(resolve(argument).into_os_string()),
            Some((name, path)) if PATHS.contains(&name) => {
                let mut argument = OsString::from(format!("{name}="));
                argument.push(resolve(path));
                resolved.push(argument);
            }
            _ => resolved.push(argument.into()),
        }
        is_path = !is_path && PATHS.contains(&argument.as_str());
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_paths_from_the_callers_folder() {
        let resolved = |line: &str| {
            let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let resolved = resolve_paths_by(&arguments, |path| Path::new("/here").join(path));
            let words = resolved.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>();
            words.join(" ")
        };
        assert_eq!(resolved("generate --rows 9 --out a.csv"), "generate --rows 9 --out /here/a.csv");
        assert_eq!(resolved("--survey=a=b.csv --table t"), "--survey=/here/a=b.csv --table /here/t");
        assert_eq!(resolved("generate --out - --seed 3"), "generate --out - --seed 3");
        assert_eq!(resolved("describe --svg /a.svg"), "describe --svg /a.svg");
    }
}
