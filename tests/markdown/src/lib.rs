//! Reads Markdown: fenced code blocks, commands with their outputs, links, headings, quoted errors.
//!
//! Used by the tests that run the commands of READMEs, guides and other documentation, or compare it with the sources.

mod pages;
mod quoted_errors;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

pub use self::{
    pages::pages,
    quoted_errors::{has_parts, join_continued_lines, quoted_errors},
};

/// A fenced code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeBlock {
    /// The words after the opening fence.
    pub info: String,
    /// The line of the opening fence, counted from 1.
    pub line: usize,
    /// The lines of the block, each with its line feed.
    pub text: String,
    /// Whether nothing is between the previous block and this one.
    pub follows_block: bool,
}

/// A command, and the output that the text shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCommand {
    /// The command; continued lines are one command.
    pub command: String,
    /// The lines that follow, without the last line feed.
    pub output: String,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkdownHeading {
    /// Its level, from 1.
    pub level: u8,
    /// Its line, counted from 1.
    pub line: usize,
    /// Its text, without formatting.
    pub text: String,
}

/// Returns the parts of a text with their lines, counted from 1.
fn events(markdown: &str) -> impl Iterator<Item = (Event<'_>, usize)> {
    let (mut line, mut read) = (1, 0);
    Parser::new_ext(markdown, Options::ENABLE_TABLES).into_offset_iter().map(move |(event, range)| {
        // The end of a part has the place of its start.
        if range.start > read {
            line += markdown[read..range.start].matches('\n').count();
            read = range.start;
        }
        let before = markdown[range.start..read].matches('\n').count();
        (event, line - before)
    })
}

/// Returns the fenced code blocks of a text, in order.
#[must_use]
pub fn code_blocks(markdown: &str) -> Vec<CodeBlock> {
    let mut blocks: Vec<CodeBlock> = Vec::new();
    let (mut is_open, mut follows_block) = (false, false);
    for (event, line) in events(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let info = info.trim().to_owned();
                blocks.push(CodeBlock { info, line, text: String::new(), follows_block });
                is_open = true;
            }
            Event::End(TagEnd::CodeBlock) => (is_open, follows_block) = (false, is_open),
            Event::Text(text) if is_open => {
                if let Some(block) = blocks.last_mut() {
                    block.text.push_str(&text);
                }
            }
            _ => follows_block = false,
        }
    }
    blocks
}

/// Returns the commands of a `console` block (`$ ...`), each with the lines that follow it. A trailing backslash continues a
/// command in the next line.
#[must_use]
pub fn commands(block: &str) -> Vec<ShownCommand> {
    let mut shown: Vec<ShownCommand> = Vec::new();
    let mut is_continued = false;
    for line in block.lines() {
        if let Some(last) = shown.last_mut().filter(|_| is_continued) {
            last.command.extend(["\n", line]);
            is_continued = line.ends_with('\\');
        } else if let Some(command) = line.strip_prefix("$ ") {
            shown.push(ShownCommand { command: command.to_owned(), output: String::new() });
            is_continued = line.ends_with('\\');
        } else if let Some(last) = shown.last_mut() {
            let separator = if last.output.is_empty() { "" } else { "\n" };
            last.output.extend([separator, line]);
        }
    }
    shown
}

/// Returns the commands of all `console` blocks of a text, each with its output.
#[must_use]
pub fn console_commands(markdown: &str) -> Vec<ShownCommand> {
    let blocks = code_blocks(markdown).into_iter().filter(|block| block.info == "console");
    blocks.flat_map(|block| commands(&block.text)).collect()
}

/// Returns the targets of the links and pictures of a text, each with its line.
#[must_use]
pub fn links(markdown: &str) -> Vec<(usize, String)> {
    let target = |(event, line)| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            Some((line, dest_url.into_string()))
        }
        _ => None,
    };
    events(markdown).filter_map(target).collect()
}

