//! The built site: files, their headers, and missing files.

use std::{fs, path::Path};

use axum::Router;
use expect_test::expect;
use mysfits_server::{app::App, site::Site};
use mysfits_site::settings::SiteSettings;
use tempfile::TempDir;

use crate::support::{Answer, app, ask};

pub const FILES: [(&str, &str); 13] = [
    ("index.html", "<!doctype html><title>Mysfits</title>"),
    ("index.html.br", "index in br"),
    ("config.json", r#"{"recommendationsApiEndpoint": ""}"#),
    ("assets/page-0a1b2c.wasm", "\0asm, plain and long enough"),
    ("assets/page-0a1b2c.wasm.br", "wasm in br"),
    ("assets/page-0a1b2c.wasm.gz", "wasm in gzip"),
    ("assets/page-0a1b2c.js", "export {}"),
    ("assets/page-0a1b2c.css", "body {}"),
    ("art/coco.svg", "<svg/>"),
    ("favicon.ico", "icon"),
    ("service-worker.js", "addEventListener"),
    ("ko/index.html", "<!doctype html><title>Korean</title>"),
    ("mysfits/atlantis/index.html", "<!doctype html><title>Atlantis</title>"),
];

/// A site, in a folder beside a file that must not be served.
pub struct Served {
    pub router: Router,
    pub folder: TempDir,
}

pub fn served() -> Served {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    for (name, contents) in FILES {
        let path = folder.path().join("site").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }
    let site = Some(Site::open(&folder.path().join("site")).unwrap());
    Served { router: App { site, ..app() }.router(), folder }
}

impl Served {
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        ask(&self.router, "GET", path, headers, "")
    }
}

#[test]
fn files_have_content_types_and_security_headers() {
    let site = served();
    for (path, content_type, cache_control) in [
        ("/", "text/html", "no-cache"),
        ("/index.html", "text/html", "no-cache"),
        ("/config.json", "application/json", "no-cache"),
        ("/assets/page-0a1b2c.wasm", "application/wasm", "public, max-age=31536000, immutable"),
        ("/assets/page-0a1b2c.js", "text/javascript", "public, max-age=31536000, immutable"),
        ("/assets/page-0a1b2c.css", "text/css", "public, max-age=31536000, immutable"),
        ("/art/coco.svg", "image/svg+xml", "no-cache"),
        ("/favicon.ico", "image/x-icon", "no-cache"),
        ("/service-worker.js", "text/javascript", "no-cache"),
    ] {
        let answer = site.get(path, &[]);
        let found = (answer.status.as_u16(), answer.header("content-type"), answer.header("cache-control"));
        assert_eq!(found, (200, content_type, cache_control), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "strict-origin-when-cross-origin", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("'wasm-unsafe-eval'"), "{policy}");
        assert!(!policy.contains("'unsafe-inline'") && !policy.contains("'unsafe-eval'"), "{policy}");
    }
}

#[test]
fn precompressed_variants_are_served_to_clients_that_accept_them() {
    let site = served();
    let path = "/assets/page-0a1b2c.wasm";
    for (accept_encoding, content_encoding, body) in [
        ("gzip, deflate, br, zstd", "br", "wasm in br"),
        ("gzip, deflate", "gzip", "wasm in gzip"),
        ("br;q=0.1, gzip;q=1.0", "gzip", "wasm in gzip"),
        ("br;q=0", "", "\0asm, plain and long enough"),
        ("identity", "", "\0asm, plain and long enough"),
        ("", "", "\0asm, plain and long enough"),
    ] {
        let answer = site.get(path, &[("accept-encoding", accept_encoding)]);
        let found = (answer.header("content-encoding"), answer.text());
        assert_eq!(found, (content_encoding, body), "{accept_encoding}");
        // The type is the file's, not its compressed form's; caches must keep the forms apart.
        assert_eq!(answer.header("content-type"), "application/wasm");
        assert_eq!(answer.header("vary"), "accept-encoding");
        assert_eq!(answer.header("content-length"), body.len().to_string());
    }
    let answer = site.get("/", &[("accept-encoding", "br")]);
    assert_eq!((answer.header("content-encoding"), answer.text()), ("br", "index in br"));
    let answer = site.get("/config.json", &[("accept-encoding", "br, gzip")]);
    assert_eq!((answer.header("content-encoding"), answer.text()), ("", FILES[2].1));
}

