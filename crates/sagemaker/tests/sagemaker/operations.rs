//! Response streams, asynchronous invocations, and data capture.

use std::sync::{Arc, Mutex};

use axum::{
    body::{Body, Bytes},
    http::Response,
};
use mysfits_sagemaker::{
    AsyncInference, CaptureOptions, DataCapture, EndpointDeployment, Variant, http::MAX_INLINE_BODY_BYTES,
};
use serde_json::{Value, json};

use crate::support::{
    ENDPOINT, MemoryStore, always, container, request, router_for, router_of, run, run_at_once, send,
};

const STREAM: &str = "/endpoints/knn-ml-m4-xlarge-test/invocations-response-stream";
const ASYNC: &str = "/endpoints/knn-ml-m4-xlarge-test/async-invocations";
const INVOKE: &str = "/endpoints/knn-ml-m4-xlarge-test/invocations";

/// A message of an event stream: its headers, and its payload.
type EventStreamMessage = (Vec<(String, String)>, Vec<u8>);

/// Reads the messages of an event stream.
fn messages(mut bytes: &[u8]) -> Vec<EventStreamMessage> {
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap()) as usize;
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let (total, headers_len) = (number(&bytes[..4]), number(&bytes[4..8]));
        let mut head = &bytes[12..12 + headers_len];
        let mut headers = Vec::new();
        while !head.is_empty() {
            let name_len = usize::from(head[0]);
            let name = String::from_utf8(head[1..=name_len].to_vec()).unwrap();
            assert_eq!(head[1 + name_len], 7);
            let value = &head[2 + name_len..];
            let value_len = usize::from(u16::from_be_bytes([value[0], value[1]]));
            headers.push((name, String::from_utf8(value[2..2 + value_len].to_vec()).unwrap()));
            head = &value[2 + value_len..];
        }
        messages.push((headers, bytes[12 + headers_len..total - 4].to_vec()));
        bytes = &bytes[total..];
    }
    messages
}

#[test]
fn a_response_stream_has_the_response_in_events() {
    let router = router_of(vec![Variant::new("a", always(7.0)).unwrap()]);
    // The plain `Accept` is that of the event stream.
    let headers = [
        ("content-type", "text/csv"),
        ("accept", "application/vnd.amazon.eventstream"),
        ("x-amzn-sagemaker-accept", "application/jsonlines"),
    ];
    let answer = run(send(router, request("POST", STREAM, &headers, "1,2")));
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, "application/vnd.amazon.eventstream")
    );
    assert_eq!(answer.header("x-amzn-sagemaker-content-type"), "application/jsonlines");
    assert_eq!(answer.header("x-amzn-invoked-production-variant"), "a");
    let messages = messages(&answer.bytes);
    let [(headers, payload)] = messages.as_slice() else { panic!("{messages:?}") };
    let header = |name: &str| &headers.iter().find(|(known, _)| known == name).unwrap().1;
    assert_eq!((header(":message-type").as_str(), header(":event-type").as_str()), ("event", "PayloadPart"));
    assert_eq!(String::from_utf8_lossy(payload).trim_end(), r#"{"predicted_label": 7.0}"#);
}

#[test]
fn a_broken_response_stream_ends_with_an_exception() {
    let respond = |_| {
        let chunks = Arc::new(Mutex::new(vec![Err("reset"), Ok("two"), Ok("one")]));
        let next = move || chunks.lock().unwrap().pop().map(|chunk| chunk.map(Bytes::from));
        Ok(Response::new(Body::new(Chunks(Box::new(next)))))
    };
    let router = router_of(vec![container(respond)]);
    let answer = run(send(router.clone(), request("POST", STREAM, &[], "1")));
    let messages = messages(&answer.bytes);
    let payloads: Vec<_> = messages.iter().map(|(_, payload)| String::from_utf8_lossy(payload)).collect();
    assert_eq!(payloads[..2], ["one", "two"]);
    let error: Value = serde_json::from_str(&payloads[2]).unwrap();
    assert_eq!(error["ErrorCode"], "StreamBroken");
    assert!(messages[2].0.contains(&(":exception-type".to_owned(), "ModelStreamError".to_owned())));
    // InvokeEndpoint reads the response whole.
    let answer = run(send(router, request("POST", INVOKE, &[], "1")));
    assert_eq!((answer.status.as_u16(), answer.header("x-amzn-errortype")), (424, "ModelError"));
}

