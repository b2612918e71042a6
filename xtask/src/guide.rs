//! `guide`: runs the commands of the tutorial and of the pages that continue it (`PAGES`). Every block runs once, in order: the
//! English and the Korean pages show the same commands with the same outputs, which is checked first.
//!
//! | block | what the runner does |
//! |---|---|
//! | `console` | each `$ command`, by bash, and compares what it prints with the lines below it (`expectation`) |
//! | `console server` | likewise, but the command keeps running: it is ready when it prints `ready URL`; the next one stops it |
//! | `console account` | likewise, in an emulated AWS account, apart from the local cloud |
//! | `sh` | runs it as a whole |
//! | `python` | runs it in an environment with boto3 |
//! | `text` | compares what the block before it printed |
//! | `rust`, `mermaid` | nothing: a documentation test of `mysfits-docs`, a diagram that it generates or checks |
//!
//! The sections of the tutorial are numbered; each other page is one section. With `--section` only the chosen sections are compared;
//! the sections that they need (`sections`) are run before them.
//!
//! Standard output is what is shown; progress goes to standard error. The texts say `http://127.0.0.1:8080`; servers use a
//! free port. Files that the texts make are in target/guide, which is emptied first.

mod runner;
mod running;
mod sections;

use std::fs;

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_domain::Locale;
use mysfits_markdown::{CodeBlock, code_blocks, structure};
use mysfits_output::errln;

use crate::{
    process::{cargo, run as run_program, step},
    workspace,
};
use sections::{GuideSection, Mode, sections};

/// The pages whose commands are run, in order, without language and ending. The first is the tutorial, with numbered sections.
const PAGES: [&str; 5] = [
    "docs/tutorial",
    "docs/explanation/model",
    "docs/explanation/request",
    "docs/explanation/infrastructure",
    "docs/deploying/first-deployment",
];

/// Run the commands of the tutorial and of the pages that continue it, and compare their outputs
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Compare with this language's text, en or ko; by default with both
    #[arg(long)]
    language: Option<Locale>,
    /// Only this section, after the commands of those that it needs: a number of the tutorial, or a part of a heading or of a page's
    /// title; may be repeated
    #[arg(long = "section", value_name = "SECTION", conflicts_with = "diagrams")]
    sections: Vec<String>,
    /// Only write the diagrams and the costs into the texts
    #[arg(long)]
    diagrams: bool,
    /// Write nothing; fail if a diagram or a cost is out of date
    #[arg(long, requires = "diagrams")]
    check: bool,
}

/// Returns the path of a page in a language.
fn file(page: &str, language: Locale) -> String {
    match language {
        Locale::En => format!("{page}.md"),
        Locale::Ko => format!("{page}.ko.md"),
    }
}

pub fn run(args: &Args) -> Result<()> {
    if args.diagrams {
        return diagrams(args.check);
    }
    read(args.language.as_ref().map_or(&Locale::ALL, std::slice::from_ref), &args.sections)
}

/// Runs the guide as a part of the tests, in both languages.
pub fn check() -> Result<()> {
    diagrams(true)?;
    read(&Locale::ALL, &[])
}

/// Writes the diagrams and costs, or compares them.
fn diagrams(check: bool) -> Result<()> {
    let mut docs = cargo();
    docs.args(["run", "--quiet", "--package", "mysfits-docs", "--"]);
    run_program(docs.args(check.then_some("--check")))
}

/// Runs the guide, or the chosen sections, and compares with the texts of these languages.
fn read(languages: &[Locale], chosen: &[String]) -> Result<()> {
    let (english, korean) = (pages(Locale::En)?, pages(Locale::Ko)?);
    for (english, korean) in english.iter().zip(&korean) {
        ensure!(
            english.structure() == korean.structure(),
            "{} and {} differ in their structure; `cargo test --package xtask links` says where",
            english.file,
            korean.file
        );
    }
    let texts = Locale::ALL.into_iter().zip([&english[..], &korean]);
    let compared: Vec<&[GuideText]> =
        texts.filter(|(language, _)| languages.contains(language)).map(|(_, pages)| pages).collect();
    let modes = sections::select(&[&all_sections(&english), &all_sections(&korean)], chosen)?;
    for page in &english {
        for section in &page.sections {
            let mode = modes[section.number - 1];
            let has_commands = page.blocks_of(section).any(|(kind, _)| kind.is_run());
            ensure!(
                chosen.is_empty() || mode != Mode::Compare || has_commands,
                "section {:?} has no commands",
                section.heading
            );
            match mode {
                Mode::Prepare => errln!("  prepares  {}", section.heading),
                Mode::Compare if !chosen.is_empty() => errln!("  compares  {}", section.heading),
                Mode::Compare | Mode::Skip => {}
            }
        }
    }
    step("run the guide", || runner::run(&compared, &modes))
}

