//! Models as endpoints, by the options of the command line.

use std::{fs, path::Path, process::Command, time::Duration};

use expect_test::{Expect, expect};
use local_sagemaker::{
    chaos::{ChaosArgs, parse_faults},
    connections::ConnectionLimits,
    endpoint_args::{VariantSource, parse_endpoint},
    hosting::HostArgs,
    requests::{BATCH_TIMEOUT, MAX_IN_FLIGHT},
    serve::parse_host,
    server_args::ServerArgs,
};
use mysfits_sagemaker::faults::Faults;
use tokio::task::JoinSet;

use crate::support::{always, ask, packed, request, router, send};

const CSV: [(&str, &str); 1] = [("content-type", "text/csv")];

fn hosting(endpoints: &[&str]) -> HostArgs {
    HostArgs {
        endpoints: endpoints.iter().map(|endpoint| parse_endpoint(endpoint).unwrap()).collect(),
        opt_ml: "/nowhere".into(),
        host: None,
        port: 8080,
        strict: false,
        max_payload_mb: 6,
        server: ServerArgs::default(),
    }
}

/// The arguments of a server with this fault, which clients may change.
fn with_fault(fault: &str) -> ServerArgs {
    let chaos = ChaosArgs { faults: vec![parse_faults(fault).unwrap()], chaos: true };
    ServerArgs { chaos, ..ServerArgs::default() }
}

/// A folder with the models `one.tar.gz` and `two.tar.gz`, and `NAME=MODEL` for a model there.
fn models() -> (tempfile::TempDir, impl Fn(&str, &str) -> String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.tar.gz"), packed(always(1.0))).unwrap();
    fs::write(folder.path().join("two.tar.gz"), packed(always(2.0))).unwrap();
    let path = folder.path().to_owned();
    (folder, move |name: &str, file: &str| format!("{name}={}", path.join(file).display()))
}

