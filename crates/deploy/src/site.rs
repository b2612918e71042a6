//! The site's files: upload order, media types, cache headers, and which old files are deleted. Pure.

use std::collections::BTreeSet;

use mysfits_site::{
    SERVICE_WORKER,
    settings::{CONFIG, SiteSettings},
};
use serde::{Deserialize, Serialize};

/// The folder of files with a content hash in their names.
pub const ASSETS: &str = "assets/";
/// The first page.
pub const INDEX: &str = "index.html";
/// The extension of pages.
const PAGE: &str = ".html";
/// The number of releases whose assets are kept, for pages that were opened before a deployment.
pub const MAX_RELEASES: usize = 3;
/// The cache policy of files with a content hash in their names.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// The cache policy of all other files: cached, but revalidated.
const REVALIDATE: &str = "no-cache";

/// The upload order: new assets before pages, so that no page refers to a missing file, and the service worker last, because
/// browsers that have it install the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UploadOrder {
    /// A file with a content hash in its name.
    Asset,
    /// Another file that pages refer to.
    Other,
    /// The settings of the pages.
    Config,
    /// A page.
    Page,
    /// The service worker.
    ServiceWorker,
}

impl UploadOrder {
    /// Returns the upload order of the file with this key.
    #[must_use]
    pub fn for_key(key: &str) -> Self {
        match key {
            CONFIG => Self::Config,
            SERVICE_WORKER => Self::ServiceWorker,
            key if key.starts_with(ASSETS) => Self::Asset,
            key if key.ends_with(PAGE) => Self::Page,
            _ => Self::Other,
        }
    }

    /// Returns the `Cache-Control` header of such a file.
    #[must_use]
    pub fn cache_control(self) -> &'static str {
        if self == Self::Asset { IMMUTABLE } else { REVALIDATE }
    }
}

/// Returns a file's media type by its extension; `None` if the extension is unknown.
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
        "bin" => "application/octet-stream",
        _ => return None,
    })
}

/// Returns the settings of a deployment: its own API, and the user's settings for the workshop's other
/// modules. Recommendations always come from the deployed API.
#[must_use]
pub fn settings(others: &SiteSettings, api_url: &str, region: &str) -> SiteSettings {
    SiteSettings {
        recommendations_api_endpoint: Some(api_url.to_owned()),
        aws_region: others.aws_region.clone().or_else(|| Some(region.to_owned())),
        ..others.clone()
    }
}

/// Returns the user's settings in those of a deployed site: without what [`settings`] adds for a region.
#[must_use]
pub fn users_settings(deployed: SiteSettings, region: &str) -> SiteSettings {
    SiteSettings {
        recommendations_api_endpoint: None,
        aws_region: deployed.aws_region.filter(|of_pool| of_pool != region),
        ..deployed
    }
}

/// Returns the origins that a page with these settings may call, as the template takes them.
#[must_use]
pub fn api_origins(settings: &SiteSettings) -> String {
    settings.origins().into_iter().collect::<Vec<_>>().join(" ")
}

/// One upload of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The number, from 1.
    pub number: u64,
    /// SHA-256 over all its keys and contents.
    pub sha256: String,
    /// The assets that its pages use.
    pub assets: BTreeSet<String>,
    /// Its pages, and its other files whose names hold no content hash.
    #[serde(default)]
    pub pages: BTreeSet<String>,
    /// Whether the caches were invalidated for it.
    #[serde(rename = "announced")]
    pub is_invalidated: bool,
}

/// The releases of the site, oldest first. They are stored in the artifact bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Releases(Vec<Release>);

impl Releases {
    /// Adds a release, unless it is the newest already.
    pub fn begin(&mut self, sha256: String, keys: impl IntoIterator<Item = String>) {
        if self.0.last().is_some_and(|newest| newest.sha256 == sha256) {
            return;
        }
        let number = self.0.last().map_or(1, |newest| newest.number + 1);
        let (assets, pages) = keys.into_iter().partition(|key| key.starts_with(ASSETS));
        self.0.push(Release { number, sha256, assets, pages, is_invalidated: false });
        let old = self.0.len().saturating_sub(MAX_RELEASES);
        self.0.drain(..old);
    }

    /// Returns the name of the invalidation for the newest release, if the caches were not invalidated for it
    /// yet.
    ///
    /// The number is part of the name, because CloudFront ignores a second invalidation of the same name. A
    /// page that returns to an earlier content needs another invalidation.
    #[must_use]
    pub fn pending_invalidation(&self) -> Option<String> {
        let newest = self.0.last().filter(|newest| !newest.is_invalidated)?;
        Some(format!("mysfits-{}-{}", newest.number, newest.sha256))
    }

    /// Records that the caches were invalidated for the newest release.
    pub fn set_invalidated(&mut self) {
        if let Some(newest) = self.0.last_mut() {
            newest.is_invalidated = true;
        }
    }

    /// Returns the pages and other files of earlier releases that the newest does not have.
    #[must_use]
    pub fn removed_pages(&self) -> BTreeSet<&str> {
        let Some((newest, earlier)) = self.0.split_last() else { return BTreeSet::new() };
        let of_earlier = earlier.iter().flat_map(|release| &release.pages).map(String::as_str);
        of_earlier.filter(|key| !newest.pages.contains(*key)).collect()
    }

