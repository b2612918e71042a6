//! The REST API: recommendations, whose requests are checked before the function is asked and which pages of other origins may read;
//! and the pages of results, which the site's distribution requests.

use indexmap::IndexMap;
use mysfits_domain::{Answer, QUESTION_COUNT};
use sha2::{Digest as _, Sha256};

use super::{
    HAS_API_DOMAIN, LOGS_REQUESTS, MANAGES_ACCOUNT_ROLE, TRACES,
    function::{LOGS_UNENCRYPTED, log_group},
    output, parameter, resource,
};
use crate::{
    cfn::{Draft, Removal, Text, attribute, either, only_if, parameter as value, reference, sub},
    resource::{
        api_gateway::{
            AccessLog, ApiDeployment, ApiGatewayAccount, ApiResource, ApiStage, BodySchema,
            EndpointConfiguration, GatewayResponse, Integration, IntegrationResponse, Method, MethodResponse,
            MethodSetting, RequestModel, RequestValidator, RestApi, ValueSchema,
        },
        iam::Role,
        lambda::Permission,
        tags,
    },
};

/// The alarms find the API's metrics by its name.
pub(super) const API_NAME: &str = "${AWS::StackName}";
/// As the workshop has it.
pub(crate) const STAGE_NAME: &str = "prod";
const PATH: &str = "recommendations";
/// The path of the pages of results, and its parameter.
const RESULT_PATH: [&str; 2] = ["r", "{code}"];
/// The default of the allowed origin.
pub(super) const ANY_ORIGIN: &str = "*";

/// The default policy still speaks TLS 1.0. A newer one needs the access mode.
pub(super) const SECURITY_POLICY: &str = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09";
pub(super) const ENDPOINT_ACCESS_MODE: &str = "STRICT";

/// In the workshop's very words; the quotes are part of a constant value.
const ALLOW_HEADERS: &str =
    "'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token,X-Amz-User-Agent'";
const ALLOW_METHODS: &str = "'OPTIONS,GET,PUT,POST,DELETE'";
const ALLOW_CREDENTIALS: &str = "'false'";

/// What the deployment is a picture of: when one of them changes, there is a new deployment.
const DEPLOYED: [&str; 11] = [
    resource::API,
    resource::REQUEST_MODEL,
    resource::BODY_VALIDATOR,
    resource::RECOMMENDATIONS_RESOURCE,
    resource::POST_METHOD,
    resource::OPTIONS_METHOD,
    resource::RESULTS_RESOURCE,
    resource::RESULT_RESOURCE,
    resource::RESULT_METHOD,
    resource::CLIENT_ERROR_RESPONSE,
    resource::SERVER_ERROR_RESPONSE,
];

/// Adds the API.
pub(super) fn add(draft: &mut Draft) {
    let api = RestApi {
        name: sub(API_NAME),
        description: "Recommends a mysfit for five answers",
        endpoint_configuration: EndpointConfiguration { types: ["REGIONAL"] },
        security_policy: SECURITY_POLICY,
        endpoint_access_mode: ENDPOINT_ACCESS_MODE,
        tags: tags(),
    };
    draft.add(resource::API, api);
    validation(draft);
    let path = ApiResource {
        rest_api_id: reference(resource::API),
        parent_id: attribute(resource::API, "RootResourceId"),
        path_part: PATH,
    };
    draft.add(resource::RECOMMENDATIONS_RESOURCE, path);
    post(draft);
    options(draft);
    result_pages(draft);
    gateway_responses(draft);
    let deployment = deploy(draft);
    stage(draft, deployment);
}

