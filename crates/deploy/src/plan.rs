//! Describes what a deployment would change. Pure: computed from change sets, printed before the
//! confirmation.

use std::{collections::BTreeSet, fmt};

use aws_sdk_cloudformation::types::{Change as Described, ChangeAction, Replacement};
use mysfits_infra::{Stack, recommendations, sagemaker, website};

/// What becomes of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is made.
    Add,
    /// It is changed and stays what it is.
    Change,
    /// It is made anew and the old one is removed.
    Replace,
    /// Whether it is changed or made anew is known only when it happens.
    MayReplace,
    /// It is removed.
    Remove,
}

impl Action {
    /// All, in the order of a plan.
    const ALL: [Self; 5] = [Self::Add, Self::Change, Self::Replace, Self::MayReplace, Self::Remove];

    fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Change => "~",
            Self::Replace => "±",
            Self::MayReplace => "?",
            Self::Remove => "-",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Add => "added",
            Self::Change => "changed",
            Self::Replace => "replaced",
            Self::MayReplace => "replaced?",
            Self::Remove => "removed",
        }
    }
}

/// One resource's change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What becomes of the resource.
    pub action: Action,
    /// Its logical id.
    pub logical_id: String,
    /// Its type, `AWS::S3::Bucket` say.
    pub resource_type: String,
    /// Which of its properties (or tags, metadata) differ, and what made them differ.
    pub what: Vec<String>,
}

impl Change {
    /// Reads a change of a change set.
    ///
    /// Returns `None` for what is no change of a resource (a hook's announcement).
    #[must_use]
    pub fn of(described: &Described) -> Option<Self> {
        let change = described.resource_change()?;
        let action = match (change.action()?, change.replacement()) {
            (ChangeAction::Add | ChangeAction::Import, _) => Action::Add,
            (ChangeAction::Remove, _) => Action::Remove,
            (_, Some(Replacement::True)) => Action::Replace,
            (ChangeAction::Dynamic, _) | (_, Some(Replacement::Conditional)) => Action::MayReplace,
            _ => Action::Change,
        };
        let mut what: BTreeSet<String> = BTreeSet::new();
        for detail in change.details() {
            let Some(target) = detail.target() else { continue };
            let attribute = target.attribute().map_or("", |attribute| attribute.as_str());
            let name = target.name().unwrap_or(attribute);
            let cause = detail.causing_entity().map(|entity| format!(" (by {entity})")).unwrap_or_default();
            what.insert(format!("{name}{cause}"));
        }
        if what.is_empty() {
            what.extend(change.scope().iter().map(|scope| scope.as_str().to_owned()));
        }
        Some(Self {
            action,
            logical_id: change.logical_resource_id().unwrap_or("?").to_owned(),
            resource_type: change.resource_type().unwrap_or("?").to_owned(),
            what: what.into_iter().collect(),
        })
    }
}

/// A resource that would be lost by being made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// Its logical id.
    pub logical_id: String,
    /// Which properties are the reason.
    pub what: Vec<String>,
}

impl Replaced {
    /// Returns a list for the middle of a sentence.
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
const PRECIOUS: [(Stack, &str); 5] = [
    (Stack::SageMaker, sagemaker::resource::DATA_BUCKET),
    (Stack::SageMaker, sagemaker::resource::ENDPOINT),
    (Stack::Recommendations, recommendations::resource::API),
    (Stack::Website, website::resource::SITE_BUCKET),
    (Stack::Website, website::resource::DISTRIBUTION),
];

/// Returns the protected resources that the changes would replace.
///
/// Those of which CloudFormation says only that it may happen do not count: it says so of whatever names a resource
/// that changes, although none of the precious ones is ever replaced for that.
#[must_use]
pub fn precious(stack: Stack, changes: &[Change]) -> Vec<Replaced> {
    let is_lost = |change: &&Change| {
        change.action == Action::Replace && PRECIOUS.contains(&(stack, change.logical_id.as_str()))
    };
    let replaced =
        |change: &Change| Replaced { logical_id: change.logical_id.clone(), what: change.what.clone() };
    changes.iter().filter(is_lost).map(replaced).collect()
}

/// What is to happen to one stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackPlan {
    /// The stack.
    pub stack: Stack,
    /// Its state now; none if it does not exist.
    pub status: Option<String>,
    /// What has to be mended first, in words.
    pub heal: Option<String>,
    /// What changes; none if that is known only when the stacks before it are there.
    pub changes: Option<Vec<Change>>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

impl StackPlan {
    /// Returns whether the stack is known to stay unchanged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heal.is_none() && self.changes.as_ref().is_some_and(Vec::is_empty)
    }
}

