//! The prerendered pages, read as a browser reads them: structure, names, accessibility, links, and what a strict content
//! security policy asks for. Native; nothing here runs the pages' code.
//!
//! - [`document`]: what every page is made of, in both languages.
//! - [`index`]: grid, filters, questionnaire, dialogs.
//! - [`profiles`]: the pages of the mysfits.
//! - [`pictures`]: the drawings.
//! - [`style`]: tokens and contrast.
#![cfg(not(target_arch = "wasm32"))]

mod document;
mod index;
mod pictures;
mod profiles;
mod style;

use mysfits_domain::Locale;
use mysfits_web::{
    SitePage,
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
    }
}

fn html(page: SitePage, locale: Locale) -> String {
    prerender::page(&assets(), page, locale)
}

fn parsed(page: SitePage, locale: Locale) -> Html {
    Html::parse_document(&html(page, locale))
}

/// Every page in every language.
fn all() -> impl Iterator<Item = (SitePage, Locale, Html)> {
    prerender::pages()
        .flat_map(|page| Locale::ALL.map(|locale| (page, locale)))
        .map(|(page, locale)| (page, locale, parsed(page, locale)))
}

#[track_caller]
fn selector(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector")
}

#[track_caller]
fn select<'a>(page: &'a Html, wanted: &str) -> Vec<ElementRef<'a>> {
    page.select(&selector(wanted)).collect()
}

/// The only element that is selected.
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
