//! The errors that a page quotes, and how to find them in Rust sources.

/// Returns the errors in the first column of a page's tables: the code at the start of a row.
#[must_use]
pub fn quoted_errors(page: &str) -> Vec<&str> {
    page.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |").map(|(text, _)| text))
        .collect()
}

/// Returns whether a line has all parts of a quoted error, in order. `…` separates the parts.
#[must_use]
pub fn has_parts(line: &str, quoted: &str) -> bool {
    let mut rest = line;
    quoted.split('…').all(|part| match rest.split_once(part.trim()) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// Returns a Rust source in which each string that a backslash continues in the next line is on one line.
#[must_use]
pub fn join_continued_lines(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut is_continued = false;
    for line in source.lines() {
        let line = if is_continued { line.trim_start() } else { line };
        let begin = line.strip_suffix('\\');
        is_continued = begin.is_some();
        text.push_str(begin.unwrap_or(line));
        if !is_continued {
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_first_column_of_tables() {
        let page =
            "| error | reason |\n| --- | --- |\n| `cannot read …` | none |\n| prose `a` | `b` |\n`c` | d\n";
        assert_eq!(quoted_errors(page), ["cannot read …"]);
    }

    #[test]
    fn finds_the_parts_of_an_error_in_order() {
        assert!(has_parts("the stack {name} exists without the tags {tags}", "the stack … exists without"));
        assert!(!has_parts("exists without the stack", "the stack … exists"));
        assert!(!has_parts("the stacks", "the bucket"));
    }

    #[test]
    fn finds_errors_that_are_broken_over_lines() {
        let source = join_continued_lines("bail!(\n    \"no compiler for {TARGET} \\\n     was found\"\n);");
        let has = |text| source.lines().any(|line| has_parts(line, text));
        assert!(has("no compiler for … was found"), "{source}");
        assert!(!has("was found … no compiler"), "{source}");
    }
}
