//! Tests that each command that a text or a message names exists, with its options.

use clap::CommandFactory as _;

use crate::{Cli, checkout, workspace};

/// The names that commands begin with. The deployer's commands are also this program's.
const PROGRAMS: [&str; 2] = ["cargo xtask ", "mysfits-deploy "];
/// Extensions of the files that are searched.
const EXTENSIONS: [&str; 6] = ["rs", "md", "py", "yml", "toml", "sh"];
/// What ends a command in a text.
const ENDS: [char; 9] = ['`', '|', '#', '&', ';', '"', '\\', ')', '\n'];
/// The deployer's command whose options differ: this program builds what the deployer packs.
const OTHER_OPTIONS: &str = "mysfits-deploy package";

/// A command in a text.
#[derive(Debug, PartialEq, Eq)]
struct NamedCommand<'a> {
    line: usize,
    name: &'a str,
    options: Vec<&'a str>,
}

/// Returns the commands that a text names.
fn named(text: &str) -> Vec<NamedCommand<'_>> {
    let mut found = Vec::new();
    for program in PROGRAMS {
        for (at, _) in text.match_indices(program) {
            let rest = &text[at + program.len()..];
            let mut words = rest[..rest.find(ENDS).unwrap_or(rest.len())].split_whitespace();
            let name = words.next().map_or("", word);
            if name.is_empty() {
                continue;
            }
            let options = words.take_while(|part| *part != "--").filter_map(|part| part.strip_prefix("--"));
            let options = options.map(word).filter(|option| !option.is_empty());
            let has_options = !text[at..].starts_with(OTHER_OPTIONS);
            let options = if has_options { options.collect() } else { Vec::new() };
            found.push(NamedCommand { line: text[..at].matches('\n').count() + 1, name, options });
        }
    }
    found
}

/// Returns the lower-case letters, digits and hyphens that a text begins with.
fn word(text: &str) -> &str {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    &text[..text.find(|letter| !is_part(letter)).unwrap_or(text.len())]
}

#[test]
fn commands_are_found_in_texts() {
    let text = "run `cargo xtask deploy --target local`, or\n    cargo xtask test unit -- --nocapture\n\
                cargo xtask {command}; `mysfits-deploy policy --managed` and `mysfits-deploy package --model M`";
    let command = |line, name, options| NamedCommand { line, name, options };
    assert_eq!(
        named(text),
        [
            command(1, "deploy", vec!["target"]),
            command(2, "test", vec![]),
            command(3, "policy", vec!["managed"]),
            command(3, "package", vec![]),
        ]
    );
}

#[test]
fn each_command_in_texts_and_messages_exists() {
    let mut cli = Cli::command();
    cli.build();
    let mut unknown = Vec::new();
    let mut count = 0;
    for file in checkout::source_files().unwrap() {
        let name = file.display().to_string();
        let is_searched =
            file.extension().is_some_and(|found| EXTENSIONS.iter().any(|known| found == *known));
        if !is_searched || name.ends_with("named_commands.rs") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(workspace::root().join(&file)) else { continue };
        for command in named(&text) {
            count += 1;
            let place = format!("{name}:{}: {}", command.line, command.name);
            let Some(known) = cli.find_subcommand(command.name) else {
                unknown.push(place);
                continue;
            };
            // Another program parses the arguments, as of `data`.
            if known.get_arguments().any(clap::Arg::is_trailing_var_arg_set) {
                continue;
            }
            let has =
                |option: &str| known.get_arguments().any(|argument| argument.get_long() == Some(option));
            let options = command.options.iter().filter(|option| !has(option));
            unknown.extend(options.map(|option| format!("{place} --{option}")));
        }
    }
    assert!(count > 100, "only {count} commands were found");
    assert!(unknown.is_empty(), "there are no such commands or options:\n{}", unknown.join("\n"));
}
