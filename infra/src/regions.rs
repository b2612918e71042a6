//! The regions in which CloudFormation lacks a resource type of the stacks.

use crate::Stack;

/// A line for each region that lacks a type: its name, and the types of the templates that CloudFormation does not have there.
///
/// Sources: the registry's schemas that come with cfn-lint; `infra/checks/check_templates.py` compares the two. For the isolated
/// partitions and the European Sovereign Cloud cfn-lint only has the types of us-east-1; botocore's `endpoints.json` says
/// that they have no CloudFront.
const MISSING_TYPES: &str = include_str!("missing_types.txt");

impl Stack {
    /// Returns the resource types of the stack's template that CloudFormation does not have in a region.
    ///
    /// CloudFormation rejects a template with an unknown type, even if no condition lets it create such a resource.
    #[must_use]
    pub fn missing_types(self, region: &str) -> Vec<&'static str> {
        let lines = MISSING_TYPES.lines().filter_map(|line| line.split_once(' '));
        let missing = lines.filter(|(known, _)| *known == region).flat_map(|(_, types)| types.split(' '));
        let template = self.template();
        missing.filter(|missing| template.resources().any(|resource| resource.kind == *missing)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_a_region_lacks_by_stack() {
        let missing = |stack: Stack, region| stack.missing_types(region);
        assert_eq!(missing(Stack::Repository, "ap-southeast-3"), ["AWS::CodeCommit::Repository"]);
        assert!(missing(Stack::SageMaker, "me-central-1").contains(&"AWS::SageMaker::Endpoint"));
        assert!(!missing(Stack::SageMaker, "me-central-1").contains(&"AWS::SageMaker::NotebookInstance"));
        let china = ["AWS::CloudFront::Function", "AWS::CloudFront::OriginAccessControl"];
        assert_eq!(missing(Stack::Website, "cn-north-1"), china);
        for stack in Stack::ALL {
            assert_eq!(missing(stack, "us-east-1"), Vec::<&str>::new(), "{stack:?}");
        }
    }
}
