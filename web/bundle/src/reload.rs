//! Reloading the page in a browser when the site has changed, for development.

use sha2::{Digest as _, Sha256};

use crate::{
    File,
    site::{hash, hashed},
};

/// The file that names the version of the site.
const VERSION: &str = "version.txt";

/// Adds the version, and a script to each page that reloads it when there is another version.
pub(crate) fn add(files: &mut Vec<File>) {
    let mut digest = Sha256::new();
    for file in files.iter() {
        digest.update(file.path.as_bytes());
        digest.update(&file.raw);
    }
    let version = hash(&digest.finalize());
    let script = hashed("reload", "js", script(&version).into_bytes());
    let tag = format!("<script type=\"module\" src=\"/{}\"></script>\n</head>", script.path);
    for file in files.iter_mut().filter(|file| file.path.ends_with("html")) {
        // Pages are texts of ours.
        file.raw = String::from_utf8_lossy(&file.raw).replacen("</head>", &tag, 1).into_bytes();
    }
    files.push(script);
    files.push(File::plain(VERSION, version));
}

/// Asks twice a second. While the site is replaced or the server is down there is no version, and the page stays.
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
