//! For development: reloads pages in a browser when the site has changed.

use crate::{
    file::{PackedFile, version},
    script,
};

/// The file with the version of the site.
const VERSION: &str = "version.txt";

/// Adds a version, and a script to each page that reloads it when the version changes.
pub(crate) fn add(files: &mut Vec<PackedFile>) {
    let version = version(files.iter());
    let script = PackedFile::hashed("reload", "js", reload_script(&version).into_bytes());
    let tag = format!("<script type=\"module\" src=\"/{}\"></script>\n</head>", script.path);
    for file in files.iter_mut().filter(|file| file.is_page()) {
        // The pages are valid UTF-8.
        file.raw = String::from_utf8_lossy(&file.raw).replacen("</head>", &tag, 1).into_bytes();
    }
    files.push(script);
    files.push(PackedFile::new(VERSION, version));
}

/// Returns the script. It requests the version twice a second and ignores errors, so the page stays while the server restarts. It
/// removes the service worker of a build for visitors.
fn reload_script(version: &str) -> String {
    let reload = format!(
        "const version = \"{version}\";
const changed = async () => {{
  const response = await fetch(\"/{VERSION}\", {{ cache: \"no-store\" }});
  return response.ok && (await response.text()) !== version;
}};
setInterval(() => changed().then((is) => {{ if (is) location.reload(); }}, () => {{}}), 500);
"
    );
    reload + &script::without_comments(include_str!("uninstall.js"))
}
