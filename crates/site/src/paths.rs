//! Which file a path means.

use std::borrow::Cow;

/// Test cases of paths, as JSON, for every host of the site: pairs of a path and its file.
pub const CASES: &str = include_str!("../cases/paths.json");

/// The file of a folder.
const INDEX: &str = "index.html";

/// The file that a path means: a folder means its `index.html`, with a slash at its end or without.
///
/// A last part with a dot is a file's own name and stays as it is: a missing script must be a 404 and not a page. There
/// is no redirect from one form to the other: who serves from a bucket does not know which folders there are and would
/// send every mistyped path on a detour; each page names its address itself (`og:url`).
///
/// ```
/// assert_eq!(mysfits_site::paths::file("/ko"), "/ko/index.html");
/// assert_eq!(mysfits_site::paths::file("/config.json"), "/config.json");
/// ```
#[must_use]
pub fn file(path: &str) -> Cow<'_, str> {
    match path.rsplit_once('/').map_or(path, |(_, name)| name) {
        "" => Cow::Owned(format!("{path}{INDEX}")),
        name if name.contains('.') => Cow::Borrowed(path),
        _ => Cow::Owned(format!("{path}/{INDEX}")),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_path_means_the_file_of_the_cases() {
        let cases: Vec<(String, String)> = serde_json::from_str(super::CASES).unwrap();
        assert!(cases.len() > 10);
        for (path, file) in cases {
            assert_eq!(super::file(&path), file, "{path}");
        }
    }
}
