//! The OpenAPI document: well-formed, complete, and consistent with the responses.

use std::collections::{BTreeMap, BTreeSet};

use mysfits_api::{ModelBackend, RecommendError, Recommended, Recommender, TableBackend};
use mysfits_domain::{Answer, Entry, QUESTION_COUNT, catalogue};
use serde_json::{Value, json};

use crate::support::{ATLANTIS, VALID, ask, get, label, random_model, request, router};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

fn document() -> Value {
    get("/openapi.json").ok()
}

/// All operations as (method, path, operation).
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let methods = paths.iter().flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    });
    methods.filter(|(method, ..)| METHODS.contains(method)).collect()
}

/// Every value under a key, anywhere in the document.
fn values_of<'a>(key: &str, value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(key));
            members.values().for_each(|member| values_of(key, member, found));
        }
        Value::Array(elements) => elements.iter().for_each(|element| values_of(key, element, found)),
        _ => {}
    }
}

fn resolve<'a>(document: &'a Value, reference: &str) -> &'a Value {
    let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leaves the document"));
    document.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

#[test]
fn the_document_has_what_openapi_requires() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
    for member in ["title", "version"] {
        assert!(document["info"][member].as_str().is_some_and(|text| !text.is_empty()), "{member}");
    }
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let place = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{place}: its id is taken");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{place}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(
                response["description"].as_str().is_some_and(|text| !text.is_empty()),
                "{place} {status}"
            );
        }
        let in_path: Vec<_> =
            path.split('/').filter_map(|p| p.strip_prefix('{')?.strip_suffix('}')).collect();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let declared: Vec<_> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path" && parameter["required"] == true)
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        assert_eq!(in_path, declared, "{place}");
    }
}

#[test]
fn the_document_has_all_routes_and_no_others() {
    let document = document();
    let documented: BTreeSet<_> =
        operations(&document).iter().map(|&(method, path, _)| (path.to_owned(), method.to_owned())).collect();
    assert_eq!(documented, routes());
}

/// Returns the path and the method of every route of the router, read out of its `Debug` form: axum offers no list. `HEAD`
/// and the answers to preflight requests are left out.
fn routes() -> BTreeSet<(String, String)> {
    let debug = format!("{:?}", router(TableBackend::from_rule(|_| label(8))));
    let (routes, _) = debug.split_once("fallback_router").unwrap();
    let (mut paths, mut methods) = (BTreeMap::new(), BTreeMap::new());
    for route in routes.split("RouteId(").skip(1) {
        let (id, route) = route.split_once("): ").unwrap();
        if let Some(path) = route.strip_prefix('"') {
            paths.insert(id, path.split('"').next().unwrap());
        } else {
            let (_, allowed) = route.split_once("allow_header: Bytes(b\"").unwrap();
            methods.insert(id, allowed.split('"').next().unwrap());
        }
    }
    let methods = |id| methods[id].split(',').filter(|method| !["HEAD", "OPTIONS"].contains(method));
    let of_path = |(id, path): (_, &str)| {
        let path = path.to_owned();
        methods(id).map(move |method| (path.clone(), method.to_lowercase())).collect::<Vec<_>>()
    };
    paths.into_iter().flat_map(of_path).collect()
}

#[test]
fn the_query_parameters_list_the_values_that_are_accepted() {
    let document = document();
    let parameters = |path: &str| document["paths"][path]["get"]["parameters"].as_array().unwrap().clone();
    for path in ["/mysfits", "/mysfits/{mysfit_id}", "/questionnaire", "/r/{code}"] {
        let parameters = parameters(path);
        let lang = parameters.iter().find(|parameter| parameter["name"] == "lang").unwrap();
        assert_eq!(lang["schema"]["enum"], json!(["en", "ko"]), "{path}");
    }
    let values = |name: &str| {
        let parameters = parameters("/mysfits");
        let parameter = parameters.iter().find(|parameter| parameter["name"] == name).unwrap();
        parameter["schema"]["enum"].as_array().unwrap().clone()
    };
    assert_eq!(values("filter"), ["GoodEvil", "LawChaos"]);
    assert_eq!(values("value"), ["Good", "Neutral", "Evil", "Lawful", "Chaotic"]);
}

#[test]
fn all_references_resolve_and_all_schemas_are_used() {
    let document = document();
    let mut references = Vec::new();
    values_of("$ref", &document, &mut references);
    let references: BTreeSet<_> =
        references.into_iter().map(|reference| reference.as_str().unwrap()).collect();
    assert!(!references.is_empty());
    for reference in &references {
        resolve(&document, reference);
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(
            references.contains(format!("#/components/schemas/{name}").as_str()),
            "nothing refers to {name}"
        );
    }
}

#[test]
fn the_entrys_limits_are_the_domains() {
    let document = document();
    let body = &document["paths"]["/recommendations"]["post"]["requestBody"];
    assert_eq!(body["required"], true);
    let request = &body["content"]["application/json"]["schema"];
    let request = resolve(&document, request["$ref"].as_str().unwrap());
    assert_eq!(request["required"], json!(["entry"]));
    let entry = resolve(&document, request["properties"]["entry"]["$ref"].as_str().unwrap());
    let limits = (&entry["type"], &entry["minItems"], &entry["maxItems"]);
    assert_eq!(limits, (&json!("array"), &json!(QUESTION_COUNT), &json!(QUESTION_COUNT)));
    let answer = &entry["items"];
    let limits = (&answer["type"], &answer["minimum"], &answer["maximum"]);
    assert_eq!(limits, (&json!("integer"), &json!(Answer::MIN.get()), &json!(Answer::MAX.get())));
}

