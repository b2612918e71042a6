//! Options of another program, which `cargo xtask` parses, lists in its `--help` and passes on.

use std::ffi::OsString;

use clap::{ArgMatches, Args, Command, FromArgMatches, ValueHint, parser::ValueSource};

use crate::workspace;

/// Options of another program: parsed, and as the program reads them.
#[derive(Debug)]
pub struct Forwarded<A> {
    /// The parsed options.
    pub parsed: A,
    /// The options that the user gave, with paths relative to the workspace's root, where programs run.
    pub given: Vec<OsString>,
}

impl<A: Args> Args for Forwarded<A> {
    fn augment_args(command: Command) -> Command {
        A::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        A::augment_args_for_update(command)
    }
}

impl<A: Args> FromArgMatches for Forwarded<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { parsed: A::from_arg_matches(matches)?, given: given::<A>(matches) })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Returns those of the options `A` that were given on the command line.
fn given<A: Args>(matches: &ArgMatches) -> Vec<OsString> {
    let mut given = Vec::new();
    for option in A::augment_args(Command::new("options")).get_arguments() {
        let id = option.get_id().as_str();
        if matches.value_source(id) != Some(ValueSource::CommandLine) {
            continue;
        }
        let long = option.get_long().map(|long| OsString::from(format!("--{long}")));
        if !option.get_action().takes_values() {
            given.extend(long);
            continue;
        }
        let is_path = option.get_value_hint() == ValueHint::AnyPath;
        for value in matches.get_raw(id).into_iter().flatten() {
            // A repeatable option is repeated for each of its values.
            given.extend(long.clone());
            given.push(if is_path {
                workspace::from_caller(value.as_ref()).into()
            } else {
                value.to_owned()
            });
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use clap::Parser;

    use super::*;

    #[derive(Debug, Args)]
    struct Options {
        #[arg(long, default_value_t = 7)]
        rows: u32,
        #[arg(long)]
        out: Option<PathBuf>,
        #[arg(long)]
        yes: bool,
        #[arg(long)]
        tag: Vec<String>,
    }

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        options: Forwarded<Options>,
        #[arg(long)]
        target: Option<String>,
    }

    #[test]
    fn passes_on_what_was_given_in_any_order() {
        let options = |line: &str| Cli::parse_from(line.split(' ')).options;
        assert_eq!(options("xtask --yes --target local --rows=9").given, ["--rows", "9", "--yes"]);
        assert_eq!(options("xtask --tag=a --tag b").given, ["--tag", "a", "--tag", "b"]);
        assert_eq!(options("xtask --target local").given, Vec::<OsString>::new());
        assert_eq!(options("xtask").parsed.rows, 7);
    }

    #[test]
    fn resolves_paths_from_the_callers_folder() {
        let options = Cli::parse_from(["xtask", "--out", "model.tar.gz"]).options;
        // Tests run in the package's folder.
        let expected = workspace::root().join("xtask/model.tar.gz");
        assert_eq!(options.given, [OsString::from("--out"), expected.into()]);
        assert_eq!(options.parsed.out.as_deref(), Some("model.tar.gz".as_ref()));
    }
}
