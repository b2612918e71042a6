//! The pictures for link previews and home screens as PNG files.
//!
//! They are committed, because an SVG renderer compiles longer than the rest of this crate. A test compares them with their drawings;
//! `UPDATE_EXPECT=1 cargo test --package mysfits-bundle --test pictures` renders them again.

macro_rules! committed {
    ($($path:literal)+) => {
        [$(($path, include_bytes!(concat!("../png/", $path)))),+]
    };
}

/// The files: the path without its leading slash, and the content.
pub const FILES: [(&str, &[u8]); 30] = committed!(
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
    "ko/cards/atlantis.png"
    "ko/cards/coco.png"
    "ko/cards/cole.png"
    "ko/cards/evangeline.png"
    "ko/cards/gary.png"
    "ko/cards/gretta.png"
    "ko/cards/hasla.png"
    "ko/cards/mysfits.png"
    "ko/cards/nessi.png"
    "ko/cards/pauly.png"
    "ko/cards/rujin.png"
    "ko/cards/snowflake.png"
    "ko/cards/twilight-glitter.png"
);
