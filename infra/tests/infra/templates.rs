//! The templates.

use std::path::Path;

use mysfits_infra::{Resource, Stack, recommendations, sagemaker, website};
use serde_yaml::Value;

fn resource<'a>(template: &'a mysfits_infra::Template, id: &str) -> Resource<'a> {
    template
        .resources()
        .find(|resource| resource.logical_id == id)
        .unwrap_or_else(|| panic!("there is no {id}"))
}

#[test]
fn the_committed_files_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    mysfits_infra::check(&folder).unwrap_or_else(|stale| panic!("{stale}"));
}

#[test]
fn what_is_rendered_is_read_back_as_it_was() {
    for stack in Stack::ALL {
        let (template, yaml) = (stack.template(), stack.yaml());
        let read: Value = serde_yaml::from_str(&yaml).unwrap();
        assert_eq!(&read, template.document(), "{}", stack.file_name());
        assert!(yaml.ends_with(&template.yaml()), "the same template is the same text");
        assert!(yaml.len() < 51_200, "{} can be sent with a request", stack.file_name());
    }
}

#[test]
fn every_name_that_others_use_is_there() {
    use recommendations as r;
    use sagemaker as s;
    use website as w;
    let names = |stack: Stack| {
        let template = stack.template();
        template.parameters().chain(template.outputs()).map(str::to_owned).collect::<Vec<_>>()
    };
    for (stack, expected) in [
        (
            Stack::SageMaker,
            vec![s::parameter::MODEL_DATA_URL, s::parameter::ENDPOINT_EXPIRY, s::output::DATA_BUCKET_NAME],
        ),
        (
            Stack::Recommendations,
            vec![r::parameter::BACKEND, r::parameter::SAGEMAKER_RUNTIME_URL, r::output::API_ID],
        ),
        (
            Stack::Website,
            vec![w::parameter::API_ORIGINS, w::output::CLOUD_FRONT_URL, w::output::SITE_BUCKET_NAME],
        ),
    ] {
        let found = names(stack);
        assert!(
            expected.iter().all(|name| found.contains(&(*name).to_owned())),
            "{}: {found:?}",
            stack.file_name()
        );
    }
    // The workshop's own spelling.
    let outputs = Stack::Repository.template().outputs().map(str::to_owned).collect::<Vec<_>>();
    assert!(outputs.contains(&"recommendationsRepositoryCloneUrlHttp".to_owned()), "{outputs:?}");
    assert!(outputs.contains(&"recommendationsRepositoryCloneUrlSsh".to_owned()), "{outputs:?}");
}

#[test]
fn the_body_model_is_the_domains_entry() {
    let template = Stack::Recommendations.template();
    let schema = &resource(&template, recommendations::resource::REQUEST_MODEL).properties["Schema"];
    let entry = &schema["properties"]["entry"];
    let n_questions = mysfits_domain::QUESTION_COUNT as u64;
    assert_eq!(
        (entry["minItems"].as_u64(), entry["maxItems"].as_u64()),
        (Some(n_questions), Some(n_questions))
    );
    let (min, max) = (mysfits_domain::Answer::MIN.get(), mysfits_domain::Answer::MAX.get());
    assert_eq!(entry["items"]["minimum"].as_u64(), Some(min.into()));
    assert_eq!(entry["items"]["maximum"].as_u64(), Some(max.into()));
    assert_eq!(entry["items"]["type"], "integer");
    let models = &resource(&template, recommendations::resource::POST_METHOD).properties["RequestModels"];
    for content_type in ["application/json", "$default"] {
        assert_eq!(models[content_type]["Ref"], recommendations::resource::REQUEST_MODEL, "{content_type}");
    }
}

#[test]
fn the_preflight_answer_is_the_workshops() {
    let template = Stack::Recommendations.template();
    let integration =
        &resource(&template, recommendations::resource::OPTIONS_METHOD).properties["Integration"];
    assert_eq!(
        (&integration["Type"], &integration["PassthroughBehavior"]),
        (&"MOCK".into(), &"NEVER".into())
    );
    let headers = &integration["IntegrationResponses"][0]["ResponseParameters"];
    let header = |name| &headers[format!("method.response.header.Access-Control-Allow-{name}")];
    let allowed = "'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token,X-Amz-User-Agent'";
    assert_eq!(header("Headers"), allowed);
    assert_eq!(header("Methods"), "'OPTIONS,GET,PUT,POST,DELETE'");
    assert_eq!(header("Credentials"), "'false'");
    assert_eq!(header("Origin")["Fn::Sub"], "'${AllowOrigin}'");
    assert_eq!(template.default_of(recommendations::parameter::ALLOW_ORIGIN), Some("*"));
}

