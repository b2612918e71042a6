//! The style sheet: hand-written files, a theme each, plus the filter rules, whose values are the domain's.

use std::{fmt::Write as _, fs, io, path::Path};

use mysfits_domain::{GoodEvil, LawChaos};

use crate::Filter;

macro_rules! sources {
    ($($name:literal)+) => {
        [$(($name, include_str!(concat!("style/", $name)))),+]
    };
}

/// The files' names and contents: tokens first; the exceptions of media last.
const SOURCES: [(&str, &str); 8] = sources!(
    "tokens.css" "base.css" "banner.css" "grid.css" "dialog.css" "quiz.css" "community.css" "media.css"
);

/// The whole style sheet, without comments and indentation.
#[must_use]
pub fn sheet() -> String {
    with_filters(SOURCES.map(|(_, source)| compact(source)).concat())
}

/// Returns the style sheet of the files in a folder, which have the names of those that are compiled in.
///
/// # Errors
/// If a file cannot be read.
pub fn read(folder: &Path) -> io::Result<String> {
    let mut sheet = String::new();
    for (name, _) in SOURCES {
        sheet += &compact(&fs::read_to_string(folder.join(name))?);
    }
    Ok(with_filters(sheet))
}

/// Adds the rules of the filters.
fn with_filters(mut sheet: String) -> String {
    for value in GoodEvil::ALL {
        hide_others(&mut sheet, Filter::GOOD_EVIL, value.as_str());
    }
    for value in LawChaos::ALL {
        hide_others(&mut sheet, Filter::LAW_CHAOS, value.as_str());
    }
    sheet
}

/// The rule that makes a chosen radio hide the cards that have another value.
fn hide_others(sheet: &mut String, axis: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(
        sheet,
        "body:has([name={axis}][value={value}]:checked) .card:not([data-{axis}={value}]){{display:none}}"
    );
}

/// Removes comments, indentation and empty lines; what is within a line stays.
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
    fn comments_and_indentation_go() {
        assert_eq!(compact("/* a\n b */\na {\n  b: c; /* d */\n}\n\n"), "a {\nb: c;\n}\n");
    }

    #[test]
    fn every_value_has_its_rule_and_braces_are_balanced() {
        let sheet = sheet();
        assert_eq!(sheet.matches("display:none}").count(), 6);
        assert_eq!(sheet.matches('{').count(), sheet.matches('}').count());
    }

    #[test]
    fn the_sheet_of_the_folder_is_the_one_compiled_in() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/style");
        assert_eq!(read(&folder).unwrap(), sheet());
        assert!(read(&folder.join("missing")).is_err());
    }

    /// The site must work where only its own origin may be asked.
    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        let sheet = sheet();
        assert!(!sheet.contains("url(") && !sheet.contains("@import") && !sheet.contains("http"), "{sheet}");
    }
}
