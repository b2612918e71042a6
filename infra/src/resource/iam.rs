//! Roles, their policies, and keys.

use serde::Serialize;

use super::{Tags, tags};
use crate::cfn::{PolicyDocument, Text, reference};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Role {
    description: &'static str,
    assume_role_policy_document: PolicyDocument,
    policies: Option<Vec<InlinePolicy>>,
    managed_policy_arns: Option<Vec<Text>>,
    tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct InlinePolicy {
    policy_name: &'static str,
    policy_document: PolicyDocument,
}

impl Role {
    /// Returns a role for a service.
    pub(crate) fn of_service(service: &'static str, description: &'static str) -> Self {
        let assume_role_policy_document = PolicyDocument::trust(service);
        Self {
            description,
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

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Policy {
    policy_name: &'static str,
    policy_document: PolicyDocument,
    roles: [Text; 1],
}

impl Policy {
    /// Returns a policy of one role.
    pub(crate) fn of(role: &'static str, policy_name: &'static str, policy_document: PolicyDocument) -> Self {
        Self { policy_name, policy_document, roles: [reference(role)] }
    }
}

/// A KMS key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Key {
    pub(crate) description: &'static str,
    pub(crate) enable_key_rotation: bool,
    /// How long a removed key can be brought back; it costs nothing meanwhile.
    pub(crate) pending_window_in_days: u32,
    pub(crate) key_policy: PolicyDocument,
    pub(crate) tags: Tags,
}

super::resource_types! {
    Role = "AWS::IAM::Role" ["Arn", "RoleId"];
    Policy = "AWS::IAM::Policy" [];
    Key = "AWS::KMS::Key" ["Arn", "KeyId"];
}
