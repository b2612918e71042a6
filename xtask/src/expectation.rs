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
            fits_line(&tokens(shown_line), printed_line) && fit(shown, printed, (row + 1, line + 1), furthest)
        }
        _ => false,
    }
}

/// A part of a shown line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Literal(&'a str),
    Number,
    Id,
    Characters,
}

/// The marks within a line.
const MARKS: [(&str, Token<'_>); 3] =
    [("<number>", Token::Number), ("<id>", Token::Id), ("…", Token::Characters)];

fn tokens(line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = line;
    loop {
        let marks = MARKS.iter().filter_map(|(mark, token)| Some((rest.find(mark)?, *mark, *token)));
        let Some((start, mark, token)) = marks.min_by_key(|(start, _, _)| *start) else { break };
        tokens.extend((start > 0).then(|| Token::Literal(&rest[..start])));
        tokens.push(token);
        rest = &rest[start + mark.len()..];
    }
    tokens.extend((!rest.is_empty()).then_some(Token::Literal(rest)));
    tokens
}

impl Token<'_> {
    /// Returns whether the mark matches a text.
    fn may_be(self, text: &str) -> bool {
        match self {
            Self::Literal(literal) => text == literal,
            Self::Number => {
                let digits = text.trim_start_matches(' ');
                digits.starts_with(|c: char| c.is_ascii_digit())
                    && digits.ends_with(|c: char| c.is_ascii_digit())
                    && digits.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',')
            }
            Self::Id => !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
            Self::Characters => !text.is_empty(),
        }
    }
}

fn fits_line(tokens: &[Token<'_>], text: &str) -> bool {
    let Some((first, rest)) = tokens.split_first() else { return text.is_empty() };
    if let Token::Literal(literal) = first {
        return text.strip_prefix(literal).is_some_and(|text| fits_line(rest, text));
    }
    let ends = text.char_indices().map(|(start, c)| start + c.len_utf8());
    ends.filter(|end| first.may_be(&text[..*end])).any(|end| fits_line(rest, &text[end..]))
}

/// Returns a text that matches what is shown, with an example in place of every mark.
#[cfg(test)]
pub fn example(shown: &str) -> String {
    let line = |line: &str| {
        if line.trim() == LINES {
            return "left\nout".to_owned();
        }
        let part = |token: &Token<'_>| match token {
            Token::Literal(literal) => (*literal).to_owned(),
            Token::Number => "  1,234.5".to_owned(),
            Token::Id => "an-id7".to_owned(),
            Token::Characters => "some".to_owned(),
        };
        tokens(line).iter().map(part).collect()
    };
    shown.lines().map(line).collect::<Vec<_>>().join("\n")
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
