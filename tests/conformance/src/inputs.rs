//! The files that the runners of all clients read: the plan, the bodies of the matrix, and the expected answers. They are
//! written once, so that every client sends the same bytes and expects the same answers.
//!
//! | file | holds |
//! |---|---|
//! | `plan.json` | the [`TestPlan`]; a case with samples has their expected answers too, as `predictions` |
//! | `bodies/KIND-N` | the first `N` samples in a format of the matrix |
//! | `expected.json` | the expected answers to all samples; the first `N` are those to a body with `N` samples |

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{
    encode::encode,
    expected::expected,
    suite::{BodyKind, TestPlan},
};

/// How many rows the known answers are compared over.
pub const KNOWN_ROWS: usize = 1000;

/// Writes the files into a folder; returns the path of the plan.
///
/// # Errors
/// If a file cannot be written.
pub fn write(plan: &TestPlan, folder: &Path) -> Result<PathBuf> {
    let suite = &plan.suite;
    let write = |path: &Path, bytes: &[u8]| {
        fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
    };
    fs::create_dir_all(folder.join("bodies")).with_context(|| format!("cannot make {}", folder.display()))?;
    let n_rows: BTreeSet<usize> = suite.matrix.rows.iter().copied().chain([KNOWN_ROWS]).collect();
    let samples = suite.samples.take(n_rows.last().copied().unwrap_or_default());
    for n_rows in n_rows {
        for request in &suite.matrix.requests {
            write(&body(folder, request.body, n_rows)?, &encode(request.body, &samples[..n_rows]))?;
        }
    }
    write(&folder.join("expected.json"), &serde_json::to_vec(&expected(&suite.model, &samples))?)?;
    let mut text = serde_json::to_value(plan)?;
    for (number, case) in suite.cases.iter().enumerate() {
        if let Some(samples) = &case.expect.samples {
            let predictions = serde_json::to_value(expected(&suite.model, samples))?;
            text["cases"][number]["expect"]["predictions"] = predictions;
        }
    }
    let path = folder.join("plan.json");
    write(&path, &serde_json::to_vec_pretty(&text)?)?;
    Ok(path)
}

/// Returns the path of the body with the first `n_rows` samples.
///
/// # Errors
/// If the kind has no name.
pub fn body(folder: &Path, kind: BodyKind, n_rows: usize) -> Result<PathBuf> {
    let kind = serde_json::to_value(kind)?;
    let kind = kind.as_str().context("the kind of a body has no name")?;
    Ok(folder.join("bodies").join(format!("{kind}-{n_rows}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::suite::Suite;

    #[test]
    fn runners_find_the_bodies_and_the_answers_to_them() {
        let mut suite = Suite::load().unwrap();
        suite.matrix.rows = vec![10];
        let service = ["http://127.0.0.1:1", "us-east-1", "knn"].map(str::to_owned);
        let [url, region, endpoint] = service;
        let plan = TestPlan { url, region, endpoint, suite };
        let folder = tempfile::tempdir().unwrap();
        let path = write(&plan, folder.path()).unwrap();
        let read = |path: PathBuf| -> serde_json::Value {
            serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
        };
        let csv = fs::read_to_string(body(folder.path(), BodyKind::Csv, 10).unwrap()).unwrap();
        assert_eq!(csv.lines().count(), 10);
        assert_eq!(read(folder.path().join("expected.json")).as_array().unwrap().len(), KNOWN_ROWS);
        let written = read(path);
        let case = &written["cases"][0]["expect"];
        assert_eq!(case["samples"].as_array().unwrap().len(), case["predictions"].as_array().unwrap().len());
        assert_eq!(case["predictions"][0]["predicted"], 0.0);
    }
}