#[test]
fn the_ids_are_those_of_the_catalogue() {
    let document = document();
    let ids = catalogue().iter().map(|mysfit| mysfit.id.as_str()).collect::<Vec<_>>();
    assert_eq!(document["components"]["schemas"]["MysfitId"]["enum"], json!(ids));
}

/// Fails with the function's error.
struct Failing(fn() -> RecommendError);

impl Recommender for Failing {
    fn name(&self) -> &'static str {
        "failing"
    }

    fn recommend(
        &self,
        _: Entry,
        _: bool,
    ) -> mysfits_api::BoxFuture<'_, Result<Recommended, RecommendError>> {
        Box::pin(async { Err((self.0)()) })
    }
}

#[test]
fn responses_match_the_document() {
    let document = document();
    let atlantis = || router(TableBackend::from_rule(|_| label(8)));
    let explaining = router(ModelBackend::new(random_model(50, 5)));
    let away =
        Failing(|| RecommendError::Unavailable { retry_after: std::time::Duration::ZERO, cause: "".into() });
    let wrong = Failing(|| RecommendError::BadAnswer("".into()));
    let explain = r#"{"entry": [1,2,3,4,5], "explain": true}"#;
    let large = " ".repeat(20_000);
    let one = "/mysfits/{mysfit_id}";
    let mut answered: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for (router, method, path, example, body) in [
        (atlantis(), "post", "/recommendations", "/recommendations", VALID),
        (explaining, "post", "/recommendations", "/recommendations", explain),
        (atlantis(), "post", "/recommendations", "/recommendations", "{}"),
        (atlantis(), "post", "/recommendations", "/recommendations", &large),
        (router(away), "post", "/recommendations", "/recommendations", VALID),
        (router(wrong), "post", "/recommendations", "/recommendations", VALID),
        (atlantis(), "get", "/mysfits", "/mysfits?filter=GoodEvil&value=Good", ""),
        (atlantis(), "get", "/mysfits", "/mysfits?filter=Good", ""),
        (atlantis(), "get", one, &format!("/mysfits/{ATLANTIS}?lang=ko"), ""),
        (atlantis(), "get", one, &format!("/mysfits/{ATLANTIS}?lang=fr"), ""),
        (atlantis(), "get", one, "/mysfits/unknown", ""),
        (atlantis(), "get", "/questionnaire", "/questionnaire", ""),
        (atlantis(), "get", "/questionnaire", "/questionnaire?lang=fr", ""),
        (atlantis(), "get", "/r/{code}", "/r/12345", ""),
        (atlantis(), "get", "/r/{code}", "/r/12345?lang=fr", ""),
        (atlantis(), "get", "/r/{code}", "/r/12340", ""),
        (atlantis(), "get", "/openapi.json", "/openapi.json", ""),
        (atlantis(), "get", "/health", "/health", ""),
    ] {
        let answer = ask(router, request(&method.to_uppercase(), example, body.to_owned()));
        let status = answer.status.as_u16().to_string();
        let place = format!("{method} {example}: {status}");
        let response = &document["paths"][path][method]["responses"][&status];
        assert!(response.is_object(), "{place} is not documented");
        if path != "/openapi.json" {
            let content_type = answer.content_type().split(';').next().unwrap();
            let schema = &response["content"][content_type]["schema"];
            assert!(schema.is_object(), "{place} as {content_type} is not documented");
            if content_type != "text/html" {
                check_schema(&document, schema, &answer.json(), &place);
            }
        }
        answered.entry((method, path)).or_default().insert(status);
    }
    for (method, path, operation) in operations(&document) {
        let documented: BTreeSet<_> = operation["responses"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(answered[&(method, path)], documented, "{method} {path}: documented, but not tested");
    }
}

/// As much of JSON Schema as the document uses, and stricter: every member must be declared.
#[track_caller]
fn check_schema(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        return check_schema(document, resolve(document, reference), value, place);
    }
    if let Some(variants) = schema["oneOf"].as_array() {
        // An optional member: null, or the one schema.
        let variant = variants.iter().find(|variant| variant["type"] != "null" || value.is_null());
        return check_schema(document, variant.unwrap(), value, place);
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().map(|kind| kind.as_str().unwrap()).collect(),
        kind => vec![kind.as_str().unwrap_or_else(|| panic!("{place}: no type in {schema}"))],
    };
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(types.contains(&found), "{place} is {found}, should be {types:?}");
    if let Some(values) = schema["enum"].as_array() {
        assert!(values.contains(value), "{place} is {value}, should be one of {values:?}");
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let schema = &schema["properties"][name];
                assert!(schema.is_object(), "{place} has a member {name} that is not declared");
                check_schema(document, schema, member, &format!("{place}.{name}"));
            }
            for required in schema["required"].as_array().into_iter().flatten() {
                assert!(members.contains_key(required.as_str().unwrap()), "{place} lacks {required}");
            }
        }
        Value::Array(elements) => {
            for (i, element) in elements.iter().enumerate() {
                check_schema(document, &schema["items"], element, &format!("{place}[{i}]"));
            }
        }
        _ => {}
    }
}
