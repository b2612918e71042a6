//! Policies: of identities, of resources, and of trust.

use indexmap::IndexMap;
use serde::Serialize;

use super::Text;

/// The version of the policy language. The older version, which is the default, has no `${…}` variables.
const VERSION: &str = "2012-10-17";

/// A policy.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDocument {
    version: &'static str,
    statement: Vec<Statement>,
}

impl PolicyDocument {
    /// Returns a policy of these statements.
    pub fn new(statement: impl Into<Vec<Statement>>) -> Self {
        Self { version: VERSION, statement: statement.into() }
    }

    /// Returns a trust policy for a service, limited to this account. Without the limit, any customer of the
    /// service could make it assume the role.
    #[must_use]
    pub fn trust(service: &'static str) -> Self {
        let statement = Statement {
            resource: None,
            ..Statement::new("TrustService", "Allow", &["sts:AssumeRole"], Vec::new()).by_service(service)
        };
        Self::new([statement.when("StringEquals", "aws:SourceAccount", [Text::Ref("AWS::AccountId".into())])])
    }
}

/// A statement of a policy. Its id says what it is for.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    sid: &'static str,
    effect: &'static str,
    /// One kind of principal with its name; as a map, for an enum would become a tag of YAML.
    principal: Option<IndexMap<&'static str, Text>>,
    action: Vec<&'static str>,
    resource: Option<Vec<Text>>,
    condition: Option<IndexMap<&'static str, IndexMap<&'static str, Vec<Text>>>>,
}

impl Statement {
    fn new(sid: &'static str, effect: &'static str, action: &[&'static str], resource: Vec<Text>) -> Self {
        let action = action.to_vec();
        Self { sid, effect, principal: None, action, resource: Some(resource), condition: None }
    }

    /// Allows actions on resources.
    pub fn allow(
        sid: &'static str,
        action: &[&'static str],
        resource: impl IntoIterator<Item = Text>,
    ) -> Self {
        Self::new(sid, "Allow", action, resource.into_iter().collect())
    }

    /// Returns a statement that denies all principals the actions on the resources.
    pub fn deny_all(
        sid: &'static str,
        action: &[&'static str],
        resource: impl IntoIterator<Item = Text>,
    ) -> Self {
        Self::new(sid, "Deny", action, resource.into_iter().collect()).by("*".into())
    }

    /// Sets the principal of a resource policy to a service.
    #[must_use]
    pub fn by_service(mut self, service: &'static str) -> Self {
        self.principal = Some(IndexMap::from([("Service", service.into())]));
        self
    }

    /// Sets the principal of a resource policy to an account or role.
    #[must_use]
    pub fn by(mut self, principal: Text) -> Self {
        self.principal = Some(IndexMap::from([("AWS", principal)]));
        self
    }

    /// Adds a condition: a key of the request compares so with one of the values.
    #[must_use]
    pub fn when(
        mut self,
        operator: &'static str,
        key: &'static str,
        values: impl IntoIterator<Item = Text>,
    ) -> Self {
        let conditions = self.condition.get_or_insert_default();
        conditions.entry(operator).or_default().insert(key, values.into_iter().collect());
        self
    }
}
