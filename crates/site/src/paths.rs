//! The file of a path.

use std::borrow::Cow;

use mysfits_domain::Locale;

/// Test cases of paths, as JSON, for every host of the site: pairs of a path and its file.
pub const CASES: &str = include_str!("../cases/paths.json");

/// The file for the path of a folder.
const INDEX: &str = "index.html";

/// Returns the path of the home page in a language.
#[must_use]
pub const fn home(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "/",
        Locale::Ko => "/ko/",
    }
}

/// Returns the file of a path: for a folder its `index.html`, with or without a slash at the end.
///
/// A path whose last segment has a dot is a file, so a missing script is a 404 and not a page. There is no redirect between the two
/// forms, because a host that serves from a bucket does not know which folders exist. Each page has its canonical address (`og:url`).
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
    fn returns_the_files_of_all_cases() {
        let cases: Vec<(String, String)> = serde_json::from_str(super::CASES).unwrap();
        assert!(cases.len() > 10);
        for (path, file) in cases {
            assert_eq!(super::file(&path), file, "{path}");
        }
    }
}
