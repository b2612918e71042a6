//! What the local cloud must refuse, and what must not reach its functions.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use mysfits_e2e::api::{AccessKey, Api, ApiAnswer};

/// A value in the environment of the local cloud, as a developer's real secrets are.
pub const MARKER: &str = "marker-of-the-developers-environment";
/// The variables that hold the marker.
pub const MARKED: [&str; 4] =
    ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GITHUB_TOKEN", "MYSFITS_E2E_MARKER"];

/// The variables in which the local cloud says where its parts listen.
const SITE: &str = "MYSFITS_SITE_EDGE";
const API: &str = "MYSFITS_API_EDGE";
const SERVICES: &str = "AWS_ENDPOINT_URL_SAGEMAKER";
const EMULATOR: &str = "AWS_ENDPOINT_URL";

const FOREIGN_PAGE: &str = "https://evil.example";
/// Creates a function from what a page may send without asking: a "simple request" of CORS.
const FUNCTIONS: &str = "/2015-03-31/functions";
const FUNCTION: &str = r#"{"FunctionName": "evil", "Runtime": "python3.12", "Handler": "evil.main",
    "Role": "arn:aws:iam::123456789012:role/evil", "Code": {"ZipFile": ""}}"#;

/// Web pages, foreign hosts, and callers without the cloud's access key are refused on every port.
pub async fn foreign_requests_are_refused(variables: &BTreeMap<String, String>) -> Result<()> {
    let at = |name: &str| Api::new(variables.get(name).with_context(|| format!("no {name}"))?);
    foreign_viewers_are_refused(variables).await?;
    tokio::try_join!(
        foreign_pages_are_refused(variables, SERVICES),
        foreign_pages_are_refused(variables, EMULATOR)
    )?;
    let emulator = at(EMULATOR)?;
    let function = Some(FUNCTION.as_bytes());
    for headers in
        [&[("Content-Type", "text/plain"), ("Origin", FOREIGN_PAGE)][..], &[("Content-Type", "text/plain")]]
    {
        let answer = emulator.ask("POST", FUNCTIONS, headers, function).await?;
        refused(&answer, &[403]).with_context(|| format!("CreateFunction with {headers:?}"))?;
    }
    for (method, path) in [
        ("POST", "/_ministack/reset"),
        ("POST", "/_ministack/config"),
        ("GET", "/bucket/key"),
        ("PUT", "/bucket"),
        ("GET", "/?Action=ListUsers"),
    ] {
        refused(&emulator.ask(method, path, &[], None).await?, &[403])
            .with_context(|| format!("unsigned {method} {path}"))?;
    }
    let services = at(SERVICES)?;
    let list = [("X-Amz-Target", "SageMaker.ListModels")];
    for (method, path) in [("POST", "/"), ("PUT", "/chaos/any"), ("POST", "/endpoints/any/invocations")] {
        refused(&services.ask(method, path, &list, Some(b"{}")).await?, &[403])
            .with_context(|| format!("unsigned {method} {path}"))?;
    }

    let own = AccessKey::from_variables(variables)?;
    let wrong = |id: &str, secret: &str| AccessKey { id: id.to_owned(), secret: secret.to_owned() };
    for key in [
        wrong(&own.id, "wrong"),
        wrong("test", "test"),
        wrong("123456789012", "test"),
        wrong("ASIA0000000000000000", &own.secret),
    ] {
        let signed = emulator.clone().signed("lambda", key.clone());
        refused(&signed.ask("GET", FUNCTIONS, &[], None).await?, &[403])
            .with_context(|| format!("Lambda with the key {}", key.id))?;
        let signed = emulator.clone().signed("s3", key.clone());
        refused(&signed.ask("GET", "/", &[], None).await?, &[403])
            .with_context(|| format!("S3 with the key {}", key.id))?;
        let signed = services.clone().signed("sagemaker", key.clone());
        refused(&signed.ask("POST", "/", &list, Some(b"{}")).await?, &[403])
            .with_context(|| format!("SageMaker with the key {}", key.id))?;
    }
    let answer = emulator.signed("lambda", own.clone()).ask("GET", FUNCTIONS, &[], None).await?;
    ensure!(answer.status == 200, "the cloud's own key: {} {}", answer.status, answer.body);
    ensure!(!answer.body.contains("evil"), "a function was created: {}", answer.body);
    let answer = services.signed("sagemaker", own).ask("POST", "/", &list, Some(b"{}")).await?;
    ensure!(answer.status == 200, "the cloud's own key: {} {}", answer.status, answer.body);
    Ok(())
}

