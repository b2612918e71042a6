//! `fonts`: writes the fonts of the site's headings, subsets of open fonts from npm.

use anyhow::Result;

use crate::{
    process::{program, run as run_program, step},
    tools::{
        node::{JavaScript, Scripts},
        python::PythonEnvironment,
    },
    workspace,
};

/// Write the fonts of the site's headings, for the characters in web/fonts/characters.*.txt
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_: &Args) -> Result<()> {
    let packages = step("the fonts", || JavaScript::ensure(Scripts::Fonts))?;
    let python = step("fonttools", || PythonEnvironment::Fonts.ensure())?;
    step("write the subsets", || {
        let mut subset = program(&python);
        subset.arg(workspace::root().join("xtask/python/subset_fonts.py"));
        run_program(subset.arg(packages.module("")).arg(workspace::root().join("web/fonts")))
    })
}
