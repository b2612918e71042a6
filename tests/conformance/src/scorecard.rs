//! What the runners said, added up for people, and its place in the documentation.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result, ensure};

use crate::{
    outcome::{CaseOutcome, CaseResult, SdkClient},
    suite::{Basis, TestPlan},
};

/// Whose answers are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Service {
    /// This workspace's server: everything must pass.
    Ours,
    /// moto's server.
    Moto,
    /// Any other, for instance a real account's.
    Other,
}

/// All outcomes against one target.
#[derive(Debug, Clone)]
pub struct Scorecard {
    /// Who answered, with its version.
    pub name: String,
    /// Who asked, with its version.
    pub versions: BTreeMap<SdkClient, String>,
    /// What came of it, in the order of the runners.
    pub outcomes: Vec<CaseOutcome>,
}

/// How many cases of a group a client passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    passed: usize,
    failed: usize,
    not_applicable: usize,
}

impl Count {
    fn of<'a>(outcomes: impl Iterator<Item = &'a CaseOutcome>) -> Self {
        outcomes.fold(Self::default(), |mut count, outcome| {
            match outcome.verdict {
                CaseResult::Passed => count.passed += 1,
                CaseResult::Failed => count.failed += 1,
                CaseResult::NotApplicable => count.not_applicable += 1,
            }
            count
        })
    }

    fn shown(self) -> String {
        let judged = self.passed + self.failed;
        match (judged, self.not_applicable) {
            (0, 0) => "–".to_owned(),
            (0, n) => format!("not judged ({n})"),
            (_, 0) => format!("{} of {judged}", self.passed),
            (_, n) => format!("{} of {judged}, {n} not judged", self.passed),
        }
    }
}

/// Marks failures of undocumented cases as not applicable, for endpoints other than ours.
pub fn ignore_undocumented(outcomes: &mut [CaseOutcome], plan: &TestPlan) {
    for outcome in outcomes.iter_mut().filter(|outcome| outcome.verdict == CaseResult::Failed) {
        let case = plan.suite.cases.iter().find(|c| c.group == outcome.group && c.name == outcome.case);
        if case.is_some_and(|case| case.basis == Basis::Unverified) {
            outcome.verdict = CaseResult::NotApplicable;
        }
    }
}

impl Scorecard {
    /// Returns the failures.
    pub fn failures(&self) -> impl Iterator<Item = &CaseOutcome> {
        self.outcomes.iter().filter(|outcome| outcome.verdict == CaseResult::Failed)
    }

    /// Returns the groups, in the order in which they were first met.
    fn groups(&self) -> Vec<&str> {
        let mut groups: Vec<&str> = Vec::new();
        for outcome in &self.outcomes {
            if !groups.contains(&outcome.group.as_str()) {
                groups.push(&outcome.group);
            }
        }
        groups
    }

    /// Returns a table of groups and clients; below it, of each group the first reason why a case did not pass.
    #[must_use]
    pub fn markdown(&self) -> String {
        let of = |client, group: &str| {
            let outcomes = self.outcomes.iter();
            Count::of(outcomes.filter(|outcome| outcome.client == client && outcome.group == group))
        };
        let mut text = format!("Asked: {}. By:", self.name);
        let versions: Vec<&str> = self.versions.values().map(String::as_str).collect();
        let _ = writeln!(text, " {}.\n", versions.join(", ")); // into a string: cannot fail, here and below
        let clients: Vec<SdkClient> =
            SdkClient::ALL.into_iter().filter(|client| self.versions.contains_key(client)).collect();
        let heads: Vec<&str> = clients.iter().map(|client| client.as_str()).collect();
        let _ = writeln!(text, "| Cases | {} |\n|---|{}", heads.join(" | "), "---|".repeat(clients.len()));
        for group in self.groups() {
            let cells: Vec<String> = clients.iter().map(|client| of(*client, group).shown()).collect();
            let _ = writeln!(text, "| {group} | {} |", cells.join(" | "));
        }
        let reasons: Vec<String> = self.groups().into_iter().filter_map(|group| self.reason(group)).collect();
        if !reasons.is_empty() {
            let _ = write!(text, "\nThe first failure of each line:\n\n{}", reasons.concat());
        }
        text
    }

    fn reason(&self, group: &str) -> Option<String> {
        let failure = self.failures().find(|outcome| outcome.group == group)?;
        let reason = failure.reason.as_deref().unwrap_or("no reason given");
        // A table's or a list's line: no line feeds, and not the whole of a long message.
        let reason: String =
            reason.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
        let reason = reason.replace('`', "'");
        Some(format!("- {group}: {}, {}: `{reason}`\n", failure.client.as_str(), failure.case))
    }
}

