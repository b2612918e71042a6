//! The trust policy of a role that workflows of a GitHub repository assume, with a token of GitHub's OIDC provider.

use std::str::FromStr;

use serde_json::{Value, json};
use thiserror::Error;

use super::{PolicyScope, document};

/// The host of GitHub's OIDC provider, which begins the names of its claims in conditions.
const PROVIDER: &str = "token.actions.githubusercontent.com";
/// The audience of the tokens that `aws-actions/configure-aws-credentials` requests.
const AUDIENCE: &str = "sts.amazonaws.com";

/// A GitHub repository, `OWNER/REPO`, or `OWNER@ID/REPO@ID` with the ids of both.
///
/// Tokens of repositories that were created, renamed or transferred after 15 July 2026 hold the ids, and so do those of
/// repositories whose owner opted in. GitHub never reuses an id, unlike a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GithubRepository {
    text: String,
    has_ids: bool,
}

/// A text that is not a GitHub repository.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected OWNER/REPO, or OWNER@ID/REPO@ID with the numbers of both")]
#[non_exhaustive]
pub struct GithubRepositoryError;

/// The workflows of a repository that may assume a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GithubJobs<'a> {
    /// Jobs in this environment. Its protection rules say which branches may use it, and who approves.
    Environment(&'a str),
    /// Jobs of this branch that are in no environment.
    Branch(&'a str),
}

impl GithubRepository {
    /// Returns whether the ids of owner and repository are given.
    #[must_use]
    pub fn has_ids(&self) -> bool {
        self.has_ids
    }
}

impl FromStr for GithubRepository {
    type Err = GithubRepositoryError;

    fn from_str(text: &str) -> Result<Self, GithubRepositoryError> {
        let (owner, name) = text.split_once('/').ok_or(GithubRepositoryError)?;
        let owner_has_id = check(owner, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))?;
        let has_ids = check(name, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))?;
        if owner_has_id != has_ids {
            return Err(GithubRepositoryError);
        }
        Ok(Self { text: text.to_owned(), has_ids })
    }
}

/// Checks a name with an optional id. Returns whether it has one.
fn check(text: &str, is_allowed: impl Fn(char) -> bool) -> Result<bool, GithubRepositoryError> {
    let (name, id) = text.split_once('@').map_or((text, None), |(name, id)| (name, Some(id)));
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let is_valid = !name.is_empty() && name.chars().all(is_allowed) && id.is_none_or(is_id);
    if is_valid { Ok(id.is_some()) } else { Err(GithubRepositoryError) }
}

/// Returns the trust policy of a role that jobs of a repository may assume.
///
/// The account needs GitHub's OIDC provider. Pull requests of forks get no token, and the subject of other pull
/// requests is another one.
#[must_use]
pub fn github_trust(scope: &PolicyScope, repository: &GithubRepository, jobs: &GithubJobs<'_>) -> Value {
    let jobs = match jobs {
        GithubJobs::Environment(name) => format!("environment:{name}"),
        GithubJobs::Branch(name) => format!("ref:refs/heads/{name}"),
    };
    let statement = json!({
        "Sid": "AssumeRoleFromGitHub",
        "Effect": "Allow",
        "Principal": { "Federated": scope.identity_provider(PROVIDER) },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                format!("{PROVIDER}:aud"): AUDIENCE,
                format!("{PROVIDER}:sub"): format!("repo:{}:{jobs}", repository.text),
            },
        },
    });
    document(&[statement])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_names_with_and_without_ids() {
        for (text, has_ids) in
            [("octo-org/mysfits.rs", false), ("octo-org@123456/mysfits@789012", true), ("a_b/c_d", false)]
        {
            assert_eq!(text.parse().map(|found: GithubRepository| found.has_ids()), Ok(has_ids), "{text}");
        }
    }

    #[test]
    fn rejects_patterns_and_incomplete_names() {
        for text in [
            "",
            "octo-org",
            "octo-org/",
            "/mysfits",
            "octo-org/*",
            "*/mysfits",
            "octo-org/mysfit?",
            "a/b/c",
            "a b/c",
            "octo-org@1/mysfits",
            "octo-org/mysfits@2",
            "octo-org@/mysfits@",
            "octo-org@x/mysfits@y",
            "a:b/c",
            "https://github.com/octo-org/mysfits",
        ] {
            assert_eq!(text.parse::<GithubRepository>(), Err(GithubRepositoryError), "{text}");
        }
    }
}