    /// Returns the existing assets that no retained release uses.
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
        let mut keys = [
            "ko/mysfits/nessi/index.html",
            "index.html",
            "cards/nessi.png",
            "config.json",
            "assets/app-0f79.wasm",
            "404.html",
            "service-worker.js",
            "site.webmanifest",
            "decision-table.bin",
        ];
        keys.sort_by_key(|key| (UploadOrder::for_key(key), *key));
        assert_eq!(
            keys,
            [
                "assets/app-0f79.wasm",
                "cards/nessi.png",
                "decision-table.bin",
                "site.webmanifest",
                "config.json",
                "404.html",
                "index.html",
                "ko/mysfits/nessi/index.html",
                "service-worker.js",
            ]
        );
        assert_eq!(
            UploadOrder::for_key("assets/app-0f79.wasm").cache_control(),
            "public, max-age=31536000, immutable"
        );
        for key in [
            "cards/nessi.png",
            "config.json",
            "index.html",
            "ko/index.html",
            "decision-table.bin",
            "service-worker.js",
        ] {
            assert_eq!(UploadOrder::for_key(key).cache_control(), "no-cache", "{key}");
        }
    }

    #[test]
    fn content_types_are_known_or_refused() {
        assert_eq!(content_type("assets/app-0f79.wasm"), Some("application/wasm"));
        assert_eq!(content_type("index.html"), Some("text/html; charset=utf-8"));
        assert_eq!(content_type("service-worker.js"), Some("text/javascript; charset=utf-8"));
        assert_eq!(content_type("robots.txt"), Some("text/plain; charset=utf-8"));
        assert_eq!(content_type("cards/nessi.png"), Some("image/png"));
        assert_eq!(content_type("site.webmanifest"), Some("application/manifest+json"));
        assert_eq!(content_type("decision-table.bin"), Some("application/octet-stream"));
        assert_eq!(content_type("a.b/file"), None);
        assert_eq!(content_type("thing.exe"), None);
    }

    #[test]
    fn the_users_settings_are_read_back() {
        for json in ["{}", r#"{"mysfitsApiEndpoint": "https://b/x"}"#] {
            let users = SiteSettings::parse(json.as_bytes()).unwrap();
            let deployed = settings(&users, "https://a/prod", "eu-west-1");
            assert_eq!(users_settings(deployed, "eu-west-1"), users, "{json}");
        }
        let elsewhere = r#"{"questionsApiEndpoint": "https://a/q", "cognitoUserPoolId": "us-east-2_abc",
            "cognitoUserPoolClientId": "client", "awsRegion": "us-east-2"}"#;
        let users = SiteSettings::parse(elsewhere.as_bytes()).unwrap();
        assert_eq!(users_settings(settings(&users, "https://a/prod", "eu-west-1"), "eu-west-1"), users);
    }

    #[test]
    fn a_deployment_adds_its_own_to_what_was_set() {
        let of = |json: &str| {
            settings(&SiteSettings::parse(json.as_bytes()).unwrap(), "https://a/prod", "eu-west-1")
        };
        let json = serde_json::to_value(of("{}")).unwrap();
        let expected =
            serde_json::json!({"recommendationsApiEndpoint": "https://a/prod", "awsRegion": "eu-west-1"});
        assert_eq!(json, expected);
        assert_eq!(api_origins(&of("{}")), "https://a");

        let others = of(r#"{"mysfitsApiEndpoint": "https://b/x", "questionsApiEndpoint": "https://a/q",
                "cognitoUserPoolId": "us-east-2_abc", "cognitoUserPoolClientId": "client", "awsRegion": "us-east-2"}"#);
        assert_eq!(others.aws_region.as_deref(), Some("us-east-2"), "the pool may be elsewhere");
        assert_eq!(api_origins(&others), "https://a https://b https://cognito-idp.us-east-2.amazonaws.com");
    }

    #[test]
    fn keeps_the_assets_of_three_releases_and_invalidates_each_once() {
        let mut releases = Releases::default();
        let begin = |releases: &mut Releases, name: &str| {
            releases.begin(name.to_owned(), [format!("assets/{name}.js"), format!("{name}.html")]);
        };
        begin(&mut releases, "a");
        assert_eq!(releases.pending_invalidation().as_deref(), Some("mysfits-1-a"));
        begin(&mut releases, "a");
        assert_eq!(
            releases.pending_invalidation().as_deref(),
            Some("mysfits-1-a"),
            "a killed upload is the same release"
        );
        releases.set_invalidated();
        assert_eq!(releases.pending_invalidation(), None);
        begin(&mut releases, "b");
        begin(&mut releases, "a");
        assert_eq!(
            releases.pending_invalidation().as_deref(),
            Some("mysfits-3-a"),
            "a rollback needs an invalidation"
        );
        begin(&mut releases, "c");
        begin(&mut releases, "d");
        let there =
            ["assets/a.js", "assets/b.js", "assets/c.js", "assets/d.js", "art/x.svg", "assets/odd.js"];
        assert_eq!(releases.outdated(there), ["assets/b.js", "assets/odd.js"]);
    }

    #[test]
    fn pages_that_a_release_no_longer_has_are_removed() {
        let mut releases = Releases::default();
        let begin = |releases: &mut Releases, number: u8, keys: &[&str]| {
            releases.begin(number.to_string(), keys.iter().map(|key| (*key).to_owned()));
        };
        begin(&mut releases, 1, &["index.html", "old/index.html", "cards/old.png", "assets/a.js"]);
        assert!(releases.removed_pages().is_empty());
        begin(&mut releases, 2, &["index.html", "new/index.html", "assets/b.js"]);
        assert_eq!(releases.removed_pages(), BTreeSet::from(["cards/old.png", "old/index.html"]));
        begin(&mut releases, 3, &["index.html", "old/index.html"]);
        assert_eq!(releases.removed_pages(), BTreeSet::from(["cards/old.png", "new/index.html"]));
        let list = r#"[{"number": 1, "sha256": "x", "assets": [], "announced": true}]"#;
        let written_before: Releases = serde_json::from_str(list).unwrap();
        assert!(written_before.removed_pages().is_empty());
    }
}
