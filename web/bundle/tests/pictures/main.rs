//! The committed PNG files show the drawings.

mod drawings;
mod lettering;

use std::{fs, path::Path};

use drawings::{cards, icon, icons};
use mysfits_bundle::PackedSite;
use mysfits_site::sharing::CARD_SIZE;
use mysfits_web::art;
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter};
use resvg::{
    render,
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree},
};

/// Social networks fetch cards with a short timeout.
const CARD_LIMIT: usize = 120 * 1024;
const ICON_LIMIT: usize = 24 * 1024;

/// The largest difference of a colour channel, because processors round differently.
const MAX_DIFFERENCE: u8 = 2;

/// The length of the header of an icon file.
const ICO_HEADER: usize = 22;
const ICO_SIDE: u8 = 48;

/// A picture without transparency.
#[derive(PartialEq)]
struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Picture {
    /// Renders an SVG file at its own size.
    fn draw(svg: &str) -> Self {
        let tree = Tree::from_str(svg, &Options::default()).expect("the drawing is well-formed SVG");
        let size = tree.size().to_int_size();
        let mut pixmap = Pixmap::new(size.width(), size.height()).expect("the drawing has a size");
        render(&tree, Transform::identity(), &mut pixmap.as_mut());
        let pixels = pixmap.data().chunks_exact(4);
        let rgb = pixels.flat_map(|pixel| pixel[..3].to_vec()).collect();
        Self { width: size.width(), height: size.height(), rgb }
    }

    fn decode(png: &[u8]) -> Self {
        let mut reader = Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG file");
        let mut rgb = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut rgb).expect("a picture");
        assert_eq!((info.color_type, info.bit_depth), (ColorType::Rgb, BitDepth::Eight));
        Self { width: info.width, height: info.height, rgb }
    }

    /// Encodes without a filter, which would make these files a third larger.
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, self.width, self.height);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::High);
        encoder.set_filter(Filter::NoFilter);
        let mut writer = encoder.write_header().expect("encoded");
        writer.write_image_data(&self.rgb).expect("encoded");
        writer.finish().expect("encoded");
        out
    }

    fn resembles(&self, other: &Self) -> bool {
        let near = |(a, b): (&u8, &u8)| a.abs_diff(*b) <= MAX_DIFFERENCE;
        (self.width, self.height) == (other.width, other.height) && self.rgb.iter().zip(&other.rgb).all(near)
    }
}

/// Returns an icon file with one picture. The header has its sides, no palette, one plane of 24 bits, its length, and its offset.
fn ico(png: &[u8]) -> Vec<u8> {
    let mut ico = vec![0, 0, 1, 0, 1, 0, ICO_SIDE, ICO_SIDE, 0, 0, 1, 0, 24, 0];
    ico.extend((png.len() as u32).to_le_bytes());
    ico.extend((ICO_HEADER as u32).to_le_bytes());
    ico.extend(png);
    ico
}

/// Returns all drawings: the path without its leading slash, and the SVG.
fn all() -> Vec<(String, String)> {
    let favicon = ("favicon.ico".to_owned(), icon(ICO_SIDE.into()));
    cards().into_iter().chain(icons()).chain([favicon]).collect()
}

fn packed(site: &PackedSite, path: &str) -> Vec<u8> {
    site.files()
        .iter()
        .find(|file| file.path == path)
        .unwrap_or_else(|| panic!("{path} is missing"))
        .raw
        .clone()
}

fn site() -> PackedSite {
    PackedSite::assemble(Vec::new(), Vec::new())
}

#[test]
fn committed_pictures_show_the_drawings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("png");
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let site = site();
    for (path, svg) in all() {
        let drawn = Picture::draw(&svg);
        let is_ico = path == "favicon.ico";
        if update {
            let png = drawn.encode();
            fs::create_dir_all(folder.join(&path).parent().unwrap()).unwrap();
            fs::write(folder.join(&path), if is_ico { ico(&png) } else { png }).unwrap();
        } else {
            let file = packed(&site, &path);
            let committed = Picture::decode(if is_ico { &file[ICO_HEADER..] } else { &file });
            assert!(
                committed.resembles(&drawn),
                "web/bundle/png/{path} differs from its drawing; to draw it again, run \
                 UPDATE_EXPECT=1 cargo test --package mysfits-bundle --test pictures"
            );
        }
    }
}

#[test]
fn rejects_a_picture_of_another_drawing() {
    let drawings = all();
    let [a, b] = [&drawings[0], &drawings[1]].map(|(_, svg)| Picture::draw(svg));
    assert!(a.resembles(&a) && !a.resembles(&b));
    assert!(Picture::decode(&a.encode()) == a);
}

#[test]
fn every_committed_picture_has_a_drawing() {
    let drawn: Vec<_> = all().into_iter().map(|(path, _)| path).collect();
    let site = site();
    let is_raster =
        |path: &str| Path::new(path).extension().is_some_and(|kind| kind == "png" || kind == "ico");
    for file in site.files().iter().filter(|file| is_raster(&file.path)) {
        assert!(drawn.contains(&file.path), "{} has no drawing", file.path);
    }
}

#[test]
fn the_icon_file_has_one_picture() {
    let file = packed(&site(), "favicon.ico");
    let picture = Picture::decode(&file[ICO_HEADER..]);
    assert_eq!((picture.width, picture.height), (ICO_SIDE.into(), ICO_SIDE.into()));
    assert_eq!(file, ico(&file[ICO_HEADER..]));
    assert!(file.len() < ICON_LIMIT, "{} bytes", file.len());
}

#[test]
fn cards_and_icons_are_small_and_have_the_expected_size() {
    let site = site();
    let known = || art::ICONS.into_iter().chain([(art::TOUCH_ICON_URI, 180)]);
    for (path, _) in cards().into_iter().chain(icons()) {
        let png = packed(&site, &path);
        let Picture { width, height, .. } = Picture::decode(&png);
        if path.contains("cards/") {
            assert_eq!((width, height), CARD_SIZE, "{path}");
            assert!(png.len() < CARD_LIMIT, "{path} has {} bytes", png.len());
        } else {
            let expected = known().find(|(uri, _)| uri.trim_start_matches('/') == path);
            assert_eq!(expected.map(|(_, side)| (side, side)), Some((width, height)), "{path}");
            assert!(png.len() < ICON_LIMIT, "{path} has {} bytes", png.len());
        }
    }
}

#[test]
fn drawings_are_opaque() {
    for (path, svg) in cards().into_iter().chain(icons()) {
        let tree = Tree::from_str(&svg, &Options::default()).unwrap();
        // A sixteenth of the pixels is enough.
        let size = tree.size().to_int_size();
        let mut picture = Pixmap::new(size.width() / 4, size.height() / 4).unwrap();
        render(&tree, Transform::from_scale(0.25, 0.25), &mut picture.as_mut());
        assert!(picture.data().chunks_exact(4).all(|pixel| pixel[3] == u8::MAX), "{path} is not opaque");
    }
}

#[test]
fn every_picture_is_valid_svg() {
    for (path, svg) in art::portraits().into_iter().chain([art::banner(), art::favicon()]) {
        assert!(Tree::from_str(&svg, &Options::default()).is_ok(), "{path}");
    }
}
