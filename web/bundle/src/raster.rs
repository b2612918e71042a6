//! Turns drawings into PNG files, for those who do not take SVG: social networks and home screens.
//!
//! The same drawing gives the same bytes: no fonts, no clock, one thread.

use mysfits_web::art;
use png::{BitDepth, ColorType, Compression, Encoder, Filter};
use resvg::{
    render,
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree},
};

/// The cards and the icons: path from the site's root without the leading slash, and the PNG.
pub fn files() -> impl Iterator<Item = (String, Vec<u8>)> {
    art::cards().into_iter().chain(art::icons()).map(|(path, svg)| {
        let png = png(&svg);
        (path, png)
    })
}

/// The icon that browsers ask for by name where no page tells them of another.
pub fn favicon() -> Vec<u8> {
    const SIDE: u8 = 48;
    const HEADER: u8 = 22;
    let png = png(&art::favicon_filled(SIDE.into()));
    // One picture: its sides, no palette, one plane of 24 bits, its length, and where it begins.
    let mut ico = vec![0, 0, 1, 0, 1, 0, SIDE, SIDE, 0, 0, 1, 0, 24, 0];
    ico.extend((png.len() as u32).to_le_bytes());
    ico.extend(u32::from(HEADER).to_le_bytes());
    ico.extend(png);
    ico
}

/// A drawing at its own size, as a PNG without transparency: ours are filled to their edges.
///
/// # Panics
/// If the drawing is none; drawings are fixed at compile time, so a test finds that.
fn png(svg: &str) -> Vec<u8> {
    let tree = Tree::from_str(svg, &Options::default()).expect("the drawing is well-formed SVG");
    let size = tree.size().to_int_size();
    let mut picture = Pixmap::new(size.width(), size.height()).expect("the drawing has a size");
    render(&tree, Transform::identity(), &mut picture.as_mut());
    let mut rgb = Vec::with_capacity(picture.data().len() / 4 * 3);
    for pixel in picture.data().chunks_exact(4) {
        rgb.extend_from_slice(&pixel[..3]);
    }
    encode(size.width(), size.height(), &rgb).expect("memory takes any number of bytes")
}

/// Without a filter: areas of one colour are runs already, and a filter costs a third more here.
fn encode(width: u32, height: u32, rgb: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::High);
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgb)?;
    writer.finish()?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those who show cards fetch them with little patience.
    const CARD_LIMIT: usize = 120 * 1024;
    const ICON_LIMIT: usize = 24 * 1024;

    fn dimensions(png: &[u8]) -> (u32, u32) {
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
        (number(16), number(20))
    }

    #[test]
    fn the_icon_by_name_holds_one_picture() {
        let ico = favicon();
        assert_eq!((&ico[..6], dimensions(&ico[22..])), (&[0, 0, 1, 0, 1, 0][..], (48, 48)));
        let length = u32::from_le_bytes(ico[14..18].try_into().expect("four bytes"));
        assert_eq!(length as usize, ico.len() - 22);
        assert!(ico.len() < ICON_LIMIT, "{} bytes", ico.len());
    }

    #[test]
    fn cards_and_icons_have_their_sizes_and_are_small() {
        let files: Vec<_> = files().collect();
        assert_eq!(files.len(), 13 + 3);
        for (path, png) in &files {
            let size = dimensions(png);
            if path.starts_with("cards/") {
                assert_eq!(size, art::CARD_SIZE, "{path}");
                assert!(png.len() < CARD_LIMIT, "{path} has {} bytes", png.len());
            } else {
                let known = art::ICONS.into_iter().chain([(art::TOUCH_ICON_URI, 180)]);
                let expected = known.into_iter().find(|(uri, _)| uri.trim_start_matches('/') == path);
                assert_eq!(expected.map(|(_, side)| (side, side)), Some(size), "{path}");
                assert!(png.len() < ICON_LIMIT, "{path} has {} bytes", png.len());
            }
        }
    }

    #[test]
    fn the_same_drawing_gives_the_same_bytes() {
        let (_, svg) = art::icons().swap_remove(0);
        assert_eq!(png(&svg), png(&svg));
    }

    #[test]
    fn drawings_reach_all_edges() {
        for (path, svg) in art::cards().into_iter().chain(art::icons()) {
            let tree = Tree::from_str(&svg, &Options::default()).expect("SVG");
            // A sixteenth is enough to see a hole.
            let size = tree.size().to_int_size();
            let mut picture = Pixmap::new(size.width() / 4, size.height() / 4).expect("a size");
            render(&tree, Transform::from_scale(0.25, 0.25), &mut picture.as_mut());
            assert!(picture.data().chunks_exact(4).all(|pixel| pixel[3] == u8::MAX), "{path} has a hole");
        }
    }
}
