//! Absolute URLs in pages, sitemap and robots.txt, by the site's origin.

use std::{collections::BTreeSet, fs, io::Read as _, path::Path};

use axum::Router;
use mysfits_server::{app::App, site::Site};
use tempfile::TempDir;

use crate::{
    site::BROWSER,
    support::{Answer, app, ask},
};

const ORIGIN: &str = "https://mysfits.example";
/// The page of a language. The link in its body stays as it is.
const PAGE: &str = r#"<!doctype html><head><title>TITLE</title><link rel="canonical" href="PATH">
<link rel="alternate" hreflang="ko" href="/ko/"><link rel="icon" href="/favicon.svg">
<meta property="og:url" content="PATH"><meta property="og:image" content="/cards/mysfits.png">
<script type="application/ld+json">{"url":"PATH"}</script></head><body><a hreflang="ko" href="/ko/">한국어</a></body>"#;

fn page(title: &str, path: &str) -> String {
    PAGE.replace("TITLE", title).replace("PATH", path)
}

/// The names and contents of a site's files.
fn files(title: &str) -> Vec<(&'static str, String)> {
    vec![
        ("index.html", page(title, "/")),
        ("ko/index.html", page(title, "/ko/")),
        ("mysfits/atlantis/index.html", page(title, "/mysfits/atlantis/")),
        ("404.html", page(title, "/404.html")),
        ("sitemap.xml", format!("<!-- {title} --><urlset><url><loc>/ko/</loc></url></urlset>")),
        ("robots.txt", format!("# {title}\nUser-agent: *\nAllow: /\nSitemap: /sitemap.xml\n")),
        ("art/coco.svg", "<svg><a content=\"/\"/></svg>".to_owned()),
    ]
}

/// Writes a site, with files in place of its compressed variants if it has such.
fn write(site: &Path, files: Vec<(&str, String)>, has_variants: bool) {
    for (name, content) in files {
        let path = site.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        for extension in ["gz", "br"].into_iter().filter(|_| has_variants) {
            fs::write(path.with_added_extension(extension), "compressed by the bundler").unwrap();
        }
    }
}

struct Served {
    router: Router,
    folder: TempDir,
}

fn served(has_variants: bool) -> Served {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("site"), files("First"), has_variants);
    let site = Site::open(&folder.path().join("site")).unwrap().with_origin(ORIGIN.to_owned());
    Served { router: App { site: Some(site), ..app() }.router(), folder }
}

impl Served {
    fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        ask(&self.router, "GET", path, headers, "")
    }

    /// Replaces the site by another, as the bundler does.
    fn replace(&self, files: Vec<(&str, String)>, has_variants: bool) {
        let [site, old, new] = ["site", "old", "new"].map(|name| self.folder.path().join(name));
        write(&new, files, has_variants);
        fs::rename(&site, old).unwrap();
        fs::rename(new, site).unwrap();
    }
}

/// Returns the content of a response.
fn content(answer: &Answer) -> String {
    let mut text = String::new();
    match answer.header("content-encoding") {
        "gzip" => {
            flate2::read::GzDecoder::new(&*answer.body).read_to_string(&mut text).unwrap();
        }
        "br" => {
            brotli::Decompressor::new(&*answer.body, 4096).read_to_string(&mut text).unwrap();
        }
        encoding => {
            assert_eq!(encoding, "");
            answer.text().clone_into(&mut text);
        }
    }
    text
}

#[test]
fn pages_have_absolute_urls_in_their_metadata() {
    let expected = r#"<!doctype html><head><title>First</title><link rel="canonical" href="https://mysfits.example/ko/">
<link rel="alternate" hreflang="ko" href="https://mysfits.example/ko/"><link rel="icon" href="/favicon.svg">
<meta property="og:url" content="https://mysfits.example/ko/"><meta property="og:image" content="https://mysfits.example/cards/mysfits.png">
<script type="application/ld+json">{"url":"https://mysfits.example/ko/"}</script></head><body><a hreflang="ko" href="/ko/">한국어</a></body>"#;
    let site = served(true);
    for path in ["/ko/", "/ko", "/ko/index.html", "/%6Bo/ind%65x.html", "/./ko//index.html"] {
        assert_eq!(site.get(path, &[]).text(), expected, "{path}");
    }
}

