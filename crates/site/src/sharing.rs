//! Metadata for search engines and link previews: titles, cards, addresses in both languages.
//!
//! Both require absolute URLs, and the origin of the site is not known when a page is rendered. Pages are rendered with paths, to
//! which the host adds its origin ([`with_origin`]).

use std::path::Path;

use mysfits_domain::{Locale, LocalizedText};

/// The name of the site.
pub const SITE_NAME: LocalizedText = LocalizedText { en: "Mythical Mysfits", ko: "미시컬 미스핏츠" };

/// Width and height of the cards, in pixels.
pub const CARD_SIZE: (u32, u32) = (1200, 630);

/// The name of the home page's card; the cards of the mysfits are named after their slugs.
pub const HOME_CARD: &str = "mysfits";

/// Returns the path of a card in a language.
#[must_use]
pub fn card_path(locale: Locale, name: &str) -> String {
    format!("{}cards/{name}.png", crate::paths::home(locale))
}

/// The metadata of a page.
#[derive(Debug, Clone, Copy)]
pub struct PageMetadata<'a> {
    /// The type in the Open Graph protocol.
    pub kind: &'a str,
    /// The language.
    pub locale: Locale,
    /// The title.
    pub title: &'a str,
    /// One or two sentences.
    pub summary: &'a str,
    /// The path in each language, in the order of [`Locale::ALL`].
    pub paths: &'a [String; 2],
    /// The path of the card.
    pub card: &'a str,
}

impl PageMetadata<'_> {
    /// Returns the path of the page in its language.
    #[must_use]
    pub fn path(&self) -> &str {
        let [english, korean] = self.paths;
        if self.locale == Locale::En { english } else { korean }
    }

    /// Returns the elements for a page's `<head>`, one a line.
    #[must_use]
    pub fn to_html(&self) -> String {
        let Self { kind, locale, paths: [english, korean], card, .. } = *self;
        let [title, summary] = [self.title, self.summary].map(escape);
        let path = self.path();
        let territory = match locale {
            Locale::En => "en_US",
            Locale::Ko => "ko_KR",
        };
        let (width, height) = CARD_SIZE;
        let site = SITE_NAME.get(locale);
        format!(
            r#"<title>{title}</title>
<meta name="description" content="{summary}">
<link rel="canonical" href="{path}">
<link rel="alternate" hreflang="en" href="{english}">
<link rel="alternate" hreflang="ko" href="{korean}">
<link rel="alternate" hreflang="x-default" href="{english}">
<meta property="og:type" content="{kind}">
<meta property="og:site_name" content="{site}">
<meta property="og:title" content="{title}">
<meta property="og:description" content="{summary}">
<meta property="og:locale" content="{territory}">
<meta property="og:url" content="{path}">
<meta property="og:image" content="{card}">
<meta property="og:image:width" content="{width}">
<meta property="og:image:height" content="{height}">
<meta property="og:image:alt" content="{title}">
<meta name="twitter:card" content="summary_large_image">
"#
        )
    }
}

/// Escapes a text for an attribute's value or an element's content.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// The beginnings of URLs in metadata: `<meta>` and `<link>` elements, JSON-LD, the sitemap, and robots.txt.
const BEFORE_PATHS: [&str; 9] = [
    "content=\"",
    "rel=\"canonical\" href=\"",
    "hreflang=\"en\" href=\"",
    "hreflang=\"ko\" href=\"",
    "hreflang=\"x-default\" href=\"",
    "\"url\":\"",
    "\"image\":\"",
    "<loc>",
    "Sitemap: ",
];

/// Returns whether a file of the site has URLs to which [`with_origin`] adds the origin.
#[must_use]
pub fn needs_origin(key: &str) -> bool {
    Path::new(key).extension().is_some_and(|extension| extension == "html")
        || [SITEMAP, ROBOTS].contains(&key)
}

/// The path of the sitemap, without a leading slash.
pub const SITEMAP: &str = "sitemap.xml";
/// The path of the file for crawlers, without a leading slash.
pub const ROBOTS: &str = "robots.txt";

