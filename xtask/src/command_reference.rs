//! The documentation's pages about the commands: `UPDATE_EXPECT=1 cargo test -p xtask command_reference` writes them.

use std::fmt::Write as _;

use clap::{Arg, Args as _, Command, CommandFactory as _};
use expect_test::expect_file;
use mysfits_deploy_cli::DeployArgs;

use crate::Cli;

const INTRODUCTION: &str = "# Commands for the cloud

These are the commands of `cargo xtask`, with all options. Each prints the same with `--help`. [Commands of the
workspace](../reference/xtask.md) lists the others.

`mysfits-deploy` is the program behind them, which `cargo xtask` builds and runs. It has the same commands and options, except
`--target`, `--on local`, and those that build something: it deploys the package of `--package`, or the one in `target/package`.

This page is generated from the command line's definition.

## Options of all commands but package and synth
";

const WORKSPACE: &str = "# Commands of the workspace

`cargo xtask` builds, tests, deploys and removes everything. Each command prints its options with `--help`.

This page is generated from the command line's definition.

| command | does |
| --- | --- |
";

/// The commands that call no cloud.
const OTHER_COMMANDS: [&str; 2] = ["package", "synth"];

/// Returns whether a command calls the cloud.
fn calls_cloud(command: &Command) -> bool {
    command.get_arguments().any(|argument| argument.get_id() == "stage")
}

/// Returns a text for a cell of a table.
fn cell(text: impl ToString) -> String {
    text.to_string().replace('|', "\\|")
}

/// Writes the rows of options.
fn table<'a>(page: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    page.push_str("\n| option | meaning | values |\n| --- | --- | --- |\n");
    for argument in arguments {
        let value = argument.get_value_names().map_or_else(String::new, |names| names[0].to_string());
        let option = match argument.get_long() {
            None => format!("[{value}]"),
            Some(long) if argument.get_action().takes_values() => format!("--{long} {value}"),
            Some(long) => format!("--{long}"),
        };
        let meaning = argument.get_help().map(cell).unwrap_or_default();
        let is_flag = !argument.get_action().takes_values();
        let possible = argument.get_possible_values();
        let defaults = argument.get_default_values();
        let mut values = Vec::new();
        if !is_flag {
            values.extend(possible.iter().map(|value| format!("`{}`", value.get_name())));
            values.extend(defaults.iter().map(|value| format!("default `{}`", value.to_string_lossy())));
        }
        let values = values.join(", ");
        writeln!(page, "| `{option}` | {meaning} | {} |", cell(values)).unwrap();
    }
}

/// Returns the page about all commands, with the options of those that are not for the cloud.
fn workspace_page() -> String {
    let mut cli = Cli::command();
    cli.build();
    let is_other = |command: &Command| OTHER_COMMANDS.contains(&command.get_name()) || calls_cloud(command);
    let (mut page, mut sections) = (WORKSPACE.to_owned(), String::new());
    for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
        let (name, about) = (command.get_name(), command.get_about().map(cell).unwrap_or_default());
        let address = if is_other(command) { "../deploying/commands.md" } else { "" };
        writeln!(page, "| [`{name}`]({address}#{name}) | {about} |").unwrap();
        if is_other(command) {
            continue;
        }
        write!(sections, "\n## `{name}`\n\n{about}.\n").unwrap();
        let mut shown = command.get_arguments().filter(|argument| argument.get_id() != "help").peekable();
        if shown.peek().is_some() {
            table(&mut sections, shown);
        }
    }
    page + &sections
}

fn page() -> String {
    let mut cli = Cli::command();
    cli.build();
    let is_other = |command: &Command| OTHER_COMMANDS.contains(&command.get_name());
    let commands = cli.get_subcommands().filter(|command| is_other(command) || calls_cloud(command));
    let commands: Vec<&Command> = commands.collect();
    let is_common = |argument: &&Arg| {
        let has =
            |command: &Command| command.get_arguments().any(|other| other.get_id() == argument.get_id());
        argument.get_id() != "help" && commands.iter().all(|command| is_other(command) || has(command))
    };
    let mut page = INTRODUCTION.to_owned();
    let deploy = cli.find_subcommand("deploy").unwrap();
    table(&mut page, deploy.get_arguments().filter(is_common));
    for command in &commands {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        write!(page, "\n## `{}`\n\n{about}.\n", command.get_name()).unwrap();
        let is_shown =
            |argument: &&Arg| argument.get_id() != "help" && (is_other(command) || !is_common(argument));
        let mut shown = command.get_arguments().filter(is_shown).peekable();
        if shown.peek().is_some() {
            table(&mut page, shown);
        }
    }
    page
}

#[test]
fn the_pages_about_commands_are_up_to_date() {
    expect_file!["../../docs/deploying/commands.md"].assert_eq(&page());
    expect_file!["../../docs/reference/xtask.md"].assert_eq(&workspace_page());
}

#[test]
fn the_deployer_lacks_the_options_that_the_page_says() {
    let deployer = DeployArgs::augment_args(Command::new("deploy"));
    for option in ["target", "arch", "static"] {
        assert!(deployer.get_arguments().all(|argument| argument.get_long() != Some(option)), "{option}");
    }
}
