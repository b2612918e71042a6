//! IAM for the services outside the emulator, which evaluates the policies of their callers.

use axum::{
    Json, Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{
        HeaderValue, Method, StatusCode,
        header::{self, HeaderName},
        request::Parts,
    },
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
};
use local_sagemaker::{
    aws::{
        json::{Input, TARGET, read_call},
        signature::{self, SignatureError},
    },
    control_plane::TARGET_PREFIX,
};
use mysfits_sagemaker::{AccountRegion, http::ACCOUNT};
use serde_json::{Map, Value, json};

use crate::{
    emulator::{Emulator, NeededPermission},
    service::signed_region,
};

/// The largest body of a signed request.
const MAX_BODY_BYTES: usize = 32 << 20;
/// Members that name a role which the service will use: the caller must be allowed to pass it.
const ROLES: [&str; 2] = ["RoleArn", "ExecutionRoleArn"];
const LIST_TAGS: HeaderValue = HeaderValue::from_static("SageMaker.ListTags");

/// Refuses requests to SageMaker that IAM does not allow; `router` must see signed requests only.
pub fn authorize(router: Router, emulator: Emulator) -> Router {
    router.layer(from_fn_with_state(emulator, check))
}

async fn check(State(emulator): State<Emulator>, request: Request, next: Next) -> Response {
    let Some(key) = signature::access_key_id(request.headers()).map(str::to_owned) else {
        return SignatureError::Missing.into_response();
    };
    // The account's own key may do everything.
    if key == emulator.credentials().id() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    for mut permission in needed(&parts, &body) {
        permission.context.extend(resource_tags(&permission.resource, &parts, next.clone()).await);
        match emulator.denial(&key, &permission).await {
            Ok(None) => {}
            Ok(Some(reason)) => return denied(&reason),
            Err(error) => return denied(&error.to_string()),
        }
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// Returns the permissions that a request needs; none for requests that are not SageMaker's.
fn needed(parts: &Parts, body: &Bytes) -> Vec<NeededPermission> {
    let owner = AccountRegion::new(ACCOUNT, signed_region(&parts.headers, &parts.uri));
    let permission = |action: &str, resource: String, context| NeededPermission {
        action: action.to_owned(),
        resource,
        region: owner.region().to_owned(),
        context,
    };
    if let Some(endpoint) = invoked(parts.uri.path()) {
        return vec![permission("sagemaker:InvokeEndpoint", arn(&owner, "endpoint", endpoint), Map::new())];
    }
    let Ok((TARGET_PREFIX, operation, input)) = read_call(&parts.headers, body) else { return Vec::new() };
    let resource = resource(&owner, operation, &input);
    let mut permissions = vec![permission(&format!("sagemaker:{operation}"), resource, request_tags(&input))];
    for role in ROLES.iter().filter_map(|member| input.get(*member)?.as_str()) {
        let service = ("iam:PassedToService".to_owned(), "sagemaker.amazonaws.com".into());
        permissions.push(permission("iam:PassRole", role.to_owned(), Map::from_iter([service])));
    }
    permissions
}

/// Returns the endpoint that a request with this path invokes.
fn invoked(path: &str) -> Option<&str> {
    let (endpoint, _) = path.strip_prefix("/endpoints/")?.split_once('/')?;
    Some(endpoint)
}

/// Returns the ARN of the resource that a call names; `*` for lists.
fn resource(owner: &AccountRegion, operation: &str, input: &Input) -> String {
    if let Some(arn) = input.get("ResourceArn").and_then(Value::as_str) {
        return arn.to_owned();
    }
    let kind = operation.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
    let kind = kind.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
    match input.get(&format!("{kind}Name")).and_then(Value::as_str) {
        Some(name) => arn(owner, &words(kind), name),
        None => "*".to_owned(),
    }
}

/// Returns the words of a name in lower case, joined by hyphens.
fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push('-');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// Returns an ARN, which has the resource's name in lower case.
fn arn(owner: &AccountRegion, kind: &str, name: &str) -> String {
    owner.arn("sagemaker", &format!("{kind}/{}", name.to_ascii_lowercase()))
}

/// Returns the condition keys of the tags in a request.
fn request_tags(input: &Input) -> Map<String, Value> {
    let tags = tags(input.get("Tags"));
    let mut context: Map<_, _> =
        tags.iter().map(|(key, value)| (format!("aws:RequestTag/{key}"), json!(value))).collect();
    if !tags.is_empty() {
        context.insert("aws:TagKeys".to_owned(), tags.iter().map(|(key, _)| *key).collect());
    }
    context
}

/// Returns the condition keys of the tags of a resource.
async fn resource_tags(resource: &str, parts: &Parts, next: Next) -> Map<String, Value> {
    if !resource.starts_with("arn:aws:sagemaker:") {
        return Map::new();
    }
    let input = json!({ "ResourceArn": resource }).to_string();
    let mut list = Request::new(Body::from(input));
    *list.method_mut() = Method::POST;
    list.headers_mut().insert(TARGET, LIST_TAGS);
    // It has the region.
    let scope = parts.headers.get(header::AUTHORIZATION).cloned();
    list.headers_mut().extend(scope.map(|scope| (header::AUTHORIZATION, scope)));
    let body = to_bytes(next.run(list).await.into_body(), MAX_BODY_BYTES).await.unwrap_or_default();
    let listed: Value = serde_json::from_slice(&body).unwrap_or_default();
    let tags = tags(listed.get("Tags")).into_iter();
    tags.map(|(key, value)| (format!("aws:ResourceTag/{key}"), value.into())).collect()
}

/// Returns the tags of a list.
fn tags(list: Option<&Value>) -> Vec<(&str, &str)> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|tag| Some((tag["Key"].as_str()?, tag["Value"].as_str()?))).collect()
}

