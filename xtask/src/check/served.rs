//! The steps that ask the server: that it is there, its endpoint, its API, its site.

use std::{collections::BTreeMap, fs};

use serde_json::Value;

use super::{Findings, http, local::ENDPOINT};
use crate::workspace;

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
/// Where the page is, in each language.
const PAGES: [(&str, &str); 2] = [("/", "en"), ("/ko/", "ko")];

/// Checks that the server responds and recommends a mysfit.
pub fn server(url: &str) -> Findings {
    let mut findings = Findings::default();
    if findings.note(answers(url), START) {
        findings
            .note(recommends(url).map(|name| format!("the workshop's entry is recommended {name}")), START);
    }
    findings
}

/// Returns whether a server answers.
fn answers(url: &str) -> Result<String, String> {
    let health = http::get(&format!("{url}/health"))?;
    let health = health.json();
    match (health["status"].as_str(), health["backend"].as_str()) {
        (Some("ok"), Some(backend)) => Ok(format!("the server answers at {url}, backend {backend}")),
        _ => Err(format!("what answers at {url} is not this server")),
    }
}

/// Returns the name of the mysfit that is recommended for the workshop's entry.
pub fn recommends(api: &str) -> Result<String, String> {
    let answer = http::post(&format!("{api}/recommendations"), &[], ENTRY)?;
    let id = answer.json()["recommendedMysfit"].as_str().unwrap_or_default().to_owned();
    let name =
        mysfits()?.into_iter().find_map(|mysfit| (mysfit.id == id).then_some(mysfit.names["en"].clone()));
    name.ok_or_else(|| format!("status {}, no mysfit: {}", answer.status, answer.body))
}

/// Checks that the endpoint gives the API's answer in every format.
pub fn endpoint(url: &str) -> Findings {
    let mut findings = Findings::default();
    if !findings.note(answers(url), START) {
        return findings;
    }
    let ping = http::get(&format!("{url}/ping")).and_then(|answer| match answer.status {
        200 => Ok("the container's /ping answers 200".to_owned()),
        status => Err(format!("the container's /ping answers {status}")),
    });
    findings.note(ping, START);
    let mut labels = Vec::new();
    for (content_type, body) in FORMATS {
        let invoke = format!("{url}/endpoints/{ENDPOINT}/invocations");
        let headers = [&*format!("Content-Type: {content_type}"), "Accept: application/json"];
        let label = http::post(&invoke, &headers, body).and_then(|answer| {
            let label = answer.json()["predictions"][0]["predicted_label"].as_f64();
            label.ok_or_else(|| format!("{content_type}: status {}: {}", answer.status, answer.body))
        });
        labels.extend(label.as_ref().ok().copied());
        findings.note(label.map(|label| format!("{content_type}: predicted_label {label:.1}")), START);
    }
    let same = recommends(url).and_then(|name| {
        let named =
            |label: &f64| mysfits().ok().and_then(|all| Some(all.get(*label as usize)?.names["en"].clone()));
        if labels.iter().all(|label| named(label).as_ref() == Some(&name)) {
            Ok(format!("the API says the same: {name}"))
        } else {
            Err(format!("the API says {name}, the endpoint {labels:?}"))
        }
    });
    findings.note(same, START);
    findings
}

