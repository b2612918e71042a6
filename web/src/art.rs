//! The site's pictures: the SVG files in `art/`. Native builds only; pages refer to pictures by path.
//!
//! Link previews and home screens need raster images. Those are composed of the same files and committed as PNG, see
//! `bundle/png`.

use mysfits_domain::MYSFIT_COUNT;

use crate::state::{BANNER_LAYERS, BANNER_PATH};

/// The path of the icon for home screens of devices that do not read the web manifest.
pub const TOUCH_ICON_URI: &str = "/apple-touch-icon.png";

/// The icons in the web manifest: path, and width and height in pixels.
pub const ICONS: [(&str, u32); 2] = [("/icon-192.png", 192), ("/icon-512.png", 512)];

/// The icon for home screens and `/favicon.ico`: filled to its edges, with the face in the middle four fifths, so that it can be cut
/// to a circle.
pub const ICON: &str = include_str!("art/icon.svg");

const BANNER: &str = include_str!("art/banner.svg");
const BANNER_LAYER_FILES: [&str; 3] = [
    include_str!("art/banner-glow.svg"),
    include_str!("art/banner-blink-1.svg"),
    include_str!("art/banner-blink-2.svg"),
];
const FAVICON: &str = include_str!("art/favicon.svg");

macro_rules! portraits {
    ($($slug:literal)+) => {
        [$(($slug, include_str!(concat!("art/", $slug, ".svg")))),+]
    };
}

/// The mysfits' slugs and portraits, in label order.
const PORTRAITS: [(&str, &str); MYSFIT_COUNT] = portraits!(
    "evangeline" "pauly" "coco" "gretta" "hasla" "snowflake" "gary" "nessi" "atlantis" "twilight-glitter" "cole" "rujin"
);

/// Returns the portraits in label order: the path without its leading slash, and the SVG.
#[must_use]
pub fn portraits() -> Vec<(String, String)> {
    PORTRAITS.iter().map(|(slug, svg)| (format!("art/{slug}.svg"), compact(svg))).collect()
}

/// Returns the mysfits' slugs and the colours of their portraits' skies, from top to bottom, in label order.
#[must_use]
pub fn skies() -> Vec<(&'static str, Vec<&'static str>)> {
    let colours = |svg: &'static str| {
        let sky = svg.split("</linearGradient>").next().unwrap_or_default();
        sky.split("stop-color=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
    };
    PORTRAITS.iter().map(|(slug, svg)| (*slug, colours(svg))).collect()
}

/// Returns the banner: the path without its leading slash, and the SVG.
#[must_use]
pub fn banner() -> (String, String) {
    (BANNER_PATH.trim_start_matches('/').to_owned(), compact(BANNER))
}

/// Returns the pictures over the banner: the path without its leading slash, and the SVG.
#[must_use]
pub fn banner_layers() -> [(String, String); 3] {
    std::array::from_fn(|i| {
        (BANNER_LAYERS[i].trim_start_matches('/').to_owned(), compact(BANNER_LAYER_FILES[i]))
    })
}

/// Returns the icon of the browser's tab: the path without its leading slash, and the SVG.
#[must_use]
pub fn favicon() -> (String, String) {
    ("favicon.svg".to_owned(), compact(FAVICON))
}

/// Removes indentation and line breaks between tags; a line break within a tag becomes a space.
fn compact(svg: &str) -> String {
    let lines = svg.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut compact: String =
        lines.flat_map(|line| [line, if line.ends_with('>') { "" } else { " " }]).collect();
    compact.push('\n');
    compact
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn removes_line_breaks_between_tags() {
        assert_eq!(
            compact("<svg>\n  <path\n     d=\"m0 0\"/>\n\n</svg>\n"),
            "<svg><path d=\"m0 0\"/></svg>\n"
        );
    }
}
