//! Names of what is deployed: with the longest stage, in every region, they fit the limits of their services.

use mysfits_infra::{Stack, Stage, names};
use serde_yaml::Value;

/// The regions of CloudFormation in all partitions; the templates' checks compare the list with cfn-lint's.
const REGIONS: &str = include_str!("regions.txt");
/// As many characters as CloudFormation appends to the names that it makes.
const SUFFIX: &str = "1A2B3C4D5E6F7";
/// The longest kind of endpoint: instance types in lower case have dashes for dots.
const ENDPOINT_KIND: &str = "ml-trn1n-32xlarge";
const ACCOUNT: &str = "123456789012";

/// Where the name of a resource comes from.
enum NameSource {
    /// A property of the template, by its path.
    Property(&'static [&'static str]),
    /// CloudFormation: the stack's name, the logical id, and a suffix.
    Generated,
}
use NameSource::{Generated, Property};

/// Types with names: where the name comes from, its maximum length, and its characters besides letters and digits.
const NAMED: [(&str, NameSource, usize, &str); 17] = [
    ("AWS::ApiGateway::RestApi", Property(&["Name"]), 255, "-"),
    ("AWS::ApplicationAutoScaling::ScalingPolicy", Property(&["PolicyName"]), 256, "-"),
    ("AWS::CloudFront::CachePolicy", Property(&["CachePolicyConfig", "Name"]), 128, "-_"),
    ("AWS::CloudFront::Function", Property(&["Name"]), 64, "-_"),
    ("AWS::CloudFront::OriginAccessControl", Property(&["OriginAccessControlConfig", "Name"]), 64, "-_"),
    ("AWS::CloudFront::ResponseHeadersPolicy", Property(&["ResponseHeadersPolicyConfig", "Name"]), 128, "-_"),
    ("AWS::CloudWatch::Alarm", Generated, 255, "-"),
    ("AWS::CloudWatch::Dashboard", Property(&["DashboardName"]), 255, "-_"),
    ("AWS::CodeCommit::Repository", Property(&["RepositoryName"]), 100, "-_."),
    ("AWS::ECR::Repository", Property(&["RepositoryName"]), 256, "-/"),
    ("AWS::IAM::Role", Generated, 64, "-_+=,.@"),
    ("AWS::Lambda::Function", Generated, 64, "-_"),
    ("AWS::Logs::LogGroup", Property(&["LogGroupName"]), 512, "-_/.#"),
    ("AWS::S3::Bucket", Generated, 63, "-"),
    ("AWS::SNS::Topic", Generated, 256, "-_"),
    ("AWS::SageMaker::NotebookInstance", Property(&["NotebookInstanceName"]), 63, "-"),
    ("AWS::Scheduler::Schedule", Property(&["Name"]), 64, "-_."),
];

/// Types without names of their own, or with the logical id and a random suffix.
const NAMELESS: [&str; 21] = [
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::GatewayResponse",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Model",
    "AWS::ApiGateway::RequestValidator",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGateway::Stage",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::CloudFront::Distribution",
    "AWS::IAM::Policy",
    "AWS::KMS::Key",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    // Their name is the user's domain.
    "AWS::ApiGateway::DomainName",
    "AWS::Route53::RecordSet",
    // Its name is `names::sagemaker`.
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Model",
    "AWS::SageMaker::NotebookInstanceLifecycleConfig",
];

fn stage() -> Stage {
    let stage: Stage = "production-eu-west-one".parse().unwrap();
    assert_eq!(stage.as_str().len(), Stage::MAX_LENGTH);
    stage
}

/// Returns a text as CloudFormation evaluates it.
fn evaluated(value: &Value, stack: &str, region: &str, endpoint: &str) -> String {
    let text = value.get("Fn::Sub").unwrap_or(value).as_str().unwrap_or_else(|| panic!("{value:?}"));
    text.replace("${AWS::StackName}", stack)
        .replace("${AWS::Region}", region)
        .replace("${Stage}", stage().as_str())
        .replace("${Endpoint.EndpointName}", endpoint)
}

