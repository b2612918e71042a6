//! Behaviour that the site shares with CloudFront: paths, the choice of the language, headers.

use std::fs;

use mysfits_server::{app::App, site::Site};

use crate::{
    site::{BROWSER, FILES, Served, served},
    support::{app, ask},
};

/// A site whose files contain their own names.
fn named(files: impl IntoIterator<Item = String>) -> Served {
    let folder = tempfile::tempdir().unwrap();
    for name in files.into_iter().chain(["/index.html".to_owned()]) {
        let path = folder.path().join("site").join(name.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    let site = Some(Site::open(&folder.path().join("site")).unwrap());
    Served { router: App { site, ..app() }.router(), folder }
}

#[test]
fn a_path_means_the_same_file_as_on_cloudfront() {
    let cases: Vec<(String, String)> = serde_json::from_str(mysfits_site::paths::CASES).unwrap();
    let site = named(cases.iter().map(|(_, file)| file.clone()));
    for (path, file) in cases {
        for accept in [BROWSER, ("accept", "*/*")] {
            let answer = site.get(&path, &[accept]);
            assert_eq!((answer.status.as_u16(), answer.text()), (200, file.as_str()), "{path}");
        }
    }
}

#[test]
fn a_folder_without_a_page_is_404() {
    let site = served();
    for path in ["/assets", "/assets/", "/art", "/art/", "/mysfits/"] {
        let answer = site.get(path, &[BROWSER]);
        assert_eq!((answer.status.as_u16(), answer.header("location")), (404, ""), "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
}

#[test]
fn ids_are_the_apis_and_names_are_the_sites() {
    const ATLANTIS: &str = "c0684344-1eb7-40e7-b334-06d25ac9268c";
    const UNKNOWN: &str = "00000000-0000-0000-0000-000000000000";
    let site = served();
    let check = |path: &str, accept, expected: (u16, &str)| {
        for method in ["GET", "HEAD"] {
            let answer = ask(&site.router, method, path, &[accept], "");
            assert_eq!((answer.status.as_u16(), answer.header("content-type")), expected, "{method} {path}");
        }
    };
    let (page, json, problem) = ("text/html", "application/json", "application/problem+json");
    let program = ("accept", "*/*");
    for accept in [BROWSER, program] {
        check("/mysfits", accept, (200, json));
        check(&format!("/mysfits/{ATLANTIS}"), accept, (200, json));
        check(&format!("/mysfits/{UNKNOWN}"), accept, (404, problem));
        check("/mysfits/atlantis", accept, (200, page));
        check("/mysfits/atlantis/", accept, (200, page));
        check("/mysfits/atlantis/?from=mail", accept, (200, page));
    }
    for path in
        ["/mysfits/unknown", "/mysfits/unknown/", "/mysfits/", "/ko/mysfits/unknown", "/mysfits/atlantis/x"]
    {
        check(path, BROWSER, (404, page));
        check(path, program, (404, problem));
    }
    check(&format!("/mysfits/{ATLANTIS}/"), BROWSER, (404, page));
    let answer = ask(&site.router, "POST", "/mysfits/atlantis", &[], "");
    assert_eq!(answer.status, 405, "other methods are the API's");
    // Where there is no site, all names are the API's.
    let alone = ask(&app().router(), "GET", "/mysfits/atlantis", &[BROWSER], "");
    assert_eq!((alone.status.as_u16(), alone.header("content-type")), (404, problem));
    assert!(alone.text().contains("unknown-mysfit"), "{}", alone.text());
}

#[test]
fn the_address_of_a_result_is_the_same_page_as_on_cloudfront() {
    let cases: Vec<(String, Option<String>)> = serde_json::from_str(mysfits_site::results::CASES).unwrap();
    let site = served();
    for (path, target) in cases {
        for method in ["GET", "HEAD"] {
            let answer = ask(&site.router, method, &path, &[BROWSER, ("host", "m.example")], "");
            let is_result = answer.header("cache-control") == "public, max-age=600";
            assert_eq!(is_result, target.is_some(), "{method} {path}: {answer:?}");
        }
        let Some(target) = target else { continue };
        let answer = site.get(&path, &[BROWSER, ("host", "m.example")]);
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, "text/html; charset=utf-8")
        );
        let page = answer.text();
        let language = if target.ends_with("?lang=ko") { "ko" } else { "en" };
        assert!(page.contains(&format!("<html lang=\"{language}\">")), "{path}: {page}");
    }
}

#[test]
fn a_shared_result_names_the_mysfit() {
    let site = served();
    for path in ["/r/88888/", "/r/88888"] {
        let answer = site.get(path, &[("accept", "*/*"), ("host", "m.example")]);
        for part in [
            "<title>My mysfit is Atlantis the ",
            "property=\"og:title\" content=\"My mysfit is Atlantis the ",
            "property=\"og:url\" content=\"http://m.example/r/88888/\"",
        ] {
            assert!(answer.text().contains(part), "{path}: {part}: {}", answer.text());
        }
    }
    let korean = site.get("/ko/r/88888/", &[BROWSER, ("host", "m.example")]);
    assert!(korean.text().contains("url=/ko/#quiz=88888"), "{}", korean.text());
}

#[test]
fn an_invalid_result_is_404() {
    let site = served();
    for path in ["/r/12340", "/r/12340/", "/ko/r/12340/", "/r/1234/", "/r/", "/r"] {
        let answer = site.get(path, &[BROWSER]);
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (404, "text/html"), "{path}");
        let answer = site.get(path, &[("accept", "*/*")]);
        let expected = (404, "application/problem+json");
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), expected, "{path}");
    }
}

