//! The guide's sections, and the selection of some of them.
//!
//! A section of the tutorial starts with a heading `## NUMBER. TITLE`. Each other page is one section, with the next number. A line
//! `<!-- needs: 2, 8 -->` in a section names the earlier ones whose commands it builds on.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_markdown::{MarkdownHeading, comments, headings};

/// Before the numbers of the sections that a section needs.
const NEEDS: &str = "needs: ";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuideSection {
    /// Its number, counted from 1.
    pub number: usize,
    /// Its heading, with the number.
    pub heading: String,
    /// The line of its heading, counted from 1.
    pub line: usize,
    /// The numbers of the sections that it builds on directly.
    pub needs: Vec<usize>,
}

/// What the runner does with a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Runs its commands, and compares what they print with what it shows.
    Compare,
    /// Runs its commands for a section that needs them.
    Prepare,
    /// Leaves it out.
    Skip,
}

/// Returns the sections of a page, in order. Without a section before them, they are those of the tutorial; otherwise the whole page is
/// one.
///
/// # Errors
/// If those of the tutorial are not numbered from 1 without gaps, or one of them needs a section that is not before it.
pub fn sections(markdown: &str, n_before: usize) -> Result<Vec<GuideSection>> {
    let mut sections: Vec<GuideSection> = Vec::new();
    let level = if n_before == 0 { 2 } else { 1 };
    for MarkdownHeading { line, text, .. } in
        headings(markdown).into_iter().filter(|heading| heading.level == level)
    {
        let number = n_before + sections.len() + 1;
        ensure!(
            n_before > 0 || text.starts_with(&format!("{number}. ")),
            "line {line}: expected section {number}, found {text:?}"
        );
        sections.push(GuideSection { number, heading: text, line, needs: Vec::new() });
    }
    for (line, comment) in comments(markdown) {
        let Some(numbers) = comment.strip_prefix(NEEDS) else { continue };
        let section = sections.iter_mut().rev().find(|section| section.line < line);
        let section = section.with_context(|| format!("line {line}: not in a section"))?;
        for number in numbers.split(", ") {
            let needed = number.parse().ok().filter(|needed| (1..section.number).contains(needed));
            let needed =
                needed.with_context(|| format!("line {line}: no section before this one: {number:?}"))?;
            section.needs.push(needed);
        }
    }
    Ok(sections)
}

/// Returns what to do with each section when these are chosen: by number, or by a part of the heading in any of the
/// languages, without regard to case. Without a choice, all sections are compared.
///
/// # Errors
/// If a choice matches no section. The message lists the headings of the first language.
pub fn select(languages: &[&[GuideSection]], chosen: &[String]) -> Result<Vec<Mode>> {
    let first = *languages.first().context("the guide has no language")?;
    if chosen.is_empty() {
        return Ok(vec![Mode::Compare; first.len()]);
    }
    let mut modes = vec![Mode::Skip; first.len()];
    for choice in chosen {
        let is_chosen = |section: &GuideSection| match choice.parse::<usize>() {
            Ok(number) => section.number == number,
            Err(_) => section.heading.to_lowercase().contains(&choice.to_lowercase()),
        };
        let found: Vec<usize> = languages
            .iter()
            .flat_map(|sections| sections.iter().filter(|section| is_chosen(section)))
            .map(|section| section.number)
            .collect();
        if found.is_empty() {
            let mut message =
                format!("the guide has no section {choice:?}; choose a number or a part of a heading:");
            for section in first {
                write!(message, "\n  {}", section.heading)?;
            }
            bail!(message);
        }
        for number in found {
            modes[number - 1] = Mode::Compare;
        }
    }
    // Backwards: a section needs only those before it, and they may need others.
    for section in first.iter().rev() {
        if modes[section.number - 1] != Mode::Skip {
            for needed in &section.needs {
                let needed = &mut modes[needed - 1];
                if *needed == Mode::Skip {
                    *needed = Mode::Prepare;
                }
            }
        }
    }
    Ok(modes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "# Guide\n## 1. Tools\n## 2. A server\n```sh\n## no heading\n```\n\
                           ## 3. A cloud\n<!-- needs: 2 -->\n## 4. The site\n\
                           ## 5. The end\n<!-- needs: 1, 3 -->\n";
    const KOREAN: &str = "## 1. 도구\n## 2. 서버\n## 3. 클라우드\n## 4. 사이트\n## 5. 끝\n";

    /// Returns what to do with each section: `=` compare, `+` prepare, `.` skip.
    fn selected(chosen: &[&str]) -> Result<String> {
        let chosen: Vec<String> = chosen.iter().map(|choice| (*choice).to_owned()).collect();
        let (english, korean) = (sections(ENGLISH, 0)?, sections(KOREAN, 0)?);
        let letter = |mode| match mode {
            Mode::Compare => '=',
            Mode::Prepare => '+',
            Mode::Skip => '.',
        };
        Ok(select(&[&english, &korean], &chosen)?.into_iter().map(letter).collect())
    }

    #[test]
    fn reads_headings_lines_and_needs() {
        let found = sections(ENGLISH, 0).unwrap();
        let parts: Vec<_> =
            found.iter().map(|section| (section.number, section.line, &section.needs[..])).collect();
        assert_eq!(parts, [(1, 2, &[][..]), (2, 3, &[]), (3, 7, &[2]), (4, 9, &[]), (5, 10, &[1, 3])]);
        assert_eq!(found[1].heading, "2. A server");
    }

    #[test]
    fn rejects_wrong_numbers() {
        for (wrong, expected) in [
            ("## 2. Server", "line 1: expected section 1, found \"2. Server\""),
            ("## 1. Server\n<!-- needs: 1 -->", "line 2: no section before this one: \"1\""),
            ("## 1. Server\n<!-- needs: x -->", "line 2: no section before this one: \"x\""),
            ("<!-- needs: 1 -->", "line 1: not in a section"),
        ] {
            assert_eq!(sections(wrong, 0).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn another_page_is_one_section() {
        let found = sections("# The model\n<!-- needs: 2 -->\n## 9. Rows\n", 5).unwrap();
        let expected = GuideSection { number: 6, heading: "The model".to_owned(), line: 1, needs: vec![2] };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn compares_all_sections_without_a_choice() {
        assert_eq!(selected(&[]).unwrap(), "=====");
    }

    #[test]
    fn selects_by_number_or_part_of_a_heading_in_any_language() {
        for choice in ["4", "site", "The site", "4. the", "사이트"] {
            assert_eq!(selected(&[choice]).unwrap(), "...=.", "{choice}");
        }
        assert_eq!(selected(&["the"]).unwrap(), "+++==");
        assert_eq!(selected(&["1", "서버"]).unwrap(), "==...");
    }

    #[test]
    fn prepares_what_the_chosen_sections_need() {
        assert_eq!(selected(&["3"]).unwrap(), ".+=..");
        assert_eq!(selected(&["5"]).unwrap(), "+++.=");
        assert_eq!(selected(&["5", "2"]).unwrap(), "+=+.=");
    }

    #[test]
    fn lists_the_sections_if_a_choice_matches_none() {
        for choice in ["6", "0", "moon"] {
            let error = selected(&["1", choice]).unwrap_err().to_string();
            let expected = format!(
                "the guide has no section {choice:?}; choose a number or a part of a heading:\n  \
                 1. Tools\n  2. A server\n  3. A cloud\n  4. The site\n  5. The end"
            );
            assert_eq!(error, expected);
        }
    }
}