/// Returns a text with other targets of its inline links and pictures. Where `target` returns `None`, only the text of the link
/// is left.
#[must_use]
pub fn with_targets(markdown: &str, mut target: impl FnMut(&str) -> Option<String>) -> String {
    let mut result = String::with_capacity(markdown.len());
    let mut n_copied = 0;
    for (event, range) in Parser::new_ext(markdown, Options::ENABLE_TABLES).into_offset_iter() {
        let Event::Start(
            Tag::Link { link_type: LinkType::Inline, dest_url, .. }
            | Tag::Image { link_type: LinkType::Inline, dest_url, .. },
        ) = event
        else {
            continue;
        };
        let Some((text, _)) = markdown[range.clone()].rsplit_once("](") else { continue };
        // A picture in a link is a part of the link's text.
        if range.start < n_copied {
            continue;
        }
        result.push_str(&markdown[n_copied..range.start]);
        match target(&dest_url) {
            Some(target) => result.extend([text, "](", &*target, ")"]),
            None => result.push_str(text.trim_start_matches('!').trim_start_matches('[')),
        }
        n_copied = range.end;
    }
    result.push_str(&markdown[n_copied..]);
    result
}

/// Returns the headings of a text.
#[must_use]
pub fn headings(markdown: &str) -> Vec<MarkdownHeading> {
    let mut headings: Vec<MarkdownHeading> = Vec::new();
    let mut is_open = false;
    for (event, line) in events(markdown) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                headings.push(MarkdownHeading { level: number(level), line, text: String::new() });
                is_open = true;
            }
            Event::End(TagEnd::Heading(_)) => is_open = false,
            Event::Text(text) | Event::Code(text) if is_open => {
                if let Some(heading) = headings.last_mut() {
                    heading.text.push_str(&text);
                }
            }
            _ => {}
        }
    }
    headings
}

fn number(level: HeadingLevel) -> u8 {
    level as u8
}

