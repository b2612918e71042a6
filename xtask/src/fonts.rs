//! `fonts`: writes the fonts of the site's headings, subsets of open fonts from npm, and their outlines for the cards.

use anyhow::Result;

use crate::{
    process::{program, run as run_program, step},
    tools::{
        node::{JavaScript, Scripts},
        python::PythonEnvironment,
    },
    workspace,
};

/// Write the fonts of the site's headings, for the characters in web/fonts/characters.*.txt, and the outlines of the words on cards
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_: &Args) -> Result<()> {
    let packages = step("the fonts", || JavaScript::ensure(Scripts::Fonts))?;
    let python = step("fonttools", || PythonEnvironment::Fonts.ensure())?;
    step("write the subsets", || {
        let mut subset = program(&python);
        subset.arg(workspace::root().join("xtask/python/subset_fonts.py"));
        run_program(subset.arg(packages.module("")).arg(workspace::root().join("web/fonts")))
    })?;
    step("write the outlines of the words on the cards", || {
        let mut outlines = program(&python);
        for path in [
            "xtask/python/outline_glyphs.py",
            "web/fonts",
            "data/mysfits.json",
            "web/bundle/tests/pictures/outlines.txt",
        ] {
            outlines.arg(workspace::root().join(path));
        }
        run_program(&mut outlines)
    })
}
