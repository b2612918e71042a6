//! Describes what a deployment would change. Pure: computed from change sets, printed before the
//! confirmation.

use std::{collections::BTreeSet, fmt};

use aws_sdk_cloudformation::types::{Change as Described, ChangeAction, Replacement};
use mysfits_infra::{Stack, recommendations, sagemaker, website};
use serde::Serialize;
use serde_json::json;

use crate::property_change::PropertyChange;

/// What happens to a resource, in the order of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlannedAction {
    /// It is created.
    Add,
    /// It exists outside the stack, and becomes part of it.
    Import,
    /// It is updated in place.
    Change,
    /// It is replaced.
    Replace,
    /// It is updated or replaced, which is known only during the update.
    MayReplace,
    /// It is deleted.
    Remove,
}

impl PlannedAction {
    /// Returns its sign and its word in a plan.
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Add => ("+", "added"),
            Self::Import => (">", "imported"),
            Self::Change => ("~", "changed"),
            Self::Replace => ("±", "replaced"),
            Self::MayReplace => ("?", "replaced?"),
            Self::Remove => ("-", "removed"),
        }
    }

    /// Returns whether the resource is lost.
    fn is_destructive(self) -> bool {
        matches!(self, Self::Replace | Self::Remove)
    }
}

/// The change of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedChange {
    /// What happens to the resource.
    pub action: PlannedAction,
    /// Its logical id.
    pub logical_id: String,
    /// Its type, such as `AWS::S3::Bucket`.
    pub resource_type: String,
    /// The properties (or tags, metadata) that differ.
    pub properties: Vec<PropertyChange>,
}

impl PlannedChange {
    /// Converts a change of a change set. Returns `None` if it is not about a resource.
    #[must_use]
    pub fn from_described(described: &Described) -> Option<Self> {
        let change = described.resource_change()?;
        let action = match (change.action()?, change.replacement()) {
            (ChangeAction::Add, _) => PlannedAction::Add,
            (ChangeAction::Import, _) => PlannedAction::Import,
            (ChangeAction::Remove, _) => PlannedAction::Remove,
            (_, Some(Replacement::True)) => PlannedAction::Replace,
            (ChangeAction::Dynamic, _) | (_, Some(Replacement::Conditional)) => PlannedAction::MayReplace,
            _ => PlannedAction::Change,
        };
        let mut properties = PropertyChange::all(change.details());
        if properties.is_empty() {
            let scopes = change.scope().iter().map(|scope| scope.as_str().to_owned());
            properties = scopes.map(|name| PropertyChange { name, ..PropertyChange::default() }).collect();
        }
        Some(Self {
            action,
            logical_id: change.logical_resource_id().unwrap_or("?").to_owned(),
            resource_type: change.resource_type().unwrap_or("?").to_owned(),
            properties,
        })
    }

    /// Returns the names of the properties, each once, with what changes them.
    fn names(&self) -> Vec<String> {
        let names: BTreeSet<_> = self.properties.iter().map(PropertyChange::title).collect();
        names.into_iter().collect()
    }
}

/// A protected resource that would be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// Its logical id.
    pub logical_id: String,
    /// The properties that require the replacement.
    pub what: Vec<String>,
}

impl Replaced {
    /// Returns the resources as a comma-separated list.
    #[must_use]
    pub fn list(all: &[Self]) -> String {
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.logical_id)?;
        if self.what.is_empty() { Ok(()) } else { write!(f, " (because of {})", self.what.join(", ")) }
    }
}

/// Protected resources: they hold data or have a public address, and are only replaced on request.
const PROTECTED: [(Stack, &str); 5] = [
    (Stack::SageMaker, sagemaker::resource::DATA_BUCKET),
    (Stack::SageMaker, sagemaker::resource::ENDPOINT),
    (Stack::Recommendations, recommendations::resource::API),
    (Stack::Website, website::resource::SITE_BUCKET),
    (Stack::Website, website::resource::DISTRIBUTION),
];

/// Returns the protected resources that the changes would replace.
///
/// Conditional replacements do not count: CloudFormation reports them for every reference to a changed resource, but
/// protected resources are never replaced for that reason.
#[must_use]
pub fn protected_replacements(stack: Stack, changes: &[PlannedChange]) -> Vec<Replaced> {
    let is_lost = |change: &&PlannedChange| {
        change.action == PlannedAction::Replace && PROTECTED.contains(&(stack, change.logical_id.as_str()))
    };
    let replaced =
        |change: &PlannedChange| Replaced { logical_id: change.logical_id.clone(), what: change.names() };
    changes.iter().filter(is_lost).map(replaced).collect()
}

