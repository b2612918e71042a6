//! Endpoints with several variants, with other containers, and with several models.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    body::{Body, Bytes},
    http::{Request, Response},
};
use mysfits_sagemaker::{
    ContainerError, Endpoint, EndpointDeployment, Endpoints, MultiModel, Variant, VariantBackend,
    artifact::Artifact,
    http::{self, MAX_BODY_BYTES, MAX_SERVERLESS_BODY_BYTES},
};
use serde_json::{Map, Value};

use crate::support::{
    Answer, ENDPOINT, MemoryStore, always, container, request, router_of, run, run_at_once, send,
};

const PATH: &str = "/endpoints/knn-ml-m4-xlarge-test/invocations";
const CSV: (&str, &str) = ("content-type", "text/csv");
const TARGET_VARIANT: &str = "x-amzn-sagemaker-target-variant";
const TARGET_MODEL: &str = "x-amzn-sagemaker-target-model";

async fn invoke(router: &axum::Router, headers: &[(&str, &str)], body: &str) -> Answer {
    send(router.clone(), request("POST", PATH, headers, body)).await
}

fn variant(name: &str, label: f64) -> Variant {
    Variant::new(name, always(label)).unwrap()
}

fn message(answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    body["Message"].as_str().unwrap().to_owned()
}

#[test]
fn requests_are_distributed_by_weight() {
    let variants =
        vec![variant("a", 1.0).with_weight(3.0), variant("b", 2.0), variant("never", 3.0).with_weight(0.0)];
    let router = router_of(variants);
    let mut counts = [0_u32; 2];
    run(async {
        for _ in 0..400 {
            let answer = invoke(&router, &[CSV], "1,2").await;
            assert_eq!(answer.status, 200);
            match answer.header("x-amzn-invoked-production-variant") {
                "a" => counts[0] += 1,
                "b" => counts[1] += 1,
                other => panic!("{other}"),
            }
        }
    });
    assert_eq!(counts, [300, 100]);
}

#[test]
fn a_request_can_name_its_variant() {
    let router = router_of(vec![variant("a", 1.0), variant("b", 2.0).with_weight(0.0)]);
    run(async {
        let answer = invoke(&router, &[CSV, (TARGET_VARIANT, "b")], "1,2").await;
        assert_eq!(answer.header("x-amzn-invoked-production-variant"), "b");
        assert_eq!(answer.body, r#"{"predictions": [{"predicted_label": 2.0}]}"#);
        let answer = invoke(&router, &[CSV, (TARGET_VARIANT, "c")], "1,2").await;
        assert_eq!(answer.status, 400);
        assert_eq!(message(&answer), format!("Endpoint {ENDPOINT} has no variant c: its variants are a, b."));
    });
}

#[test]
fn variants_have_valid_and_different_names() {
    for name in ["", "-a", "a_b", &"a".repeat(64)] {
        assert!(Variant::new(name, always(1.0)).is_err(), "{name:?}");
    }
    let error = EndpointDeployment::new(vec![variant("a", 1.0), variant("a", 1.0)]).unwrap_err();
    assert_eq!(error.to_string(), "duplicate variant a");
    let error = EndpointDeployment::new(Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "an endpoint must have 1 to 10 variants, not 0");
}

#[test]
fn no_request_fails_while_deployments_are_replaced() {
    let endpoints = Endpoints::new([Endpoint::new(ENDPOINT, always(1.0)).unwrap()]);
    let router = http::router(endpoints.clone());
    let is_done = Arc::new(AtomicBool::new(false));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let clients: Vec<_> = (0..4)
            .map(|_| {
                let (router, is_done) = (router.clone(), Arc::clone(&is_done));
                tokio::spawn(async move {
                    let mut count = 0;
                    while !is_done.load(Ordering::Relaxed) {
                        let answer = invoke(&router, &[CSV], "1,2").await;
                        assert_eq!(answer.status, 200, "{answer:?}");
                        count += 1;
                        tokio::task::yield_now().await;
                    }
                    count
                })
            })
            .collect();
        let endpoint = endpoints.get(ENDPOINT).unwrap();
        for i in 0..200 {
            let variants = vec![variant("a", f64::from(i)), variant("b", 0.0).with_weight(i as f32)];
            endpoint.deploy(EndpointDeployment::new(variants).unwrap());
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        is_done.store(true, Ordering::Relaxed);
        for client in clients {
            assert!(client.await.unwrap() > 0);
        }
    });
}