/// What a body must be, from the same constants from which the function checks it.
fn validation(draft: &mut Draft) {
    let answer = ValueSchema::Integer { minimum: Answer::MIN.get(), maximum: Answer::MAX.get() };
    let entry =
        ValueSchema::Array { min_items: QUESTION_COUNT, max_items: QUESTION_COUNT, items: Box::new(answer) };
    let model = RequestModel {
        rest_api_id: reference(resource::API),
        content_type: "application/json",
        description: "Recommendation request: five answers, and whether to explain the result",
        schema: BodySchema {
            dialect: "http://json-schema.org/draft-04/schema#",
            title: "RecommendationRequest",
            r#type: "object",
            required: vec!["entry"],
            properties: IndexMap::from([("entry", entry), ("explain", ValueSchema::Boolean)]),
        },
    };
    draft.add(resource::REQUEST_MODEL, model);
    let validator = RequestValidator {
        rest_api_id: reference(resource::API),
        name: "body",
        validate_request_body: true,
        validate_request_parameters: false,
    };
    draft.add(resource::BODY_VALIDATOR, validator);
}

/// Returns the integration that passes requests to the function.
fn function() -> Integration {
    let uri = format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{}.Arn}}/invocations",
        resource::FUNCTION
    );
    Integration {
        r#type: "AWS_PROXY",
        integration_http_method: Some("POST"),
        uri: Some(sub(uri)),
        timeout_in_millis: Some(29_000),
        passthrough_behavior: None,
        request_templates: None,
        integration_responses: None,
    }
}

/// Returns the permission to call the function for a method and path.
fn permission(method_and_path: &str) -> Permission {
    Permission {
        action: "lambda:InvokeFunction",
        function_name: reference(resource::FUNCTION),
        principal: "apigateway.amazonaws.com",
        source_arn: sub(format!(
            "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{}}}/*/{method_and_path}",
            resource::API
        )),
    }
}

fn post(draft: &mut Draft) {
    let model = || reference(resource::REQUEST_MODEL);
    let header = |name| (format!("method.response.header.Access-Control-Allow-{name}"), true);
    let method = Method {
        rest_api_id: reference(resource::API),
        resource_id: reference(resource::RECOMMENDATIONS_RESOURCE),
        http_method: "POST",
        authorization_type: "NONE",
        request_validator_id: Some(reference(resource::BODY_VALIDATOR)),
        // A body of another content type is held against the model of `$default`, or not at all: `curl -d` says that
        // it sends a form.
        request_models: Some(IndexMap::from([("application/json", model()), ("$default", model())])),
        integration: function(),
        method_responses: Some([MethodResponse {
            status_code: "200",
            response_parameters: ["Headers", "Methods", "Origin"].into_iter().map(header).collect(),
        }]),
    };
    let reason = "Public by design; bodies are checked and requests throttled";
    draft.add(resource::POST_METHOD, method).skip("CKV_AWS_59", reason);
    draft.add(resource::FUNCTION_PERMISSION, permission(&format!("POST/{PATH}")));
}

/// Adds `/r/{code}`, with every method: the function accepts GET and HEAD.
fn result_pages(draft: &mut Draft) {
    let [folder, code] = RESULT_PATH;
    let parent = ApiResource {
        rest_api_id: reference(resource::API),
        parent_id: attribute(resource::API, "RootResourceId"),
        path_part: folder,
    };
    draft.add(resource::RESULTS_RESOURCE, parent);
    let path = ApiResource {
        rest_api_id: reference(resource::API),
        parent_id: reference(resource::RESULTS_RESOURCE),
        path_part: code,
    };
    draft.add(resource::RESULT_RESOURCE, path);
    let method = Method {
        rest_api_id: reference(resource::API),
        resource_id: reference(resource::RESULT_RESOURCE),
        http_method: "ANY",
        authorization_type: "NONE",
        request_validator_id: None,
        request_models: None,
        integration: function(),
        method_responses: None,
    };
    let reason = "Public by design; requests are throttled";
    draft.add(resource::RESULT_METHOD, method).skip("CKV_AWS_59", reason);
    draft.add(resource::RESULT_PERMISSION, permission(&format!("*/{folder}/*")));
}

/// The origin whose pages may read answers, as a constant value.
fn allow_origin() -> Text {
    sub(format!("'${{{}}}'", parameter::ALLOW_ORIGIN))
}

