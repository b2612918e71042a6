//! Parses Markdown: fenced blocks, and commands with their outputs.
//!
//! Used by the tests that run the READMEs (`readme`) and the guide (`guide`).

/// A fenced block of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The words after its fence.
    pub info: String,
    /// The line of its first fence, counted from 1.
    pub line: usize,
    /// What stands in it, each line with its line feed.
    pub text: String,
}

/// A command, and what the text says it prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What is typed; continued lines are one command.
    pub command: String,
    /// The lines that follow, without the last line feed.
    pub output: String,
}

/// The fenced blocks of a text, in order. A fence that is never closed ends with the text.
pub fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (line, text) in (1..).zip(markdown.lines()) {
        match (text.strip_prefix("```"), &mut open) {
            (Some(info), None) => {
                open = Some(Block { info: info.trim().to_owned(), line, text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.text.extend([text, "\n"]),
            (None, None) => {}
        }
    }
    blocks.extend(open);
    blocks
}

/// Returns the commands of a block (`$ …`), each with the lines that follow it. A trailing backslash
/// continues a command in the next line.
pub fn commands(block: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let mut goes_on = false;
    for line in block.lines() {
        if let Some(last) = shown.last_mut().filter(|_| goes_on) {
            last.command.extend(["\n", line]);
            goes_on = line.ends_with('\\');
        } else if let Some(command) = line.strip_prefix("$ ") {
            shown.push(Shown { command: command.to_owned(), output: String::new() });
            goes_on = line.ends_with('\\');
        } else if let Some(last) = shown.last_mut() {
            let separator = if last.output.is_empty() { "" } else { "\n" };
            last.output.extend([separator, line]);
        }
    }
    shown
}

/// Where the links and pictures of a line of prose lead, in order.
pub fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_words_their_place_and_their_text() {
        let found = blocks("a\n```console server\n$ one\n```\nb\n```\nplain\n```\n```sh\nopen");
        let parts = |block: &Block| (block.info.clone(), block.line, block.text.clone());
        let expected = [("console server", 2, "$ one\n"), ("", 6, "plain\n"), ("sh", 9, "open\n")];
        let expected = expected.map(|(info, line, text)| (info.to_owned(), line, text.to_owned()));
        assert_eq!(found.iter().map(parts).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn commands_are_told_from_what_they_print() {
        let found = commands("$ echo one \\\n    two\none two\n\nthree\n$ true\n$ false\n");
        let expected = [("echo one \\\n    two", "one two\n\nthree"), ("true", ""), ("false", "")];
        let expected = expected
            .map(|(command, output)| Shown { command: command.to_owned(), output: output.to_owned() });
        assert_eq!(found, expected);
    }
}