/// Checks that the API has a description, rejects invalid input, and allows browsers.
pub fn api(url: &str) -> Findings {
    let mut findings = Findings::default();
    if !findings.note(answers(url), START) {
        return findings;
    }
    let recommendations = format!("{url}/recommendations");
    let explained = http::post(&recommendations, &[], r#"{"entry": [1,2,3,4,5], "explain": true}"#);
    let explained = explained.and_then(|answer| {
        let explanation = &answer.json()["explanation"];
        let votes = explanation["votes"].as_array().into_iter().flatten();
        let n_votes: u64 = votes.filter_map(|vote| vote["count"].as_u64()).sum();
        match explanation["k"].as_u64() {
            Some(k) if k == n_votes => Ok(format!("an explanation: {k} neighbours, {n_votes} votes")),
            _ => Err(format!("no explanation: {}", answer.body)),
        }
    });
    findings.note(explained, START);
    let refused = http::post(&recommendations, &[], r#"{"entry": [1,2,9,4,5]}"#).and_then(|answer| {
        let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
        let is_problem = answer.status == 400 && answer.has("content-type", "application/problem+json");
        let is_readable = answer.has("access-control-allow-origin", "*");
        if is_problem && is_readable {
            Ok(format!("a problem, in words: {detail}"))
        } else {
            Err(format!("an impossible entry is answered {}: {}", answer.status, answer.body))
        }
    });
    findings.note(refused, START);
    let preflight = http::ask(&["--request", "OPTIONS", &recommendations], "").and_then(|answer| {
        if answer.status == 200 && answer.has("access-control-allow-origin", "*") {
            Ok("a browser may ask from another origin".to_owned())
        } else {
            Err(format!("OPTIONS is answered {}", answer.status))
        }
    });
    findings.note(preflight, START);
    findings
}

/// Checks that the page is served in both languages, with all mysfits and its code.
pub fn site(url: &str) -> Findings {
    let mut findings = Findings::default();
    if !findings.note(answers(url), START) {
        return findings;
    }
    for (path, language) in PAGES {
        findings.note(page(url, path, language), START);
    }
    let code = http::get(&format!("{url}/")).and_then(|answer| {
        let wasm = answer
            .body
            .split('"')
            .find(|word| word.starts_with("/assets/") && word.contains(".wasm"))
            .map(str::to_owned);
        let wasm = wasm.ok_or_else(|| "the page names no code".to_owned())?;
        let answer = http::ask(&["--head", &format!("{url}{wasm}")], "")?;
        if answer.has("content-type", "application/wasm") {
            Ok("the page's code is served as wasm".to_owned())
        } else {
            Err(format!("{wasm} is answered {}", answer.status))
        }
    });
    findings.note(code, START);
    findings
}

/// Checks that a page shows all mysfits in its language.
fn page(url: &str, path: &str, language: &str) -> Result<String, String> {
    let answer = http::get(&format!("{url}{path}"))?;
    let all = mysfits()?;
    let n_shown = all.iter().filter(|mysfit| answer.body.contains(&mysfit.names[language])).count();
    let is_right = answer.status == 200 && answer.body.contains(&format!("lang=\"{language}\""));
    if is_right && n_shown == all.len() {
        Ok(format!("{path} shows all {n_shown} mysfits ({language})"))
    } else {
        Err(format!(
            "{path} is answered {} and shows {n_shown} of {} mysfits ({language})",
            answer.status,
            all.len()
        ))
    }
}

/// A mysfit of the catalogue, as far as it is needed here.
struct ServedMysfit {
    id: String,
    names: BTreeMap<String, String>,
}

/// Returns the catalogue, by label.
fn mysfits() -> Result<Vec<ServedMysfit>, String> {
    let path = workspace::root().join("data/mysfits.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mysfit = |value: &Value| {
        let names = value["name"].as_object()?;
        let names =
            names.iter().filter_map(|(language, name)| Some((language.clone(), name.as_str()?.to_owned())));
        Some(ServedMysfit { id: value["mysfitId"].as_str()?.to_owned(), names: names.collect() })
    };
    let all: Option<Vec<_>> = file["mysfits"].as_array().into_iter().flatten().map(mysfit).collect();
    all.filter(|all| !all.is_empty()).ok_or_else(|| format!("{} has no mysfits", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_read_by_label() {
        let all = mysfits().unwrap();
        assert_eq!(all.len(), 12);
        assert_eq!((&*all[8].names["en"], &*all[8].names["ko"]), ("Atlantis", "아틀란티스"));
        assert_eq!(all[8].id, "c0684344-1eb7-40e7-b334-06d25ac9268c");
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