impl fmt::Display for StackPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.stack.name();
        match &self.status {
            None => writeln!(f, "{name}: new")?,
            Some(status) => writeln!(f, "{name}: {status}")?,
        }
        if let Some(heal) = &self.heal {
            writeln!(f, "  ! {heal}")?;
        }
        match &self.changes {
            None => writeln!(f, "  its changes are known when the stacks before it are there")?,
            Some(changes) if changes.is_empty() => writeln!(f, "  no changes")?,
            Some(changes) => {
                for action in Action::ALL {
                    for change in changes.iter().filter(|change| change.action == action) {
                        let Change { logical_id, resource_type, what, .. } = change;
                        let (sign, what) = (action.sign(), what.join(", "));
                        let what = if what.is_empty() { what } else { format!("  {what}") };
                        writeln!(f, "  {sign} {:9} {logical_id:32} {resource_type}{what}", action.word())?;
                    }
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
    fn a_change_set_becomes_a_plan() {
        let described = [
            described("Function", "AWS::Lambda::Function", "Modify", Some("False"), "ArtifactKey"),
            described("Old", "AWS::SNS::Topic", "Remove", None, "AlarmEmail"),
            described("Alarm", "AWS::CloudWatch::Alarm", "Modify", Some("Conditional"), "Function.Arn"),
            described("ApiDeployment1", "AWS::ApiGateway::Deployment", "Add", None, "Template"),
            described("Distribution", "AWS::CloudFront::Distribution", "Modify", Some("True"), "DomainName"),
        ];
        let changes: Vec<_> = described.iter().filter_map(Change::of).collect();
        let plan = StackPlan {
            stack: Stack::Website,
            status: Some("UPDATE_COMPLETE".to_owned()),
            heal: None,
            changes: Some(changes),
            notes: vec!["the page's config.json is written anew".to_owned()],
        };
        expect_test::expect![[r"
            MythicalMysfits-Website: UPDATE_COMPLETE
              + added     ApiDeployment1                   AWS::ApiGateway::Deployment  Code (by Template)
              ~ changed   Function                         AWS::Lambda::Function  Code (by ArtifactKey)
              ± replaced  Distribution                     AWS::CloudFront::Distribution  Code (by DomainName)
              ? replaced? Alarm                            AWS::CloudWatch::Alarm  Code (by Function.Arn)
              - removed   Old                              AWS::SNS::Topic  Code (by AlarmEmail)
              · the page's config.json is written anew
        "]]
        .assert_eq(&plan.to_string());
        assert!(!plan.is_empty());
    }

    #[test]
    fn only_precious_resources_of_their_stack_need_permission_to_be_replaced() {
        let bucket = |action| Change {
            action,
            logical_id: website::resource::SITE_BUCKET.to_owned(),
            resource_type: "AWS::S3::Bucket".to_owned(),
            what: vec!["BucketName".to_owned()],
        };
        let lost = precious(Stack::Website, &[bucket(Action::Replace)]);
        assert_eq!(Replaced::list(&lost), "SiteBucket (because of BucketName)");
        assert!(precious(Stack::SageMaker, &[bucket(Action::Replace)]).is_empty());
        for action in [Action::Change, Action::MayReplace, Action::Add] {
            assert!(precious(Stack::Website, &[bucket(action)]).is_empty());
        }
    }
}
