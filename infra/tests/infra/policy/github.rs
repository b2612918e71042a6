//! Which GitHub workflows the printed trust policy lets assume the role.

use iam_rs::{
    Arn, Context, ContextValue, Decision, EvaluationOptions, IAMRequest, PolicyEvaluator, Principal,
    PrincipalId,
};
use mysfits_infra::policy::{GithubJobs, github_trust};
use serde_json::Value;

use super::{ACCOUNT, scope};

const PROVIDER: &str = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";

/// What STS knows of a token.
#[derive(Clone, Copy)]
struct Token<'a> {
    provider: &'a str,
    audience: &'a str,
    subject: &'a str,
}

fn token(subject: &str) -> Token<'_> {
    Token { provider: PROVIDER, audience: "sts.amazonaws.com", subject }
}

fn trust(repository: &str, jobs: &GithubJobs<'_>) -> Value {
    github_trust(&scope(), &repository.parse().unwrap(), jobs)
}

/// Returns whether a token's holder may assume the role.
fn may_assume(policy: &Value, token: Token<'_>) -> bool {
    let mut context = Context::new();
    for (claim, value) in [("aud", token.audience), ("sub", token.subject)] {
        let key = format!("token.actions.githubusercontent.com:{claim}");
        context.insert(key, ContextValue::String(value.to_owned()));
    }
    let caller = Principal::Federated(PrincipalId::String(token.provider.to_owned()));
    let role = Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:role/deploy")).unwrap();
    let request = IAMRequest::new_with_context(caller, "sts:AssumeRoleWithWebIdentity", role, context);
    // A trust policy names no resource: it belongs to its role.
    let options = EvaluationOptions { ignore_resource_constraints: true, ..EvaluationOptions::default() };
    let policy = serde_json::from_value(policy.clone()).unwrap();
    let evaluator = PolicyEvaluator::with_policies(vec![policy]).with_options(options);
    evaluator.evaluate(&request).unwrap().decision == Decision::Allow
}

#[test]
fn only_the_repositorys_jobs_in_the_environment_assume_the_role() {
    let policy = trust("octo-org/mysfits", &GithubJobs::Environment("production"));
    assert!(may_assume(&policy, token("repo:octo-org/mysfits:environment:production")));
    for other in [
        "repo:octo-org/mysfits:environment:dev",
        "repo:octo-org/mysfits:environment:production-2",
        "repo:octo-org/mysfits:ref:refs/heads/main",
        "repo:octo-org/mysfits:pull_request",
        "repo:octo-org/other:environment:production",
        "repo:other-org/mysfits:environment:production",
        // Another owner took the name.
        "repo:octo-org@1/mysfits@2:environment:production",
        "",
    ] {
        assert!(!may_assume(&policy, token(other)), "{other}");
    }
}

#[test]
fn only_the_repositorys_jobs_of_the_branch_assume_the_role() {
    let policy = trust("octo-org@1/mysfits@2", &GithubJobs::Branch("main"));
    assert!(may_assume(&policy, token("repo:octo-org@1/mysfits@2:ref:refs/heads/main")));
    for other in [
        "repo:octo-org@1/mysfits@2:ref:refs/heads/main-2",
        "repo:octo-org@1/mysfits@2:ref:refs/heads/feature/main",
        "repo:octo-org@1/mysfits@2:ref:refs/tags/main",
        "repo:octo-org@1/mysfits@2:pull_request",
        "repo:octo-org@1/mysfits@2:environment:main",
        "repo:octo-org@1/mysfits@3:ref:refs/heads/main",
        "repo:octo-org/mysfits:ref:refs/heads/main",
    ] {
        assert!(!may_assume(&policy, token(other)), "{other}");
    }
}

#[test]
fn only_githubs_tokens_for_aws_assume_the_role() {
    let policy = trust("octo-org/mysfits", &GithubJobs::Environment("production"));
    let good = token("repo:octo-org/mysfits:environment:production");
    assert!(may_assume(&policy, good));
    assert!(!may_assume(&policy, Token { audience: "https://github.com/octo-org", ..good }));
    for provider in [
        "arn:aws:iam::123456789012:oidc-provider/gitlab.example.com",
        "arn:aws:iam::210987654321:oidc-provider/token.actions.githubusercontent.com",
    ] {
        assert!(!may_assume(&policy, Token { provider, ..good }), "{provider}");
    }
}
