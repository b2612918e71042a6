//! The deployment that a policy is for.

use crate::{Stack, Stage, names};

/// The placeholder for the name of each stack.
const EACH_STACK: &str = "${EachStack}";

/// The deployment that a policy is for: one stage in one account and region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyScope {
    partition: &'static str,
    account: String,
    region: String,
    stage: Stage,
    boundary: String,
}

impl PolicyScope {
    /// Returns the scope of a stage. Roles must have the permissions boundary of [`Self::boundary_name`] in the same account.
    pub fn new(account: impl Into<String>, region: impl Into<String>, stage: Stage) -> Self {
        let (account, region) = (account.into(), region.into());
        let partition = partition(&region);
        let boundary =
            format!("arn:{partition}:iam::{account}:policy/{}", Self::boundary_name(&stage, &region));
        Self { partition, account, region, stage, boundary }
    }

    /// Requires the permissions boundary of this ARN.
    #[must_use]
    pub fn with_boundary(mut self, arn: impl Into<String>) -> Self {
        self.boundary = arn.into();
        self
    }

    /// Returns the name of the managed policy that is a stage's permissions boundary by default.
    #[must_use]
    pub fn boundary_name(stage: &Stage, region: &str) -> String {
        format!("{}-{region}", names::resource_name(stage, "Boundary"))
    }

    /// Returns the ARN of the permissions boundary that roles must have.
    #[must_use]
    pub fn boundary(&self) -> &str {
        &self.boundary
    }

    /// Returns the tags of the stage's resources.
    pub(super) fn tags(&self) -> [(&'static str, &str); 2] {
        names::tags(&self.stage)
    }

    /// Returns the pattern for the ARNs of a role of a stack, which CloudFormation names.
    pub(super) fn role(&self, stack: Stack, logical_id: &str) -> String {
        let (path, stack) = (names::role_path(&self.stage, &self.region), stack.name(&self.stage));
        format!("arn:{}:iam::{}:role{path}{stack}-{logical_id}-*", self.partition, self.account)
    }

    /// Returns the ARN of the account's OIDC provider of this host.
    pub(super) fn identity_provider(&self, host: &str) -> String {
        format!("arn:{}:iam::{}:oidc-provider/{host}", self.partition, self.account)
    }

    /// Replaces the placeholder of each stack in a resource: returns one resource for each.
    pub(super) fn each_stack(&self, resource: &str) -> Vec<String> {
        if !resource.contains(EACH_STACK) {
            return vec![resource.to_owned()];
        }
        Stack::ALL.iter().map(|stack| resource.replace(EACH_STACK, &stack.name(&self.stage))).collect()
    }

    /// Replaces the placeholders of the table in a text.
    pub(super) fn fill(&self, text: &str) -> String {
        let [model, api, site] =
            [Stack::SageMaker, Stack::Recommendations, Stack::Website].map(|stack| stack.name(&self.stage));
        [
            ("Partition", self.partition.to_owned()),
            ("Region", self.region.clone()),
            ("Account", self.account.clone()),
            ("ArtifactBucket", names::artifact_bucket(&self.stage, &self.account, &self.region)),
            ("CodeRepository", names::code_repository(&self.stage)),
            ("ImageRepository", names::image_repository(&self.stage)),
            ("LogGroups", names::log_groups(&self.stage)),
            ("Notebook", names::notebook(&self.stage)),
            ("RolePath", names::role_path(&self.stage, &self.region)),
            ("SageMaker", names::sagemaker("*", &self.stage)),
            ("model", model.to_lowercase()),
            ("site", site.to_lowercase()),
            ("Model", model),
            ("Api", api),
            ("Site", site),
        ]
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
    }
}

/// Returns the partition of a region.
fn partition(region: &str) -> &'static str {
    let known = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("eusc-", "aws-eusc"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
    ];
    known.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}