/// Returns what a page and its translation must have in common. Headings are translated, and so are their anchors.
pub fn common_structure(markdown: &str) -> Vec<String> {
    structure(markdown, |target| target.split('#').next().unwrap_or_default().replace(".ko.md", ".md"))
}

/// Reads all pages of a language.
fn pages(language: Locale) -> Result<Vec<GuideText>> {
    let (mut pages, mut n_sections) = (Vec::new(), 0);
    for page in PAGES {
        let file = file(page, language);
        let markdown = fs::read_to_string(workspace::root().join(&file))
            .with_context(|| format!("cannot read {file}"))?;
        let text = GuideText::parse(file, markdown, n_sections)?;
        n_sections += text.sections.len();
        pages.push(text);
    }
    Ok(pages)
}

/// Returns the sections of all pages, in order.
fn all_sections(pages: &[GuideText]) -> Vec<GuideSection> {
    pages.iter().flat_map(|page| page.sections.iter().cloned()).collect()
}

/// A page in one language.
struct GuideText {
    file: String,
    markdown: String,
    sections: Vec<GuideSection>,
    blocks: Vec<(BlockKind, CodeBlock)>,
}

impl GuideText {
    /// Reads a page; `n_before` sections are on the pages before it.
    fn parse(file: String, markdown: String, n_before: usize) -> Result<Self> {
        let kinds = code_blocks(&markdown).into_iter().map(|block| {
            let kind = BlockKind::of(&block.info).with_context(|| format!("{file}:{}", block.line))?;
            Ok((kind, block))
        });
        let blocks = kinds.collect::<Result<Vec<_>>>()?;
        let sections = sections(&markdown, n_before).with_context(|| file.clone())?;
        let first = sections.first().with_context(|| format!("{file} has no section"))?.line;
        if let Some((_, block)) = blocks.iter().find(|(_, block)| block.line < first) {
            bail!("{file}:{}: the block is in no section", block.line);
        }
        Ok(Self { file, markdown, sections, blocks })
    }

    /// Returns the section that a block is in.
    fn section_of(&self, block: &CodeBlock) -> &GuideSection {
        let n_before = self.sections.partition_point(|section| section.line < block.line);
        &self.sections[n_before - 1]
    }

    /// Returns the blocks of a section, in order.
    fn blocks_of(&self, section: &GuideSection) -> impl Iterator<Item = &(BlockKind, CodeBlock)> {
        self.blocks.iter().filter(|(_, block)| self.section_of(block).number == section.number)
    }

