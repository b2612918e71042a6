//! The packed folder: complete, reproducible, replaced atomically.

use std::{collections::BTreeMap, fs, path::Path, sync::LazyLock};

use mysfits_bundle::{PackedSite, write};
use mysfits_site::sharing::{ROBOTS, SITEMAP, with_origin};

const GLUE: &[u8] = b"export default () => {};";
const WASM: &[u8] = b"\0asm-stand-in";

/// Packed once: compression takes seconds.
fn site() -> &'static PackedSite {
    static SITE: LazyLock<PackedSite> =
        LazyLock::new(|| PackedSite::assemble(GLUE.repeat(20), WASM.repeat(50)));
    &SITE
}

fn read(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(&current).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("inside").to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

#[test]
fn writes_all_files_with_their_compressed_versions() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let out = place.path().join("deep/site");
    write(site(), &out).expect("written");
    let files = read(&out);
    for name in [
        "index.html",
        "index.html.br",
        "index.html.gz",
        "404.html",
        "config.json",
        "favicon.svg",
        "robots.txt",
        "service-worker.js",
        "service-worker.js.br",
        "sitemap.xml",
        "site.webmanifest",
        "apple-touch-icon.png",
    ] {
        assert!(files.contains_key(name), "{name} is missing");
    }
    let count = |prefix: &str, suffix: &str| {
        files.keys().filter(|name| name.starts_with(prefix) && name.ends_with(suffix)).count()
    };
    assert_eq!(count("art/", ".svg"), 16);
    assert_eq!(count("art/", ".svg.br"), 16);
    assert_eq!((count("cards/", ".png"), count("ko/cards/", ".png")), (13, 13));
    assert_eq!((count("assets/coco-", ".svg"), count("assets/banner", ".svg.br")), (1, 4));
    assert_eq!(count("", ".png.br"), 0);
    assert_eq!(
        (count("assets/app-", ".wasm"), count("assets/app-", ".js"), count("assets/style-", ".css")),
        (1, 1, 1)
    );
    // Temporary folders are removed.
    assert_eq!(fs::read_dir(place.path().join("deep")).expect("a folder").count(), 1);
}

#[test]
fn every_path_in_a_page_is_a_file() {
    let site = site();
    let paths: Vec<_> = site.files().iter().map(|file| format!("/{}", file.path)).collect();
    let pages: Vec<_> = site.files().iter().filter(|file| file.path.ends_with("html")).collect();
    // The home page, the page about the site and twelve profiles in two languages, and the 404 page.
    assert_eq!(pages.len(), 14 * 2 + 1);
    for page in pages {
        let html = String::from_utf8(page.raw.clone()).expect("text");
        for attribute in ["src=\"", "href=\"", "content=\"/", "\"image\":\"", "\"url\":\""] {
            for rest in html.split(attribute).skip(1) {
                let (address, _) = rest.split_once('"').expect("an attribute ends");
                let address = format!("/{}", address.trim_start_matches('/'));
                let path = address.split(['#', '?']).next().unwrap_or_default();
                // The path of a folder means its index.html.
                let file = if path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
                assert!(paths.contains(&file), "{}: {address} is not packed", page.path);
            }
        }
    }
    let loader = site.files().iter().find(|file| file.path.starts_with("assets/loader-")).expect("a loader");
    let loader = String::from_utf8(loader.raw.clone()).expect("text");
    for path in loader.split('"').filter(|part| part.starts_with('/')) {
        assert!(paths.iter().any(|known| known == path), "{path} is not packed");
    }
}

/// Files with a hash in their names are not requested again.
#[test]
fn pages_show_drawings_that_are_named_after_their_content() {
    let site = site();
    for file in site.files().iter().filter(|file| file.path.ends_with("html")) {
        assert!(!text(site, &file.path).contains("\"/art/"), "{}", file.path);
    }
    let home = text(site, "index.html");
    assert_eq!(
        home.matches("src=\"/assets/coco-").count(),
        3,
        "in its card, its profile and the visitor's list"
    );
    let [hashed, plain] = ["assets/coco-", "art/coco.svg"]
        .map(|path| site.files().iter().find(|file| file.path.starts_with(path)).expect("a portrait"));
    assert_eq!(hashed.raw, plain.raw);
}

/// Returns the files that a service worker installs.
fn installed(worker: &str) -> Vec<&str> {
    let (_, rest) = worker.split_once("const FILES = [").expect("a list");
    let (list, _) = rest.split_once(']').expect("the list ends");
    list.split(',').map(|path| path.trim_matches('"').trim_start_matches('/')).collect()
}

