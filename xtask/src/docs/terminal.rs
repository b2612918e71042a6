//! The picture of a terminal in the READMEs: commands of the tutorial with their outputs, as an SVG.
//!
//! `cargo xtask guide` compares these outputs with what the commands print.

use std::{fmt::Write as _, fs};

use anyhow::{Context as _, Result};
use mysfits_markdown::{ShownCommand, console_commands};

use crate::workspace;

/// The page with the commands.
const PAGE: &str = "docs/tutorial.md";
/// The picture.
const PICTURE: &str = "docs/images/terminal.svg";
/// How the shown commands begin, in the order of the picture.
const COMMANDS: [&str; 3] = [
    "curl -s -d '{\"entry\": [1,2,3,4,5]}' http://127.0.0.1:8080/recommendations -X POST",
    "cargo xtask check endpoint",
    "cargo xtask check site",
];
/// The size of a character, and the space around the text, in pixels.
const CHARACTER: (usize, usize) = (8, 20);
const PADDING: usize = 20;

/// Writes the picture.
pub fn write() -> Result<()> {
    let picture = picture()?;
    let path = workspace::root().join(PICTURE);
    fs::create_dir_all(path.parent().unwrap_or(&path))?;
    fs::write(&path, picture).with_context(|| format!("cannot write {}", path.display()))
}

/// Returns the picture.
fn picture() -> Result<String> {
    let markdown =
        fs::read_to_string(workspace::root().join(PAGE)).with_context(|| format!("cannot read {PAGE}"))?;
    let shown = console_commands(&markdown);
    let commands = COMMANDS.map(|wanted| {
        shown
            .iter()
            .find(|shown| shown.command == wanted)
            .with_context(|| format!("{PAGE} does not show {wanted}"))
    });
    Ok(svg(&commands.into_iter().collect::<Result<Vec<_>>>()?))
}

/// Draws commands with their outputs, each line at its place whatever font there is.
fn svg(commands: &[&ShownCommand]) -> String {
    let lines: Vec<(&str, String)> = commands
        .iter()
        .flat_map(|shown| {
            let output = shown.output.lines().map(|line| (class(line), line.to_owned()));
            std::iter::once(("command", format!("$ {}", shown.command))).chain(output)
        })
        .collect();
    let n_columns = lines.iter().map(|(_, line)| line.chars().count()).max().unwrap_or(0);
    let (width, height) = (n_columns * CHARACTER.0 + 2 * PADDING, lines.len() * CHARACTER.1 + 2 * PADDING);
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<style>
rect {{ fill: #181228 }}
text {{ fill: #d8d2e8; font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre }}
.command {{ fill: #ffffff; font-weight: bold }}
.ok {{ fill: #9be49b }}
</style>
<rect width="{width}" height="{height}" rx="8"/>
"#
    );
    for (number, (class, line)) in lines.iter().enumerate() {
        let baseline = PADDING + number * CHARACTER.1 + 14;
        let length = line.chars().count() * CHARACTER.0;
        let text = line.replace('&', "&amp;").replace('<', "&lt;");
        // A String takes any text.
        let _ = writeln!(
            svg,
            r#"<text x="{PADDING}" y="{baseline}" class="{class}" textLength="{length}" xml:space="preserve">{text}</text>"#
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// Returns the class of a line of output.
fn class(line: &str) -> &'static str {
    if line.starts_with("ok ") || line.ends_with(": done") { "ok" } else { "output" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_up_to_date() {
        expect_test::expect_file!["../../../docs/images/terminal.svg"].assert_eq(&picture().unwrap());
    }

    #[test]
    fn draws_every_line_with_its_length() {
        let shown = ShownCommand { command: "cat <x".to_owned(), output: "ok  &\nplain".to_owned() };
        let svg = svg(&[&shown]);
        for text in [
            r#"class="command" textLength="64" xml:space="preserve">$ cat &lt;x</text>"#,
            r#"class="ok" textLength="40" xml:space="preserve">ok  &amp;</text>"#,
            r#"class="output" textLength="40" xml:space="preserve">plain</text>"#,
        ] {
            assert!(svg.contains(text), "{svg}");
        }
    }
}
