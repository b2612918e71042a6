//! The program against a fake Runtime API: responses, log, start and shutdown.

use mysfits_lambda_runtime::{ReplyKind, RuntimeCall, TRACE_ID, TlsProxy};
use mysfits_sagemaker::LocalEndpoint;
use serde_json::{Value, json};

use crate::support::{
    ATLANTIS, ENDPOINT, Recorder, Running, closed_port, event, event_with_body, model, package,
};

const EMBEDDED: [(&str, &str); 1] = [("BACKEND", "embedded")];

fn endpoint<'a>(backend: &'a str, url: &'a str) -> [(&'a str, &'a str); 3] {
    [("BACKEND", backend), ("ENDPOINT_NAME", ENDPOINT), ("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", url)]
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

#[test]
fn embedded_answers_one_event_after_the_other() {
    let running = Running::start(&EMBEDDED);
    for _ in 0..3 {
        let answer = running.answer(&event("workshop_curl"));
        assert_eq!(answer["statusCode"], 200);
        assert_eq!(body(&answer), json!({ "recommendedMysfit": ATLANTIS }));
        assert_eq!(answer["headers"]["x-mysfits-backend"], "embedded");
    }
    let refused = running.answer(&event("bad_entry"));
    assert_eq!(
        (&refused["statusCode"], &body(&refused)["type"]),
        (&json!(400), &json!("urn:mysfits:problem:invalid-entry"))
    );
    assert!(running.api.is_in_order(), "{:?}", running.api.calls());

    let records = running.records(4);
    let member = |name: &str| records.iter().map(|record| record[name].clone()).collect::<Vec<_>>();
    assert_eq!(member("Outcome"), ["recommended", "recommended", "recommended", "refused"]);
    assert_eq!(member("coldStart"), [true, false, false, false]);
    assert_eq!(member("status"), [200, 200, 200, 400]);
    assert!(member("traceId").iter().all(|id| id == TRACE_ID));
    assert_eq!(running.log().len(), 4, "nothing but a record for each invocation: {}", running.written());
}

#[test]
fn nothing_of_the_visitor_is_written() {
    let running = Running::start(&endpoint("fallback", &closed_port()));
    for name in ["workshop_curl", "http2_lower_case", "bad_entry", "unknown_path", "queue"] {
        running.reply_to(&event(name));
    }
    running.records(5);
    let written = running.written();
    for personal in
        ["203.0.113.7", "1,2,3,4,5", "[1, 2", "curl/8", "Mozilla", "d111111abcdef8", "Test message"]
    {
        assert!(!written.contains(personal), "{personal}: {written}");
    }
}

#[test]
fn endpoint_asks_the_endpoint_and_passes_the_trace_on() {
    let recorder = Recorder::start();
    let running = Running::start(&endpoint("endpoint", &format!("http://{}", recorder.address)));
    let answer = running.answer(&event("http2_lower_case"));
    assert_eq!(body(&answer), json!({ "recommendedMysfit": ATLANTIS }));
    let requests = recorder.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    let head = request.to_lowercase();
    for expected in [
        format!("post /endpoints/{ENDPOINT}/invocations http/1.1\r\n"),
        format!("x-amzn-trace-id: {}\r\n", TRACE_ID.to_lowercase()),
        "content-type: application/jsonlines\r\n".to_owned(),
        "accept: application/json\r\n".to_owned(),
        "x-amz-security-token: token\r\n".to_owned(),
        "/us-east-1/sagemaker/aws4_request".to_owned(),
        "\r\n\r\n{\"features\": [1, 2, 3, 4, 5]}".to_owned(),
    ] {
        assert!(head.contains(&expected), "{expected}: {head}");
    }
}