#[test]
fn the_service_worker_installs_all_pages_and_assets() {
    let site = site();
    let worker = text(site, "service-worker.js");
    // A page loads only the fonts of its language.
    let is_installed = |path: &&str| match *path {
        "404.html" => false,
        path => path.ends_with("html") || (path.starts_with("assets/") && !path.ends_with("woff2")),
    };
    let expected: Vec<_> = site.files().iter().map(|file| &*file.path).filter(is_installed).collect();
    assert_eq!(installed(worker), expected);
    assert!(expected.len() > 13 * 2 + 13, "{expected:?}");
    assert!(worker.contains("const TABLE = \"/decision-table.bin\";"), "{worker}");
    let loader = site.files().iter().find(|file| file.path.starts_with("assets/loader-")).expect("a loader");
    assert!(str::from_utf8(&loader.raw).expect("text").contains(".register(\"/service-worker.js\")"));
}

fn text<'a>(site: &'a PackedSite, path: &str) -> &'a str {
    let file = site.files().iter().find(|file| file.path == path).expect("a file");
    str::from_utf8(&file.raw).expect("text")
}

#[test]
fn the_sitemap_lists_every_page_but_the_404_page() {
    let site = site();
    let sitemap = with_origin(text(site, SITEMAP), "https://m.example");
    let listed: Vec<_> =
        sitemap.split("<loc>").skip(1).map(|rest| rest.split("</loc>").next().unwrap_or_default()).collect();
    let pages = site.files().iter().filter_map(|file| file.path.strip_suffix("index.html"));
    let pages: Vec<_> = pages.map(|folder| format!("https://m.example/{folder}")).collect();
    assert_eq!(listed.len(), pages.len());
    for page in &pages {
        assert!(listed.contains(&page.as_str()), "{page} is not in the sitemap");
        assert_eq!(sitemap.matches(&format!("href=\"{page}\"")).count(), 2, "{page} in both languages");
    }
    let robots = with_origin(text(site, ROBOTS), "https://m.example");
    assert!(robots.ends_with("\nSitemap: https://m.example/sitemap.xml\n"), "{robots}");
}

#[test]
fn pages_reload_in_development() {
    let site = |sheet: &str| {
        let code = b"export default () => {};".repeat(20);
        PackedSite::assemble_for_development(code, b"\0asm-stand-in".repeat(50), sheet.to_owned())
    };
    let first = site("a { color: red }");
    let version = text(&first, "version.txt");
    let script = first.files().iter().find(|file| file.path.starts_with("assets/reload-")).expect("a script");
    let source = str::from_utf8(&script.raw).expect("text");
    assert!(source.starts_with(&format!("const version = \"{version}\";\n")), "{source}");
    assert!(source.contains("registration.unregister()"), "{source}");
    for file in first.files() {
        assert_ne!(file.path, "service-worker.js");
        assert!(
            !file.path.ends_with("js") || !text(&first, &file.path).contains(".register("),
            "{}",
            file.path
        );
    }
    let tag = format!("<script type=\"module\" src=\"/{}\"></script>\n</head>", script.path);
    for page in first.files().iter().filter(|file| file.path.ends_with("html")) {
        let html = str::from_utf8(&page.raw).expect("text");
        assert_eq!(html.matches(&tag).count(), 1, "{}", page.path);
    }
    assert!(first.files().iter().all(|file| file.gzip.is_none() && file.brotli.is_none()));
    assert_eq!(site("a { color: red }"), first);
    assert_ne!(text(&site("a { color: blue }"), "version.txt"), version);
}

#[test]
fn pages_do_not_reload_in_production() {
    let site = site();
    for file in site.files() {
        assert!(file.path != "version.txt" && !file.path.starts_with("assets/reload-"), "{}", file.path);
        let is_page = file.path.ends_with("html");
        assert!(!is_page || !text(site, &file.path).contains("assets/reload-"), "{}", file.path);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(&PackedSite::assemble(GLUE.repeat(20), WASM.repeat(50)), site());
}

#[test]
fn a_changed_site_has_another_cache() {
    let cache = |site| text(site, "service-worker.js").lines().next().expect("a line").to_owned();
    let changed = PackedSite::assemble(GLUE.repeat(20), WASM.repeat(51));
    assert!(cache(site()).starts_with("const CACHE = \"mysfits-"), "{}", cache(site()));
    assert_ne!(cache(site()), cache(&changed));
}

#[test]
fn replaces_an_existing_folder() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let out = place.path().join("site");
    fs::create_dir(&out).expect("a folder");
    fs::write(out.join("leftover"), "old").expect("a file");
    write(site(), &out).expect("written");
    assert!(!out.join("leftover").exists() && out.join("index.html").exists());
}

#[test]
fn rejects_invalid_wasm_and_writes_nothing() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let (wasm, out) = (place.path().join("page.wasm"), place.path().join("site"));
    fs::write(&wasm, "not wasm").expect("a file");
    let error = mysfits_bundle::bundle(&wasm, &out, true).expect_err("invalid");
    assert!(error.to_string().contains("page.wasm"), "{error}");
    assert!(!out.exists());
}