fn denied(message: &str) -> Response {
    const CODE: &str = "AccessDeniedException";
    const TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
    let body = Json(json!({ "__type": CODE, "message": message }));
    (StatusCode::FORBIDDEN, [(TYPE, CODE)], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed_by(operation: &str, input: &Value) -> Vec<NeededPermission> {
        let request = Request::post("/").header(TARGET, format!("{TARGET_PREFIX}.{operation}"));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        needed(&parts, &Bytes::from(input.to_string()))
    }

    #[test]
    fn names_actions_and_resources() {
        const OWNER: &str = "arn:aws:sagemaker:us-east-1:123456789012";
        for (operation, input, resource) in [
            ("ListEndpoints", json!({ "NameContains": "knn" }), "*".to_owned()),
            ("DescribeEndpoint", json!({ "EndpointName": "Knn-A" }), format!("{OWNER}:endpoint/knn-a")),
            (
                "DeleteEndpointConfig",
                json!({ "EndpointConfigName": "c" }),
                format!("{OWNER}:endpoint-config/c"),
            ),
            ("StopTrainingJob", json!({ "TrainingJobName": "j" }), format!("{OWNER}:training-job/j")),
            ("ListTags", json!({ "ResourceArn": "arn:of-a-model" }), "arn:of-a-model".to_owned()),
        ] {
            let found = needed_by(operation, &input);
            let [permission] = &found[..] else { panic!("{operation}: {found:?}") };
            assert_eq!(permission.action, format!("sagemaker:{operation}"));
            assert_eq!(
                (permission.resource.as_str(), permission.region.as_str()),
                (&resource[..], "us-east-1")
            );
        }
    }

    #[test]
    fn a_training_job_needs_its_tags_and_its_role() {
        let role = "arn:aws:iam::123456789012:role/r";
        let input = json!({
            "TrainingJobName": "j", "RoleArn": role, "Tags": [{ "Key": "project", "Value": "p" }],
        });
        let [create, pass] = &needed_by("CreateTrainingJob", &input)[..] else { panic!("two permissions") };
        assert_eq!(create.context["aws:RequestTag/project"], "p");
        assert_eq!(create.context["aws:TagKeys"], json!(["project"]));
        assert_eq!((pass.action.as_str(), pass.resource.as_str()), ("iam:PassRole", role));
        assert_eq!(pass.context["iam:PassedToService"], "sagemaker.amazonaws.com");
    }
}
