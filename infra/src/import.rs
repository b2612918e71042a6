//! Templates with which CloudFormation imports resources that exist.
//!
//! Source: AWS CloudFormation User Guide, "Import AWS resources into a CloudFormation stack automatically": the name of a resource
//! to import must be a literal in the template, and its deletion policy `Retain` or `RetainExceptOnCreate`.

use serde_yaml::Value;

use crate::{STAGE_PARAMETER, Stack, Stage, cfn::render};

/// The types of the templates whose name is their primary identifier, and the property with the name. CloudFormation finds
/// no other existing resource by itself.
const NAMED: [(&str, &str); 3] = [
    ("AWS::CloudWatch::Dashboard", "DashboardName"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::Scheduler::Schedule", "Name"),
];
/// The deletion policies with which a resource can be imported; the second one is set.
const KEPT: [&str; 2] = ["Retain", "RetainExceptOnCreate"];

/// Returns a stack's template in which the resources that can be imported have literal names and are kept with their stack.
/// A text that is not YAML is returned as it is; CloudFormation rejects it.
#[must_use]
pub fn with_importable_names(template: &str, stack: Stack, stage: &Stage, region: &str) -> String {
    let Ok(mut document) = serde_yaml::from_str::<Value>(template) else { return template.to_owned() };
    let resources = document.get_mut("Resources").and_then(Value::as_mapping_mut);
    for (_, resource) in resources.into_iter().flatten() {
        let kind = resource["Type"].as_str().unwrap_or_default();
        let Some((_, property)) = NAMED.iter().find(|(known, _)| *known == kind) else { continue };
        let name = resource["Properties"][*property]["Fn::Sub"].as_str();
        let Some(name) = name.map(|name| literal(name, stack, stage, region)) else { continue };
        resource["Properties"][*property] = name.into();
        let policy = resource["DeletionPolicy"].as_str().unwrap_or_default();
        if !KEPT.contains(&policy) {
            resource["DeletionPolicy"] = KEPT[1].into();
        }
    }
    render::yaml(&document)
}

fn literal(name: &str, stack: Stack, stage: &Stage, region: &str) -> String {
    name.replace(&format!("${{{STAGE_PARAMETER}}}"), stage.as_str())
        .replace("${AWS::StackName}", &stack.name(stage))
        .replace("${AWS::Region}", region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn resources_that_can_be_imported_have_literal_names_and_are_kept() {
        let stage = "prod".parse().unwrap();
        let mut names = Vec::new();
        for stack in Stack::ALL {
            let importable = read(&with_importable_names(&stack.yaml(), stack, &stage, "eu-west-1"));
            for (id, resource) in importable["Resources"].as_mapping().unwrap() {
                let kind = resource["Type"].as_str().unwrap();
                let Some((_, property)) = NAMED.iter().find(|(known, _)| *known == kind) else {
                    let source = &read(&stack.yaml())["Resources"][id];
                    assert_eq!(resource, source, "{id:?}");
                    continue;
                };
                names.push(resource["Properties"][*property].as_str().unwrap().to_owned());
                assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{id:?}");
            }
        }
        let expected = [
            "Mysfits-prod-Model-expiry",
            "/mysfits/prod/function",
            "/mysfits/prod/requests",
            "Mysfits-prod-Api-eu-west-1",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_policy_that_keeps_the_resource_stays() {
        let template = "Resources: {Log: {Type: 'AWS::Logs::LogGroup', DeletionPolicy: Retain, Properties: \
                        {LogGroupName: {'Fn::Sub': '/a/${Stage}'}}}}";
        let text = with_importable_names(template, Stack::Website, &Stage::DEFAULT, "eu-west-1");
        let log = &read(&text)["Resources"]["Log"];
        assert_eq!(log["DeletionPolicy"], "Retain");
        assert_eq!(log["Properties"]["LogGroupName"], "/a/dev");
        assert_eq!(with_importable_names("{", Stack::Website, &Stage::DEFAULT, "r"), "{");
    }
}
