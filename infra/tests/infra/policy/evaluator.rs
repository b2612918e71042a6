//! IAM's evaluation of policies.

use iam_rs::{
    Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest, Principal, PrincipalId, evaluate_policies,
};
use mysfits_infra::policy::{PolicyHolder, PolicyScope, managed};
use serde_json::Value;

const CALLER: &str = "arn:aws:iam::123456789012:user/deployer";

/// A holder of policies.
pub(super) struct Identity(Vec<IAMPolicy>);

/// What IAM knows about a request besides its action and resource.
pub(super) type Facts<'a> = &'a [(&'a str, &'a str)];

impl Identity {
    /// Returns a holder of the printed managed policies.
    pub(super) fn new(scope: &PolicyScope, holder: PolicyHolder<'_>) -> Self {
        Self::with(managed(scope, holder))
    }

    /// Returns a holder of policies.
    pub(super) fn with(policies: Vec<Value>) -> Self {
        Self(policies.into_iter().map(|policy| serde_json::from_value(policy).unwrap()).collect())
    }

    /// Returns whether IAM allows the request.
    pub(super) fn may(&self, action: &str, resource: &str, facts: Facts<'_>) -> bool {
        let mut context = Context::new();
        for (key, value) in facts {
            // This key has a list of values.
            let value = match *key {
                "aws:CalledVia" => ContextValue::StringList(vec![(*value).to_owned()]),
                _ => ContextValue::String((*value).to_owned()),
            };
            context.insert((*key).to_owned(), value);
        }
        let caller = Principal::Aws(PrincipalId::String(CALLER.to_owned()));
        let request = IAMRequest::new_with_context(caller, action, Arn::parse(resource).unwrap(), context);
        let decision = evaluate_policies(&self.0, &request)
            .unwrap_or_else(|error| panic!("{action} on {resource}: {error}"));
        decision == Decision::Allow
    }
}

#[test]
fn the_evaluator_reads_conditions() {
    let allow = |condition: &str| {
        let policy = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::a-*/*", "Condition": {condition}}}]}}"#
        );
        Identity::with(vec![serde_json::from_str(&policy).unwrap()])
    };
    let object = "arn:aws:s3:::a-b/c";
    let equals = allow(r#"{"StringEquals": {"aws:ResourceTag/stage": "dev"}}"#);
    assert!(equals.may("s3:GetObject", object, &[("aws:ResourceTag/stage", "dev")]));
    assert!(!equals.may("s3:GetObject", object, &[("aws:ResourceTag/stage", "prod")]));
    assert!(!equals.may("s3:GetObject", object, &[]));
    assert!(!equals.may("s3:PutObject", object, &[("aws:ResourceTag/stage", "dev")]));
    assert!(!equals.may("s3:GetObject", "arn:aws:s3:::b/c", &[("aws:ResourceTag/stage", "dev")]));
    let if_exists = allow(r#"{"StringEqualsIfExists": {"aws:ResourceAccount": "123456789012"}}"#);
    assert!(if_exists.may("s3:GetObject", object, &[]));
    assert!(!if_exists.may("s3:GetObject", object, &[("aws:ResourceAccount", "210987654321")]));
    let any = allow(r#"{"ForAnyValue:StringEquals": {"aws:CalledVia": "cloudformation.amazonaws.com"}}"#);
    assert!(any.may("s3:GetObject", object, &[("aws:CalledVia", "cloudformation.amazonaws.com")]));
    assert!(!any.may("s3:GetObject", object, &[("aws:CalledVia", "athena.amazonaws.com")]));
    assert!(!any.may("s3:GetObject", object, &[]));
}