#[test]
fn all_forms_of_a_file_have_absolute_urls_and_their_own_etags() {
    let site = served(true);
    for (path, content_type, part) in [
        ("/", "text/html", "rel=\"canonical\" href=\"https://mysfits.example/\""),
        ("/ko/", "text/html", "rel=\"canonical\" href=\"https://mysfits.example/ko/\""),
        ("/mysfits/atlantis", "text/html", "content=\"https://mysfits.example/mysfits/atlantis/\""),
        ("/sitemap.xml", "text/xml", "<loc>https://mysfits.example/ko/</loc>"),
        ("/robots.txt", "text/plain", "\nSitemap: https://mysfits.example/sitemap.xml\n"),
    ] {
        let mut etags = BTreeSet::new();
        for encoding in ["", "gzip", "br"] {
            let accept = ("accept-encoding", encoding);
            let answer = site.get(path, &[accept]);
            assert_eq!(
                (answer.status.as_u16(), answer.header("content-encoding")),
                (200, encoding),
                "{path}"
            );
            assert!(content(&answer).contains(part), "{path}, {encoding}: {}", content(&answer));
            assert_eq!(answer.header("content-type"), content_type, "{path}, {encoding}");
            assert_eq!(answer.header("content-length"), answer.body.len().to_string(), "{path}, {encoding}");
            assert_eq!(answer.header("cache-control"), "no-cache", "{path}, {encoding}");
            assert!(answer.headers.get_all("vary").iter().any(|vary| vary == "accept-encoding"), "{path}");

            let etag = answer.header("etag");
            let again = site.get(path, &[accept, ("if-none-match", etag)]);
            assert_eq!((again.status.as_u16(), again.header("etag")), (304, etag), "{path}, {encoding}");
            let head = ask(&site.router, "HEAD", path, &[accept], "");
            assert_eq!((head.status.as_u16(), head.header("etag")), (200, etag), "{path}, {encoding}");
            etags.insert(etag.to_owned());
        }
        assert_eq!(etags.len(), 3, "{path}: {etags:?}");
    }
}

#[test]
fn other_files_are_served_as_they_are() {
    let site = served(true);
    assert_eq!(site.get("/art/coco.svg", &[]).text(), "<svg><a content=\"/\"/></svg>");
    let compressed = site.get("/art/coco.svg", &[("accept-encoding", "br")]);
    assert_eq!(compressed.text(), "compressed by the bundler");
}

#[test]
fn the_404_page_has_absolute_urls() {
    let site = served(true);
    for path in ["/nowhere", "/nowhere/index.html", "/unknown.html"] {
        let answer = site.get(path, &[BROWSER]);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("content=\"https://mysfits.example/404.html\""), "{path}");
        assert_eq!(site.get(path, &[]).header("content-type"), "application/problem+json", "{path}");
    }
}

#[test]
fn a_file_has_the_compressed_forms_that_it_has_in_the_folder() {
    let site = served(false);
    let answer = site.get("/", &[("accept-encoding", "br, gzip")]);
    assert_eq!(answer.header("content-encoding"), "");
    assert!(answer.text().contains("href=\"https://mysfits.example/\""), "{}", answer.text());
}

#[test]
fn a_replaced_site_is_served_with_new_etags() {
    let site = served(true);
    let encodings = ["", "gzip", "br"];
    let get =
        |encoding: &str, etag: &str| site.get("/", &[("accept-encoding", encoding), ("if-none-match", etag)]);
    let first = encodings.map(|encoding| get(encoding, "").header("etag").to_owned());
    site.replace(files("The second"), true);
    let second = encodings.map(|encoding| {
        let answer = get(encoding, &first.join(", "));
        assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (200, encoding));
        let text = content(&answer);
        assert!(text.contains("The second") && text.contains("href=\"https://mysfits.example/\""), "{text}");
        answer.header("etag").to_owned()
    });
    // The third has no compressed variants: those of the second are not served.
    fs::remove_dir_all(site.folder.path().join("old")).unwrap();
    site.replace(files("Number three"), false);
    for encoding in encodings {
        let answer = get(encoding, &second.join(", "));
        assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (200, ""));
        assert!(answer.text().contains("Number three"), "{}", answer.text());
    }
}

#[test]
fn a_removed_page_is_not_served() {
    let site = served(true);
    assert_eq!(site.get("/ko/", &[]).status, 200);
    site.replace(vec![("index.html", page("Alone", "/"))], true);
    assert_eq!(site.get("/ko/", &[]).status, 404);
}

#[test]
fn the_origin_does_not_depend_on_the_request() {
    let site = served(true);
    let headers =
        [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "https")];
    for path in ["/", "/ko/", "/sitemap.xml", "/robots.txt"] {
        assert_eq!(site.get(path, &headers).text(), site.get(path, &[]).text());
        assert!(!site.get(path, &headers).text().contains("evil"), "{path}");
    }
}

#[test]
fn a_byte_range_of_a_page_is_served() {
    let answer = served(true).get("/robots.txt", &[("range", "bytes=2-6")]);
    assert_eq!((answer.status.as_u16(), answer.text()), (206, "First"));
}

#[test]
fn a_page_that_is_not_utf_8_is_served_as_it_is() {
    let site = served(false);
    fs::write(site.folder.path().join("site/index.html"), b"content=\"/\xff\"").unwrap();
    assert_eq!(site.get("/", &[]).body, b"content=\"/\xff\"");
}