type NextChunk = Box<dyn FnMut() -> Option<Result<Bytes, &'static str>> + Send>;

/// A body of chunks.
struct Chunks(NextChunk);

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, &'static str>>> {
        std::task::Poll::Ready((self.0)().map(|chunk| chunk.map(http_body::Frame::data)))
    }
}

fn asynchronous(store: &Arc<MemoryStore>) -> axum::Router {
    let deployment = EndpointDeployment::new(vec![Variant::new("a", always(7.0)).unwrap()]).unwrap();
    let config =
        AsyncInference::new(store.clone(), "s3://out/results/").with_failure_path("s3://out/failures");
    router_for(deployment.with_async_inference(config))
}

#[test]
fn an_asynchronous_invocation_reads_and_writes_objects() {
    let store = Arc::new(MemoryStore::default());
    store.insert("s3://in/x.csv", "1,2");
    run(async {
        let router = asynchronous(&store);
        let headers = [
            ("x-amzn-sagemaker-inputlocation", "s3://in/x.csv"),
            ("x-amzn-sagemaker-content-type", "text/csv"),
            ("x-amzn-sagemaker-accept", "application/json"),
        ];
        let answer = send(router.clone(), request("POST", ASYNC, &headers, "")).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        let id =
            serde_json::from_str::<Value>(&answer.body).unwrap()["InferenceId"].as_str().unwrap().to_owned();
        let output = answer.header("x-amzn-sagemaker-outputlocation");
        assert_eq!(output, format!("s3://out/results/{id}.out"));
        assert_eq!(
            answer.header("x-amzn-sagemaker-failurelocation"),
            format!("s3://out/failures/{id}-error.out")
        );
        assert_eq!(store.wait_for(output).await.1, r#"{"predictions": [{"predicted_label": 7.0}]}"#);

        // Without a type of the request, the object's counts.
        let location = [("x-amzn-sagemaker-inputlocation", "s3://in/x.csv")];
        let answer = send(router.clone(), request("POST", ASYNC, &location, "")).await;
        let output = answer.header("x-amzn-sagemaker-outputlocation");
        assert_eq!(store.wait_for(output).await.1, r#"{"predictions": [{"predicted_label": 7.0}]}"#);

        // An inline body, and names of the caller's choice.
        let headers = [
            ("x-amzn-sagemaker-content-type", "text/csv"),
            ("x-amzn-sagemaker-inference-id", "mine"),
            ("x-amzn-sagemaker-s3outputpathextension", "team/a/"),
            ("x-amzn-sagemaker-filename", "result.json"),
        ];
        let answer = send(router.clone(), request("POST", ASYNC, &headers, "1,2")).await;
        assert_eq!(answer.body, r#"{"InferenceId":"mine"}"#);
        let output = "s3://out/results/team/a/result.json";
        assert_eq!(answer.header("x-amzn-sagemaker-outputlocation"), output);
        store.wait_for(output).await;
    });
}

#[test]
fn a_failed_asynchronous_invocation_writes_its_reason() {
    let store = Arc::new(MemoryStore::default());
    run(async {
        let router = asynchronous(&store);
        let invoke = async |headers: &[(&str, &str)], body: &str| {
            let answer = send(router.clone(), request("POST", ASYNC, headers, body)).await;
            assert_eq!(answer.status, 202, "{answer:?}");
            store.wait_for(answer.header("x-amzn-sagemaker-failurelocation")).await.1
        };
        let reason = invoke(&[("x-amzn-sagemaker-content-type", "text/csv")], "1,2,3").await;
        assert!(reason.starts_with("Received client error (400) from primary with message"), "{reason}");
        let reason = invoke(&[("x-amzn-sagemaker-inputlocation", "s3://in/none")], "").await;
        assert_eq!(
            reason,
            "Failed to download the input from s3://in/none: there is no object at s3://in/none"
        );
    });
    assert_eq!(store.0.lock().unwrap().keys().filter(|uri| uri.contains("/results/")).count(), 0);
}

#[test]
fn refuses_invalid_asynchronous_requests() {
    let store = Arc::new(MemoryStore::default());
    let check = |headers: &[(&str, &str)], body: &str, expected: &str| {
        let answer = run(async { send(asynchronous(&store), request("POST", ASYNC, headers, body)).await });
        assert_eq!((answer.status.as_u16(), answer.header("x-amzn-errortype")), (400, "ValidationError"));
        assert!(answer.body.contains(expected), "{answer:?}");
    };
    let location = ("x-amzn-sagemaker-inputlocation", "s3://in/x");
    check(&[], "", "Provide exactly one of InputLocation and Body.");
    check(&[location], "1", "Provide exactly one of InputLocation and Body.");
    check(&[], &"1".repeat(MAX_INLINE_BODY_BYTES + 1), "has oversize body.");
    check(
        &[("x-amzn-sagemaker-inputlocation", "/tmp/x")],
        "",
        "at 'inputLocation' failed to satisfy constraint",
    );
    for (name, value) in [
        ("x-amzn-sagemaker-requestttlseconds", "59"),
        ("x-amzn-sagemaker-invocationtimeoutseconds", "3601"),
        ("x-amzn-sagemaker-invocationtimeoutseconds", "x"),
    ] {
        check(&[location, (name, value)], "", "Member must have value between");
    }
    for (name, value) in
        [("x-amzn-sagemaker-filename", "../x"), ("x-amzn-sagemaker-s3outputpathextension", "s3://a b")]
    {
        check(&[location, (name, value)], "", "failed to satisfy constraint");
    }
    // Each kind of endpoint has its own operation.
    let answer = run(async { send(asynchronous(&store), request("POST", INVOKE, &[], "1,2")).await });
    assert!(answer.body.contains("is asynchronous: use InvokeEndpointAsync."), "{answer:?}");
    let router = router_of(vec![Variant::new("a", always(7.0)).unwrap()]);
    let answer = run(send(router, request("POST", ASYNC, &[location], "")));
    assert!(answer.body.contains("is not asynchronous: it has no AsyncInferenceConfig."), "{answer:?}");
}

#[test]
fn captures_requests_and_responses() {
    let store = Arc::new(MemoryStore::default());
    run_at_once(async {
        let mut options = CaptureOptions::default();
        options.sampling_percentage = 50;
        options.csv_content_types = vec!["text/csv".to_owned()];
        let capture = DataCapture::new(store.clone(), "s3://captured/here", options);
        let deployment = EndpointDeployment::new(vec![Variant::new("a", always(7.0)).unwrap()]).unwrap();
        let router = router_for(deployment.with_data_capture(capture));
        let headers = [("content-type", "text/csv"), ("x-amzn-sagemaker-inference-id", "mine")];
        for _ in 0..4 {
            assert_eq!(send(router.clone(), request("POST", INVOKE, &headers, "1,2")).await.status, 200);
        }
        let (uri, body) = store.wait_for(&format!("s3://captured/here/{ENDPOINT}/a/")).await;
        let parts: Vec<&str> = uri.rsplit('/').collect();
        assert_eq!(parts[0].rsplit('.').next(), Some("jsonl"), "{uri}");
        assert!(parts[1..5].iter().all(|part| part.parse::<u32>().is_ok()), "{uri}");
        let lines: Vec<Value> = body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(
            lines[0]["captureData"],
            json!({
                "endpointInput": {
                    "observedContentType": "text/csv", "mode": "INPUT", "data": "1,2", "encoding": "CSV",
                },
                "endpointOutput": {
                    "observedContentType": "application/json",
                    "mode": "OUTPUT",
                    "data": "eyJwcmVkaWN0aW9ucyI6IFt7InByZWRpY3RlZF9sYWJlbCI6IDcuMH1dfQ==",
                    "encoding": "BASE64",
                },
            })
        );
        let metadata = &lines[0]["eventMetadata"];
        assert_eq!(metadata["inferenceId"], "mine");
        assert!(metadata["eventId"].is_string() && metadata["inferenceTime"].is_string(), "{metadata}");
        assert_eq!(lines[0]["eventVersion"], "0");
    });
}