/// Answers `OPTIONS` without the function.
fn options(draft: &mut Draft) {
    let headers: [(&str, Text); 4] = [
        ("Access-Control-Allow-Headers", ALLOW_HEADERS.into()),
        ("Access-Control-Allow-Origin", allow_origin()),
        ("Access-Control-Allow-Credentials", ALLOW_CREDENTIALS.into()),
        ("Access-Control-Allow-Methods", ALLOW_METHODS.into()),
    ];
    let names = headers.each_ref().map(|(name, _)| (format!("method.response.header.{name}"), true));
    let values = headers.map(|(name, value)| (format!("method.response.header.{name}"), value));
    let method = Method {
        rest_api_id: reference(resource::API),
        resource_id: reference(resource::RECOMMENDATIONS_RESOURCE),
        http_method: "OPTIONS",
        authorization_type: "NONE",
        request_validator_id: None,
        request_models: None,
        integration: Integration {
            r#type: "MOCK",
            integration_http_method: None,
            uri: None,
            timeout_in_millis: None,
            passthrough_behavior: Some("NEVER"),
            request_templates: Some(IndexMap::from([("application/json", r#"{"statusCode": 200}"#)])),
            integration_responses: Some([IntegrationResponse {
                status_code: "200",
                response_parameters: values.into_iter().collect(),
                response_templates: IndexMap::from([("application/json", "")]),
            }]),
        },
        method_responses: Some([MethodResponse {
            status_code: "200",
            response_parameters: names.into_iter().collect(),
        }]),
    };
    draft.add(resource::OPTIONS_METHOD, method);
}

/// Without the header a browser keeps the API's own refusals from the page.
fn gateway_responses(draft: &mut Draft) {
    for (id, response_type) in
        [(resource::CLIENT_ERROR_RESPONSE, "DEFAULT_4XX"), (resource::SERVER_ERROR_RESPONSE, "DEFAULT_5XX")]
    {
        let header = "gatewayresponse.header.Access-Control-Allow-Origin".to_owned();
        let response = GatewayResponse {
            rest_api_id: reference(resource::API),
            response_type,
            response_parameters: IndexMap::from([(header, allow_origin())]),
        };
        draft.add(id, response);
    }
}

/// The beginning of the deployment's logical id; a hash follows.
const DEPLOYMENT: &str = "ApiDeployment";
const DIGEST_DIGITS: usize = 12;

/// Returns the template's text for an allowed origin: another one than the default is part of the deployment's logical id,
/// because a deployment holds a copy of it.
#[must_use]
pub fn with_allow_origin(template: &str, origin: &str) -> String {
    let is_id = |rest: &str| {
        let digits = rest.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).count();
        digits == DIGEST_DIGITS
    };
    let mut found = template.match_indices(DEPLOYMENT).map(|(at, _)| &template[at..]);
    let id = found.find(|found| is_id(&found[DEPLOYMENT.len()..]));
    match id.map(|found| &found[..DEPLOYMENT.len() + DIGEST_DIGITS]) {
        Some(id) if origin != ANY_ORIGIN => {
            let digest =
                Sha256::digest(origin)[..4].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            template.replace(id, &format!("{id}{digest:08x}"))
        }
        _ => template.to_owned(),
    }
}

/// A deployment is a picture of the API, and one that exists is not taken again: its id carries the hash of what it
/// shows, so that a changed API is a new deployment.
fn deploy(draft: &mut Draft) -> String {
    let mut hash = Sha256::new();
    for id in DEPLOYED {
        hash.update(id);
        hash.update(draft.written(id).unwrap_or_default());
    }
    let digest = hash.finalize()[..6].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let id = format!("{DEPLOYMENT}{digest:0DIGEST_DIGITS$x}");
    let deployment = ApiDeployment {
        rest_api_id: reference(resource::API),
        description: "Deployment of the current template",
    };
    draft.add(id.clone(), deployment).after(DEPLOYED.into_iter().filter(|id| *id != resource::API));
    id
}

fn stage(draft: &mut Draft, deployment: String) {
    draft
        .add(resource::ACCESS_LOG_GROUP, log_group("requests"))
        .when(LOGS_REQUESTS)
        .on_removal(Removal::Delete)
        .skip("CKV_AWS_158", LOGS_UNENCRYPTED);
    account(draft);
    let access_log = AccessLog {
        destination_arn: attribute(resource::ACCESS_LOG_GROUP, "Arn"),
        format: access_log_format(),
    };
    let stage = ApiStage {
        rest_api_id: reference(resource::API),
        deployment_id: reference(deployment),
        stage_name: STAGE_NAME,
        description: "Production stage",
        tracing_enabled: either(TRACES, true, false),
        method_settings: [MethodSetting {
            resource_path: "/*",
            http_method: "*",
            throttling_rate_limit: value(parameter::THROTTLE_RATE),
            throttling_burst_limit: value(parameter::THROTTLE_BURST),
            data_trace_enabled: false,
            metrics_enabled: false,
        }],
        access_log_setting: only_if(LOGS_REQUESTS, access_log),
        tags: tags(),
    };
    draft
        .add(resource::API_STAGE, stage)
        .skip(
            "CKV_AWS_76",
            "A parameter decides: without the region's role for logs the stage would be refused",
        )
        .skip("CKV_AWS_73", "A parameter decides: each trace is billed; they are on by default")
        .skip("CKV_AWS_120", "Answers to POST are not cached, and a cache bills by the hour");
    let url = format!(
        "https://${{{}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/${{{}}}",
        resource::API,
        resource::API_STAGE
    );
    let own = sub(format!("https://${{{}}}", parameter::API_DOMAIN_NAME));
    let address = either(HAS_API_DOMAIN, own, sub(url.as_str()));
    draft.output(output::RECOMMENDATIONS_API_ENDPOINT, "API URL", address);
    draft.output(
        output::DEFAULT_API_ENDPOINT,
        "Default API URL, which works without the custom domain",
        sub(url),
    );
    draft.output(output::API_ID, "API id", reference(resource::API));
    draft.output(output::STAGE_NAME, "API stage", reference(resource::API_STAGE));
}

/// The role with which API Gateway logs. It is the whole region's: other APIs may use it by now, so it stays.
fn account(draft: &mut Draft) {
    let managed = "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";
    let role = Role::of_service("apigateway.amazonaws.com", "Role for API Gateway's logs in this region")
        .with_managed(sub(managed));
    draft.add(resource::API_LOGGING_ROLE, role).when(MANAGES_ACCOUNT_ROLE).on_removal(Removal::Retain);
    let account = ApiGatewayAccount { cloud_watch_role_arn: attribute(resource::API_LOGGING_ROLE, "Arn") };
    draft.add(resource::API_ACCOUNT, account).when(MANAGES_ACCOUNT_ROLE).on_removal(Removal::Retain);
}

/// One JSON object for each request, without bodies and addresses.
fn access_log_format() -> String {
    const FIELDS: [(&str, &str); 8] = [
        ("requestId", "$context.requestId"),
        ("requestTime", "$context.requestTime"),
        ("httpMethod", "$context.httpMethod"),
        ("resourcePath", "$context.resourcePath"),
        ("status", "$context.status"),
        ("responseLatencyMs", "$context.responseLatency"),
        ("integrationLatencyMs", "$context.integrationLatency"),
        ("errorType", "$context.error.responseType"),
    ];
    let fields: Vec<_> = FIELDS.iter().map(|(name, variable)| format!(r#""{name}":"{variable}""#)).collect();
    format!("{{{}}}", fields.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stack;

    #[test]
    fn another_allowed_origin_makes_another_deployment() {
        let template = Stack::Recommendations.yaml();
        assert_eq!(with_allow_origin(&template, "*"), template);
        let of = |origin| {
            let text = with_allow_origin(&template, origin);
            let ids = text.split_whitespace().filter_map(|word| word.strip_prefix(DEPLOYMENT)).map(|id| {
                assert_eq!(id.trim_end_matches(':').len(), DIGEST_DIGITS + 8, "{id}");
                id.trim_end_matches(':').to_owned()
            });
            let ids: Vec<_> = ids.collect();
            assert!(ids.len() > 1 && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
            ids[0].clone()
        };
        assert_eq!(of("https://a.example"), of("https://a.example"));
        assert_ne!(of("https://a.example"), of("https://b.example"));
    }
}
