//! The site's pictures: twelve portraits, the banner and the icon, drawn in code and written as SVG files; and what is
//! composed of them where only a raster image will do, of which the bundle holds PNG files.
//!
//! Native only: the browser's code holds no picture, it refers to the files by the addresses that the domain gives.
//! Every portrait is a file of 4 to 6 KB in one style, which `kit` keeps.

mod banner;
mod cards;
mod chimera;
mod cyclops;
mod dragon;
mod favicon;
mod gorgon;
mod haetae;
mod kit;
mod kraken;
mod mandrake;
mod path;
mod pegasus;
mod phoenix;
mod plesiosaurus;
mod troll;
mod yeti;

use mysfits_domain::{MYSFIT_COUNT, catalogue};

pub use cards::SIZE as CARD_SIZE;

/// Where the card of the page with all mysfits is, from the site's root.
pub const CARD_URI: &str = "/cards/mysfits.png";

/// Where the icon for a home screen is on devices that do not read the web manifest, from the site's root.
pub const TOUCH_ICON_URI: &str = "/apple-touch-icon.png";

/// The icons that the web manifest names: where each is, from the site's root, and how many pixels wide and high.
pub const ICONS: [(&str, u32); 2] = [("/icon-192.png", 192), ("/icon-512.png", 512)];

/// The drawings in label order, one for each mysfit of the catalogue.
const PORTRAITS: [fn() -> String; MYSFIT_COUNT] = [
    chimera::draw,
    cyclops::draw,
    dragon::draw,
    gorgon::draw,
    haetae::draw,
    yeti::draw,
    kraken::draw,
    plesiosaurus::draw,
    mandrake::draw,
    pegasus::draw,
    phoenix::draw,
    troll::draw,
];

/// The twelve portraits in label order: path from the site's root without the leading slash, and the SVG.
#[must_use]
pub fn portraits() -> Vec<(String, String)> {
    catalogue().iter().zip(PORTRAITS).map(|(mysfit, draw)| (path(&mysfit.image_uri()), draw())).collect()
}

/// Where the card of a mysfit is, from the site's root.
#[must_use]
pub fn card_uri(slug: &str) -> String {
    format!("/cards/{slug}.png")
}

/// What is shown where somebody shares a page's address, all of [`CARD_SIZE`]: first the card of the page with all
/// mysfits, then theirs in label order. Each is the path from the site's root without the leading slash, and the SVG that
/// has yet to become the PNG file of that name.
#[must_use]
pub fn cards() -> Vec<(String, String)> {
    // A toddler, a dragon with a cake and a root in full song: whoever is asked to visit should want to.
    let all = cards::draw_all([&cyclops::draw(), &dragon::draw(), &mandrake::draw()]);
    let each =
        catalogue().iter().zip(PORTRAITS).map(|(mysfit, draw)| (card_uri(mysfit.slug), cards::draw(&draw())));
    std::iter::once((CARD_URI.to_owned(), all)).chain(each).map(|(uri, svg)| (path(&uri), svg)).collect()
}

/// The icons for home screens, square: path from the site's root without the leading slash, and the SVG that has yet to
/// become the PNG file of that name.
#[must_use]
pub fn icons() -> Vec<(String, String)> {
    let all = std::iter::once((TOUCH_ICON_URI, 180)).chain(ICONS);
    all.map(|(uri, size)| (path(uri), favicon::draw_filled(size))).collect()
}

/// The banner: path from the site's root without the leading slash, and the SVG.
#[must_use]
pub fn banner() -> (String, String) {
    (path(crate::state::BANNER_PATH), banner::draw())
}

/// The icon of the browser's tab: path from the site's root without the leading slash, and the SVG.
#[must_use]
pub fn favicon() -> (String, String) {
    ("favicon.svg".to_owned(), favicon::draw())
}

/// The icon for those who ask for `/favicon.ico` whatever a page says: filled to its edges, of this width and height.
#[must_use]
pub fn favicon_filled(size: u32) -> String {
    favicon::draw_filled(size)
}

/// An address from the site's root as the path of a file.
fn path(uri: &str) -> String {
    uri.trim_start_matches('/').to_owned()
}
