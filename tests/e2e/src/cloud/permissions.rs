//! The deployer's own calls in the local cloud, and the permissions that it needs for them.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_e2e::api::AccessKey;
use mysfits_infra::names::LOCK_KEY;
use mysfits_output::outln;
use serde::Deserialize;

use crate::{deployer::DeployerProgram, local::TestCloud, scenario::Scenario, user};

/// The IAM actions of the deployer's own calls, one a line; after two spaces and `#`, why the local cloud need not see it.
/// Relative to this crate.
const EXPECTED: &str = "../../infra/checks/deployer_calls.txt";
/// The action that needs no permission.
const UNCHECKED: &str = "sts:GetCallerIdentity";
/// The status of a request for an object of a bucket that does not exist: MiniStack does not ask IAM about it.
const NO_SUCH_BUCKET: u16 = 404;

/// A signed call, as the local cloud records it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordedCall {
    access_key_id: String,
    action: Option<String>,
    #[serde(default)]
    resource: String,
    #[serde(default)]
    allowed: bool,
    /// Method, path and target of a call whose action is not known.
    request: Option<String>,
    /// The status of its response.
    #[serde(default)]
    status: u16,
}

impl RecordedCall {
    /// Returns whether this is the first deployment's request for a lock, in a bucket that does not exist yet.
    fn is_for_lock_without_bucket(&self) -> bool {
        let lock = |request: &str| request.starts_with("GET /") && request.ends_with(&format!("/{LOCK_KEY}"));
        self.status == NO_SUCH_BUCKET && self.request.as_deref().is_some_and(lock)
    }
}

/// Checks that IAM allowed each call of the deployer, that its action is a known one, and, after all steps, that each known
/// action was called.
pub fn calls_are_granted(cloud: &TestCloud, deployer: &DeployerProgram, all_steps: bool) -> Result<()> {
    let key = AccessKey::from_variables(deployer.variables())?.id;
    let recorded = std::fs::read_to_string(cloud.calls())?;
    let mut called = BTreeSet::new();
    let mut findings = Vec::new();
    for line in recorded.lines() {
        let call: RecordedCall = serde_json::from_str(line).with_context(|| line.to_owned())?;
        if call.access_key_id != key {
            continue;
        }
        if call.is_for_lock_without_bucket() {
            continue;
        }
        match (call.action, call.request) {
            (Some(action), _) if call.allowed => {
                called.insert(action);
            }
            (Some(action), _) => findings.push(format!("{action} on {} was denied", call.resource)),
            (None, request) => {
                let request = request.unwrap_or_default();
                findings.push(format!("no action is known of {request}, status {}", call.status));
            }
        }
    }
    called.remove(UNCHECKED);
    ensure!(!called.is_empty(), "no call of the deployer was recorded");
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join(EXPECTED);
    let expected =
        fs::read_to_string(&expected).with_context(|| format!("cannot read {}", expected.display()))?;
    findings.extend(differences(&called, &expected, all_steps));
    ensure!(findings.is_empty(), "infra/checks/deployer_calls.txt:\n    {}", findings.join("\n    "));
    outln!("          {} actions were called and granted", called.len())?;
    Ok(())
}

/// Returns what differs between the called actions and the expected ones.
fn differences(called: &BTreeSet<String>, expected: &str, all_steps: bool) -> Vec<String> {
    let lines: Vec<(&str, Option<&str>)> = expected
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_once("  # ").map_or((line, None), |(action, reason)| (action, Some(reason))))
        .collect();
    let mut found = Vec::new();
    for action in called {
        if !lines.iter().any(|(known, _)| known == action) {
            found.push(format!("{action} was called and is not listed"));
        }
    }
    if all_steps {
        let unused = lines.iter().filter(|(action, reason)| reason.is_none() && !called.contains(*action));
        found.extend(unused.map(|(action, _)| format!("{action} is listed and was not called")));
    }
    found
}

/// Without one of its permissions, the deployer fails, names the operation, and says how to get the permission.
pub async fn weakened_policies_fail(scenario: &Scenario<'_>) -> Result<()> {
    let package = scenario.package(0);
    let plan = ["deploy", "--dry-run", "--package", &package];
    let destroy = ["destroy", "--yes"];
    let cases: [(&str, &[&str]); 3] = [
        ("cloudformation:CreateChangeSet", &plan),
        ("sagemaker:ListEndpoints", &destroy),
        ("s3:ListAllMyBuckets", &destroy),
    ];
    let variables = scenario.cloud.as_ref().context("no local cloud")?.variables()?;
    for (number, (action, arguments)) in cases.into_iter().enumerate() {
        let name = format!("deployer-without-{number}");
        let weakened = user::without_action(&name, variables.clone(), action).await?;
        let log = scenario.cli.work.join("deployer.log");
        let deployer = DeployerProgram::new(Path::new(&scenario.cli.deployer), weakened, log);
        let Err(error) = deployer.run(arguments).await else {
            bail!("mysfits-deploy {} works without {action}", arguments.join(" "));
        };
        let message = error.to_string();
        let (_, operation) = action.split_once(':').unwrap_or_default();
        for part in [operation, "AccessDenied", "missing permission", "policy"] {
            ensure!(message.contains(part), "without {action}, no {part:?} in the message: {message}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "# Comment\ns3:GetObject\ns3:PutObject  # never\n";

    fn called(actions: &[&str]) -> BTreeSet<String> {
        actions.iter().map(|action| (*action).to_owned()).collect()
    }

    #[test]
    fn an_action_that_is_not_listed_is_found() {
        let found = differences(&called(&["s3:GetObject", "s3:DeleteObject"]), LISTED, false);
        assert_eq!(found, ["s3:DeleteObject was called and is not listed"]);
    }

    #[test]
    fn an_action_that_was_not_called_is_found_after_all_steps() {
        assert_eq!(differences(&called(&[]), LISTED, false), [""; 0]);
        assert_eq!(differences(&called(&[]), LISTED, true), ["s3:GetObject is listed and was not called"]);
    }

    #[test]
    fn only_a_request_for_the_lock_of_a_missing_bucket_needs_no_action() {
        let is_excused = |request: &str, status: u16| {
            let call = serde_json::json!({"accessKeyId": "A", "request": request, "status": status});
            serde_json::from_value::<RecordedCall>(call).unwrap().is_for_lock_without_bucket()
        };
        assert!(is_excused("GET /mysfits-dev-1-r/deployment-lock.json", 404));
        assert!(!is_excused("GET /mysfits-dev-1-r/deployment-lock.json", 200));
        assert!(!is_excused("DELETE /mysfits-dev-1-r/deployment-lock.json", 404));
        assert!(!is_excused("GET /mysfits-dev-1-r/releases/list.json", 404));
    }

    #[test]
    fn the_actions_are_sorted_and_listed_once() {
        let lines: Vec<_> = EXPECTED.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.is_sorted_by(|one, other| one < other), "{lines:?}");
    }
}