/// Types of resources that hold users' work, or without which data cannot be read.
const WORK: [(&str, &str); 3] = [
    ("AWS::SageMaker::NotebookInstance", "the notebook instance"),
    ("AWS::CodeCommit::Repository", "the code repository"),
    ("AWS::KMS::Key", "the encryption key"),
];

/// Returns what a resource of this type is called, if it holds users' work.
#[must_use]
pub fn work(resource_type: &str) -> Option<&'static str> {
    WORK.iter().find(|(known, _)| *known == resource_type).map(|(_, name)| *name)
}

/// Returns the resources with users' work that the changes would delete or replace.
#[must_use]
pub fn deleted_work(stack: Stack, stack_name: &str, changes: &[PlannedChange]) -> Vec<String> {
    let deletes = |change: &&PlannedChange| match change.action {
        PlannedAction::Remove => true,
        PlannedAction::Replace => !PROTECTED.contains(&(stack, change.logical_id.as_str())),
        _ => false,
    };
    let described = |change: &PlannedChange| {
        let is_data_bucket = change.logical_id == sagemaker::resource::DATA_BUCKET;
        let name = work(&change.resource_type).or(is_data_bucket.then_some("the data bucket"))?;
        Some(format!("{name} ({} in {stack_name})", change.logical_id))
    };
    changes.iter().filter(deletes).filter_map(described).collect()
}

/// The plan for one stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackPlan {
    /// The stack.
    pub stack: Stack,
    /// Its name.
    pub name: String,
    /// Its current status; `None` if it does not exist.
    pub status: Option<String>,
    /// The recovery that has to happen first, in words.
    pub recovery: Option<String>,
    /// The changes; `None` if they depend on outputs of a stack that does not exist yet.
    pub changes: Option<Vec<PlannedChange>>,
    /// Notes for the user.
    pub notes: Vec<String>,
    /// Whether the changes are those that will be made, and not a prediction.
    pub is_exact: bool,
    /// The change set, if it was kept to be executed later.
    pub change_set: Option<String>,
}

impl StackPlan {
    /// Returns whether the stack is known to remain unchanged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.recovery.is_none() && self.changes.as_ref().is_some_and(Vec::is_empty)
    }

    /// Returns whether a change set was kept that makes all changes of the stack.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_exact && (self.is_empty() || self.change_set.is_some())
    }

    /// Returns the plan as JSON.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        json!({
            "stack": self.name,
            "status": self.status,
            "recovery": self.recovery,
            "changes": self.changes,
            "notes": self.notes,
        })
    }
}

/// Starts and ends red text on a terminal.
const RED: &str = "\x1b[31m";
const PLAIN: &str = "\x1b[0m";

