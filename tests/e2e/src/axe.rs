//! axe-core's word on the page as it stands: what keeps people from perceiving or using it.
//!
//! The script is given as a file and put into the page by the driver, which the page's content security policy does not
//! bind. All rules that axe recommends are asked, best practices included, and the size of targets (WCAG 2.2), which it
//! leaves out unless asked.

use std::{fmt, path::Path};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::page::BrowserPage;

/// The rule on the contrast of text.
const CONTRAST: &str = "color-contrast";

/// Asks for everything, and returns no more than is shown.
const RUN: &str = "
    const done = arguments[0];
    const brief = rules => rules.map(({ id, impact, help, helpUrl, nodes }) => ({
        id, impact, help, help_url: helpUrl,
        nodes: nodes.map(({ target, html, failureSummary }) => ({
            target: target.flat().join(' '), html: html.slice(0, 200), summary: failureSummary ?? '',
        })),
    }));
    axe.run({ rules: { 'target-size': { enabled: true } }, resultTypes: ['violations', 'incomplete'] })
        .then(({ violations, incomplete }) =>
            done({ violations: brief(violations), undecided: brief(incomplete) }))
        .catch(error => done(String(error)))";

/// The script, read once.
#[derive(Debug, Clone)]
pub struct Axe {
    source: String,
}

/// What axe finds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AxeResult {
    /// What is wrong.
    pub violations: Vec<Violation>,
    /// Where axe cannot tell and a person must look, for instance text over a picture.
    pub undecided: Vec<Violation>,
}

/// A rule that the page breaks, and where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Violation {
    /// The rule's name.
    pub id: String,
    /// How bad it is: `minor`, `moderate`, `serious` or `critical`.
    pub impact: Option<String>,
    /// The rule in a sentence.
    pub help: String,
    /// Where the rule is explained.
    pub help_url: String,
    /// The elements that break it.
    pub nodes: Vec<Node>,
}

/// An element that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Node {
    /// A CSS selector that finds it.
    pub target: String,
    /// The beginning of its HTML.
    pub html: String,
    /// What would have to be done.
    pub summary: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, impact, help, help_url, nodes } = self;
        write!(f, "{id} ({}): {help} <{help_url}>", impact.as_deref().unwrap_or("no impact given"))?;
        for Node { target, html, summary } in nodes {
            let summary: Vec<_> = summary.split_whitespace().collect();
            write!(f, "\n         {target}  {html}\n           {}", summary.join(" "))?;
        }
        Ok(())
    }
}

impl Axe {
    /// Reads the script, `axe.min.js` of the npm package `axe-core`.
    ///
    /// # Errors
    /// If it cannot be read or is something else.
    pub fn read(file: &Path) -> Result<Self> {
        let source =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        ensure!(source.starts_with("/*! axe v"), "{} is not axe-core", file.display());
        Ok(Self { source })
    }

    /// Looks at everything that is to be seen now.
    ///
    /// # Errors
    /// The browser's, or axe's.
    pub async fn look_at(&self, page: &BrowserPage) -> Result<AxeResult> {
        // The script is large, and stays until the page is left.
        if page.script("return typeof axe").await? != "object" {
            page.script(&self.source).await.context("axe cannot be put into the page")?;
        }
        match page.script_later(RUN).await? {
            Value::String(error) => bail!("axe failed: {error}"),
            verdict => serde_json::from_value(verdict).context("axe's verdict"),
        }
    }

    /// Checks that nothing is wrong. Where axe cannot tell whether text stands out from its ground, the pixels are
    /// measured; anything else that it cannot tell is taken for wrong.
    ///
    /// # Errors
    /// With every violation: rule, impact, elements, and what would have to be done.
    pub async fn check(&self, page: &BrowserPage) -> Result<()> {
        let AxeResult { violations, undecided } = self.look_at(page).await?;
        let mut found: Vec<_> = violations.iter().map(|violation| format!("\n       {violation}")).collect();
        for violation in undecided {
            if violation.id == CONTRAST {
                for node in &violation.nodes {
                    let checked = page.check_contrast(&node.target).await;
                    found.extend(checked.err().map(|error| format!("\n       {CONTRAST}: {error:#}")));
                }
            } else {
                found.push(format!("\n       undecided: {violation}"));
            }
        }
        ensure!(found.is_empty(), "axe finds fault {} times:{}", found.len(), found.concat());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_says_what_where_how_bad_and_what_to_do() {
        let violation: Violation = serde_json::from_value(serde_json::json!({
            "id": "image-alt", "impact": "critical", "help": "Images must have alternative text",
            "help_url": "https://example.com/image-alt",
            "nodes": [{ "target": "main > img", "html": "<img src=\"a.svg\">", "summary": "Fix any:\n  Add an alt" }],
        }))
        .unwrap();
        let shown = violation.to_string();
        for part in ["image-alt", "critical", "Images must", "main > img", "a.svg", "Fix any: Add an alt"] {
            assert!(shown.contains(part), "{shown}");
        }
    }

    #[test]
    fn only_axe_is_taken_for_axe() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "alert(1)").unwrap();
        assert!(Axe::read(file.path()).is_err());
        std::fs::write(&file, "/*! axe v4.14.1\n */").unwrap();
        assert!(Axe::read(file.path()).is_ok());
        assert!(Axe::read(Path::new("/no/such/file")).is_err());
    }
}
