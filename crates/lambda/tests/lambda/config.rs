//! The environment, and what is said of a wrong one.

use std::collections::{BTreeMap, BTreeSet};

use mysfits_api::{AllowOrigin, Timeouts};
use mysfits_infra::Stack;
use mysfits_lambda::config::{BackendConfig, Config, VARIABLES};
use serde_json::Value;

const REQUIRED_ENV: [(&str, &str); 3] =
    [("AWS_REGION", "eu-north-1"), ("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "the-secret")];

fn read(variables: &[(&str, &str)]) -> Result<Config, String> {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    Config::read(|name| variables.get(name).map(|&value| value.to_owned())).map_err(|error| error.to_string())
}

/// With an endpoint whose every variable is right, but for these.
fn read_endpoint(variables: &[(&str, &str)]) -> Result<Config, String> {
    let right = [("BACKEND", "endpoint"), ("ENDPOINT_NAME", "knn-mysfits")];
    read(&[&right, &REQUIRED_ENV[..], variables].concat())
}

#[test]
fn embedded_needs_nothing_more() {
    let config =
        read(&[("BACKEND", "embedded"), ("ENDPOINT_NAME", ""), ("LAMBDA_TASK_ROOT", "/package")]).unwrap();
    assert!(
        matches!(&config.backend, BackendConfig::Embedded { folder } if folder.as_os_str() == "/package")
    );
    assert_eq!(config.allow_origin, AllowOrigin::ANY);
    let config = read(&[("BACKEND", "embedded")]).unwrap();
    assert!(
        matches!(&config.backend, BackendConfig::Embedded { folder } if folder.as_os_str() == "/var/task")
    );
}

#[test]
fn an_endpoint_waits_less_if_another_can_answer() {
    let BackendConfig::Endpoint(alone) = read_endpoint(&[]).unwrap().backend else { panic!() };
    assert_eq!((alone.name.as_str(), alone.region.as_str(), alone.url), ("knn-mysfits", "eu-north-1", None));
    assert_eq!(alone.timeouts, Timeouts::STANDALONE);
    let url = "https://vpce-1.runtime.sagemaker.eu-north-1.vpce.amazonaws.com";
    let fallback = [("BACKEND", "fallback"), ("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", url)];
    let BackendConfig::Fallback { endpoint, .. } = read_endpoint(&fallback).unwrap().backend else {
        panic!()
    };
    assert_eq!((endpoint.timeouts, endpoint.url.as_deref()), (Timeouts::WITH_FALLBACK, Some(url)));
}

#[test]
fn who_is_trusted_can_be_said() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().display().to_string();
    let error = read_endpoint(&[("SSL_CERT_FILE", &path)]).unwrap_err();
    assert!(error.contains("SSL_CERT_FILE") && error.contains("PEM"), "{error}");
    std::fs::write(&path, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    assert!(read_endpoint(&[("SSL_CERT_FILE", &path)]).is_err());
    // Without an endpoint there is no connection, and it does not matter.
    assert!(read(&[("BACKEND", "embedded"), ("SSL_CERT_FILE", "/nowhere")]).is_ok());
}

#[test]
fn every_wrong_value_is_named_with_what_it_must_be() {
    let long = "a".repeat(64);
    for (variables, expected) in [
        (&[("BACKEND", "")][..], "BACKEND is not set; it must be endpoint, embedded or fallback"),
        (&[("BACKEND", "Embedded")], "BACKEND is \"Embedded\"; it must be"),
        (&[("ENDPOINT_NAME", "")], "ENDPOINT_NAME is not set; it must be a SageMaker endpoint's name"),
        (&[("ENDPOINT_NAME", "-knn")], "ENDPOINT_NAME is \"-knn\""),
        (&[("ENDPOINT_NAME", "knn_mysfits")], "ENDPOINT_NAME is \"knn_mysfits\""),
        (&[("ENDPOINT_NAME", &long)], "1 to 63 letters"),
        (
            &[("ALLOW_ORIGIN", "https://a.org/")],
            "ALLOW_ORIGIN is \"https://a.org/\"; it must be * or an origin",
        ),
        (
            &[("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "localhost:8080")],
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME is",
        ),
        (&[("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "ftp://localhost")], "an address like https://"),
        (&[("AWS_REGION", "")], "AWS_REGION is not set"),
        (&[("AWS_SECRET_ACCESS_KEY", "")], "AWS_SECRET_ACCESS_KEY is not set"),
        (&[("RUST_LOG", "mysfits=loud")], "RUST_LOG is \"mysfits=loud\"; it must be levels by target"),
    ] {
        let error = read_endpoint(variables).unwrap_err();
        assert!(
            error.starts_with("invalid environment of the function: ") && error.contains(expected),
            "{error}"
        );
        assert!(!error.contains("the-secret"), "{error}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let error =
        read(&[("BACKEND", "fallback"), ("ALLOW_ORIGIN", "x"), ("RUST_LOG", "all=loud")]).unwrap_err();
    for name in [
        "ENDPOINT_NAME",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "ALLOW_ORIGIN",
        "RUST_LOG",
    ] {
        assert!(error.contains(name), "{name}: {error}");
    }
}

#[test]
fn the_template_sets_what_the_function_reads() {
    let template = Stack::Recommendations.template();
    let template = serde_json::to_value(template.document()).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    let is_function = |resource: &&Value| resource["Type"] == "AWS::Lambda::Function";
    let functions: Vec<_> = resources.values().filter(is_function).collect();
    let [function] = functions.as_slice() else { panic!("{functions:?}") };
    let set = function["Properties"]["Environment"]["Variables"].as_object().unwrap();
    let set: BTreeSet<_> = set.keys().map(String::as_str).collect();
    assert_eq!(set, BTreeSet::from(VARIABLES));
}