#[test]
fn a_container_gets_the_headers_of_the_contract_and_no_others() {
    let echo = |request: Request<Bytes>| {
        let mut names: Vec<&str> = request.headers().keys().map(axum::http::HeaderName::as_str).collect();
        names.sort_unstable();
        let text = format!("{} {} {names:?} {}", request.method(), request.uri(), request.body().len());
        let response = Response::builder()
            .status(201)
            .header("content-type", "text/plain")
            .header("x-amzn-sagemaker-custom-attributes", "from the model")
            .header("set-cookie", "a=b");
        Ok(response.body(Body::from(text)).unwrap())
    };
    let router = router_of(vec![container(echo)]);
    let headers = [
        CSV,
        ("accept", "text/plain"),
        ("cookie", "a=b"),
        ("x-amzn-sagemaker-custom-attributes", "mine"),
        ("x-amzn-sagemaker-session-id", "NEW_SESSION"),
    ];
    let answer = run(invoke(&router, &headers, "1,2"));
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/plain"));
    assert_eq!(answer.header("x-amzn-sagemaker-custom-attributes"), "from the model");
    assert_eq!(
        (answer.header("set-cookie"), answer.header("x-amzn-invoked-production-variant")),
        ("", "AllTraffic")
    );
    assert_eq!(
        answer.body,
        "POST /invocations [\"accept\", \"content-type\", \"x-amzn-sagemaker-custom-attributes\", \
         \"x-amzn-sagemaker-session-id\"] 3"
    );
}

#[test]
fn the_errors_of_a_container_are_model_errors() {
    let router = router_of(vec![container(|request| {
        let status: u16 = std::str::from_utf8(request.body()).unwrap().parse().unwrap();
        Ok(Response::builder().status(status).body(Body::from("no such thing")).unwrap())
    })]);
    for (status, code, kind) in [
        ("400", "CLIENT_ERROR_FROM_MODEL", "client"),
        ("404", "CLIENT_ERROR_FROM_MODEL", "client"),
        ("500", "INTERNAL_FAILURE_FROM_MODEL", "server"),
        ("503", "INTERNAL_FAILURE_FROM_MODEL", "server"),
    ] {
        let answer = run(invoke(&router, &[], status));
        assert_eq!((answer.status.as_u16(), answer.header("x-amzn-errortype")), (424, "ModelError"));
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["OriginalStatusCode"].to_string(), status);
        assert_eq!((&body["OriginalMessage"], &body["ErrorCode"]), (&"no such thing".into(), &code.into()));
        let text = format!("Received {kind} error ({status}) from primary with message \"no such thing\". ");
        assert!(message(&answer).starts_with(&text), "{answer:?}");
    }
}

#[test]
fn a_container_that_fails_has_the_errors_of_the_service() {
    let unreachable = |_| Err(ContainerError::Unreachable("connection refused".to_owned()));
    let answer = run(invoke(&router_of(vec![container(unreachable)]), &[], "1"));
    assert_eq!((answer.status.as_u16(), answer.header("x-amzn-errortype")), (503, "ServiceUnavailable"));

    let broken = |_| Err(ContainerError::Broken("reset".to_owned()));
    let answer = run(invoke(&router_of(vec![container(broken)]), &[], "1"));
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status.as_u16(), &body["OriginalStatusCode"]), (424, &0.into()));

    let large = |_| Ok(Response::new(Body::from(vec![b'x'; MAX_BODY_BYTES + 1])));
    let answer = run(invoke(&router_of(vec![container(large)]), &[], "1"));
    assert_eq!(answer.status, 424);
    assert!(
        message(&answer).contains("The response of the container is larger than 6291456 bytes"),
        "{answer:?}"
    );
}