#[test]
fn endpoint_explains_with_the_models_neighbours() {
    let local = LocalEndpoint::start(ENDPOINT, model()).unwrap();
    let running = Running::start(&endpoint("endpoint", local.url()));
    let explain = event_with_body(json!(r#"{"entry": [1,2,3,4,5], "explain": true}"#));
    let explanation = &body(&running.answer(&explain))["explanation"];
    assert_eq!((&explanation["backend"], &explanation["k"]), (&json!("endpoint"), &json!(1)));
    assert_eq!(explanation["votes"], json!([{ "mysfit": ATLANTIS, "count": 1 }]));
    assert_eq!(explanation["distances"], json!([0.0]));
}

#[test]
fn an_endpoint_that_is_gone_is_503_and_told_apart() {
    let running = Running::start(&endpoint("endpoint", &closed_port()));
    let answer = running.answer(&event("workshop_curl"));
    assert_eq!(answer["statusCode"], 503);
    assert_eq!(body(&answer)["type"], "urn:mysfits:problem:unavailable");
    let headers = &answer["headers"];
    assert_eq!(
        (&headers["access-control-allow-origin"], &headers["retry-after"]),
        (&json!("*"), &json!("2"))
    );
    assert_eq!(headers["access-control-expose-headers"], "x-mysfits-backend,x-mysfits-fallback,retry-after");
    let record = &running.records(1)[0];
    assert_eq!((&record["Outcome"], &record["problem"]), (&json!("unavailable"), &json!("unavailable")));
    // The cause is in the log, with the invocation's id, and nowhere else.
    let causes: Vec<_> =
        running.log().into_iter().filter(|line| line["message"] == "the recommendation failed").collect();
    let [cause] = causes.as_slice() else { panic!("{}", running.written()) };
    assert_eq!(cause["span"]["request_id"], record["requestId"]);
    assert!(cause["error"].as_str().unwrap().contains(ENDPOINT), "{cause}");
}

#[test]
fn fallback_answers_from_the_table_and_says_so() {
    let running = Running::start(&endpoint("fallback", &closed_port()));
    let answer = running.answer(&event("workshop_curl"));
    assert_eq!((&answer["statusCode"], &body(&answer)["recommendedMysfit"]), (&json!(200), &json!(ATLANTIS)));
    let headers = &answer["headers"];
    assert_eq!(headers["x-mysfits-backend"], "embedded");
    assert_eq!(headers["x-mysfits-fallback"], "endpoint; reason=unavailable");
    assert_eq!(headers["access-control-expose-headers"], "x-mysfits-backend,x-mysfits-fallback,retry-after");
    let record = &running.records(1)[0];
    assert_eq!((&record["Outcome"], &record["Backend"]), (&json!("fallback"), &json!("embedded")));
    assert_eq!((&record["Fallbacks"], &record["fallbackReason"]), (&json!(1), &json!("unavailable")));
}

#[test]
fn fallback_prefers_the_endpoint() {
    let local = LocalEndpoint::start(ENDPOINT, model()).unwrap();
    let running = Running::start(&endpoint("fallback", local.url()));
    let answer = running.answer(&event("workshop_curl"));
    assert_eq!(
        (&answer["statusCode"], &answer["headers"]["x-mysfits-backend"]),
        (&json!(200), &json!("endpoint"))
    );
    assert!(answer["headers"].get("x-mysfits-fallback").is_none());
}

#[test]
fn https_needs_an_authority_that_is_trusted() {
    let local = LocalEndpoint::start(ENDPOINT, model()).unwrap();
    let front = TlsProxy::start(local.address()).unwrap();
    let folder = package();
    let authority = folder.path().join("authority.pem");
    std::fs::write(&authority, front.authority()).unwrap();
    let mut variables = endpoint("endpoint", front.url()).to_vec();
    // Amazon's roots do not vouch for a server on this machine.
    assert_eq!(Running::start(&variables).answer(&event("workshop_curl"))["statusCode"], 503);
    let authority = authority.display().to_string();
    variables.push(("SSL_CERT_FILE", &authority));
    let running = Running::start_in(folder, &variables);
    let answer = running.answer(&event("workshop_curl"));
    assert_eq!(answer["statusCode"], 200, "{}", running.written());
}

#[test]
fn continues_after_a_foreign_event() {
    let running = Running::start(&EMBEDDED);
    for (name, expected) in [("queue", "records of a queue"), ("http_api_v2", "payload format 2.0")] {
        let reply = running.reply_to(&event(name));
        assert_eq!(reply.kind, ReplyKind::Error);
        let error: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(error["errorType"], "NotAnApiEvent");
        assert!(error["errorMessage"].as_str().unwrap().contains(expected), "{error}");
    }
    assert_eq!(running.answer(&event("workshop_curl"))["statusCode"], 200);
    assert!(running.api.is_in_order());
}

#[test]
fn a_wrong_configuration_is_reported_before_anything_else() {
    let mut running = Running::start(&[("BACKEND", "sagemaker"), ("ALLOW_ORIGIN", "example.org")]);
    let reply = running.reply();
    assert_eq!(reply.kind, ReplyKind::InitError);
    let error: Value = serde_json::from_slice(&reply.body).unwrap();
    let message = error["errorMessage"].as_str().unwrap();
    assert!(
        message.contains("BACKEND is \"sagemaker\"; it must be endpoint, embedded or fallback"),
        "{message}"
    );
    assert!(message.contains("ALLOW_ORIGIN is \"example.org\""), "{message}");
    assert_eq!(running.wait().code(), Some(1));
    assert_eq!(running.api.calls(), [RuntimeCall::InitError]);
    assert!(running.written().contains(message));
}

#[test]
fn a_package_without_its_table_is_reported() {
    let folder = package();
    std::fs::remove_file(folder.path().join("decision-table.bin")).unwrap();
    let mut running = Running::start_in(folder, &EMBEDDED);
    let reply = running.reply();
    assert_eq!(reply.kind, ReplyKind::InitError);
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    assert!(
        text.contains("decision-table.bin: the decision table and its schema must both be there"),
        "{text}"
    );
    assert!(text.contains("No such file"), "{text}");
    assert_eq!(running.wait().code(), Some(1));
}

#[test]
fn sigterm_is_a_clean_end() {
    let mut running = Running::start(&EMBEDDED);
    running.answer(&event("workshop_curl"));
    running.terminate();
    let status = running.wait();
    assert_eq!(status.code(), Some(0), "{status}: {}", running.written());
}

#[test]
fn without_lambda_it_says_what_it_is() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_bootstrap")).env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        text,
        "AWS_LAMBDA_RUNTIME_API is not set: this program is an AWS Lambda function and runs only in Lambda\n"
    );
}