/// Foreign hosts and web pages of foreign origins are refused on the ports of site and API.
pub async fn foreign_viewers_are_refused(variables: &BTreeMap<String, String>) -> Result<()> {
    let (site, api) = (foreign_pages_are_refused(variables, SITE), foreign_pages_are_refused(variables, API));
    tokio::try_join!(site, api)?;
    Ok(())
}

async fn foreign_pages_are_refused(variables: &BTreeMap<String, String>, name: &str) -> Result<()> {
    let api = Api::new(variables.get(name).with_context(|| format!("no {name}"))?)?;
    for host in ["evil.example", "evil.example:80", "abc.cloudfront.net", "192.0.2.1"] {
        for path in ["/", "/restapis/a/prod/_user_request_/x", "/_ministack/health"] {
            let answer = api.ask("GET", path, &[("Host", host)], None).await?;
            refused(&answer, &[421]).with_context(|| format!("host {host} at {name}{path}"))?;
        }
    }
    for origin in [FOREIGN_PAGE, "null", "http://127.0.0.1:1"] {
        for method in ["GET", "POST", "OPTIONS"] {
            let headers = [("Origin", origin), ("Access-Control-Request-Method", "POST")];
            let answer = api.ask(method, "/", &headers, None).await?;
            refused(&answer, &[403]).with_context(|| format!("{method} by {origin} at {name}"))?;
        }
    }
    // An own host leads to the emulator's administration no more than a foreign one.
    for path in ["/_ministack/reset", "/_ministack/config", "/2015-03-31/functions", "/v2/email/identities"] {
        for authorization in
            ["any", "AWS4-HMAC-SHA256 Credential=test/20261130/us-east-1/lambda/aws4_request"]
        {
            let answer = api.ask("POST", path, &[("Authorization", authorization)], Some(b"{}")).await?;
            refused(&answer, &[400, 403, 404, 503]).with_context(|| format!("{path} at {name}"))?;
        }
    }
    let headers = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")];
    let answer = api.ask("GET", "/", &headers, None).await?;
    refused(&answer, &[403]).with_context(|| format!("an image in a foreign page at {name}"))?;
    Ok(())
}

/// The response refuses, and no page may read it.
fn refused(answer: &ApiAnswer, statuses: &[u16]) -> Result<()> {
    ensure!(
        statuses.contains(&answer.status),
        "status {}, expected {statuses:?}: {}",
        answer.status,
        answer.body
    );
    let origin = answer.header("access-control-allow-origin");
    ensure!(origin.is_none(), "a page may read the response: {origin:?}");
    Ok(())
}

/// No process of the cloud has the marker in its environment, and no function has the cloud's own access key.
///
/// A function must be running: its process is kept for the next request.
pub fn environments_are_clean(cloud: u32, variables: &BTreeMap<String, String>) -> Result<()> {
    let own = AccessKey::from_variables(variables)?;
    let mut functions = 0;
    for process in descendants(cloud)? {
        // A process may have ended since.
        let Ok(environment) = fs::read(Path::new("/proc").join(process.to_string()).join("environ")) else {
            continue;
        };
        let environment = String::from_utf8_lossy(&environment);
        ensure!(!environment.contains(MARKER), "the developer's environment is in process {process}");
        for name in ["CARGO_", "RUSTUP_"] {
            ensure!(!environment.contains(name), "process {process} has inherited {name}*");
        }
        if environment.contains("AWS_LAMBDA_FUNCTION_NAME=") {
            functions += 1;
            ensure!(!environment.contains(&own.secret), "a function has the cloud's own access key");
        }
    }
    ensure!(functions > 0, "no function is running");
    Ok(())
}

/// Returns the processes that a process has started, and those that they have started.
fn descendants(root: u32) -> Result<Vec<u32>> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc")? {
        let Some(process) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // After the program's name, which is in parentheses: the state, and the parent.
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<u32>().ok());
        parents.extend(parent.map(|parent| (process, parent)));
    }
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(parents.iter().filter(|(_, of)| **of == parent).map(|(process, _)| *process));
        next += 1;
    }
    Ok(found.split_off(1))
}
