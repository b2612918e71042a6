//! Writes the pages: whole HTML files with the components already rendered in them.
//!
//! No server and no async runtime: the pages have nothing to wait for. A body must reach the browser byte for byte as it
//! is written here, because hydration walks over it; so nothing may minify or format it afterwards.

use leptos::prelude::*;
use mysfits_domain::{Locale, MysfitId};

use crate::{
    APP_ID, Index, Page, ProfileOf, address, art,
    footer::LoadError,
    words::{BLOCK_ID, Voice, Written, fill},
};

/// The addresses of the packed files that a page refers to, from the site's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    /// The script that starts the page's code.
    pub loader: String,
    /// The glue between the browser and the code.
    pub glue: String,
    /// The code.
    pub wasm: String,
    /// The style sheet.
    pub style: String,
    /// The icon.
    pub favicon: String,
}

/// Where the web manifest in a language is, from the site's root.
#[must_use]
pub fn manifest_uri(locale: Locale) -> String {
    address::index(locale) + "site.webmanifest"
}

/// All pages that the code takes over.
pub fn pages() -> impl Iterator<Item = Page> {
    std::iter::once(Page::Index).chain(MysfitId::all().map(Page::Profile))
}

/// Where a page's file lies, from the site's root, without a leading slash.
#[must_use]
pub fn path(page: Page, locale: Locale) -> String {
    page.address(locale).trim_start_matches('/').to_owned() + "index.html"
}

/// What the browser hydrates, in its element, and the words that the code will say.
#[must_use]
pub fn content(page: Page, locale: Locale) -> String {
    let body = Owner::new().with(|| match page {
        Page::Index => view! { <Index locale/> }.to_html(),
        Page::Profile(id) => view! { <ProfileOf id locale/> }.to_html(),
    });
    let elements = match page {
        Page::Index => format!(" data-elements=\"{}\"", count_elements(&body)),
        // Nothing of it is hydrated.
        Page::Profile(_) => String::new(),
    };
    let error = Owner::new().with(|| view! { <LoadError locale/> }.to_html());
    let words = Voice::of(locale).block();
    format!(
        r#"<div class="load-error" data-load-error role="alert" hidden>{error}</div>
<div id="{APP_ID}"{elements}>{body}</div>
<script type="text/plain" id="{BLOCK_ID}">{words}</script>"#
    )
}

/// Returns the number of elements in `html`, without those in templates, which are no part of the document.
fn count_elements(html: &str) -> usize {
    let outside = html
        .split("</template>")
        .map(|part| part.split_once("<template>").map_or(part, |(before, _)| before));
    let starts = |part: &str| {
        part.split('<').skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic())).count()
    };
    outside.map(starts).sum::<usize>() + html.matches("<template>").count()
}

/// A page in one language, a whole HTML file.
#[must_use]
pub fn page(assets: &Assets, page: Page, locale: Locale) -> String {
    let Assets { loader, glue, wasm, .. } = assets;
    let code = format!(
        r#"<link rel="preload" href="{wasm}" as="fetch" type="application/wasm" crossorigin>
<link rel="modulepreload" href="{glue}">
<script type="module" src="{loader}"></script>
"#
    );
    let head = Head::of(page, locale);
    let profile = match page {
        Page::Index => String::new(),
        Page::Profile(id) => format!(" {}=\"{id}\"", Page::PROFILE_ATTRIBUTE),
    };
    document(assets, locale, &profile, &format!("{}{code}", head.html(page, locale)), &content(page, locale))
}

/// The page for paths that lead nowhere, in both languages, since nobody knows which was meant; it has no code.
#[must_use]
pub fn not_found(assets: &Assets) -> String {
    let part = |locale: Locale| {
        view! {
            <section lang=locale.code()>
                <h1>{Written::NotFound.get(locale)}</h1>
                <p>{Written::NotFoundHint.get(locale)}</p>
                <p><a class="button main" href=address::index(locale)>{Written::BackHome.get(locale)}</a></p>
            </section>
        }
    };
    let view = view! { <main class="lost">{Locale::ALL.map(part).into_iter().collect_view()}</main> };
    let content = Owner::new().with(|| view.to_html());
    let title = Written::NotFound.get(Locale::default());
    let head = format!("<title>{title}</title>\n<meta name=\"robots\" content=\"noindex\">\n");
    document(assets, Locale::default(), "", &head, &content)
}

/// What a page says of itself, to search engines and to whoever shows a link to it.
struct Head {
    title: String,
    summary: String,
    card: String,
}

impl Head {
    fn of(page: Page, locale: Locale) -> Self {
        match page {
            Page::Index => Self {
                title: Written::Title.get(locale).to_owned(),
                summary: Written::Summary.get(locale).to_owned(),
                card: art::CARD_URI.to_owned(),
            },
            Page::Profile(id) => {
                let mysfit = id.mysfit();
                let names = [("name", mysfit.name.get(locale)), ("species", mysfit.species.get(locale))];
                Self {
                    title: fill(Written::ProfileTitle.get(locale), &names),
                    summary: mysfit.description.get(locale).to_owned(),
                    card: art::card_uri(mysfit.slug),
                }
            }
        }
    }

    /// The addresses begin at the site's root; whoever deploys the site puts its origin before those in `content`.
    fn html(&self, page: Page, locale: Locale) -> String {
        let Self { title, summary, card } = self;
        let (title, summary) = (escaped(title), escaped(summary));
        let (width, height) = art::CARD_SIZE;
        let (site, address) = (Written::Brand.get(locale), page.address(locale));
        let (kind, territory) = match (page, locale) {
            (Page::Index, Locale::En) => ("website", "en_US"),
            (Page::Index, Locale::Ko) => ("website", "ko_KR"),
            (Page::Profile(_), Locale::En) => ("profile", "en_US"),
            (Page::Profile(_), Locale::Ko) => ("profile", "ko_KR"),
        };
        format!(
            r#"<title>{title}</title>
<meta name="description" content="{summary}">
<meta property="og:type" content="{kind}">
<meta property="og:site_name" content="{site}">
<meta property="og:title" content="{title}">
<meta property="og:description" content="{summary}">
<meta property="og:locale" content="{territory}">
<meta property="og:url" content="{address}">
<meta property="og:image" content="{card}">
<meta property="og:image:width" content="{width}">
<meta property="og:image:height" content="{height}">
<meta name="twitter:card" content="summary_large_image">
"#
        )
    }
}

/// A text as an attribute's value or an element's content.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
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