#[test]
fn chooses_the_same_language_as_cloudfront() {
    let site = served();
    let cases: Vec<serde_json::Value> = serde_json::from_str(mysfits_site::language::CASES).unwrap();
    assert!(cases.len() > 40);
    for case in cases {
        let text = |key, default| case.get(key).and_then(|value| value.as_str()).unwrap_or(default);
        let (method, path) = (text("method", "GET"), text("path", "/"));
        let target =
            case.get("query").map_or(path.to_owned(), |query| format!("{path}?{}", query.as_str().unwrap()));
        let headers: Vec<(String, String)> = serde_json::from_value(case["headers"].clone()).unwrap();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = ask(&site.router, method, &target, &headers, "");
        let name = text("name", "");
        match case["location"].as_str() {
            Some(location) => {
                let found =
                    (answer.status.as_u16(), answer.header("location"), answer.header("cache-control"));
                assert_eq!(found, (302, location, "no-store"), "{name}");
            }
            None => assert_ne!(answer.status, 302, "{name}"),
        }
        let varies = answer.headers.get_all("vary").iter().any(|vary| vary == "accept-language, cookie");
        assert_eq!(varies, path == "/" && method != "OPTIONS", "{name}");
    }
}

#[test]
fn the_first_page_varies_by_language() {
    let site = served();
    let korean = ("accept-language", "ko-KR,ko;q=0.9,en;q=0.5");
    let answer = site.get("/", &[BROWSER, korean]);
    assert_eq!((answer.status.as_u16(), answer.header("location"), answer.body.len()), (302, "/ko/", 0));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(site.get("/ko/", &[BROWSER, korean]).text(), "<!doctype html><title>Korean</title>");
    let english = site.get("/?lang=en", &[BROWSER, korean]);
    assert_eq!((english.status.as_u16(), english.text()), (200, FILES[0].1));
}

#[test]
fn the_headers_are_those_of_the_distribution_without_what_needs_tls() {
    let template = mysfits_infra::Stack::Website.template();
    let resource = template.resources().find(|resource| resource.logical_id == "SecurityHeaders").unwrap();
    let config = &resource.properties["ResponseHeadersPolicyConfig"];
    let security = &config["SecurityHeadersConfig"];
    let policy = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"][0].as_str().unwrap();
    let policy = policy.replace("${Origins}", "").replace("; upgrade-insecure-requests", "");
    let mut expected = vec![
        ("content-security-policy".to_owned(), policy),
        ("x-content-type-options".to_owned(), "nosniff".to_owned()),
        ("x-frame-options".to_owned(), security["FrameOptions"]["FrameOption"].as_str().unwrap().to_owned()),
        (
            "referrer-policy".to_owned(),
            security["ReferrerPolicy"]["ReferrerPolicy"].as_str().unwrap().to_owned(),
        ),
    ];
    for header in config["CustomHeadersConfig"]["Items"].as_sequence().unwrap() {
        let text = |key| header[key].as_str().unwrap().to_owned();
        expected.push((text("Header").to_lowercase(), text("Value")));
    }
    // One each of the typed ones, and one for transport security, which is TLS's alone.
    assert_eq!(security.as_mapping().unwrap().len(), 5);
    let site = served();
    for path in ["/", "/ko/", "/config.json", "/assets/page-0a1b2c.js", "/nowhere"] {
        let answer = site.get(path, &[BROWSER]);
        for (name, value) in &expected {
            assert_eq!(answer.header(name), value, "{path}: {name}");
        }
        assert_eq!(answer.header("strict-transport-security"), "", "plain HTTP");
    }
}

#[test]
fn the_page_may_call_what_its_settings_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "page").unwrap();
    let settings = r#"{"recommendationsApiEndpoint": "https://b.example/prod", "mysfitsApiEndpoint": "http://127.0.0.1:9/x",
        "streamingApiEndpoint": "; script-src *", "questionsApiEndpoint": null}"#;
    fs::write(folder.path().join("config.json"), settings).unwrap();
    let router = App { site: Some(Site::open(folder.path()).unwrap()), ..app() }.router();
    let answer = ask(&router, "GET", "/", &[BROWSER], "");
    let policy = answer.header("content-security-policy");
    assert!(
        policy.contains("connect-src 'self' http://127.0.0.1:9 https://b.example; manifest-src"),
        "{policy}"
    );
}
