//! The steps that ask the server: that it is there, its endpoint, its API, its site.

use mysfits_domain::{Locale, catalogue};

use super::{Findings, http, local::ENDPOINT};

/// How to get a server.
const START: &str = "cargo xtask dev   (in another terminal; it goes on until Ctrl-C)";
/// The workshop's data point.
const ENTRY: &str = r#"{"entry": [1,2,3,4,5]}"#;
/// The bodies of the same question in the formats of SageMaker's k-NN that are text.
const FORMATS: [(&str, &str); 3] = [
    ("text/csv", "1,2,3,4,5"),
    ("application/json", r#"{"instances": [{"features": [1, 2, 3, 4, 5]}]}"#),
    ("application/jsonlines", r#"{"features": [1, 2, 3, 4, 5]}"#),
];

/// A check of the server at a URL: what was found, or what is wrong.
type ServerCheck<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// Makes checks of a server, if there is one.
fn check(url: &str, checks: &[ServerCheck<'_>]) -> Findings {
    let mut findings = Findings::default();
    if findings.note(answers(url), START) {
        for check in checks {
            findings.note(check(url), START);
        }
    }
    findings
}

/// Returns `good` if the condition holds, else `bad`.
fn expect(condition: bool, good: impl Into<String>, bad: impl Into<String>) -> Result<String, String> {
    if condition { Ok(good.into()) } else { Err(bad.into()) }
}

/// Checks that the server responds and recommends a mysfit.
pub fn server(url: &str) -> Findings {
    check(url, &[&|url| recommends(url).map(|name| format!("the workshop's entry is recommended {name}"))])
}

/// Returns whether a server answers.
fn answers(url: &str) -> Result<String, String> {
    let health = http::get(&format!("{url}/health"))?.json();
    match (health["status"].as_str(), health["backend"].as_str()) {
        (Some("ok"), Some(backend)) => Ok(format!("the server answers at {url}, backend {backend}")),
        _ => Err(format!("what answers at {url} is not this server")),
    }
}

/// Returns the name of the mysfit that is recommended for the workshop's entry.
pub fn recommends(api: &str) -> Result<&'static str, String> {
    let answer = http::post(&format!("{api}/recommendations"), &[], ENTRY)?;
    let name = answer.json()["recommendedMysfit"].as_str().and_then(name_of);
    name.ok_or_else(|| format!("status {}, no mysfit: {}", answer.status, answer.body))
}

fn name_of(id: &str) -> Option<&'static str> {
    catalogue().iter().find(|mysfit| mysfit.id.as_str() == id).map(|mysfit| mysfit.name.en)
}

/// Checks that the endpoint gives the API's answer in every format.
pub fn endpoint(url: &str) -> Findings {
    let mut findings = check(url, &[&ping]);
    let is_running = findings.0.len() > 1;
    if !is_running {
        return findings;
    }
    let mut labels = Vec::new();
    for (content_type, body) in FORMATS {
        let label = predicts(url, content_type, body);
        labels.extend(label.as_ref().ok().copied());
        findings.note(label.map(|label| format!("{content_type}: predicted_label {label:.1}")), START);
    }
    let same = recommends(url).and_then(|name| {
        let is_same =
            |label: &f64| catalogue().get(*label as usize).is_some_and(|mysfit| mysfit.name.en == name);
        expect(
            labels.iter().all(is_same),
            format!("the API says the same: {name}"),
            format!("the API says {name}, the endpoint {labels:?}"),
        )
    });
    findings.note(same, START);
    findings
}

fn ping(url: &str) -> Result<String, String> {
    let status = http::get(&format!("{url}/ping"))?.status;
    let answered = format!("the container's /ping answers {status}");
    expect(status == 200, answered.clone(), answered)
}

/// Returns the label that the endpoint predicts for a body.
fn predicts(url: &str, content_type: &str, body: &str) -> Result<f64, String> {
    let headers = [&*format!("Content-Type: {content_type}"), "Accept: application/json"];
    let answer = http::post(&format!("{url}/endpoints/{ENDPOINT}/invocations"), &headers, body)?;
    let label = answer.json()["predictions"][0]["predicted_label"].as_f64();
    label.ok_or_else(|| format!("{content_type}: status {}: {}", answer.status, answer.body))
}

/// Checks that the API has a description, rejects invalid input, and allows browsers.
pub fn api(url: &str) -> Findings {
    check(url, &[&explains, &rejects_invalid_entries, &allows_browsers])
}

fn explains(url: &str) -> Result<String, String> {
    let body = r#"{"entry": [1,2,3,4,5], "explain": true}"#;
    let answer = http::post(&format!("{url}/recommendations"), &[], body)?;
    let explanation = &answer.json()["explanation"];
    let votes = explanation["votes"].as_array().into_iter().flatten();
    let n_votes: u64 = votes.filter_map(|vote| vote["count"].as_u64()).sum();
    match explanation["k"].as_u64() {
        Some(k) if k == n_votes => Ok(format!("an explanation: {k} neighbours, {n_votes} votes")),
        _ => Err(format!("no explanation: {}", answer.body)),
    }
}

fn rejects_invalid_entries(url: &str) -> Result<String, String> {
    let answer = http::post(&format!("{url}/recommendations"), &[], r#"{"entry": [1,2,9,4,5]}"#)?;
    let is_problem = answer.status == 400 && answer.has("content-type", "application/problem+json");
    expect(
        is_problem && answer.has("access-control-allow-origin", "*"),
        format!("a problem, in words: {}", answer.json()["detail"].as_str().unwrap_or_default()),
        format!("an impossible entry is answered {}: {}", answer.status, answer.body),
    )
}

fn allows_browsers(url: &str) -> Result<String, String> {
    let answer = http::ask(&["--request", "OPTIONS", &format!("{url}/recommendations")], "")?;
    expect(
        answer.status == 200 && answer.has("access-control-allow-origin", "*"),
        "a browser may ask from another origin",
        format!("OPTIONS is answered {}", answer.status),
    )
}

/// Checks that the page is served in both languages, with all mysfits and its code.
pub fn site(url: &str) -> Findings {
    check(url, &[&|url| page(url, "/", Locale::En), &|url| page(url, "/ko/", Locale::Ko), &code])
}

/// Checks that a page shows all mysfits in its language.
fn page(url: &str, path: &str, locale: Locale) -> Result<String, String> {
    let (answer, language) = (http::get(&format!("{url}{path}"))?, locale.code());
    let n_shown = catalogue().iter().filter(|mysfit| answer.body.contains(mysfit.name.get(locale))).count();
    let is_right = answer.status == 200 && answer.body.contains(&format!("lang=\"{language}\""));
    let (n_all, status) = (catalogue().len(), answer.status);
    expect(
        is_right && n_shown == n_all,
        format!("{path} shows all {n_shown} mysfits ({language})"),
        format!("{path} is answered {status} and shows {n_shown} of {n_all} mysfits ({language})"),
    )
}

/// Checks that the code that a page names is there.
fn code(url: &str) -> Result<String, String> {
    let page = http::get(&format!("{url}/"))?.body;
    let is_code = |word: &&str| word.starts_with("/assets/") && word.contains(".wasm");
    let wasm = page.split('"').find(is_code).ok_or("the page names no code")?;
    let answer = http::ask(&["--head", &format!("{url}{wasm}")], "")?;
    expect(
        answer.has("content-type", "application/wasm"),
        "the page's code is served as wasm",
        format!("{wasm} is answered {}", answer.status),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_recommended_mysfits() {
        assert_eq!(name_of("c0684344-1eb7-40e7-b334-06d25ac9268c"), Some("Atlantis"));
        assert_eq!(name_of("c0684344"), None);
    }

    #[test]
    fn without_a_server_the_way_to_one_is_told() {
        // Port 1 has no listener.
        for check in [server, endpoint, api, site] {
            let findings = check("http://127.0.0.1:1");
            assert_eq!(findings.0.len(), 1);
            assert_eq!(findings.0[0].remedy.as_deref(), Some(START));
        }
    }
}