#[test]
fn the_container_serves_the_first_endpoint_and_all_have_names() {
    let (_folder, named) = models();
    let router = hosting(&[&named("two", "two.tar.gz"), &named("one", "one.tar.gz")]).open().unwrap();
    let body = |method, path: &str| {
        let answer = ask(&router, method, path, &CSV, "1,2");
        (answer.status.as_u16(), answer.text().to_owned())
    };
    let label = |label: &str| (200, format!(r#"{{"predictions": [{{"predicted_label": {label}}}]}}"#));
    assert_eq!(body("POST", "/invocations"), label("2.0"));
    assert_eq!(body("POST", "/endpoints/one/invocations"), label("1.0"));
    assert_eq!(body("POST", "/endpoints/two/invocations"), label("2.0"));
    assert_eq!(body("POST", "/endpoints/three/invocations").0, 400);
    assert_eq!(body("GET", "/ping"), (200, String::new()));
    // There is no API and no site, and clients may not set faults.
    for path in ["/", "/mysfits", "/recommendations", "/health", "/openapi.json", "/chaos/one"] {
        assert_eq!(body("GET", path), (404, String::new()), "{path}");
    }
    let metrics = body("GET", "/metrics").1;
    assert!(
        metrics.contains(r#"{route="/endpoints/{name}/invocations",method="POST",status="200"} 2"#),
        "{metrics}"
    );
    assert!(metrics.contains(r#"{route="other",method="GET",status="404"} 5"#), "{metrics}");
}

#[test]
fn a_containers_model_is_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model");
    let archive = folder.path().join("model.tar.gz");
    fs::create_dir(&model).unwrap();
    fs::write(&archive, packed(always(3.0))).unwrap();
    let unpacked = Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&model).status().unwrap();
    assert!(unpacked.success());
    let args = HostArgs { opt_ml: folder.path().to_owned(), ..hosting(&[]) };
    let router = args.open().unwrap();
    assert!(ask(&router, "POST", "/invocations", &CSV, "1,2").text().contains("3.0"));
    assert_eq!(ask(&router, "POST", "/endpoints/knn-demo/invocations", &CSV, "1,2").status, 200);
}

#[test]
fn a_container_listens_at_all_addresses_and_endpoints_at_loopback() {
    let address = |args: &HostArgs| args.address().to_string();
    assert_eq!(address(&hosting(&[])), "0.0.0.0:8080");
    assert_eq!(address(&hosting(&["a=b"])), "127.0.0.1:8080");
    let host = Some("::1".parse().unwrap());
    assert_eq!(address(&HostArgs { host, port: 1, ..hosting(&["a=b"]) }), "[::1]:1");
    assert_eq!(address(&HostArgs { host, ..hosting(&[]) }), "[::1]:8080");
}

#[test]
fn localhost_is_an_address_to_listen_at() {
    assert_eq!(parse_host("localhost").unwrap().to_string(), "127.0.0.1");
    assert_eq!(parse_host("::1").unwrap().to_string(), "::1");
    assert_eq!(parse_host("example.com").unwrap_err(), "expected an IP address or localhost");
}

#[test]
fn strict_hosting_rejects_an_unknown_accept() {
    let (_folder, named) = models();
    for (strict, status) in [(false, 200), (true, 406)] {
        let router = HostArgs { strict, ..hosting(&[&named("a", "one.tar.gz")]) }.open().unwrap();
        let headers = [("content-type", "text/csv"), ("accept", "text/csv")];
        assert_eq!(ask(&router, "POST", "/invocations", &headers, "1,2").status, status);
    }
}

#[test]
fn the_flag_sets_the_largest_batch() {
    let (_folder, named) = models();
    let args = HostArgs { max_payload_mb: 7, ..hosting(&[&named("a", "one.tar.gz")]) };
    let router = args.open().unwrap();
    let batch = format!("1,2{}", "\n".repeat((7 << 20) - 3));
    assert_eq!(ask(&router, "POST", "/invocations", &CSV, &batch).status, 200);
    assert_eq!(ask(&router, "POST", "/endpoints/a/invocations", &CSV, &batch).status, 400);
    // A job may wait an hour for a batch; InvokeEndpoint does not.
    assert_eq!(args.limits().response_timeout, BATCH_TIMEOUT);
    assert_eq!(hosting(&["a=b"]).limits().response_timeout, ConnectionLimits::default().response_timeout);
}

#[test]
fn reads_names_variants_and_sources() {
    let check = |text: &str, name: &str, variant: &str, weight: f32, source: VariantSource| {
        let parsed = parse_endpoint(text).unwrap();
        assert_eq!((parsed.name.as_str(), parsed.variant.as_str()), (name, variant), "{text}");
        assert_eq!((parsed.weight, parsed.source), (weight, source), "{text}");
    };
    let artifact = |path: &str| VariantSource::Artifact(path.into());
    check("a=b=c.tar.gz", "a", "AllTraffic", 1.0, artifact("b=c.tar.gz"));
    check("a/blue=x/y.tar.gz", "a", "blue", 1.0, artifact("x/y.tar.gz"));
    let url = || "http://127.0.0.1:9000".to_owned();
    check("a/green:0.5=http://127.0.0.1:9000", "a", "green", 0.5, VariantSource::Url(url()));
    let command = "python3 serve.py --x=1".to_owned();
    check(&format!("a=exec:{command}"), "a", "AllTraffic", 1.0, VariantSource::Command(command));
    for wrong in ["", "a", "=b", "a="] {
        assert!(parse_endpoint(wrong).unwrap_err().starts_with("expected NAME=MODEL, "), "{wrong}");
    }
    for weight in ["", "x", "-1", "inf", "NaN"] {
        let error = parse_endpoint(&format!("a/b:{weight}=c")).unwrap_err();
        assert_eq!(error, format!("invalid weight {weight:?} (expected a number from 0 on)"));
    }
}

#[track_caller]
fn check_refused(args: &HostArgs, folder: &Path, expected: Expect) {
    let error = format!("{:#}", args.open().unwrap_err());
    expected.assert_eq(&error.replace(folder.to_str().unwrap(), "FOLDER"));
}

#[test]
fn rejects_invalid_models_and_names() {
    let (folder, named) = models();
    fs::write(folder.path().join("none"), "no model").unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    let check = |endpoints: &[&str], expected| check_refused(&hosting(endpoints), folder.path(), expected);
    let one = named("a", "one.tar.gz");
    check(&[&one, &named("a", "two.tar.gz")], expect!["duplicate endpoint a"]);
    check(
        &[&one, &named("a_b", "two.tar.gz")],
        expect![[
            r#""a_b" is not an endpoint name: 1 to 63 letters, digits and hyphens, no hyphen first or last"#
        ]],
    );
    check(
        &[&named("a", "three.tar.gz")],
        expect!["cannot use the model FOLDER/three.tar.gz: no such file or folder"],
    );
    check(
        &[&named("a", "none")],
        expect![
            "cannot use the model FOLDER/none: the file is of an unknown kind, not a gzip archive (model.tar.gz): check the address it was downloaded from"
        ],
    );
    check(
        &[&named("a", "empty")],
        expect![[
            r#"cannot use the model FOLDER/empty: there is no file "model_algo-1"; a model is three files, model_algo-1, model_algo-1-labels.npy (or model_algo-1.labels) and model_algo-1.json"#
        ]],
    );
    check(
        &[],
        expect![
            "cannot use the model /nowhere/model: no such file or folder; a container's model is in its folder model/ (--opt-ml DIR); name other models by --endpoint NAME=MODEL"
        ],
    );
    check_refused(
        &HostArgs { server: with_fault("b=latency=1"), ..hosting(&[&one]) },
        folder.path(),
        expect!["--fault b: unknown endpoint (expected a)"],
    );
}

#[test]
fn faults_are_set_by_flag_and_by_clients() {
    let (_folder, named) = models();
    let router = HostArgs { server: with_fault("a=unavailable=1"), ..hosting(&[&named("a", "one.tar.gz")]) }
        .open()
        .unwrap();
    let invoke = || ask(&router, "POST", "/endpoints/a/invocations", &CSV, "1,2").status.as_u16();
    assert_eq!(invoke(), 503);
    assert_eq!(ask(&router, "PUT", "/chaos/a", &[], "{}").status, 200);
    assert_eq!(invoke(), 200);
    let faults = ask(&router, "PUT", "/chaos/a", &[], r#"{"throttling": 1}"#);
    assert_eq!(serde_json::from_slice::<Faults>(&faults.body).unwrap(), "throttling=1".parse().unwrap());
    assert_eq!(invoke(), 400);
}

#[test]
fn excess_requests_get_the_errors_of_their_routes() {
    let (_folder, named) = models();
    let router = HostArgs { server: with_fault("a=latency=1000"), ..hosting(&[&named("a", "one.tar.gz")]) }
        .open()
        .unwrap();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut requests = JoinSet::new();
        for _ in 0..MAX_IN_FLIGHT {
            requests.spawn(send(router.clone(), request("POST", "/invocations", &CSV, "1,2")));
        }
        // The clock moves only when all of them wait.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let ask = |method, path| send(router.clone(), request(method, path, &CSV, "1,2"));
        let service = ask("POST", "/endpoints/a/invocations").await;
        assert_eq!(
            (service.status.as_u16(), service.header("x-amzn-errortype")),
            (503, "ServiceUnavailable")
        );
        assert_eq!(service.header("x-amzn-requestid").len(), 36);
        assert_eq!(service.text(), r#"{"Message":"There are too many requests at once."}"#);
        let container = ask("POST", "/invocations").await;
        assert_eq!(
            (container.status.as_u16(), container.text()),
            (503, "There are too many requests at once.")
        );
        // Health checks, metrics and fault injection are not limited.
        assert_eq!(ask("GET", "/ping").await.status, 200);
        assert!(ask("GET", "/metrics").await.text().contains("http_requests_in_flight 1025"));
        assert_eq!(send(router.clone(), request("PUT", "/chaos/a", &[], "{}")).await.status, 200);
        assert!(requests.join_all().await.iter().all(|answer| answer.status == 200));
    });
}

#[test]
fn hosted_endpoints_are_described_and_listed() {
    let call = |target: &str, input: &str| {
        let answer = ask(&router(), "POST", "/", &[("x-amz-target", target)], input);
        (answer.status.as_u16(), serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap())
    };
    let (status, described) = call("SageMaker.DescribeEndpoint", r#"{"EndpointName": "knn-demo"}"#);
    assert_eq!((status, &described["EndpointStatus"]), (200, &"InService".into()), "{described}");
    assert_eq!(described["ProductionVariants"][0]["VariantName"], "AllTraffic");
    let (status, listed) = call("SageMaker.ListEndpoints", "{}");
    assert_eq!((status, &listed["Endpoints"][0]["EndpointName"]), (200, &"knn-demo".into()), "{listed}");
    let (status, error) = call("SageMaker.DescribeEndpoint", r#"{"EndpointName": "other"}"#);
    assert_eq!((status, &error["__type"]), (400, &"ValidationException".into()), "{error}");
    let (status, error) = call("SageMaker.CreateEndpoint", "{}");
    assert_eq!((status, &error["__type"]), (400, &"UnknownOperationException".into()), "{error}");
}