fn check(what: &str, name: &str, max: usize, others: &str) {
    assert!((1..=max).contains(&name.len()), "{what}: {name} has {} of {max} characters", name.len());
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    assert!(name.chars().all(is_allowed), "{what}: {name}");
}

#[test]
fn every_name_fits_in_every_region() {
    let stage = stage();
    for region in REGIONS.lines() {
        let bucket = names::artifact_bucket(&stage, ACCOUNT, region);
        check("artifact bucket", &bucket, 63, "-");
        assert_eq!(bucket, bucket.to_lowercase());
        check("role path", &names::role_path(&stage, region), 512, "-/");
        let endpoint = names::sagemaker(ENDPOINT_KIND, &stage);
        check("endpoint", &endpoint, 63, "-");
        check("training job", &names::sagemaker("train-0123456789ab-10", &stage), 63, "-");
        check("notebook's job", &names::sagemaker("notebook-1795653308144", &stage), 63, "-");
        for stack in Stack::ALL {
            let name = stack.name(&stage);
            check("stack", &name, 128, "-");
            for found in stack.template().resources() {
                let Some((kind, source, max, others)) = NAMED.iter().find(|named| named.0 == found.kind)
                else {
                    assert!(NAMELESS.contains(&found.kind), "{}: say how it is named", found.kind);
                    continue;
                };
                let resource = match source {
                    Generated => format!("{name}-{}-{SUFFIX}", found.logical_id),
                    Property(path) => {
                        let value = path.iter().fold(found.properties, |value, key| &value[*key]);
                        evaluated(value, &name, region, &endpoint)
                    }
                };
                check(kind, &resource, *max, others);
            }
        }
    }
}

#[test]
fn names_of_global_services_hold_the_region() {
    for stack in Stack::ALL {
        for found in stack.template().resources() {
            let Some((kind, Property(path), ..)) = NAMED.iter().find(|named| named.0 == found.kind) else {
                continue;
            };
            let value = path.iter().fold(found.properties, |value, key| &value[*key]);
            let is_global = kind.starts_with("AWS::CloudFront::") || *kind == "AWS::CloudWatch::Dashboard";
            let text = value["Fn::Sub"].as_str().unwrap_or_default();
            assert_eq!(text.contains("${AWS::Region}"), is_global, "{kind}: {text}");
        }
        for role in stack.template().resources().filter(|found| found.kind == "AWS::IAM::Role") {
            assert_eq!(role.properties["Path"]["Fn::Sub"], "/mysfits/${Stage}/${AWS::Region}/");
        }
    }
}

#[test]
fn every_name_holds_the_stage() {
    for stack in Stack::ALL {
        assert!(stack.name(&Stage::DEFAULT).contains("-dev-"));
        for found in stack.template().resources() {
            let Some((kind, Property(path), ..)) = NAMED.iter().find(|named| named.0 == found.kind) else {
                continue;
            };
            let value = path.iter().fold(found.properties, |value, key| &value[*key]);
            let text = value["Fn::Sub"].as_str().unwrap_or_else(|| panic!("{kind}: {value:?}"));
            let holders = ["${Stage}", "${AWS::StackName}", "${Endpoint.EndpointName}"];
            assert!(holders.iter().any(|holder| text.contains(holder)), "{kind}: {text}");
        }
    }
}

#[test]
fn stacks_of_the_workshop_have_other_names() {
    for stage in ["dev", "prod"].map(|stage| stage.parse().unwrap()) {
        for name in Stack::ALL.map(|stack| stack.name(&stage)) {
            assert!(!name.starts_with("MythicalMysfits"), "{name}");
        }
        // The names of module 7.
        assert_ne!(names::notebook(&stage), "MythicalMysfits-SageMaker-Notebook");
        assert_ne!(names::code_repository(&stage), "MythicalMysfits-RecommendationsLambdaRepository");
    }
}
