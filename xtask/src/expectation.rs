//! Compares the output of a command with the output that a text shows. Parts that vary are marked in the text.
//!
//! | shown | stands for |
//! |---|---|
//! | `<number>` | one number, with the blanks before it that align it |
//! | `<id>` | a generated name: letters, digits and dashes |
//! | `…` | one or more characters of the line |
//! | a line `⋮` | one or more lines |
//!
//! White space at the end of a line is ignored, because it is invisible.

use std::fmt;

/// The line that stands for one or more lines.
const LINES: &str = "⋮";

/// The first difference between a shown and a printed output.
#[derive(Debug, PartialEq, Eq)]
pub struct OutputDifference {
    /// The first shown line that matches nothing; `None` if more is printed than shown.
    shown: Option<String>,
    /// The printed line in its place; `None` at the end.
    printed: Option<String>,
}

impl fmt::Display for OutputDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |line: &Option<String>| line.clone().unwrap_or_else(|| "(nothing more)".to_owned());
        write!(f, "    shown    {}\n    printed  {}", line(&self.shown), line(&self.printed))
    }
}

/// Compares what is printed with what is shown.
pub fn compare(shown: &str, printed: &str) -> Result<(), OutputDifference> {
    let shown: Vec<&str> = shown.trim_end().lines().map(str::trim_end).collect();
    let printed: Vec<&str> = printed.trim_end().lines().map(str::trim_end).collect();
    let mut furthest = (0, 0);
    if fit(&shown, &printed, (0, 0), &mut furthest) {
        return Ok(());
    }
    let line = |lines: &[&str], index: usize| lines.get(index).map(|line| (*line).to_owned());
    Err(OutputDifference { shown: line(&shown, furthest.0), printed: line(&printed, furthest.1) })
}

/// Returns whether the lines from `at` on match; `furthest` is the last place where they did not.
fn fit(shown: &[&str], printed: &[&str], at: (usize, usize), furthest: &mut (usize, usize)) -> bool {
    *furthest = at.max(*furthest);
    let (row, line) = at;
    match (shown.get(row), printed.get(line)) {
        (None, None) => true,
        (Some(shown_line), Some(_)) if shown_line.trim() == LINES => {
            (line + 1..=printed.len()).any(|next| fit(shown, printed, (row + 1, next), furthest))
        }
        (Some(shown_line), Some(printed_line)) => {
            fits_line(shown_line, printed_line) && fit(shown, printed, (row + 1, line + 1), furthest)
        }
        _ => false,
    }
}

/// Returns whether a mark may stand for a text.
type MarkRule = fn(&str) -> bool;

/// The marks within a line, and what each stands for.
const MARKS: [(&str, MarkRule); 3] = [("<number>", is_number), ("<id>", is_id), ("…", |_| true)];

fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(' ');
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',')
}

fn is_id(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Returns whether a shown line matches a text. A mark stands for one or more characters.
fn fits_line(shown: &str, text: &str) -> bool {
    let marks = MARKS.iter().filter_map(|(mark, may_be)| Some((shown.find(mark)?, mark, may_be)));
    let Some((start, mark, may_be)) = marks.min_by_key(|(start, ..)| *start) else { return shown == text };
    let Some(text) = text.strip_prefix(&shown[..start]) else { return false };
    let rest = &shown[start + mark.len()..];
    let mut ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.any(|end| may_be(&text[..end]) && fits_line(rest, &text[end..]))
}

/// Returns a text that matches what is shown, with an example in place of every mark.
#[cfg(test)]
pub fn example(shown: &str) -> String {
    let lines = shown.lines().map(|line| if line.trim() == LINES { "left\nout" } else { line });
    let text = lines.collect::<Vec<_>>().join("\n");
    text.replace("<number>", "  1,234.5").replace("<id>", "an-id7").replace('…', "some")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_unmarked_text_exactly() {
        compare("one\ntwo\n", "one\ntwo").unwrap();
        compare("one  ", "one").unwrap();
        for printed in ["one\ntwp", "one\ntwo\nthree", "one", "one\n two", "One\ntwo", ""] {
            assert!(compare("one\ntwo", printed).is_err(), "{printed:?}");
        }
    }

    #[test]
    fn marks_match_what_they_name_and_nothing_else() {
        for (shown, good, bad) in [
            ("in <number> ms", "in    1,234.5 ms", "in  ms"),
            ("in <number> ms", "in 7 ms", "in x ms"),
            ("in <number> ms", "in 7 ms", "in 7. ms"),
            ("bucket <id>!", "bucket a-b7!", "bucket a b!"),
            ("bucket <id>!", "bucket a!", "bucket !"),
            ("a … c", "a b b c", "a  c"),
            ("a … c", "a b c", "a b d"),
            ("a\n⋮\nd", "a\nb\nc\nd", "a\nd"),
            ("a\n⋮", "a\nb", "a"),
            ("⋮\nd", "a\nd", "a\nd\ne"),
        ] {
            assert_eq!(compare(shown, good), Ok(()), "{shown}");
            assert!(compare(shown, bad).is_err(), "{shown} {bad}");
        }
    }

    #[test]
    fn reports_the_first_different_line() {
        let difference = compare("a\n⋮\nx <number>\ny", "a\nb\nx 1\nz").unwrap_err();
        assert_eq!(difference.to_string(), "    shown    y\n    printed  z");
        let difference = compare("a", "a\nb").unwrap_err();
        assert_eq!(difference.to_string(), "    shown    (nothing more)\n    printed  b");
    }

    #[test]
    fn examples_match() {
        let shown = "plain\n⋮\ntook <number> ms of …, <id>";
        assert_eq!(compare(shown, &example(shown)), Ok(()));
    }
}
