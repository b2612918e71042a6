//! The style sheet: the files in `style/`, and generated rules for the filters, the portraits and the map of neighbours.

use std::{fmt::Write as _, fs, io, path::Path};

use mysfits_domain::{GoodEvil, LawChaos};

use crate::{art, neighbour_map, state::AlignmentFilter};

macro_rules! sources {
    ($($name:literal)+) => {
        [$(($name, include_str!(concat!("style/", $name)))),+]
    };
}

/// The files in the order of the sheet: first the tokens, last the media queries.
const SOURCES: [(&str, &str); 10] = sources!(
    "tokens.css" "base.css" "banner.css" "grid.css" "dialog.css" "quiz.css" "result.css" "community.css" "page.css"
    "media.css"
);

/// Returns the style sheet, without comments and indentation.
#[must_use]
pub fn sheet() -> String {
    with_generated_rules(SOURCES.map(|(_, source)| compact(source)).concat())
}

/// Returns the style sheet of the files in a folder, which have the same names as those in `style/`.
///
/// # Errors
/// If a file cannot be read.
pub fn read(folder: &Path) -> io::Result<String> {
    let mut sheet = String::new();
    for (name, _) in SOURCES {
        sheet += &compact(&fs::read_to_string(folder.join(name))?);
    }
    Ok(with_generated_rules(sheet))
}

/// Adds the rules of the filters, the portraits and the map.
fn with_generated_rules(mut sheet: String) -> String {
    for value in GoodEvil::ALL {
        hide_others(&mut sheet, AlignmentFilter::GOOD_EVIL, value.as_str());
    }
    for value in LawChaos::ALL {
        hide_others(&mut sheet, AlignmentFilter::LAW_CHAOS, value.as_str());
    }
    for (slug, sky) in art::skies() {
        // Until the portrait is there. Its path is `/art/coco.svg` or `/assets/coco-HASH.svg`. Writing to a String cannot fail.
        let _ = writeln!(sheet, "img[src*=\"/{slug}\"]{{background:linear-gradient({})}}", sky.join(","));
        let top = sky.first().copied().unwrap_or_default();
        let ink = if is_dark(top) { "#fff" } else { "#2b2042" };
        let _ = writeln!(sheet, "[data-slug={slug}]{{--sky:{top};--sky-ink:{ink}}}");
    }
    sheet + &neighbour_map::rules()
}

/// Returns whether white text is better to read on a colour `#rrggbb` than dark text.
fn is_dark(colour: &str) -> bool {
    let channel = |at: usize| {
        colour.get(at..at + 2).and_then(|hex| u32::from_str_radix(hex, 16).ok()).unwrap_or_default()
    };
    // The luma of BT.601, in thousandths.
    299 * channel(1) + 587 * channel(3) + 114 * channel(5) < 128_000
}

/// Adds the rule by which a checked radio button hides the cards with other values.
fn hide_others(sheet: &mut String, axis: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(
        sheet,
        "body:has([name={axis}][value={value}]:checked) .card:not([data-{axis}={value}]){{display:none}}"
    );
}

/// Removes comments, indentation and empty lines.
fn compact(source: &str) -> String {
    let mut without_comments = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, comment)) = rest.split_once("/*") {
        without_comments.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    without_comments.push_str(rest);
    without_comments
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .flat_map(|line| [line, "\n"])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_comments_and_indentation() {
        assert_eq!(compact("/* a\n b */\na {\n  b: c; /* d */\n}\n\n"), "a {\nb: c;\n}\n");
    }

    #[test]
    fn has_a_rule_for_every_value_and_balanced_braces() {
        let sheet = sheet();
        assert_eq!(sheet.matches(":checked) .card:not(").count(), 6);
        assert_eq!(sheet.matches('{').count(), sheet.matches('}').count());
    }

    #[test]
    fn reads_the_same_sheet_from_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/style");
        assert_eq!(read(&folder).unwrap(), sheet());
        assert!(read(&folder.join("missing")).is_err());
    }

    /// The content security policy allows only the site's own origin.
    #[test]
    fn loads_nothing_from_other_origins() {
        let sheet = sheet();
        assert!(!sheet.contains("url(") && !sheet.contains("@import") && !sheet.contains("http"), "{sheet}");
    }
}