    /// Returns what both texts must have in common.
    fn structure(&self) -> Vec<String> {
        common_structure(&self.markdown)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BlockKind {
    /// Commands with what they print.
    Console,
    /// A server, to be left running.
    Server,
    /// Commands for an AWS account.
    Account,
    /// A script.
    Shell,
    /// A program in Python.
    Python,
    /// What the block before it prints.
    Output,
    /// A documentation test.
    Rust,
    /// A diagram, which `mysfits-docs` generates or checks.
    Diagram,
}

impl BlockKind {
    /// Returns whether the runner does something with blocks of the kind.
    fn is_run(self) -> bool {
        !matches!(self, Self::Rust | Self::Diagram)
    }

    /// Returns the kind of a block from the words after its fence. Every kind is run; others are an error.
    fn of(info: &str) -> Result<Self> {
        Ok(match info {
            "console" => Self::Console,
            "console server" => Self::Server,
            "console account" => Self::Account,
            "sh" => Self::Shell,
            "python" => Self::Python,
            "text" => Self::Output,
            "rust" => Self::Rust,
            "mermaid" => Self::Diagram,
            _ => bail!("unknown kind of block: {info:?}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::{Parser as _, ValueEnum as _};

    use super::*;
    use mysfits_markdown::commands;

    use crate::expectation;

    fn texts() -> [Vec<GuideText>; 2] {
        Locale::ALL.map(|language| pages(language).unwrap())
    }

    #[test]
    fn both_tutorials_are_short_and_the_korean_one_is_korean() {
        let [english, korean] = texts();
        for tutorial in [&english[0], &korean[0]] {
            let n_lines = tutorial.markdown.lines().count();
            assert!(n_lines <= 300, "{}: {n_lines} lines", tutorial.file);
        }
        let hangul = korean[0].markdown.chars().filter(|c| ('가'..='힣').contains(c)).count();
        assert!(hangul > 2_000, "{hangul} syllables");
    }

    #[test]
    fn every_section_of_the_tutorial_ends_with_a_checkpoint() {
        for pages in texts() {
            let text = &pages[0];
            let sections: Vec<&str> = text.markdown.split("\n## ").skip(1).collect();
            assert!(sections.len() > 7);
            let (last, sections) = sections.split_last().unwrap();
            for section in sections {
                let title = section.lines().next().unwrap();
                let block = code_blocks(section).pop();
                let block = block.unwrap_or_else(|| panic!("{}: {title}: no block", text.file));
                assert!(
                    block.text.contains("$ cargo xtask check "),
                    "{}: {title}: {}",
                    text.file,
                    block.text
                );
            }
            assert!(!last.contains("```"), "the last section only says where to go from here");
        }
    }

    /// Returns whether a section, or one that it needs, satisfies the condition.
    fn has(
        pages: &[GuideText],
        section: &GuideSection,
        condition: &dyn Fn(&(BlockKind, CodeBlock)) -> bool,
    ) -> bool {
        let sections = all_sections(pages);
        let page = pages.iter().find(|page| page.sections.contains(section)).unwrap();
        page.blocks_of(section).any(condition)
            || section.needs.iter().any(|needed| has(pages, &sections[needed - 1], condition))
    }

    #[test]
    fn sections_need_those_that_start_what_they_use() {
        let mut n_needs = 0;
        for pages in texts() {
            for (text, section) in
                pages.iter().flat_map(|text| text.sections.iter().map(move |section| (text, section)))
            {
                n_needs += section.needs.len();
                let place = format!("{}: {}", text.file, section.heading);
                let shows = |part: &str| {
                    text.blocks_of(section).any(|(kind, block)| {
                        matches!(kind, BlockKind::Console | BlockKind::Python) && block.text.contains(part)
                    })
                };
                if shows("http://127.0.0.1:8080") {
                    assert!(
                        has(&pages, section, &|(kind, _)| *kind == BlockKind::Server),
                        "{place}: a server"
                    );
                }
                if shows("--target local") {
                    let deploys = |(_, block): &(BlockKind, CodeBlock)| {
                        block.text.contains("$ cargo xtask deploy --target local")
                    };
                    assert!(has(&pages, section, &deploys), "{place}: a deployment into the local cloud");
                }
                if text.blocks_of(section).any(|(kind, _)| *kind == BlockKind::Account) {
                    let deploys = |(kind, block): &(BlockKind, CodeBlock)| {
                        *kind == BlockKind::Account && block.text.contains("$ cargo xtask deploy\n")
                    };
                    assert!(has(&pages, section, &deploys), "{place}: a deployment into an account");
                }
            }
        }
        assert!(n_needs > 0);
    }

    #[test]
    fn every_step_has_its_checkpoint() {
        for pages in texts() {
            for step in crate::check::GuideStep::value_variants() {
                let name = step.to_possible_value().unwrap().get_name().to_owned();
                let line = format!("step {name}: done");
                let mut blocks = pages.iter().flat_map(|text| &text.blocks);
                assert!(blocks.any(|(_, block)| block.text.contains(&line)), "{}: {line}", pages[0].file);
            }
        }
    }

    #[test]
    fn notices_each_changed_character_of_shown_outputs() {
        let mut n_outputs = 0;
        for text in texts().iter().flatten() {
            for (kind, block) in &text.blocks {
                let outputs: Vec<String> = match kind {
                    BlockKind::Console | BlockKind::Server | BlockKind::Account => {
                        commands(&block.text).into_iter().map(|shown| shown.output).collect()
                    }
                    BlockKind::Output => vec![block.text.clone()],
                    BlockKind::Shell | BlockKind::Python | BlockKind::Rust | BlockKind::Diagram => Vec::new(),
                };
                for output in outputs.iter().filter(|output| !output.trim().is_empty()) {
                    n_outputs += 1;
                    let printed = expectation::example(output);
                    assert_eq!(
                        expectation::compare(output, &printed),
                        Ok(()),
                        "{}:{}",
                        text.file,
                        block.line
                    );
                    for changed in changed(output) {
                        let place = format!("{}:{}: {changed}", text.file, block.line);
                        assert!(expectation::compare(&changed, &printed).is_err(), "{place}");
                    }
                }
            }
        }
        assert!(n_outputs > 40, "{n_outputs}");
    }

    /// Returns copies of an output, each with another character changed, except blanks at the ends of lines.
    fn changed(output: &str) -> Vec<String> {
        let places = output.char_indices().filter(|(_, c)| *c != '\n');
        places.map(|(at, c)| format!("{}¤{}", &output[..at], &output[at + c.len_utf8()..])).collect()
    }

    #[test]
    fn commands_for_an_account_are_valid_with_and_without_confirmation() {
        for text in texts().iter().flatten() {
            for (_, block) in text.blocks.iter().filter(|(kind, _)| *kind == BlockKind::Account) {
                for shown in commands(&block.text) {
                    let command = runner::confirmed(&shown.command);
                    let words = command.strip_prefix("cargo ").unwrap_or(&command).split_whitespace();
                    assert!(crate::Cli::try_parse_from(words).is_ok(), "{command}");
                }
            }
        }
    }

    #[test]
    fn rejects_unknown_kinds_of_blocks() {
        assert!(BlockKind::of("json").is_err() && BlockKind::of("").is_err());
    }
}
