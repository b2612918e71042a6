//! Roles, their policies, and keys.

use super::{Tags, tags};
use crate::{
    cfn::{Condition, Draft, Logic, Parameter, PolicyDocument, Text, only_if, parameter, reference, sub},
    names,
    stage::STAGE,
};

super::property_types! {
    struct Role = "AWS::IAM::Role" ["Arn", "RoleId"] {
        description: &'static str,
        path: Text,
        permissions_boundary: Text,
        assume_role_policy_document: PolicyDocument,
        policies: Option<Vec<InlinePolicy>>,
        managed_policy_arns: Option<Vec<Text>>,
        tags: Tags,
    }

    struct InlinePolicy {
        policy_name: &'static str,
        policy_document: PolicyDocument,
    }

    struct Policy = "AWS::IAM::Policy" [] {
        policy_name: &'static str,
        policy_document: PolicyDocument,
        roles: [Text; 1],
    }

    /// A KMS key.
    struct Key = "AWS::KMS::Key" ["Arn", "KeyId"] {
        description: &'static str,
        enable_key_rotation: bool,
        /// How long a removed key can be brought back; it costs nothing meanwhile.
        pending_window_in_days: u32,
        key_policy: PolicyDocument,
        tags: Tags,
    }
}

/// The parameter with the permissions boundary of all roles of a template.
pub const PERMISSIONS_BOUNDARY: &str = "PermissionsBoundary";
/// Roles have a permissions boundary.
const HAS_BOUNDARY: Condition = Condition("HasPermissionsBoundary");

/// Adds the parameter of the permissions boundary, which every template with roles needs.
pub(crate) fn boundary_parameter(draft: &mut Draft) {
    let boundary = Parameter::text("ARN of the permissions boundary of all roles; empty for none").or("");
    let pattern = "^(arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+)?$";
    draft.parameter(PERMISSIONS_BOUNDARY, boundary.like(pattern, "the ARN of a managed policy, or empty"));
    draft.condition(HAS_BOUNDARY, Logic::given(PERMISSIONS_BOUNDARY));
}

impl Role {
    /// Returns a role for a service.
    pub(crate) fn of_service(service: &'static str, description: &'static str) -> Self {
        let assume_role_policy_document = PolicyDocument::trust(service);
        Self {
            description,
            path: sub(names::role_path(STAGE, "${AWS::Region}")),
            permissions_boundary: only_if(HAS_BOUNDARY, parameter(PERMISSIONS_BOUNDARY)),
            assume_role_policy_document,
            policies: None,
            managed_policy_arns: None,
            tags: tags(),
        }
    }

    /// Adds an inline policy.
    pub(crate) fn with(mut self, policy_name: &'static str, policy_document: PolicyDocument) -> Self {
        self.policies.get_or_insert_default().push(InlinePolicy { policy_name, policy_document });
        self
    }

    /// Adds a managed policy of AWS.
    pub(crate) fn with_managed(mut self, arn: Text) -> Self {
        self.managed_policy_arns.get_or_insert_default().push(arn);
        self
    }
}

impl Policy {
    /// Returns a policy of one role.
    pub(crate) fn of(role: &'static str, policy_name: &'static str, policy_document: PolicyDocument) -> Self {
        Self { policy_name, policy_document, roles: [reference(role)] }
    }
}