/// Returns the lines around a target's table.
fn marks(target: Service) -> Result<(String, String)> {
    let name = match target {
        Service::Ours => "ours",
        Service::Moto => "moto",
        Service::Other => anyhow::bail!("only the tables of ours and of moto have a place in the page"),
    };
    let begin = format!("<!-- scorecard of {name}: written by `cargo xtask conformance --write` -->");
    Ok((begin, format!("<!-- end of the scorecard of {name} -->")))
}

/// Returns the page with a target's table replaced.
fn replaced(page: &str, target: Service, table: &str) -> Result<String> {
    let (begin, end) = marks(target)?;
    let (before, rest) = page.split_once(&begin).with_context(|| format!("the page has no line {begin}"))?;
    let (_, after) = rest.split_once(&end).with_context(|| format!("the page has no line {end}"))?;
    Ok(format!("{before}{begin}\n\n{}\n\n{end}{after}", table.trim_end()))
}

/// Puts a target's table into the page.
///
/// # Errors
/// If the page has no place for it, or cannot be written.
pub fn write(page: &Path, target: Service, card: &Scorecard) -> Result<()> {
    let text = fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    let text = replaced(&text, target, &card.markdown())?;
    fs::write(page, text).with_context(|| format!("cannot write {}", page.display()))
}

/// Whether the page shows what was measured.
///
/// # Errors
/// If it does not.
pub fn check(page: &Path, target: Service, card: &Scorecard) -> Result<()> {
    let text = fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    let right = replaced(&text, target, &card.markdown())? == text;
    ensure!(right, "{} shows another scorecard; add --write to replace it", page.display());
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::suite::Suite;

    fn outcome(client: SdkClient, group: &str, case: &str, verdict: CaseResult) -> CaseOutcome {
        let reason = (verdict != CaseResult::Passed).then(|| "two\nlines `quoted`".to_owned());
        CaseOutcome { client, group: group.to_owned(), case: case.to_owned(), verdict, reason }
    }

    fn card() -> Scorecard {
        let outcomes = vec![
            outcome(SdkClient::Boto3, "One", "a", CaseResult::Passed),
            outcome(SdkClient::Boto3, "One", "b", CaseResult::Failed),
            outcome(SdkClient::Rust, "One", "a", CaseResult::NotApplicable),
            outcome(SdkClient::Rust, "Two", "c", CaseResult::Passed),
        ];
        let versions = BTreeMap::from([
            (SdkClient::Rust, "rust 2".to_owned()),
            (SdkClient::Boto3, "boto3 1".to_owned()),
        ]);
        Scorecard { name: "us".to_owned(), versions, outcomes }
    }

    #[test]
    fn the_table_counts_and_says_why() {
        let expected = "\
Asked: us. By: boto3 1, rust 2.

| Cases | boto3 | Rust SDK |
|---|---|---|
| One | 1 of 2 | not judged (1) |
| Two | – | 1 of 1 |

The first failure of each line:

- One: boto3, b: `two lines 'quoted'`
";
        assert_eq!(card().markdown(), expected);
    }

    #[test]
    fn the_table_goes_between_its_marks_and_nowhere_else() {
        let (begin, end) = marks(Service::Moto).unwrap();
        let page = format!("before\n{begin}\nold\n{end}\nafter\n");
        let new = replaced(&page, Service::Moto, "| new |\n").unwrap();
        assert_eq!(new, format!("before\n{begin}\n\n| new |\n\n{end}\nafter\n"));
        assert_eq!(replaced(&new, Service::Moto, "| new |\n").unwrap(), new);
        assert!(replaced(&page, Service::Ours, "| new |").is_err());
        assert!(replaced(&page, Service::Other, "| new |").is_err());
    }

    #[test]
    fn ignores_failures_of_undocumented_cases_only() {
        let suite = Suite::load().unwrap();
        let of = |basis| suite.cases.iter().find(|case| case.basis == basis).unwrap();
        let mut outcomes: Vec<CaseOutcome> = [Basis::Unverified, Basis::Documented, Basis::Observed]
            .map(|basis| outcome(SdkClient::Boto3, &of(basis).group, &of(basis).name, CaseResult::Failed))
            .to_vec();
        outcomes.push(outcome(SdkClient::Boto3, "Known answers", "labels", CaseResult::Failed));
        let plan = TestPlan {
            url: String::new(),
            region: String::new(),
            endpoint: String::new(),
            suite: suite.clone(),
        };
        ignore_undocumented(&mut outcomes, &plan);
        let verdicts: Vec<CaseResult> = outcomes.iter().map(|outcome| outcome.verdict).collect();
        assert_eq!(
            verdicts,
            [CaseResult::NotApplicable, CaseResult::Failed, CaseResult::Failed, CaseResult::Failed]
        );
    }
}