/// Returns a page, the sitemap or robots.txt with absolute URLs in its metadata: paths get the site's origin, such as
/// `https://mysfits.example`. What follows the head of a page stays the same, because hydration expects it.
#[must_use]
pub fn with_origin(text: &str, origin: &str) -> String {
    let (head, rest) = text.find("</head>").map_or((text, ""), |end| text.split_at(end));
    let origin = origin.trim_end_matches('/');
    let add = |head: String, before: &str| head.replace(&format!("{before}/"), &format!("{before}{origin}/"));
    BEFORE_PATHS.into_iter().fold(head.to_owned(), add) + rest
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn adds_the_origin_to_paths_in_metadata_only() {
        let page = "<link rel=\"canonical\" href=\"/\"><link rel=\"alternate\" hreflang=\"ko\" href=\"/ko/\">\
                    <link rel=\"icon\" href=\"/favicon.svg\">\
                    <meta property=\"og:image\" content=\"/cards/hasla.png\">\
                    <meta name=\"description\" content=\"A / B\"><script>{\"url\":\"/\"}</script></head>\
                    <a hreflang=\"ko\" href=\"/ko/\"></a>";
        assert_eq!(
            with_origin(page, "https://m.example/"),
            "<link rel=\"canonical\" href=\"https://m.example/\">\
             <link rel=\"alternate\" hreflang=\"ko\" href=\"https://m.example/ko/\">\
             <link rel=\"icon\" href=\"/favicon.svg\">\
             <meta property=\"og:image\" content=\"https://m.example/cards/hasla.png\">\
             <meta name=\"description\" content=\"A / B\"><script>{\"url\":\"https://m.example/\"}</script></head>\
             <a hreflang=\"ko\" href=\"/ko/\"></a>"
        );
        assert_eq!(with_origin("<loc>/ko/</loc>", "https://m.example"), "<loc>https://m.example/ko/</loc>");
        let robots = "User-agent: *\nAllow: /\nSitemap: /sitemap.xml\n";
        let expected = "User-agent: *\nAllow: /\nSitemap: https://m.example/sitemap.xml\n";
        assert_eq!(with_origin(robots, "https://m.example"), expected);
    }

    #[test]
    fn only_pages_and_files_for_crawlers_need_the_origin() {
        for key in ["index.html", "ko/mysfits/gary/index.html", "sitemap.xml", "robots.txt"] {
            assert!(needs_origin(key), "{key}");
        }
        for key in ["assets/style-1.css", "config.json", "art/gary.svg", "cards/gary.png"] {
            assert!(!needs_origin(key), "{key}");
        }
    }

    #[test]
    fn texts_are_escaped() {
        let metadata = PageMetadata {
            kind: "website",
            locale: Locale::Ko,
            title: "\"A\" & <b>",
            summary: "Two > one",
            paths: &["/".to_owned(), "/ko/".to_owned()],
            card: &card_path(Locale::Ko, HOME_CARD),
        };
        expect![[r#"
            <title>&quot;A&quot; &amp; &lt;b></title>
            <meta name="description" content="Two > one">
            <link rel="canonical" href="/ko/">
            <link rel="alternate" hreflang="en" href="/">
            <link rel="alternate" hreflang="ko" href="/ko/">
            <link rel="alternate" hreflang="x-default" href="/">
            <meta property="og:type" content="website">
            <meta property="og:site_name" content="미시컬 미스핏츠">
            <meta property="og:title" content="&quot;A&quot; &amp; &lt;b>">
            <meta property="og:description" content="Two > one">
            <meta property="og:locale" content="ko_KR">
            <meta property="og:url" content="/ko/">
            <meta property="og:image" content="/ko/cards/mysfits.png">
            <meta property="og:image:width" content="1200">
            <meta property="og:image:height" content="630">
            <meta property="og:image:alt" content="&quot;A&quot; &amp; &lt;b>">
            <meta name="twitter:card" content="summary_large_image">
        "#]]
        .assert_eq(&metadata.to_html());
    }
}
