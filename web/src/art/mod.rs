//! The site's pictures: twelve portraits, the banner and the icon, drawn in code and written as SVG files.
//!
//! Native only: the browser's code holds no picture, it refers to the files by the addresses that the domain gives.
//! Every picture is a file of 2 to 5 KB in one style, which `kit` keeps.

mod banner;
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
    let path = |uri: String| uri.trim_start_matches('/').to_owned();
    catalogue().iter().zip(PORTRAITS).map(|(mysfit, draw)| (path(mysfit.image_uri()), draw())).collect()
}

/// The banner: path from the site's root without the leading slash, and the SVG.
#[must_use]
pub fn banner() -> (String, String) {
    (crate::BANNER_URI.trim_start_matches('/').to_owned(), banner::draw())
}

/// The icon of the browser's tab: path from the site's root without the leading slash, and the SVG.
#[must_use]
pub fn favicon() -> (String, String) {
    ("favicon.svg".to_owned(), favicon::draw())
}

/// Where the picture is that stands for a link to the site: a profile's, or the index's.
#[must_use]
pub fn card_uri(mysfit: Option<&mysfits_domain::Mysfit>) -> String {
    format!("/cards/{}.png", mysfit.map_or("mysfits", |mysfit| mysfit.slug))
}