#[test]
fn a_file_that_has_not_changed_is_not_sent_again() {
    let site = served();
    for path in ["/", "/config.json", "/assets/page-0a1b2c.wasm", "/art/coco.svg"] {
        let first = site.get(path, &[]);
        let etag = first.header("etag");
        assert!(etag.len() > 2, "{path}: {etag}");
        let again = site.get(path, &[("if-none-match", etag)]);
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path}");
        assert_eq!(again.header("etag"), etag);
        assert_eq!(again.header("cache-control"), first.header("cache-control"));
        assert_eq!(site.get(path, &[("if-none-match", "\"another\"")]).status, 200, "{path}");
        assert_eq!(
            site.get(path, &[("if-modified-since", first.header("last-modified"))]).status,
            304,
            "{path}"
        );
    }
}

#[test]
fn each_form_of_a_file_has_its_own_etag() {
    let site = served();
    let etag = |encoding| {
        let answer = site.get("/assets/page-0a1b2c.wasm", &[("accept-encoding", encoding)]);
        answer.header("etag").to_owned()
    };
    let etags = std::collections::BTreeSet::from([etag("br"), etag("gzip"), etag("identity")]);
    assert_eq!(etags.len(), 3, "{etags:?}");
}

#[test]
fn a_changed_file_is_sent_with_a_new_etag() {
    let site = served();
    let etag = site.get("/config.json", &[]).header("etag").to_owned();
    fs::write(site.folder.path().join("site/config.json"), r#"{"recommendationsApiEndpoint": null}"#)
        .unwrap();
    let answer = site.get("/config.json", &[("if-none-match", &etag)]);
    assert_eq!((answer.status.as_u16(), answer.text()), (200, r#"{"recommendationsApiEndpoint": null}"#));
    assert_ne!(answer.header("etag"), etag);
}

#[test]
fn head_is_get_without_the_body() {
    let site = served();
    let get = site.get("/config.json", &[]);
    let head = ask(&site.router, "HEAD", "/config.json", &[], "");
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    for header in ["content-type", "etag", "cache-control", "content-length"] {
        assert_eq!(head.header(header), get.header(header), "{header}");
    }
}

#[test]
fn a_byte_range_of_a_file_is_served() {
    let answer = served().get("/config.json", &[("range", "bytes=2-4")]);
    assert_eq!((answer.status.as_u16(), answer.text()), (206, "rec"));
}

#[test]
fn ignores_a_range_that_it_does_not_support() {
    let site = served();
    let whole = FILES[2].1;
    for range in ["items=0-1", "bytes", "bytes=", "bytes=4-2", "bytes=a-b", "bytes=0-1,3-4", "nonsense"] {
        for (path, expected) in [("/config.json", whole), ("/", FILES[0].1)] {
            let answer = site.get(path, &[("range", range)]);
            assert_eq!((answer.status.as_u16(), answer.text()), (200, expected), "{range}");
        }
    }
    let twice = site.get("/config.json", &[("range", "bytes=0-1"), ("range", "bytes=3-4")]);
    assert_eq!((twice.status.as_u16(), twice.text()), (200, whole));
    let conditional = site.get("/config.json", &[("range", "bytes=0-1"), ("if-range", "\"another\"")]);
    assert_eq!((conditional.status.as_u16(), conditional.text()), (200, whole));
    let head = ask(&site.router, "HEAD", "/config.json", &[("range", "bytes=0-1")], "");
    assert_eq!((head.status.as_u16(), head.header("content-length")), (200, &*whole.len().to_string()));
    let beyond = site.get("/config.json", &[("range", "bytes=9999-")]);
    assert_eq!((beyond.status.as_u16(), beyond.header("content-range")), (416, "bytes */34"));
}

#[test]
fn answers_404_to_a_path_that_no_file_system_has() {
    let site = served();
    let deep = |length: usize| format!("/{}", "a/".repeat(length / 2));
    let mut paths: Vec<_> =
        [252, 253, 255, 256, 4_000].iter().map(|&length| format!("/{}", "a".repeat(length))).collect();
    paths.extend([255, 256].map(|length| format!("/mysfits/{}", "a".repeat(length))));
    paths.extend([255, 256].map(|length| format!("/art/{}/coco.svg", "%41".repeat(length))));
    paths.extend([deep(4_000), deep(4_096), deep(4_098), deep(20_000), "/index.html%00".to_owned()]);
    for path in paths {
        for method in ["GET", "HEAD"] {
            for headers in [&[][..], &[BROWSER], &[("accept-encoding", "br, gzip")]] {
                let answer = ask(&site.router, method, &path, headers, "");
                assert_eq!(answer.status, 404, "{method}, {} bytes, {headers:?}", path.len());
            }
        }
    }
}

/// What Chromium sends when a person opens a page.
pub const BROWSER: (&str, &str) =
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8");

#[test]
fn browsers_get_the_page_with_status_404() {
    let site = served();
    for path in ["/nowhere", "/art/unknown.svg", "/assets/page-ffffff.js", "/recommendation", "/art/"] {
        let answer = site.get(path, &[BROWSER, ("accept-encoding", "br")]);
        let found = (answer.status.as_u16(), answer.header("content-type"), answer.header("cache-control"));
        assert_eq!(found, (404, "text/html", "no-cache"), "{path}");
        assert_eq!(answer.text(), FILES[0].1, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[test]
fn the_sites_404_page_is_served() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "first page").unwrap();
    fs::write(folder.path().join("404.html"), "not found").unwrap();
    let router = App { site: Some(Site::open(folder.path()).unwrap()), ..app() }.router();
    let answer = ask(&router, "GET", "/nowhere", &[BROWSER], "");
    assert_eq!((answer.status.as_u16(), answer.text()), (404, "not found"));
}

#[test]
fn programs_get_a_problem_document_with_status_404() {
    let site = served();
    for accept in ["*/*", "application/json", "text/css,*/*;q=0.1", "image/avif,image/webp,*/*;q=0.8"] {
        for path in ["/nowhere", "/assets/page-ffffff.js", "/art/unknown.svg"] {
            let answer = site.get(path, &[("accept", accept)]);
            let found = (answer.status.as_u16(), answer.header("content-type"));
            assert_eq!(found, (404, "application/problem+json"), "{accept} {path}");
            assert_eq!(answer.header("cache-control"), "", "a missing file must not be missing for ever");
            assert_eq!(answer.header("access-control-allow-origin"), "*");
        }
    }
    expect![[r#"{"type":"urn:mysfits:problem:not-found","title":"Not found","status":404,"detail":"not found; GET /openapi.json describes all paths"}"#]].assert_eq(site.get("/nowhere", &[]).text());
}

#[test]
fn other_methods_get_404() {
    let site = served();
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
        let answer = ask(&site.router, method, "/index.html", &[BROWSER], "");
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (404, "application/problem+json")
        );
    }
}

#[test]
fn files_outside_the_folder_are_not_served() {
    let site = served();
    let absolute = site.folder.path().join("secret.txt");
    let double = format!("/{}", absolute.display());
    for path in [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2E%2E%2Fsecret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/..\u{5c}secret.txt",
        "/....//secret.txt",
        "/%252e%252e/secret.txt",
        "/%2fetc/hostname",
        "//etc/hostname",
        "/index.html%00.svg",
        "/C:/secret.txt",
        &double,
    ] {
        for headers in [&[][..], &[BROWSER]] {
            let answer = site.get(path, headers);
            assert!(!String::from_utf8_lossy(&answer.body).contains("secret"), "{path}: {answer:?}");
            assert!(answer.status.is_client_error(), "{path}: {answer:?}");
        }
    }
}

#[test]
fn the_api_comes_before_the_site() {
    let site = served();
    fs::write(site.folder.path().join("site/health"), "not this one").unwrap();
    assert_eq!(site.get("/health", &[BROWSER]).header("content-type"), "application/json");
}

#[test]
fn rejects_a_folder_without_an_index_page() {
    let folder = tempfile::tempdir().unwrap();
    let error = Site::open(folder.path()).unwrap_err().to_string();
    assert_eq!(error, format!("{} holds no index.html; build the site first", folder.path().display()));
    assert!(Site::open(Path::new("/nowhere/at/all")).is_err());
}

#[test]
fn generated_files_replace_those_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "first page").unwrap();
    fs::write(folder.path().join("config.json"), "{}").unwrap();
    let mut site = Site::open(folder.path()).unwrap();
    site.add_file(mysfits_site::DECISION_TABLE, b"table").unwrap();
    let region = Some("local".to_owned());
    site.set_settings(SiteSettings { aws_region: region, ..SiteSettings::default() }).unwrap();
    let router = App { site: Some(site), ..app() }.router();
    for (path, content_type, part) in [
        ("/config.json", "application/json", "local"),
        ("/decision-table.bin", "application/octet-stream", "table"),
        ("/", "text/html", "first page"),
    ] {
        let answer = ask(&router, "GET", path, &[], "");
        let found = (answer.status.as_u16(), answer.header("content-type"), answer.header("cache-control"));
        assert_eq!(found, (200, content_type, "no-cache"), "{path}");
        assert!(answer.text().contains(part), "{path}");
        let again = ask(&router, "GET", path, &[("if-none-match", answer.header("etag"))], "");
        assert_eq!(again.status, 304, "{path}");
    }
}