/// Returns the anchors of a text's headings, as GitHub writes them.
#[must_use]
pub fn anchors(markdown: &str) -> Vec<String> {
    let is_kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
    let anchor = |text: String| -> String {
        text.to_lowercase().chars().filter(is_kept).map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings(markdown).into_iter().map(|heading| anchor(heading.text)).collect()
}

/// Returns the HTML comments of a text, without their marks, each with its line.
#[must_use]
pub fn comments(markdown: &str) -> Vec<(usize, String)> {
    let comment = |(event, line): (Event<'_>, usize)| match event {
        Event::Html(html) | Event::InlineHtml(html) => {
            let text = html.trim().strip_prefix("<!--")?.strip_suffix("-->")?.trim();
            Some((line, text.to_owned()))
        }
        _ => None,
    };
    events(markdown).filter_map(comment).collect()
}

/// Returns what translations of a text have in common: the levels of its headings, its code blocks to the letter, tables, items,
/// quotes, pictures, comments, and the targets of links. `common` makes targets comparable. Diagrams (`mermaid`) are
/// compared as pictures, because their labels are translated.
///
/// Translated sentences have another order, so the targets of a paragraph are sorted.
#[must_use]
pub fn structure(markdown: &str, common: impl Fn(&str) -> String) -> Vec<String> {
    let (mut parts, mut targets) = (Vec::new(), Vec::new());
    let mut is_diagram = false;
    let mut is_code = false;
    for (event, _) in events(markdown) {
        let part = match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                targets.push(common(&dest_url));
                continue;
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                targets.push(format!("picture {}", common(&dest_url)));
                continue;
            }
            Event::Start(Tag::Heading { level, .. }) => format!("heading {}", number(level)),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                is_code = true;
                is_diagram = &*info == "mermaid";
                format!("```{info}")
            }
            Event::Text(text) if is_code && !is_diagram => text.into_string(),
            Event::Start(Tag::TableRow | Tag::TableHead) => "row".to_owned(),
            Event::Start(Tag::Item) => "item".to_owned(),
            Event::Start(Tag::BlockQuote(_)) => "quote".to_owned(),
            Event::Html(html) => html.trim().to_owned(),
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell | TagEnd::Heading(_)) => {
                targets.sort();
                parts.append(&mut targets);
                continue;
            }
            Event::End(TagEnd::CodeBlock) => {
                is_code = false;
                continue;
            }
            _ => continue,
        };
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_code_blocks_with_info_line_and_text() {
        let found = code_blocks(
            "a\n```console server\n$ one\n\n# two\n```\nb\n```\nplain\n```\n\n```text output\n1\n```\n\n    indented\n\n```sh\nopen",
        );
        let parts: Vec<_> = found
            .iter()
            .map(|block| (block.info.as_str(), block.line, block.text.as_str(), block.follows_block))
            .collect();
        assert_eq!(
            parts,
            [
                ("console server", 2, "$ one\n\n# two\n", false),
                ("", 8, "plain\n", false),
                ("text output", 12, "1\n", true),
                ("sh", 18, "open", false)
            ]
        );
    }

    #[test]
    fn separates_commands_from_outputs() {
        let found = commands("$ echo one \\\n    two\none two\n\nthree\n$ true\n$ false\n");
        let expected = [("echo one \\\n    two", "one two\n\nthree"), ("true", ""), ("false", "")];
        let expected = expected
            .map(|(command, output)| ShownCommand { command: command.to_owned(), output: output.to_owned() });
        assert_eq!(found, expected);
    }

    #[test]
    fn finds_links_of_all_kinds_outside_of_code() {
        let markdown = "[a](b) and\n![c](d)\n```\n[e](f)\n```\n`[x](y)` [g][h] <https://i>\n\n[h]: j\n";
        let found = links(markdown);
        let found: Vec<_> = found.iter().map(|(line, target)| (*line, target.as_str())).collect();
        assert_eq!(found, [(1, "b"), (2, "d"), (6, "j"), (6, "https://i")]);
    }

    #[test]
    fn replaces_targets_of_links_and_leaves_the_rest() {
        let markdown = "# A\n\n- [`a` b](c) and ![d](e), `[f](g)`\n\n| [h](i#j) |\n| - |\n\n```\n[k](l)\n```\n<https://m>\n";
        let replaced = with_targets(markdown, |target| (target != "c").then(|| format!("x/{target}")));
        let expected =
            markdown.replace("[`a` b](c)", "`a` b").replace("](e)", "](x/e)").replace("](i#j)", "](x/i#j)");
        assert_eq!(replaced, expected);
    }

    #[test]
    fn reads_headings_anchors_and_comments() {
        let markdown =
            "# The `model`, again\n\n<!-- needs: 2 -->\n\n```sh\n# no heading\n```\n\n## 2. 서버_a\n";
        let found = headings(markdown);
        let found: Vec<_> =
            found.iter().map(|heading| (heading.level, heading.line, heading.text.as_str())).collect();
        assert_eq!(found, [(1, 1, "The model, again"), (2, 9, "2. 서버_a")]);
        assert_eq!(anchors(markdown), ["the-model-again", "2-서버_a"]);
        assert_eq!(comments(markdown), [(3, "needs: 2".to_owned())]);
    }

    #[test]
    fn translations_have_the_same_structure() {
        let common = |target: &str| target.replace(".ko.", ".en.");
        let english =
            "# One\n\n[a](x.en.md) then [b](y)\n\n```mermaid\na[Shop]\n```\n\n| t |\n| - |\n| r |\n";
        let korean = "# 하나\n\n[b](y), [a](x.ko.md)\n\n```mermaid\na[가게]\n```\n\n| 표 |\n| - |\n| 행 |\n";
        let expected = ["heading 1", "x.en.md", "y", "```mermaid", "row", "row"];
        assert_eq!(structure(english, common), expected);
        assert_eq!(structure(korean, common), expected);
        assert_ne!(structure("```sh\na\n```", common), structure("```sh\nb\n```", common));
    }
}
