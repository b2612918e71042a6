//! The fonts of the headings: for each language a subset of an open font, in `fonts/`. `cargo xtask fonts` writes the files.

use std::fmt::Write as _;

use mysfits_domain::Locale;

/// The font of the headings in one language.
#[derive(Debug, Clone, Copy)]
pub struct HeadingFont {
    /// The language.
    pub locale: Locale,
    /// The name of the file, without its extension.
    pub name: &'static str,
    /// The font file in the format WOFF2.
    pub woff2: &'static [u8],
}

/// The fonts, in the order of [`Locale::ALL`].
pub const FONTS: [HeadingFont; 2] = [
    HeadingFont {
        locale: Locale::En,
        name: "heading-en",
        woff2: include_bytes!("../fonts/heading-en.woff2"),
    },
    HeadingFont {
        locale: Locale::Ko,
        name: "heading-ko",
        woff2: include_bytes!("../fonts/heading-ko.woff2"),
    },
];

/// Returns the rules that name the fonts in the style sheet. `paths` are the fonts' paths, in the order of [`FONTS`].
#[must_use]
pub fn font_faces(paths: &[String; 2]) -> String {
    let mut rules = String::new();
    for (font, path) in FONTS.iter().zip(paths) {
        // Writing to a String cannot fail. One file for all weights, so that no browser makes it bolder.
        let _ = writeln!(
            rules,
            "@font-face{{font-family:\"Mysfits {}\";font-weight:1 1000;font-display:swap;src:url({path})format(\"woff2\")}}",
            font.locale.code()
        );
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_a_font() {
        assert_eq!(FONTS.map(|font| font.locale), Locale::ALL);
        assert!(FONTS.iter().all(|font| font.woff2.starts_with(b"wOF2")));
        let rules = font_faces(&["/a.woff2".to_owned(), "/b.woff2".to_owned()]);
        assert_eq!(rules.lines().count(), 2);
        assert!(
            rules.contains("\"Mysfits ko\";font-weight:1 1000;font-display:swap;src:url(/b.woff2)"),
            "{rules}"
        );
    }
}
