//! Runs the commands of the READMEs and compares their outputs.

use std::{fs, process::Command};

use anyhow::{Context as _, Result, ensure};
use mysfits_markdown::{ShownCommand, console_commands};
use mysfits_output::outln;

use crate::{
    process::{output, program},
    tools::system,
    workspace,
};

/// The READMEs; the second is the first in Korean, with the same commands.
const READMES: [&str; 2] = ["README.md", "README.ko.md"];
/// The address in the texts: the default of `cargo xtask dev`.
pub const ADDRESS: &str = "http://127.0.0.1:8080";

/// Runs every command that a README shows with its output, against the server at `url`, and compares.
pub fn check(url: &str) -> Result<()> {
    system::ensure_curl()?;
    for readme in READMES {
        check_commands(readme, &read(readme)?, |command| {
            let mut bash = program("bash");
            bash.arg("-c").arg(command.replace(ADDRESS, url));
            bash
        })?;
    }
    Ok(())
}

/// Runs every command that a text shows with its output, as `prepare` says, and compares.
pub fn check_commands(name: &str, markdown: &str, prepare: impl Fn(&str) -> Command) -> Result<()> {
    let shown = console_commands(markdown);
    ensure!(!shown.is_empty(), "{name} shows no command with its output");
    for ShownCommand { command, output: expected } in shown {
        let printed = output(&mut prepare(&command)).with_context(|| format!("{name}: failed: {command}"))?;
        ensure!(printed == expected, "{name}: {command}\n--- prints\n{printed}\n--- shown\n{expected}");
        outln!("  ok  {name}: {command}")?;
    }
    Ok(())
}

fn read(name: &str) -> Result<String> {
    fs::read_to_string(workspace::root().join(name)).with_context(|| format!("cannot read {name}"))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use mysfits_markdown::headings;

    use super::*;
    use crate::links;

    /// Every `cargo xtask …` of a text, without its comment.
    fn xtasks(markdown: &str) -> Vec<String> {
        let starts = markdown.match_indices("cargo xtask");
        starts
            .map(|(start, _)| {
                let rest = &markdown[start..];
                let end = rest.find(['`', '"', '\n', '#', ',', ';', '|']).unwrap_or(rest.len());
                rest[..end].trim().to_owned()
            })
            .collect()
    }

    #[test]
    fn every_command_of_the_texts_exists() {
        let with_commands = [
            "README.md",
            "README.ko.md",
            "CONTRIBUTING.md",
            "docs/architecture.md",
            "docs/deploying/README.md",
            "docs/tutorial.md",
            "docs/tutorial.ko.md",
            "docs/local-sagemaker/conformance.md",
            "data/README.md",
            "examples/README.md",
            "notebook/README.md",
        ];
        let texts = links::texts().unwrap();
        for text in with_commands {
            assert!(texts.iter().any(|known| known.as_os_str() == text), "{text}");
            assert!(!xtasks(&read(text).unwrap()).is_empty(), "{text}");
        }
        for text in texts {
            let text = text.to_str().unwrap();
            let commands = xtasks(&read(text).unwrap());
            for command in commands {
                let words = command.strip_prefix("cargo ").unwrap().split_whitespace();
                let parsed = crate::Cli::try_parse_from(words.filter(|word| *word != "--help"));
                assert!(parsed.is_ok(), "{text}: {command}: {}", parsed.err().unwrap());
            }
        }
    }

    #[test]
    fn workflow_runs_existing_commands() {
        let commands = xtasks(&read(".github/workflows/ci.yml").unwrap());
        assert_eq!(commands, ["cargo xtask test --nightly"]);
        let words = commands[0].strip_prefix("cargo ").unwrap().split_whitespace();
        assert!(crate::Cli::try_parse_from(words).is_ok());
        assert!(read(".ci/run").unwrap().contains("cargo xtask test \"$@\""));
    }

    #[test]
    fn workflow_runs_every_part_of_a_pull_request_once() {
        let workflow = read(".github/workflows/ci.yml").unwrap();
        let jobs = workflow.lines().filter_map(|line| line.trim().strip_prefix("parts: "));
        let mut parts: Vec<&str> = jobs.flat_map(str::split_whitespace).collect();
        let mut expected = crate::test::pull_request_parts();
        parts.sort_unstable();
        expected.sort_unstable();
        assert_eq!(parts, expected);
    }

    #[test]
    fn both_readmes_show_the_same_commands_and_outputs() {
        let [english, korean] = READMES.map(|readme| read(readme).unwrap());
        assert_eq!(console_commands(&english), console_commands(&korean));
        assert_eq!(xtasks(&english), xtasks(&korean));
        assert_eq!(headings(&english).len(), headings(&korean).len());
    }
}
