//! Prerenders the pages as HTML files.
//!
//! Needs no server and no async runtime. Hydration expects the HTML exactly as it is rendered here, so nothing may minify or format
//! it afterwards.

mod structured_data;

use leptos::prelude::*;
use mysfits_domain::{Locale, MysfitId};
use mysfits_site::sharing::{HOME_CARD, PageMetadata, card_path};

use crate::{
    APP_ID, CONFIG_URI, art,
    components::footer::LoadError,
    i18n::{AboutText, MESSAGES_ID, Messages, StaticText, interpolate},
    pages::{AboutPage, HomePage, NotFoundPage, ProfilePage},
    state::{StaticPage, home_path},
};

/// The paths of the files to which a page refers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    /// The script that loads the code.
    pub loader: String,
    /// The JavaScript that wasm-bindgen generates.
    pub glue: String,
    /// The wasm file.
    pub wasm: String,
    /// The style sheet.
    pub style: String,
    /// The icon.
    pub favicon: String,
    /// The fonts of the headings, in the order of [`FONTS`](crate::fonts::FONTS).
    pub fonts: [String; 2],
}

/// Returns the path of the web manifest in a language.
#[must_use]
pub fn manifest_uri(locale: Locale) -> String {
    home_path(locale) + "site.webmanifest"
}

/// Returns all pages.
pub fn pages() -> impl Iterator<Item = StaticPage> {
    [StaticPage::Home, StaticPage::About].into_iter().chain(MysfitId::all().map(StaticPage::Profile))
}

/// Returns the path of a page's file, without a leading slash.
#[must_use]
pub fn path(page: StaticPage, locale: Locale) -> String {
    page.path(locale).trim_start_matches('/').to_owned() + "index.html"
}

/// Returns the content of a page's `<body>`. With code, it is the element that is hydrated, the dynamic texts, and the message about code
/// that does not load.
#[must_use]
pub fn content(page: StaticPage, locale: Locale) -> String {
    let body = Owner::new().with(|| match page {
        StaticPage::Home => view! { <HomePage locale/> }.to_html(),
        StaticPage::Profile(id) => view! { <ProfilePage id locale/> }.to_html(),
        StaticPage::About => view! { <AboutPage locale/> }.to_html(),
    });
    if page == StaticPage::About {
        return body;
    }
    let elements = match page {
        StaticPage::Home => format!(" data-elements=\"{}\"", count_elements(&body)),
        // Not hydrated.
        StaticPage::Profile(_) | StaticPage::About => String::new(),
    };
    let error = Owner::new().with(|| view! { <LoadError locale/> }.to_html());
    let messages = Messages::new(locale).to_lines();
    format!(
        r#"<div class="load-error" data-load-error role="alert" hidden>{error}</div>
<div id="{APP_ID}"{elements}>{body}</div>
<script type="text/plain" id="{MESSAGES_ID}">{messages}</script>"#
    )
}

/// Returns the number of elements in `html`, without those in templates, which are not part of the document.
fn count_elements(html: &str) -> usize {
    let outside = html
        .split("</template>")
        .map(|part| part.split_once("<template>").map_or(part, |(before, _)| before));
    let starts = |part: &str| {
        part.split('<').skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic())).count()
    };
    outside.map(starts).sum::<usize>() + html.matches("<template>").count()
}

/// Returns the HTML file of a page in a language.
#[must_use]
pub fn page(assets: &Assets, page: StaticPage, locale: Locale) -> String {
    let Assets { loader, glue, wasm, .. } = assets;
    let preloaded = match page {
        // Without code; the loader stores the language.
        StaticPage::About => String::new(),
        StaticPage::Home => format!(
            r#"<link rel="preload" href="{wasm}" as="fetch" type="application/wasm" crossorigin>
<link rel="modulepreload" href="{glue}">
"#
        ),
        // The loader reads the settings first: without services, the page needs no code.
        StaticPage::Profile(_) => {
            format!("<link rel=\"preload\" href=\"{CONFIG_URI}\" as=\"fetch\" crossorigin>\n")
        }
    };
    let code = format!("{preloaded}<script type=\"module\" src=\"{loader}\"></script>\n");
    let profile = match page {
        StaticPage::Home | StaticPage::About => String::new(),
        StaticPage::Profile(id) => format!(" {}=\"{id}\"", StaticPage::PROFILE_ATTRIBUTE),
    };
    let font = &assets.fonts[locale as usize];
    let font =
        format!("<link rel=\"preload\" href=\"{font}\" as=\"font\" type=\"font/woff2\" crossorigin>\n");
    document(assets, locale, &profile, &(metadata(page, locale) + &font + &code), &content(page, locale))
}

/// Returns the HTML file of the 404 page, in both languages and without code.
#[must_use]
pub fn not_found(assets: &Assets) -> String {
    let content = Owner::new().with(|| view! { <NotFoundPage/> }.to_html());
    let title = StaticText::NotFound.get(Locale::default());
    let head = format!("<title>{title}</title>\n<meta name=\"robots\" content=\"noindex\">\n");
    document(assets, Locale::default(), "", &head, &content)
}

/// Returns the metadata for search engines and link previews. Its URLs have no origin: the host of the site adds it
/// (`mysfits_site::sharing`).
fn metadata(page: StaticPage, locale: Locale) -> String {
    let (title, summary, card) = match page {
        StaticPage::Home => {
            let [title, summary] = [StaticText::Title, StaticText::Summary].map(|text| text.get(locale));
            (title.to_owned(), summary, HOME_CARD)
        }
        StaticPage::Profile(id) => {
            let mysfit = id.mysfit();
            let names = [("name", mysfit.name.get(locale)), ("species", mysfit.species.get(locale))];
            let title = interpolate(StaticText::ProfileTitle.get(locale), &names);
            (title, mysfit.description.get(locale), mysfit.slug)
        }
        StaticPage::About => {
            let [title, summary] = [AboutText::Title, AboutText::Summary].map(|text| text.get(locale));
            (title.to_owned(), summary, HOME_CARD)
        }
    };
    let metadata = PageMetadata {
        kind: if matches!(page, StaticPage::Profile(_)) { "profile" } else { "website" },
        locale,
        title: &title,
        summary,
        paths: &Locale::ALL.map(|locale| page.path(locale)),
        card: &card_path(locale, card),
    };
    metadata.to_html() + &structured_data::script(page, &metadata)
}

fn document(assets: &Assets, locale: Locale, attributes: &str, head: &str, content: &str) -> String {
    let Assets { style, favicon, .. } = assets;
    let (lang, touch_icon, manifest) = (locale.code(), art::TOUCH_ICON_URI, manifest_uri(locale));
    format!(
        r##"<!doctype html>
<html lang="{lang}"{attributes}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#2a1f5e">
<link rel="icon" type="image/svg+xml" href="{favicon}">
<link rel="apple-touch-icon" href="{touch_icon}">
<link rel="manifest" href="{manifest}">
<link rel="stylesheet" href="{style}">
{head}</head>
<body>{content}</body>
</html>
"##
    )
}
