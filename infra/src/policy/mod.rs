//! IAM policies for a deployment: of the person or program that deploys, of CloudFormation's service role, and the
//! permissions boundary of the stacks' roles.
//!
//! The actions are those that the registry's schemas list for creating, reading, updating and deleting the resource types
//! of the templates, except those for properties that the templates do not use, and the deployer's own calls. A check
//! (`infra/checks/check_policy.py`) compares them with the schemas.
//!
//! Statements name resources by the names that CloudFormation gives them (the stack's name, the logical id, a random
//! suffix), or by the tags of project and stage. Where IAM supports neither, only calls of CloudFormation are allowed.
//!
//! Roles can be created and changed only with the permissions boundary, so that no role gets more permissions than the
//! boundary has, whatever its policies say. The policies were not tested with a real account.

mod github;
mod grants;
mod scope;

use serde_json::{Value, json};

pub use github::{GithubJobs, GithubRepository, GithubRepositoryError, github_trust};
pub use scope::PolicyScope;

use grants::Holder;

/// The holder of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyHolder<'a> {
    /// A person or program that deploys. CloudFormation has the same permissions.
    Deployer,
    /// A person or program that deploys with CloudFormation's service role of this ARN.
    DeployerWithServiceRole(&'a str),
    /// CloudFormation's service role.
    ServiceRole,
    /// The roles of the stacks, as permissions boundary.
    Boundary,
}

/// IAM's limit for a managed policy, in characters without white space.
const MAX_MANAGED_POLICY: usize = 6144;

/// Returns the policy of a holder.
///
/// That of a deployer exceeds IAM's size limit; [`managed`] splits it.
///
/// # Panics
/// If the templates have a resource type without an entry in the table. The tests would panic, too.
#[must_use]
pub fn policy(scope: &PolicyScope, holder: PolicyHolder<'_>) -> Value {
    document(&statements(scope, holder))
}

/// Returns the same policy, split into as few managed policies as possible.
///
/// # Panics
/// As [`policy`].
#[must_use]
pub fn managed(scope: &PolicyScope, holder: PolicyHolder<'_>) -> Vec<Value> {
    let mut parts: Vec<Vec<Value>> = Vec::new();
    for statement in statements(scope, holder) {
        let fits = |part: &Vec<Value>| {
            let longer = document(&[&part[..], std::slice::from_ref(&statement)].concat());
            longer.to_string().len() <= MAX_MANAGED_POLICY
        };
        match parts.iter().position(fits) {
            Some(place) => parts[place].push(statement),
            None => parts.push(vec![statement]),
        }
    }
    parts.iter().map(|part| document(part)).collect()
}

fn document(statements: &[Value]) -> Value {
    let mut policy = json!({ "Version": "2012-10-17", "Statement": statements });
    // Whether maps keep their order depends on the features of the build; the text must not.
    policy.sort_all_objects();
    policy
}

fn statements(scope: &PolicyScope, holder: PolicyHolder<'_>) -> Vec<Value> {
    match holder {
        PolicyHolder::Deployer => {
            let cloudformation = grants::cloudformation(scope, Holder::Caller);
            [cloudformation, grants::own_calls(scope), grants::keep_boundary(scope)].concat()
        }
        PolicyHolder::DeployerWithServiceRole(role) => {
            [grants::own_calls(scope), grants::pass_service_role(role), grants::pass_own_roles(scope)]
                .concat()
        }
        PolicyHolder::ServiceRole => {
            [grants::cloudformation(scope, Holder::ServiceRole), grants::keep_boundary(scope)].concat()
        }
        PolicyHolder::Boundary => grants::boundary(scope),
    }
}
