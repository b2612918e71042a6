//! For development: reloads pages in a browser when the site has changed.

use sha2::{Digest as _, Sha256};

use crate::file::{PackedFile, hash};

/// The file with the version of the site.
const VERSION: &str = "version.txt";

/// Adds a version, and a script to each page that reloads it when the version changes.
pub(crate) fn add(files: &mut Vec<PackedFile>) {
    let mut digest = Sha256::new();
    for file in files.iter() {
        digest.update(file.path.as_bytes());
        digest.update(&file.raw);
    }
    let version = hash(&digest.finalize());
    let script = PackedFile::hashed("reload", "js", script(&version).into_bytes());
    let tag = format!("<script type=\"module\" src=\"/{}\"></script>\n</head>", script.path);
    for file in files.iter_mut().filter(|file| file.path.ends_with("html")) {
        // The pages are valid UTF-8.
        file.raw = String::from_utf8_lossy(&file.raw).replacen("</head>", &tag, 1).into_bytes();
    }
    files.push(script);
    files.push(PackedFile::new(VERSION, version));
}

/// Returns the script. It requests the version twice a second and ignores errors, so the page stays while the server restarts.
fn script(version: &str) -> String {
    format!(
        "const version = \"{version}\";
const changed = async () => {{
  const response = await fetch(\"/{VERSION}\", {{ cache: \"no-store\" }});
  return response.ok && (await response.text()) !== version;
}};
setInterval(() => changed().then((is) => {{ if (is) location.reload(); }}, () => {{}}), 500);
"
    )
}