#[test]
fn the_functions_environment_has_the_variables_that_are_promised() {
    let template = Stack::Recommendations.template();
    let function = resource(&template, recommendations::resource::FUNCTION);
    let variables = function.properties["Environment"]["Variables"].as_mapping().unwrap();
    let names: Vec<_> = variables.keys().filter_map(Value::as_str).collect();
    assert_eq!(names, recommendations::variable::ALL);
}

#[test]
fn the_function_may_ask_one_endpoint_and_only_when_it_has_one() {
    let template = Stack::Recommendations.template();
    let policy = resource(&template, recommendations::resource::ENDPOINT_POLICY);
    assert_eq!(policy.condition, Some("HasEndpoint"));
    let resources = &policy.properties["PolicyDocument"]["Statement"][0]["Resource"];
    let arn = resources[0]["Fn::Sub"].as_str().unwrap();
    assert!(arn.ends_with(":endpoint/${EndpointName}"), "{arn}");
    assert_eq!(resources.as_sequence().map(Vec::len), Some(1));
}

/// Without the API's host, requests for results get the page for missing files.
#[test]
fn results_are_requested_from_the_api_if_its_host_is_given() {
    let template = Stack::Website.template();
    let config = &resource(&template, website::resource::DISTRIBUTION).properties["DistributionConfig"];
    let origin = &config["Origins"][1]["Fn::If"];
    assert_eq!(origin[0], "HasResultPages");
    assert_eq!(origin[1]["DomainName"]["Ref"], website::parameter::RESULT_PAGES_HOST);
    assert_eq!(origin[1]["OriginPath"], "/prod");
    assert_eq!(origin[2]["Ref"], "AWS::NoValue");
    for (number, pattern) in [(1, "r/*"), (2, "ko/r/*")] {
        let behavior = &config["CacheBehaviors"][number]["Fn::If"];
        assert_eq!((&behavior[0], &behavior[2]["Ref"]), (&"HasResultPages".into(), &"AWS::NoValue".into()));
        assert_eq!(behavior[1]["PathPattern"], pattern);
        assert_eq!(behavior[1]["TargetOriginId"], origin[1]["Id"]);
        let function = &behavior[1]["FunctionAssociations"];
        assert_eq!(function, &config["DefaultCacheBehavior"]["FunctionAssociations"]);
    }
    // The edge function sets them for each language and host, so the cache must tell them apart.
    let policy = resource(&template, website::resource::RESULT_CACHE).properties;
    let key = &policy["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"];
    assert_eq!(key["HeadersConfig"]["Headers"][0], "x-forwarded-host");
    assert_eq!(key["QueryStringsConfig"]["QueryStrings"][0], "lang");
}

#[test]
fn the_api_passes_requests_for_results_to_the_function() {
    use recommendations::resource as r;
    let template = Stack::Recommendations.template();
    let find = |id| resource(&template, id).properties;
    assert_eq!(find(r::RESULTS_RESOURCE)["PathPart"], "r");
    assert_eq!(find(r::RESULT_RESOURCE)["ParentId"]["Ref"], r::RESULTS_RESOURCE);
    assert_eq!(find(r::RESULT_RESOURCE)["PathPart"], "{code}");
    let method = find(r::RESULT_METHOD);
    assert_eq!(
        (&method["HttpMethod"], &method["ResourceId"]["Ref"]),
        (&"ANY".into(), &r::RESULT_RESOURCE.into())
    );
    assert_eq!(method["Integration"], find(r::POST_METHOD)["Integration"]);
    let source = find(r::RESULT_PERMISSION)["SourceArn"]["Fn::Sub"].as_str().unwrap();
    assert!(source.ends_with("/*/*/r/*"), "{source}");
}

