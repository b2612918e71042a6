//! The service worker, with which the site opens without a network.

use mysfits_site::{DECISION_TABLE, SERVICE_WORKER};

use crate::{
    file::{PackedFile, version},
    script::without_comments,
};

/// The page for unknown addresses. Only hosts send it.
const NOT_FOUND: &str = "404.html";

/// Adds the service worker, which installs all pages and what they need.
pub(crate) fn add(files: &mut Vec<PackedFile>) {
    let mut installed: Vec<&PackedFile> = files.iter().filter(|file| is_installed(file)).collect();
    installed.sort_by(|a, b| a.path.cmp(&b.path));
    let list: Vec<_> = installed.iter().map(|file| format!("\"/{}\"", file.path)).collect();
    let code = include_str!("service_worker.js")
        .replace("VERSION", &version(installed))
        .replace("\"FILES\"", &list.join(","))
        .replace("TABLE\"", &format!("{DECISION_TABLE}\""));
    files.push(PackedFile::new(SERVICE_WORKER, without_comments(&code)));
}

/// Returns the code that starts the service worker.
pub(crate) fn install_script() -> String {
    without_comments(&include_str!("install.js").replace("WORKER", SERVICE_WORKER))
}

/// Returns whether a file is installed: pages and the files that are named after their content. A page has only the fonts of its
/// language; the service worker keeps those that were used.
fn is_installed(file: &PackedFile) -> bool {
    let is_asset = file.path.starts_with("assets/") && !file.has_extension("woff2");
    is_asset || (file.is_page() && file.path != NOT_FOUND)
}
