//! How the site's files go up: which first, as what, kept how long; and which of the old ones go. Pure.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The folder of the files that are named after their content.
pub const ASSETS: &str = "assets/";
/// The page.
pub const INDEX: &str = "index.html";
/// The page's settings, which this tool writes.
pub const CONFIG: &str = "config.json";
/// How many releases' assets stay, so that a page opened before a deployment still finds its own.
pub const RELEASES_KEPT: usize = 3;
/// For files whose content never changes under their name.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For all others: kept, but asked about each time.
const ASK_EACH_TIME: &str = "no-cache";

/// When a file goes up: new assets first, for nothing names them yet; what names them last, so that no page ever names
/// what is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// Named after its content.
    Asset,
    /// Named by pages, naming nothing.
    Other,
    /// The page's settings.
    Config,
    /// The page itself.
    Index,
}

impl Turn {
    /// The turn of the file with this key.
    #[must_use]
    pub fn of(key: &str) -> Self {
        match key {
            INDEX => Self::Index,
            CONFIG => Self::Config,
            key if key.starts_with(ASSETS) => Self::Asset,
            _ => Self::Other,
        }
    }

    /// What caches may do with such a file.
    #[must_use]
    pub fn cache_control(self) -> &'static str {
        if self == Self::Asset { FOR_EVER } else { ASK_EACH_TIME }
    }
}

/// A file's media type, by its ending; none for an ending that is not known: nothing is guessed.
#[must_use]
pub fn content_type(key: &str) -> Option<&'static str> {
    let ending = key.rsplit('/').next()?.rsplit_once('.')?.1;
    Some(match ending {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/vnd.microsoft.icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        _ => return None,
    })
}

/// The page's settings: what `web` reads at run time.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Config<'a> {
    /// Where recommendations come from.
    pub recommendations_api_endpoint: &'a str,
    /// Where the module is deployed.
    pub aws_region: &'a str,
}

/// The origin of a URL: scheme and authority, as a content security policy names it.
///
/// Returns `None` for what has no scheme or no host.
#[must_use]
pub fn origin(url: &str) -> Option<&str> {
    let start = url.find("://")? + 3;
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |length| start + length);
    (end > start).then(|| &url[..end])
}

/// One upload of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Counted from 1.
    pub number: u64,
    /// SHA-256 over all its keys and contents.
    pub sha256: String,
    /// The assets that its page names.
    pub assets: BTreeSet<String>,
    /// Whether the caches were told of it.
    pub announced: bool,
}

/// The uploads of the site, oldest first: kept beside the function's code, so that a later run knows what is old.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Releases(Vec<Release>);

impl Releases {
    /// Adds a release, unless it is the newest already.
    pub fn begin(&mut self, sha256: String, assets: BTreeSet<String>) {
        if self.0.last().is_some_and(|newest| newest.sha256 == sha256) {
            return;
        }
        let number = self.0.last().map_or(1, |newest| newest.number + 1);
        self.0.push(Release { number, sha256, assets, announced: false });
        let old = self.0.len().saturating_sub(RELEASES_KEPT);
        self.0.drain(..old);
    }

    /// The newest release, if the caches were not told of it yet: to be announced under this name.
    ///
    /// The number is part of the name, for CloudFront takes an announcement of the same name for the same one: a page
    /// that goes back to what it was must be announced again.
    #[must_use]
    pub fn to_announce(&self) -> Option<String> {
        let newest = self.0.last().filter(|newest| !newest.announced)?;
        Some(format!("mysfits-{}-{}", newest.number, newest.sha256))
    }

    /// Notes that the caches were told of the newest release.
    pub fn announced(&mut self) {
        if let Some(newest) = self.0.last_mut() {
            newest.announced = true;
        }
    }

    /// Of the assets that are there, those that no kept release names.
    #[must_use]
    pub fn outdated<'a>(&self, there: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let is_kept = |key: &str| self.0.iter().any(|release| release.assets.contains(key));
        there.into_iter().filter(|key| key.starts_with(ASSETS) && !is_kept(key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_goes_up_after_everything_it_names() {
        let mut keys = ["index.html", "art/nessi.svg", "config.json", "assets/app-0f79.wasm", "404.html"];
        keys.sort_by_key(|key| (Turn::of(key), *key));
        assert_eq!(keys, ["assets/app-0f79.wasm", "404.html", "art/nessi.svg", "config.json", "index.html"]);
        assert_eq!(Turn::of("assets/app-0f79.wasm").cache_control(), "public, max-age=31536000, immutable");
        assert_eq!(Turn::of("art/nessi.svg").cache_control(), "no-cache");
        assert_eq!(Turn::of("sub/index.html"), Turn::Other);
    }

    #[test]
    fn content_types_are_known_or_refused() {
        assert_eq!(content_type("assets/app-0f79.wasm"), Some("application/wasm"));
        assert_eq!(content_type("index.html"), Some("text/html; charset=utf-8"));
        assert_eq!(content_type("robots.txt"), Some("text/plain; charset=utf-8"));
        assert_eq!(content_type("a.b/file"), None);
        assert_eq!(content_type("thing.exe"), None);
    }

    #[test]
    fn an_origin_is_scheme_and_authority() {
        assert_eq!(
            origin("https://a1.execute-api.eu-west-1.amazonaws.com/prod/"),
            Some("https://a1.execute-api.eu-west-1.amazonaws.com")
        );
        assert_eq!(origin("http://127.0.0.1:4566/a/prod"), Some("http://127.0.0.1:4566"));
        assert_eq!(origin("https://x.example"), Some("https://x.example"));
        assert_eq!(origin("https:///path"), None);
        assert_eq!(origin("x.example"), None);
    }

    #[test]
    fn the_settings_have_the_names_that_the_page_reads() {
        let config = Config { recommendations_api_endpoint: "https://a/prod", aws_region: "eu-west-1" };
        let json = serde_json::to_value(config).expect("plain data");
        assert_eq!(
            json,
            serde_json::json!({"recommendationsApiEndpoint": "https://a/prod", "awsRegion": "eu-west-1"})
        );
    }

    #[test]
    fn assets_stay_for_three_releases_and_each_is_announced_once() {
        let mut releases = Releases::default();
        let begin = |releases: &mut Releases, name: &str| {
            releases.begin(name.to_owned(), BTreeSet::from([format!("assets/{name}.js")]));
        };
        begin(&mut releases, "a");
        assert_eq!(releases.to_announce().as_deref(), Some("mysfits-1-a"));
        begin(&mut releases, "a");
        assert_eq!(
            releases.to_announce().as_deref(),
            Some("mysfits-1-a"),
            "a killed upload is the same release"
        );
        releases.announced();
        assert_eq!(releases.to_announce(), None);
        begin(&mut releases, "b");
        begin(&mut releases, "a");
        assert_eq!(releases.to_announce().as_deref(), Some("mysfits-3-a"), "going back is announced anew");
        begin(&mut releases, "c");
        begin(&mut releases, "d");
        let there =
            ["assets/a.js", "assets/b.js", "assets/c.js", "assets/d.js", "art/x.svg", "assets/odd.js"];
        assert_eq!(releases.outdated(there), ["assets/b.js", "assets/odd.js"]);
    }
}