#[test]
fn there_is_a_deployment_for_what_the_api_is_now() {
    let template = Stack::Recommendations.template();
    let deployments: Vec<_> =
        template.resources().filter(|resource| resource.kind == "AWS::ApiGateway::Deployment").collect();
    let [deployment] = deployments[..] else { panic!("{deployments:?}") };
    let hash = deployment.logical_id.strip_prefix("ApiDeployment").unwrap();
    assert!(hash.len() == 12 && hash.chars().all(|c| c.is_ascii_hexdigit()), "{hash}");
    let stage = resource(&template, recommendations::resource::API_STAGE);
    assert_eq!(stage.properties["DeploymentId"]["Ref"], deployment.logical_id);
}

#[test]
fn knows_the_registry_of_every_region_that_has_one() {
    assert_eq!(sagemaker::registry_account("us-east-1"), Some("382416733822"));
    assert_eq!(sagemaker::registry_account("eu-central-2"), Some("680994064768"));
    assert_eq!(sagemaker::registry_account("ap-southeast-7"), None);
}

#[test]
fn all_that_costs_while_idle_is_optional() {
    for stack in Stack::ALL.into_iter().filter(|stack| !stack.is_optional()) {
        let template = stack.template();
        for found in template.resources() {
            let costs = ["AWS::SageMaker::Endpoint", "AWS::SageMaker::NotebookInstance", "AWS::KMS::Key"];
            let is_optional = found.condition.is_some() || !costs.contains(&found.kind);
            assert!(is_optional, "{} always costs", found.logical_id);
        }
    }
}

#[test]
fn notebook_and_repository_are_in_optional_stacks() {
    for stack in Stack::ALL {
        for found in stack.template().resources() {
            let is_extra = found.kind.contains("Notebook") || found.kind.contains("CodeCommit");
            assert!(stack.is_optional() || !is_extra, "{} has {}", stack.file_name(), found.logical_id);
        }
    }
}

/// Returns all texts in a value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Sequence(list) => list.iter().flat_map(texts).collect(),
        Value::Mapping(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// A schedule that is created after the endpoint is too late if its time passes meanwhile.
#[test]
fn the_schedule_that_deletes_the_endpoint_exists_before_the_endpoint() {
    use sagemaker::resource as r;
    let template = Stack::SageMaker.template();
    let tag = &resource(&template, r::ENDPOINT).properties["Tags"][2]["Fn::If"];
    assert_eq!((&tag[0], &tag[1]["Value"]["Ref"]), (&"HasExpiry".into(), &r::EXPIRY_SCHEDULE.into()));
    for id in [r::EXPIRY_SCHEDULE, r::EXPIRY_ROLE] {
        for text in texts(resource(&template, id).properties) {
            for later in [r::ENDPOINT, r::ENDPOINT_CONFIG, r::MODEL] {
                let names = [format!("${{{later}}}"), format!("${{{later}.")];
                let refers = text == later || names.iter().any(|name| text.contains(name));
                assert!(!refers, "{id} is created after {later}: {text}");
            }
        }
    }
    // Both compute the endpoint's name from the same parameters.
    let name = &resource(&template, r::ENDPOINT).properties["EndpointName"]["Fn::Sub"];
    let input = &resource(&template, r::EXPIRY_SCHEDULE).properties["Target"]["Input"]["Fn::Sub"];
    assert_eq!(&input[1]["Name"]["Fn::Sub"], name);
}

#[test]
fn tags_are_those_of_project_and_stage() {
    let expected = "[{Key: project, Value: mythical-mysfits}, {Key: stage, Value: {Ref: Stage}}]";
    let expected: Vec<Value> = serde_yaml::from_str(expected).unwrap();
    for stack in Stack::ALL {
        for found in stack.template().resources() {
            let is_tagged =
                ["AWS::S3::Bucket", "AWS::IAM::Role", "AWS::Lambda::Function"].contains(&found.kind);
            match found.properties.get("Tags") {
                Some(tags) => {
                    let tags = tags.as_sequence().unwrap();
                    assert_eq!(tags[..2], expected, "{}", found.logical_id);
                }
                None => assert!(!is_tagged, "{} has no tags", found.logical_id),
            }
        }
    }
}

#[test]
fn buckets_roles_and_functions_have_no_names() {
    for stack in Stack::ALL {
        for found in stack.template().resources() {
            for name in ["BucketName", "RoleName", "FunctionName"] {
                let is_lambda_permission = found.kind == "AWS::Lambda::Permission";
                let has_name = found.properties.get(name).is_some() && !is_lambda_permission;
                assert!(!has_name, "{} has a name of its own", found.logical_id);
            }
        }
    }
}

#[test]
fn a_stale_file_is_noticed_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    mysfits_infra::synth(folder).unwrap();
    mysfits_infra::check(folder).unwrap();
    let path = folder.join(Stack::Website.file_name());
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("Parameters:", "parameters:", 1)).unwrap();
    let stale = mysfits_infra::check(folder).unwrap_err().to_string();
    assert!(stale.contains("website.yaml differs from its source in line 4"), "{stale}");
    for section in ["Parameters: ", "parameters: "] {
        assert!(stale.contains(&format!("\n    {section}")), "{stale}");
    }
    std::fs::remove_file(&path).unwrap();
    let missing = mysfits_infra::check(folder).unwrap_err().to_string();
    assert!(missing.contains("website.yaml cannot be read"), "{missing}");
}