#[test]
fn a_container_that_does_not_answer_times_out() {
    #[derive(Debug)]
    struct Silent;
    impl mysfits_sagemaker::Container for Silent {
        fn invoke(
            &self,
            _request: Request<Bytes>,
        ) -> mysfits_sagemaker::BoxFuture<'_, Result<Response<Body>, ContainerError>> {
            Box::pin(std::future::pending())
        }

        fn is_healthy(&self) -> mysfits_sagemaker::BoxFuture<'_, bool> {
            Box::pin(async { false })
        }
    }
    let router = || {
        let backend = VariantBackend::Container(Arc::new(Silent));
        router_of(vec![Variant::new("AllTraffic", backend).unwrap()])
    };
    let answer = run_at_once(invoke(&router(), &[], "1"));
    assert_eq!(answer.status, 424);
    assert!(
        message(&answer)
            .starts_with("Received server error (0) from primary with message \"Your invocation timed out")
    );
    assert_eq!(run(send(router(), request("GET", "/ping", &[], ""))).status, 503);
}

#[test]
fn a_serverless_variant_throttles_and_has_smaller_bodies() {
    let router = router_of(vec![variant("a", 1.0).serverless(1)]);
    run(async {
        let large = "1".repeat(MAX_SERVERLESS_BODY_BYTES + 1);
        let answer = invoke(&router, &[CSV], &large).await;
        assert!(message(&answer).ends_with(" has oversize body."), "{}", answer.status);
        // A response that is not read holds its place.
        let held =
            tower::ServiceExt::oneshot(router.clone(), request("POST", PATH, &[CSV], "1,2")).await.unwrap();
        let answer = invoke(&router, &[CSV], "1,2").await;
        assert_eq!((answer.status.as_u16(), answer.header("x-amzn-errortype")), (400, "ThrottlingException"));
        drop(held);
        assert_eq!(invoke(&router, &[CSV], "1,2").await.status, 200);
    });
}

fn packed(label: f64) -> Vec<u8> {
    let mut bytes = Vec::new();
    Artifact { model: always(label), extra: Map::new() }.write(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_multi_model_endpoint_loads_models_and_unloads_the_least_recently_used() {
    let store = Arc::new(MemoryStore::default());
    for (name, label) in [("a.tar.gz", 1.0), ("b.tar.gz", 2.0), ("x/c.tar.gz", 3.0)] {
        store.insert(&format!("s3://models/knn/{name}"), packed(label));
    }
    store.insert("s3://models/knn/bad", "no model");
    store.insert("s3://models/secret", packed(9.0));
    // A model of one row needs a little more than 4 KiB.
    let models = Arc::new(MultiModel::new(store, "s3://models/knn/").with_max_bytes(10_000));
    let backend = VariantBackend::MultiModel(Arc::clone(&models));
    let router = router_of(vec![Variant::new("AllTraffic", backend).unwrap()]);
    let ask = async |model: &str| invoke(&router, &[CSV, (TARGET_MODEL, model)], "1,2").await;
    run(async {
        assert!(ask("a.tar.gz").await.body.contains("1.0"));
        assert!(ask("b.tar.gz").await.body.contains("2.0"));
        assert_eq!(models.loaded_models(), ["a.tar.gz", "b.tar.gz"]);
        assert!(ask("a.tar.gz").await.body.contains("1.0"));
        assert!(ask("x/c.tar.gz").await.body.contains("3.0"));
        assert_eq!(models.loaded_models(), ["a.tar.gz", "x/c.tar.gz"]);

        let answer = invoke(&router, &[CSV], "1,2").await;
        let id = answer.header("x-amzn-requestid").to_owned();
        assert_eq!(message(&answer), format!("Request {id} is missing a target model header."));
        for (model, key) in [("d.tar.gz", "knn/d.tar.gz"), ("../secret", "knn/../secret")] {
            let answer = ask(model).await;
            assert_eq!((answer.status.as_u16(), answer.header("x-amzn-errortype")), (400, "ValidationError"));
            let start = format!("Failed to download model data(bucket: models, key: {key}). ");
            assert!(message(&answer).starts_with(&start), "{answer:?}");
        }
        let answer = ask("bad").await;
        assert_eq!(answer.status, 424);
        assert!(message(&answer).contains("Unable to load model: "), "{answer:?}");
    });
}
