//! The other routes of the container, and which endpoint they serve.

use mysfits_sagemaker::{
    Endpoint, Endpoints,
    http::{self, MAX_BODY_BYTES, RouterOptions},
};
use serde_json::Value;

use crate::support::{ENDPOINT, always, ask, endpoints, maximum, request, run, send};

#[test]
fn ping_is_200_and_empty() {
    let answer = ask(endpoints(), "GET", "/ping", &[], "");
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
}

#[test]
fn without_a_model_nothing_is_healthy() {
    let none = || Endpoints::new([]);
    assert_eq!(ask(none(), "GET", "/ping", &[], "").status, 503);
    let answer = ask(none(), "POST", "/invocations", &[("content-type", "text/csv")], "1,2");
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (503, "No model is loaded"));
}

#[test]
fn the_first_endpoint_is_the_containers() {
    let endpoints = Endpoints::new([
        Endpoint::new(ENDPOINT, maximum()).unwrap(),
        Endpoint::new("a", always(42.0)).unwrap(),
    ]);
    let csv = [("content-type", "text/csv")];
    let ask = |path: &str| ask(endpoints.clone(), "POST", path, &csv, "1,2").body;
    assert_eq!(ask("/invocations"), r#"{"predictions": [{"predicted_label": 2.0}]}"#);
    assert_eq!(ask("/endpoints/a/invocations"), r#"{"predictions": [{"predicted_label": 42.0}]}"#);
}

#[test]
fn execution_parameters_for_batch_transform() {
    let answer = ask(endpoints(), "GET", "/execution-parameters", &[], "");
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    let expected = |megabytes: u32| {
        serde_json::json!({
            "MaxConcurrentTransforms": 1, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": megabytes,
        })
    };
    assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap(), expected(6));
    let router = http::router_with(endpoints(), RouterOptions::default().max_payload_mb(100));
    let answer = run(send(router, request("GET", "/execution-parameters", &[], "")));
    assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap(), expected(100));
}

#[test]
fn takes_batches_as_large_as_the_payload_limit() {
    let csv = [("content-type", "text/csv")];
    let batch = |n_bytes: usize| [b"4,2".as_slice(), &vec![b'\n'; n_bytes - 3]].concat();
    for megabytes in [1, 100] {
        let router = http::router_with(endpoints(), RouterOptions::default().max_payload_mb(megabytes));
        let ask =
            |path: &str, n_bytes| run(send(router.clone(), request("POST", path, &csv, batch(n_bytes))));
        let limit = (megabytes as usize) << 20;
        assert_eq!(ask("/invocations", limit).body, r#"{"predictions": [{"predicted_label": 4.0}]}"#);
        let answer = ask("/invocations", limit + 1);
        let message = format!("The body is larger than {limit} bytes");
        assert_eq!((answer.status.as_u16(), answer.body), (413, message));
        // The limit of InvokeEndpoint is the service's.
        let path = format!("/endpoints/{ENDPOINT}/invocations");
        assert_eq!(ask(&path, MAX_BODY_BYTES).status, 200);
        assert_eq!(ask(&path, MAX_BODY_BYTES + 1).status, 400);
    }
}

#[test]
fn other_methods_and_paths_are_not_known() {
    for (method, path, status) in [
        ("GET", "/invocations", 405),
        ("POST", "/ping", 405),
        ("POST", "/execution-parameters", 405),
        ("GET", "/models", 404),
        ("GET", "/chaos/knn-ml-m4-xlarge-test", 404),
    ] {
        assert_eq!(ask(endpoints(), method, path, &[], "").status, status, "{method} {path}");
    }
}

#[test]
fn sets_share_their_endpoints() {
    let csv = [("content-type", "text/csv")];
    let before = Endpoints::new([Endpoint::new("a", always(1.0)).unwrap()]);
    let added = std::sync::Arc::new(Endpoint::new("b", always(2.0)).unwrap());
    let after: Endpoints = before.iter().chain([added]).collect();
    // A model that is replaced in one set is replaced in the other.
    before.get("a").unwrap().replace_model(always(3.0));
    let ask = |path: &str| ask(after.clone(), "POST", path, &csv, "1,2").body;
    assert_eq!(ask("/endpoints/a/invocations"), r#"{"predictions": [{"predicted_label": 3.0}]}"#);
    assert_eq!(ask("/endpoints/b/invocations"), r#"{"predictions": [{"predicted_label": 2.0}]}"#);
    assert!(before.get("b").is_none());
}
