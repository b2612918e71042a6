//! Finds words that code and documentation must not use.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use crate::{checkout, workspace};

/// The words and phrases to avoid.
const BANNED: [&str; 13] = [
    "whoever",
    "whom",
    "nobody",
    "somebody",
    "anybody",
    "everybody",
    "thereof",
    "is none",
    "looked at",
    "stands there",
    "beyond counting",
    "on purpose",
    "the gate",
];
/// Extensions of the files that are searched.
const EXTENSIONS: [&str; 7] = ["rs", "md", "mjs", "py", "yml", "css", "toml"];
/// Files that are not searched: this one, and one that shows the site's own texts.
const EXCLUDED: [&str; 2] = ["xtask/src/words.rs", "examples/desk/README.md"];
/// What may begin a line of a comment.
const COMMENT_MARKERS: [&str; 6] = ["///", "//!", "//", "#", "*", "-"];

/// Checks that the workspace's texts hold no banned word.
///
/// # Errors
/// If they do, with the place of each word, or if a file cannot be read.
pub fn check() -> Result<()> {
    let mut found = Vec::new();
    for file in checkout::source_files()? {
        let name = file.to_string_lossy();
        let is_searched =
            file.extension().is_some_and(|extension| EXTENSIONS.iter().any(|e| extension == *e));
        if !is_searched || EXCLUDED.contains(&&*name) {
            continue;
        }
        let path = workspace::root().join(&file);
        // Git also lists a file that was removed and whose removal is not committed.
        if !path.exists() {
            continue;
        }
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
        found.extend(banned(&text).into_iter().map(|(line, word)| format!("{name}:{line}: {word}")));
    }
    ensure!(found.is_empty(), "banned words; rewrite them in plain terms:\n{}", found.join("\n"));
    Ok(())
}

/// Returns the banned words of a text with the number of the line in which each begins, in the order of the
/// text. Ignores case, and finds phrases that are broken over two lines of prose or of a comment.
fn banned(text: &str) -> Vec<(usize, &'static str)> {
    // Where each line begins in the text that is searched.
    let mut starts = Vec::new();
    let mut joined = String::with_capacity(text.len());
    for line in text.lines() {
        starts.push(joined.len());
        let line = line.trim().trim_end_matches('\\');
        let line = COMMENT_MARKERS.iter().find_map(|marker| line.strip_prefix(marker)).unwrap_or(line);
        for word in line.split_whitespace() {
            joined.push_str(word);
            joined.push(' ');
        }
    }
    // Python's own phrase; English has no capital there.
    let joined = joined.replace("is None", "is_None").to_ascii_lowercase();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let occurrences =
        BANNED.into_iter().flat_map(|word| joined.match_indices(word).map(move |(at, _)| (at, word)));
    let mut found: Vec<(usize, &str)> = occurrences
        .filter(|(at, word)| {
            !joined[..*at].ends_with(is_word) && !joined[at + word.len()..].starts_with(is_word)
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(at, word)| (starts.partition_point(|start| *start <= at), word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_whole_words_in_any_case() {
        let text = "Nobody's business\n`Owner::Nobody`, whomever, nobody_else, thereof.\n";
        assert_eq!(banned(text), [(1, "nobody"), (2, "nobody"), (2, "thereof")]);
    }

    #[test]
    fn finds_phrases_that_are_broken_over_two_lines() {
        assert_eq!(banned("a\n    /// The entry is\n    /// none."), [(2, "is none")]);
        assert_eq!(banned("- fails on\n  purpose"), [(1, "on purpose")]);
        assert_eq!(banned("\"injected on \\\n     purpose\""), [(1, "on purpose")]);
        assert_eq!(banned("# runs at\n# the gate"), [(2, "the gate")]);
    }

    #[test]
    fn leaves_code_and_similar_words_alone() {
        assert_eq!(banned("if label.is_none() {}"), []);
        assert_eq!(banned("if label is None:"), []);
        assert_eq!(banned("the gateway looks at it; this one stands, there"), []);
    }
}
