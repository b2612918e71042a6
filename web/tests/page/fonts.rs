//! The fonts of the headings.

use std::{collections::BTreeSet, fs, path::Path};

use mysfits_domain::{Locale, catalogue, questionnaire};
use mysfits_web::{
    fonts::FONTS,
    i18n::{AboutText, DynamicText, StaticText},
    prerender,
};
use scraper::Html;

use super::{all, assets, is_hangul, one, select, text};

/// The elements that the style sheet sets in the headings' font.
const HEADINGS: &str = "h1, h2, h3, legend, .brand, .turn a, .alike a";
/// The headings of panels, which the code shows.
const PANEL_HEADINGS: [DynamicText; 7] = [
    DynamicText::Waiting,
    DynamicText::Failed,
    DynamicText::Result,
    DynamicText::WhyTitle,
    DynamicText::WhatIfTitle,
    DynamicText::CompareTitle,
    DynamicText::FeedbackQuestion,
];
/// Characters that both fonts have in any case.
const PUNCTUATION: &str = "‘’“”–—…·";

/// Returns the characters of all headings in a language.
fn characters_of_headings(locale: Locale) -> BTreeSet<char> {
    let mut found = String::new();
    for (_, _, html) in all().filter(|(_, of, _)| *of == locale) {
        found.extend(select(&html, HEADINGS).into_iter().map(text));
    }
    let lost = Html::parse_document(&prerender::not_found(&assets()));
    found.extend(select(&lost, &format!("section[lang={}] h1", locale.code())).into_iter().map(text));
    found.extend(PANEL_HEADINGS.map(|text| text.get(locale)));
    found.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Returns more characters than needed, so that a new heading seldom needs a new font: those of the static texts, and in English all
/// of ASCII. Not those of the dynamic texts, of which few are headings: a syllable adds 120 bytes.
fn characters_of_texts(locale: Locale) -> BTreeSet<char> {
    let mut found = PUNCTUATION.to_owned();
    match locale {
        Locale::En => found.extend(' '..='~'),
        Locale::Ko => found.extend('0'..='9'),
    }
    found.extend(StaticText::ALL.map(|text| text.get(locale)));
    found.extend([AboutText::Heading, AboutText::MapHeading].map(|text| text.get(locale)));
    found.extend(
        catalogue().iter().flat_map(|mysfit| [mysfit.name, mysfit.species]).map(|text| text.get(locale)),
    );
    found.extend(questionnaire().iter().map(|question| question.prompt.get(locale)));
    // A link to the Korean page is Korean on English pages too.
    found.chars().filter(|c| locale == Locale::Ko || !is_hangul(*c)).collect()
}

/// `UPDATE_EXPECT=1 cargo test -p mysfits-web` adds missing characters to these files, of which `cargo xtask fonts` makes fonts.
#[test]
fn fonts_have_the_characters_of_all_headings() {
    for font in FONTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("fonts/characters.{}.txt", font.locale.code()));
        let mut listed: BTreeSet<char> =
            fs::read_to_string(&path).unwrap_or_default().chars().filter(|c| *c != '\n').collect();
        let needed = characters_of_headings(font.locale);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            listed.extend(needed.iter().copied().chain(characters_of_texts(font.locale)));
            let characters: Vec<char> = listed.iter().copied().collect();
            let lines = characters.chunks(60).map(|line| line.iter().collect::<String>() + "\n");
            fs::write(&path, lines.collect::<String>()).expect("written");
        }
        let drawn = characters(font.woff2);
        let missing: String = needed.difference(&drawn).collect();
        assert_eq!(
            missing, "",
            "{} lacks these; run UPDATE_EXPECT=1 cargo test -p mysfits-web, then cargo xtask fonts",
            font.name
        );
        let missing: String = listed.difference(&drawn).collect();
        assert_eq!(missing, "", "{} is older than {}; run cargo xtask fonts", font.name, path.display());
    }
}

#[test]
fn pages_preload_the_font_of_their_language() {
    let fonts = assets().fonts;
    for (_, locale, html) in all() {
        let preload = one(&html, "link[rel=preload][as=font][crossorigin]");
        assert_eq!(preload.attr("href"), Some(fonts[locale as usize].as_str()));
        assert_eq!(preload.attr("type"), Some("font/woff2"));
    }
}

#[test]
fn fonts_come_with_their_licences() {
    for name in ["fraunces", "gowun-batang"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fonts/LICENSE-{name}.txt"));
        let licence = fs::read_to_string(path).expect("a licence");
        assert!(licence.contains("SIL Open Font License"), "{name}");
    }
}

/// Returns the characters for which a font has a glyph.
///
/// Source: W3C, WOFF File Format 2.0, sections 4 and 5; OpenType, `cmap`.
fn characters(woff2: &[u8]) -> BTreeSet<char> {
    const CMAP: u8 = 0;
    const GLYPHS_AND_LOCATIONS: [u8; 2] = [10, 11];
    const OTHER_TAG: u8 = 63;
    let (mut at, mut offset, mut cmap_at) = (48, 0, None);
    for _ in 0..be16(woff2, 12) {
        let (tag, version) = (woff2[at] & 63, woff2[at] >> 6);
        at += if tag == OTHER_TAG { 5 } else { 1 };
        let length = base128(woff2, &mut at);
        let is_transformed = if GLYPHS_AND_LOCATIONS.contains(&tag) { version != 3 } else { version != 0 };
        let length = if is_transformed { base128(woff2, &mut at) } else { length };
        if tag == CMAP {
            cmap_at = Some(offset);
        }
        offset += length;
    }
    let mut tables = Vec::new();
    brotli::BrotliDecompress(&mut &woff2[at..], &mut tables).expect("compressed with brotli");
    let cmap = &tables[cmap_at.expect("a cmap")..];
    let subtables = (0..be16(cmap, 2)).map(|i| &cmap[be32(cmap, 8 + 8 * i)..]);
    subtables.flat_map(mapped).filter_map(|code| char::from_u32(code as u32)).collect()
}

/// Returns the code points that a subtable of `cmap` maps to glyphs.
fn mapped(subtable: &[u8]) -> Vec<usize> {
    match be16(subtable, 0) {
        4 => {
            let size = be16(subtable, 6);
            let segment = |i: usize| {
                let field = |n: usize| be16(subtable, 14 + n * size + if n == 0 { 0 } else { 2 } + 2 * i);
                let (end, start, delta, range) = (field(0), field(1), field(2), field(3));
                (start..=end).filter(move |&code| {
                    let glyph = match range {
                        0 => code + delta,
                        _ => be16(subtable, 16 + 3 * size + 2 * i + range + 2 * (code - start)),
                    };
                    code != 0xffff && glyph % 0x1_0000 != 0
                })
            };
            (0..size / 2).flat_map(segment).collect()
        }
        12 => {
            let group = |i: usize| be32(subtable, 16 + 12 * i)..=be32(subtable, 20 + 12 * i);
            (0..be32(subtable, 12)).flat_map(group).collect()
        }
        _ => Vec::new(),
    }
}

fn be16(bytes: &[u8], at: usize) -> usize {
    usize::from(bytes[at]) << 8 | usize::from(bytes[at + 1])
}

fn be32(bytes: &[u8], at: usize) -> usize {
    be16(bytes, at) << 16 | be16(bytes, at + 2)
}

/// Reads a number of seven bits a byte, the most significant first.
fn base128(bytes: &[u8], at: &mut usize) -> usize {
    let mut number = 0;
    loop {
        let byte = bytes[*at];
        *at += 1;
        number = number << 7 | usize::from(byte & 127);
        if byte < 128 {
            return number;
        }
    }
}
