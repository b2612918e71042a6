//! Builds each feature of each publishable crate alone.
//!
//! All other builds of the workspace unify features. A crate that forgets to enable a feature of a dependency compiles there
//! if another crate enables it, and fails for a user who depends on that crate alone.
//!
//! `cargo hack --each-feature --no-dev-deps` does the same. This loop needs no download and does not remove
//! dev-dependencies from the manifests while it runs: cargo's resolver ignores their features unless tests or examples are
//! built.

use anyhow::{Result, bail};
use mysfits_output::errln;

use crate::{
    packages,
    process::{cargo, run, step},
};

/// Checks every publishable crate without features, with each feature alone, and with all of them; warnings are errors.
/// Then runs the tests of `mysfits-knn` without `parallel`: one thread must give what all cores give.
pub fn check() -> Result<()> {
    let mut failures = Vec::new();
    for member in packages::publishable()? {
        for selection in selections(&member.features()) {
            let what = format!("{} {}", member.name, selection.join(" "));
            let checked = step(&what, || {
                // Clippy also reports what is unused with these features only.
                let mut clippy = cargo();
                clippy.args(["clippy", "--package", &member.name]).args(&selection);
                run(clippy.args(["--", "--deny", "warnings"]))
            });
            if let Err(error) = checked {
                errln!("✘ {error:#}");
                failures.push(what);
            }
        }
    }
    if !failures.is_empty() {
        bail!(
            "{} selections of features do not compile without warnings:\n{}",
            failures.len(),
            failures.join("\n")
        );
    }
    step("mysfits-knn on one thread", || {
        run(cargo().args(["test", "--package", "mysfits-knn", "--no-default-features"]))
    })
}

/// Returns cargo's arguments for each selection of a crate's features.
fn selections<'a>(features: &[&'a str]) -> Vec<Vec<&'a str>> {
    let none = vec!["--no-default-features"];
    let each = features.iter().map(|&feature| vec!["--no-default-features", "--features", feature]);
    // With one feature, all features are that one.
    let all = (features.len() > 1).then(|| vec!["--all-features"]);
    [none].into_iter().chain(each).chain(all).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selects_no_feature_each_feature_and_all_features() {
        let shown = |features: &[&str]| -> Vec<String> {
            selections(features).iter().map(|selection| selection.join(" ")).collect()
        };
        let none = "--no-default-features";
        assert_eq!(shown(&[]), [none]);
        assert_eq!(shown(&["a"]), [none, "--no-default-features --features a"]);
        assert_eq!(
            shown(&["a", "default"]),
            [
                none,
                "--no-default-features --features a",
                "--no-default-features --features default",
                "--all-features"
            ]
        );
    }

    #[test]
    fn reads_the_features_of_publishable_crates() {
        let members = packages::publishable().unwrap();
        let knn = members.iter().find(|member| member.name == "mysfits-knn").unwrap();
        assert_eq!(knn.features(), ["default", "parallel"]);
    }
}