/// The alternate form (`{:#}`) is for terminals: replacements and deletions are red.
impl fmt::Display for StackPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.status {
            None => writeln!(f, "{name}: new")?,
            Some(status) => writeln!(f, "{name}: {status}")?,
        }
        if let Some(recovery) = &self.recovery {
            writeln!(f, "  ! {recovery}")?;
        }
        match &self.changes {
            None => writeln!(f, "  changes are known after the stacks above are deployed")?,
            Some(changes) if changes.is_empty() => writeln!(f, "  no changes")?,
            Some(changes) => {
                let mut changes: Vec<_> = changes.iter().collect();
                changes.sort_by_key(|change| change.action);
                for change in changes {
                    let (sign, word) = change.action.texts();
                    let names = change.names().join(", ");
                    let names = if names.is_empty() { names } else { format!("  {names}") };
                    let is_red = f.alternate() && change.action.is_destructive();
                    let (start, end) = if is_red { (RED, PLAIN) } else { ("", "") };
                    let PlannedChange { logical_id, resource_type, .. } = change;
                    writeln!(f, "  {start}{sign} {word:9} {logical_id:32} {resource_type}{names}{end}")?;
                    let values: BTreeSet<_> =
                        change.properties.iter().filter_map(PropertyChange::values).collect();
                    values.iter().try_for_each(|values| writeln!(f, "      {values}"))?;
                }
            }
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "  · {note}"))
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::{
        ChangeType, ResourceAttribute, ResourceChange, ResourceChangeDetail, ResourceTargetDefinition,
    };

    use super::*;

    fn described(id: &str, kind: &str, action: &str, replacement: Option<&str>, cause: &str) -> Described {
        let target =
            ResourceTargetDefinition::builder().attribute(ResourceAttribute::Properties).name("Code").build();
        let detail = ResourceChangeDetail::builder().target(target).causing_entity(cause).build();
        let change = ResourceChange::builder()
            .action(ChangeAction::from(action))
            .logical_resource_id(id)
            .resource_type(kind)
            .set_replacement(replacement.map(Replacement::from))
            .details(detail)
            .build();
        Described::builder().r#type(ChangeType::Resource).resource_change(change).build()
    }

    #[test]
    fn prints_a_change_set_as_a_plan() {
        let described = [
            described("Function", "AWS::Lambda::Function", "Modify", Some("False"), "ArtifactKey"),
            described("Old", "AWS::SNS::Topic", "Remove", None, "AlarmEmail"),
            described("Log", "AWS::Logs::LogGroup", "Import", None, "Template"),
            described("Alarm", "AWS::CloudWatch::Alarm", "Modify", Some("Conditional"), "Function.Arn"),
            described("ApiDeployment1", "AWS::ApiGateway::Deployment", "Add", None, "Template"),
            described("Distribution", "AWS::CloudFront::Distribution", "Modify", Some("True"), "DomainName"),
        ];
        let changes: Vec<_> = described.iter().filter_map(PlannedChange::from_described).collect();
        let plan = StackPlan {
            stack: Stack::Website,
            name: "Mysfits-dev-Site".to_owned(),
            status: Some("UPDATE_COMPLETE".to_owned()),
            recovery: None,
            changes: Some(changes),
            notes: vec!["config.json of the site is written".to_owned()],
            is_exact: true,
            change_set: None,
        };
        assert!(!plan.is_complete(), "its change set was not kept");
        assert!(StackPlan { change_set: Some("arn".to_owned()), ..plan.clone() }.is_complete());
        assert!(
            !StackPlan { change_set: Some("arn".to_owned()), is_exact: false, ..plan.clone() }.is_complete()
        );
        expect_test::expect![[r"
            Mysfits-dev-Site: UPDATE_COMPLETE
              + added     ApiDeployment1                   AWS::ApiGateway::Deployment  Code (by Template)
              > imported  Log                              AWS::Logs::LogGroup  Code (by Template)
              ~ changed   Function                         AWS::Lambda::Function  Code (by ArtifactKey)
              ± replaced  Distribution                     AWS::CloudFront::Distribution  Code (by DomainName)
              ? replaced? Alarm                            AWS::CloudWatch::Alarm  Code (by Function.Arn)
              - removed   Old                              AWS::SNS::Topic  Code (by AlarmEmail)
              · config.json of the site is written
        "]]
        .assert_eq(&plan.to_string());
        assert!(!plan.is_empty());
        let on_terminal = format!("{plan:#}");
        let red: Vec<_> = on_terminal.lines().filter(|line| line.contains(RED)).collect();
        assert_eq!(red.len(), 2, "{on_terminal:?}");
        assert!(red[0].contains("Distribution") && red[1].contains("Old"), "{red:?}");
        assert!(red.iter().all(|line| line.ends_with(PLAIN)));
        let json = plan.to_json();
        assert_eq!(json["changes"][0]["action"], "change");
        assert_eq!(json["changes"][0]["properties"][0]["name"], "Code");
    }

    #[test]
    fn only_protected_resources_need_permission_to_be_replaced() {
        let bucket = |action| PlannedChange {
            action,
            logical_id: website::resource::SITE_BUCKET.to_owned(),
            resource_type: "AWS::S3::Bucket".to_owned(),
            properties: vec![PropertyChange { name: "BucketName".to_owned(), ..PropertyChange::default() }],
        };
        let lost = protected_replacements(Stack::Website, &[bucket(PlannedAction::Replace)]);
        assert_eq!(Replaced::list(&lost), "SiteBucket (because of BucketName)");
        assert!(protected_replacements(Stack::SageMaker, &[bucket(PlannedAction::Replace)]).is_empty());
        for action in [PlannedAction::Change, PlannedAction::MayReplace, PlannedAction::Add] {
            assert!(protected_replacements(Stack::Website, &[bucket(action)]).is_empty());
        }
    }
}
