//! The cards and icons as PNG files, for social networks and home screens, which do not take SVG.
//!
//! They are committed: drawing them takes a renderer that compiles longer than the rest of this crate. A test draws them again
//! and compares; `UPDATE_EXPECT=1 cargo test --package mysfits-bundle --test pictures` writes them.

macro_rules! committed {
    ($($path:literal)+) => {
        [$(($path, include_bytes!(concat!("../png/", $path)))),+]
    };
}

/// The files: path from the site's root without the leading slash, and the content.
pub const FILES: [(&str, &[u8]); 17] = committed!(
    "apple-touch-icon.png"
    "cards/atlantis.png"
    "cards/coco.png"
    "cards/cole.png"
    "cards/evangeline.png"
    "cards/gary.png"
    "cards/gretta.png"
    "cards/hasla.png"
    "cards/mysfits.png"
    "cards/nessi.png"
    "cards/pauly.png"
    "cards/rujin.png"
    "cards/snowflake.png"
    "cards/twilight-glitter.png"
    "favicon.ico"
    "icon-192.png"
    "icon-512.png"
);
