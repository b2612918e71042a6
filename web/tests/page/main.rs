//! Tests of the prerendered pages: structure, accessibility, links, content security policy. They run natively, without a browser.
//!
//! - [`about`]: the page about the site, and the 404 page.
//! - [`account`]: the account's dialog.
//! - [`document`]: all pages, in both languages.
//! - [`fonts`]: the fonts of the headings.
//! - [`home`]: the home page.
//! - [`profiles`]: the profiles' pages.
//! - [`pictures`]: the pictures.
//! - [`quiz`]: the questionnaire.
//! - [`style`]: the style sheet.
#![cfg(not(target_arch = "wasm32"))]

mod about;
mod account;
mod document;
mod fonts;
mod home;
mod pictures;
mod profiles;
mod quiz;
mod style;

use mysfits_domain::Locale;
use mysfits_web::{
    StaticPage,
    prerender::{self, Assets},
};
use scraper::{ElementRef, Html, Selector};

fn assets() -> Assets {
    Assets {
        loader: "/assets/loader-1.js".to_owned(),
        glue: "/assets/app-2.js".to_owned(),
        wasm: "/assets/app-3.wasm".to_owned(),
        style: "/assets/style-4.css".to_owned(),
        favicon: "/favicon.svg".to_owned(),
        fonts: ["/assets/heading-en-5.woff2".to_owned(), "/assets/heading-ko-6.woff2".to_owned()],
    }
}

fn html(page: StaticPage, locale: Locale) -> String {
    prerender::page(&assets(), page, locale)
}

fn parsed(page: StaticPage, locale: Locale) -> Html {
    Html::parse_document(&html(page, locale))
}

/// Returns all pages in all languages.
fn all() -> impl Iterator<Item = (StaticPage, Locale, Html)> {
    prerender::pages()
        .flat_map(|page| Locale::ALL.map(|locale| (page, locale)))
        .map(|(page, locale)| (page, locale, parsed(page, locale)))
}

/// Returns the pages with code.
fn all_with_code() -> impl Iterator<Item = (StaticPage, Locale, Html)> {
    all().filter(|(page, _, _)| *page != StaticPage::About)
}

#[track_caller]
fn selector(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector")
}

#[track_caller]
fn select<'a>(page: &'a Html, wanted: &str) -> Vec<ElementRef<'a>> {
    page.select(&selector(wanted)).collect()
}

/// Returns the only element that matches a selector.
#[track_caller]
fn one<'a>(page: &'a Html, wanted: &str) -> ElementRef<'a> {
    let found = select(page, wanted);
    assert_eq!(found.len(), 1, "{wanted}");
    found[0]
}

#[track_caller]
fn within<'a>(element: ElementRef<'a>, wanted: &str) -> Vec<ElementRef<'a>> {
    element.select(&selector(wanted)).collect()
}

fn text(element: ElementRef<'_>) -> String {
    squeezed(&element.text().collect::<String>())
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_hangul(c: char) -> bool {
    ('가'..='힣').contains(&c)
}