#[test]
fn tls_is_required_of_the_sites_own_domain_only() {
    let template = Stack::Website.template();
    let policy = template.resources().find(|found| found.kind == "AWS::CloudFront::ResponseHeadersPolicy");
    let config = &policy.unwrap().properties["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"];
    let transport = &config["StrictTransportSecurity"];
    assert_eq!(transport["IncludeSubdomains"], false);
    assert_eq!(transport["AccessControlMaxAgeSec"], 2 * 365 * 24 * 60 * 60);
}

#[test]
fn the_apis_domain_leads_to_its_stage_and_has_records_on_request() {
    use mysfits_infra::recommendations::{output as o, parameter as p, resource as r};
    let template = Stack::Recommendations.template();
    let find = |id| resource(&template, id);
    let (domain, mapping) = (find(r::API_DOMAIN), find(r::API_DOMAIN_MAPPING));
    assert_eq!((domain.condition, mapping.condition), (Some("HasApiDomain"), Some("HasApiDomain")));
    assert_eq!(domain.properties["SecurityPolicy"], find(r::API).properties["SecurityPolicy"]);
    assert_eq!(mapping.properties["Stage"]["Ref"], r::API_STAGE);
    assert_eq!(mapping.properties.get("BasePath"), None, "the API is at the root");
    for (id, kind) in [(r::API_ADDRESS_RECORD, "A"), (r::API_IPV6_ADDRESS_RECORD, "AAAA")] {
        let record = find(id);
        assert_eq!((record.condition, &record.properties["Type"]), (Some("HasApiHostedZone"), &kind.into()));
        let target = &record.properties["AliasTarget"];
        assert_eq!(target["DNSName"]["Fn::GetAtt"][1], "RegionalDomainName");
        assert_eq!(target["HostedZoneId"]["Fn::GetAtt"][1], "RegionalHostedZoneId");
    }
    let url = &template.document()["Outputs"][o::RECOMMENDATIONS_API_ENDPOINT]["Value"]["Fn::If"];
    assert_eq!(url[0], "HasApiDomain");
    assert_eq!(url[1]["Fn::Sub"], format!("https://${{{}}}", p::API_DOMAIN_NAME));
    assert_eq!(url[2], template.document()["Outputs"][o::DEFAULT_API_ENDPOINT]["Value"]);
}

#[test]
fn unusually_many_requests_raise_an_alarm() {
    let template = Stack::Recommendations.template();
    let alarm = resource(&template, "ApiRequestsAlarm").properties;
    assert_eq!(alarm["MetricName"], "Count");
    assert_eq!(alarm["Statistic"], "Sum");
    assert_eq!((&alarm["Period"], &alarm["EvaluationPeriods"]), (&86_400.into(), &1.into()));
    assert_eq!(alarm["Threshold"], f64::from(mysfits_infra::recommendations::MAX_DAILY_REQUESTS));
    assert_eq!(alarm["AlarmActions"], resource(&template, "ApiErrorsAlarm").properties["AlarmActions"]);
}
