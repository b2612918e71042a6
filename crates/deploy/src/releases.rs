//! The releases of a stage: content, time and author of each deployment. Pure.

use std::{collections::BTreeMap, fmt};

use mysfits_infra::{Stack, sagemaker::parameter as sagemaker_parameter};
use serde::{Deserialize, Serialize};

use crate::error::DeployError;

/// The number of releases that can be deployed again.
pub(crate) const MAX_DEPLOYED_RELEASES: usize = 10;

/// The parameters of each stack, by the stack's key.
pub(crate) type StackParameters = BTreeMap<String, BTreeMap<String, String>>;

/// Returns the key of a stack in a release.
pub(crate) fn stack_key(stack: Stack) -> &'static str {
    stack.file_name().trim_end_matches(".yaml")
}

/// A release: a successful deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeployedRelease {
    /// The number, from 1.
    pub number: u64,
    /// When it was deployed, in UTC.
    pub time: String,
    /// The ARN of who deployed it.
    pub caller: String,
    /// The version of the package.
    pub version: String,
    /// The digest of the package.
    pub package: String,
    /// The parameters of each stack.
    pub parameters: StackParameters,
    /// Addresses of the workshop's other modules.
    pub site_settings: serde_json::Value,
}

impl DeployedRelease {
    /// Returns a stack's parameter.
    pub(crate) fn parameter(&self, stack: Stack, name: &str) -> Option<&str> {
        self.parameters.get(stack_key(stack))?.get(name).map(String::as_str)
    }

    /// Returns whether another release deploys the same. The endpoint's expiry does not count: it is a time.
    fn is_same(&self, other: &Self) -> bool {
        let comparable = |release: &Self| {
            let mut parameters = release.parameters.clone();
            for of_stack in parameters.values_mut() {
                of_stack.remove(sagemaker_parameter::ENDPOINT_EXPIRY);
            }
            (release.package.clone(), parameters, release.site_settings.clone())
        };
        comparable(self) == comparable(other)
    }
}

impl fmt::Display for DeployedRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, time, caller, version, package, .. } = self;
        let digest = package.get(..12).unwrap_or(package);
        write!(f, "release {number}  {time}  package {digest} (version {version})  by {caller}")
    }
}

/// The releases of a stage, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeployedReleases(pub(crate) Vec<DeployedRelease>);

impl DeployedReleases {
    /// Returns the newest release: the deployed one.
    pub(crate) fn newest(&self) -> Option<&DeployedRelease> {
        self.0.last()
    }

    /// Adds a release with the next number, unless it is the newest already. Returns whether it was added.
    pub(crate) fn add(&mut self, mut release: DeployedRelease) -> bool {
        if self.newest().is_some_and(|newest| newest.is_same(&release)) {
            return false;
        }
        release.number = self.newest().map_or(1, |newest| newest.number + 1);
        self.0.push(release);
        let old = self.0.len().saturating_sub(MAX_DEPLOYED_RELEASES);
        self.0.drain(..old);
        true
    }

    /// Returns the release with a number, or, by default, the one before the newest.
    ///
    /// # Errors
    /// If it does not exist, with the existing ones.
    pub(crate) fn find(&self, number: Option<u64>) -> Result<&DeployedRelease, DeployError> {
        let found = match number {
            Some(number) => self.0.iter().find(|release| release.number == number),
            None => self.0.iter().rev().nth(1),
        };
        found.ok_or_else(|| {
            let known: Vec<_> = self.0.iter().map(|release| release.number.to_string()).collect();
            DeployError::NoRelease {
                wanted: number.map_or("earlier release".to_owned(), |number| format!("release {number}")),
                known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
            }
        })
    }

    /// Returns those of the packages' keys that no release uses.
    pub(crate) fn outdated<'a>(&self, keys: impl IntoIterator<Item = &'a String>) -> Vec<&'a str> {
        let is_used = |key: &str| self.0.iter().any(|release| key.contains(release.package.as_str()));
        keys.into_iter().map(String::as_str).filter(|key| !is_used(key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(package: &str, expiry: &str) -> DeployedRelease {
        let parameters = BTreeMap::from([("EndpointExpiry".to_owned(), expiry.to_owned())]);
        DeployedRelease {
            number: 0,
            time: "2026-11-30T12:00:00Z".to_owned(),
            caller: "arn:aws:iam::123456789012:user/tester".to_owned(),
            version: "0.1.0".to_owned(),
            package: package.to_owned(),
            parameters: BTreeMap::from([(stack_key(Stack::SageMaker).to_owned(), parameters)]),
            site_settings: serde_json::Value::Null,
        }
    }

    #[test]
    fn a_repeated_deployment_is_no_new_release() {
        let mut releases = DeployedReleases::default();
        assert!(releases.add(release("a", "")));
        assert!(!releases.add(release("a", "2026-11-30T14:00:00")));
        assert!(releases.add(release("b", "")));
        assert!(releases.add(release("a", "")), "a rollback is a release");
        let numbers: Vec<_> = releases.0.iter().map(|release| release.number).collect();
        assert_eq!(numbers, [1, 2, 3]);
    }

    #[test]
    fn finds_the_release_to_go_back_to() {
        let mut releases = DeployedReleases::default();
        let error = releases.find(None).unwrap_err().to_string();
        assert!(error.contains("earlier release") && error.contains("none"), "{error}");
        for package in ["a", "b", "c"] {
            releases.add(release(package, ""));
        }
        assert_eq!(releases.find(None).unwrap().package, "b");
        assert_eq!(releases.find(Some(1)).unwrap().package, "a");
        let error = releases.find(Some(7)).unwrap_err().to_string();
        assert!(error.contains("release 7") && error.contains("1, 2, 3"), "{error}");
    }

    #[test]
    fn keeps_the_packages_of_the_newest_releases() {
        let mut releases = DeployedReleases::default();
        for number in 0..=MAX_DEPLOYED_RELEASES {
            releases.add(release(&format!("digest-{number:02}"), ""));
        }
        assert_eq!(releases.0.len(), MAX_DEPLOYED_RELEASES);
        let keys = ["releases/digest-00.tar", "releases/digest-01.tar"].map(str::to_owned);
        assert_eq!(releases.outdated(&keys), ["releases/digest-00.tar"]);
    }

    #[test]
    fn describes_a_release() {
        let mut release = release("0123456789abcdef", "");
        release.number = 4;
        assert_eq!(
            release.to_string(),
            "release 4  2026-11-30T12:00:00Z  package 0123456789ab (version 0.1.0)  by arn:aws:iam::123456789012:user/tester"
        );
    }
}
