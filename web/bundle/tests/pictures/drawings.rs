//! The pictures that are committed as PNG files, as SVG: for link previews and for home screens.

use mysfits_domain::{Locale, LocalizedText, Mysfit, catalogue};
use mysfits_site::sharing::{CARD_SIZE, HOME_CARD, SITE_NAME, card_path};
use mysfits_web::art;

use super::lettering::Line;

const INK: &str = "#2b2042";
const PAPER: &str = "#fdf6e6";
const ACCENT: &str = "#6b3fb8";
const LAMP: &str = "#ffcf5c";

const FIND_YOURS: LocalizedText = LocalizedText { en: "Find yours!", ko: "내 미스핏 찾기" };
/// The part of the banner with the shape of a card and the fire on its right.
const FIRE_RIGHT: [u32; 4] = [486, 0, 914, 480];
/// The part of the banner with the fire in the middle.
const FIRE_CENTRED: [u32; 4] = [603, 0, 914, 480];
/// The label of the mysfits on the card of the home page, from the left: Pauly, Coco and Atlantis.
const ON_CARD: [usize; 3] = [1, 2, 8];

/// Returns the cards for link previews in both languages: the path without its leading slash, and the SVG.
pub fn cards() -> Vec<(String, String)> {
    let portraits: Vec<_> = art::portraits().into_iter().map(|(_, svg)| svg).collect();
    let shown = ON_CARD.map(|label| portraits[label].as_str());
    let mut cards = Vec::new();
    for locale in Locale::ALL {
        cards.push((path(&card_path(locale, HOME_CARD)), home_card(locale, shown)));
        for (mysfit, portrait) in catalogue().iter().zip(&portraits) {
            cards.push((path(&card_path(locale, mysfit.slug)), card(locale, mysfit, portrait)));
        }
    }
    cards
}

/// Returns the icons for home screens: the path without its leading slash, and the SVG.
pub fn icons() -> Vec<(String, String)> {
    let all = std::iter::once((art::TOUCH_ICON_URI, 180)).chain(art::ICONS);
    all.map(|(uri, side)| (path(uri), icon(side))).collect()
}

/// Returns the icon with a width and height in pixels.
pub fn icon(side: u32) -> String {
    let attributes = |side: u32| format!("width=\"{side}\" height=\"{side}\"");
    assert!(art::ICON.contains(&attributes(64)), "icon.svg has 64 by 64 pixels");
    art::ICON.replacen(&attributes(64), &attributes(side), 1)
}

fn path(uri: &str) -> String {
    uri.trim_start_matches('/').to_owned()
}

/// Returns the card of one mysfit: its portrait, and a sign with its name.
fn card(locale: Locale, mysfit: &Mysfit, portrait: &str) -> String {
    let portrait = turned(-3, 300, 310, &framed("b", portrait, 58, 70, 480));
    let line = |text, y, size, fill| Line { text, x: 890.0, y, size, max_width: 420.0, fill }.to_svg();
    let species = mysfit.species.get(locale);
    let species = match locale {
        Locale::En => format!("the {species}"),
        Locale::Ko => species.to_owned(),
    };
    let name = line(mysfit.name.get(locale), 178.0, 104.0, INK);
    let species = line(&species, 240.0, 48.0, ACCENT);
    let sign = [sign_board(640, 54, 500, 300), name, species, button(locale, 890, 272, 320)].concat();
    document(FIRE_RIGHT, &[portrait, turned(2, 890, 200, &sign)].concat())
}

/// Returns the card of the home page: three portraits, and a sign with the site's name.
fn home_card(locale: Locale, [left, middle, right]: [&str; 3]) -> String {
    let left = turned(-6, 250, 230, &framed("b", left, 122, 78, 256));
    let right = turned(6, 950, 230, &framed("c", right, 822, 78, 256));
    let middle = framed("d", middle, 450, 50, 300);
    let name = SITE_NAME.get(locale);
    let name = Line { text: name, x: 600.0, y: 492.0, size: 78.0, max_width: 640.0, fill: INK }.to_svg();
    let sign = [sign_board(250, 402, 700, 204), name, button(locale, 600, 518, 320)].concat();
    document(FIRE_CENTRED, &[left, right, middle, sign].concat())
}

/// Returns a board to write on: paper, ink, and a shadow without blur.
fn sign_board(left: u32, top: u32, width: u32, height: u32) -> String {
    let rect = |top: u32, attributes: &str| {
        format!(r#"<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="32" {attributes}/>"#)
    };
    let shadow = rect(top + 14, r##"fill="#150d38" opacity=".70""##);
    shadow + &rect(top, &format!(r#"fill="{PAPER}" stroke="{INK}" stroke-width="8""#))
}

/// Returns the drawing of a button that leads to the questionnaire.
fn button(locale: Locale, middle: u32, top: u32, width: u32) -> String {
    let left = middle - width / 2;
    let text = FIND_YOURS.get(locale);
    let (x, y) = (middle as f32, top as f32 + 43.0);
    let text = Line { text, x, y, size: 38.0, max_width: width as f32 - 48.0, fill: INK }.to_svg();
    format!(
        r#"<rect x="{left}" y="{top}" width="{width}" height="62" rx="31" fill="{LAMP}" stroke="{INK}" stroke-width="6"/>{text}"#
    )
}

/// Returns an SVG file that shows a part of the banner and something in front of it.
fn document(part: [u32; 4], front: &str) -> String {
    let (width, height) = CARD_SIZE;
    let banner = inset("a", &art::banner().1, part, [0, 0, width, height]);
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">{banner}{front}</svg>"#
    )
}

fn turned(degrees: i32, x: u32, y: u32, content: &str) -> String {
    format!(r#"<g transform="rotate({degrees} {x} {y})">{content}</g>"#)
}

/// Returns a portrait in a frame like that of the page: paper, ink, and a shadow without blur.
fn framed(prefix: &str, portrait: &str, left: u32, top: u32, size: u32) -> String {
    let board = |x: u32, y: u32| {
        let (edge, r) = (size + 16, 28);
        format!(
            "M{x} {y}h{edge}q{r} 0 {r} {r}v{edge}q0 {r}-{r} {r}h-{edge}q-{r} 0-{r}-{r}v-{edge}q0-{r} {r}-{r}z"
        )
    };
    let (shadow, paper) = (board(left - 8, top - 22), board(left - 8, top - 36));
    let portrait = inset(prefix, portrait, [0, 0, 320, 320], [left, top, size, size]);
    format!(
        concat!(
            r##"<path fill="#150d38" stroke="none" opacity=".70" d="{}"/>"##,
            r#"<g stroke="{}" stroke-width="8" stroke-linejoin="round">"#,
            r##"<path fill="#fdf6e6" d="{}"/>{}<path fill="none" d="M{} {}h{}v{}h-{}z"/></g>"##
        ),
        shadow, INK, paper, portrait, left, top, size, size, size
    )
}

/// Returns the part `view` of a picture at `place`; each is left, top, width and height. `prefix` makes its ids unique.
fn inset(prefix: &str, picture: &str, view: [u32; 4], place: [u32; 4]) -> String {
    let (_, content) = picture.split_once('>').expect("a tag ends");
    let content = content
        .replace(r#" id=""#, &format!(r#" id="{prefix}"#))
        .replace(r##"href="#"##, &format!(r##"href="#{prefix}"##))
        .replace("url(#", &format!("url(#{prefix}"));
    let ([x, y, width, height], [left, top, view_width, view_height]) = (place, view);
    format!(
        r#"<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{left} {top} {view_width} {view_height}">{content}"#
    )
}
