//! Writes the page: whole HTML files with the components already rendered in them.
//!
//! No server and no async runtime: the page has nothing to wait for. The body must reach the browser byte for byte as it
//! is written here, because hydration walks over it; so nothing may minify or format it afterwards.

use leptos::prelude::*;
use mysfits_domain::Locale;

use crate::{App, Texts};

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

/// The page's body, as it stands inside `#app`.
#[must_use]
pub fn body(locale: Locale) -> String {
    Owner::new().with(|| view! { <App locale/> }.to_html())
}

/// The site's page in one language, a whole HTML file.
#[must_use]
pub fn page(assets: &Assets, locale: Locale) -> String {
    let texts = Texts::of(locale);
    let Assets { loader, glue, wasm, .. } = assets;
    let code = format!(
        r#"<link rel="preload" href="{wasm}" as="fetch" type="application/wasm" crossorigin>
<link rel="modulepreload" href="{glue}">
<script type="module" src="{loader}"></script>
"#
    );
    let content = format!(r#"<div id="app">{}</div>"#, body(locale));
    document(assets, locale, texts.title, &code, &content)
}

/// The page for paths that lead nowhere; it has no code.
#[must_use]
pub fn not_found(assets: &Assets, locale: Locale) -> String {
    let texts = Texts::of(locale);
    let view = view! {
        <main class="lost">
            <h1>{texts.not_found}</h1>
            <p>{texts.not_found_hint}</p>
            <p><a class="button main" href="/">{texts.home}</a></p>
        </main>
    };
    let content = Owner::new().with(|| view.to_html());
    document(assets, locale, texts.not_found, "<meta name=\"robots\" content=\"noindex\">\n", &content)
}

fn document(assets: &Assets, locale: Locale, title: &str, head: &str, content: &str) -> String {
    let Assets { style, favicon, .. } = assets;
    let (lang, summary) = (locale.code(), Texts::of(locale).summary);
    format!(
        r##"<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="description" content="{summary}">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#2a1f5e">
<link rel="icon" type="image/svg+xml" href="{favicon}">
<link rel="stylesheet" href="{style}">
{head}</head>
<body>{content}</body>
</html>
"##
    )
}
