//! Whether a notebook's outputs are the committed ones. Pure.
//!
//! Every output is compared exactly, pictures too, with one exception: whatever follows the mark `≈` up to the next white
//! space differs from run to run (times, addresses, generated names), and in an output with such a mark several spaces
//! count as one, for columns move with what stands in them. The crate `mysfits-notebook` writes the mark. What a cell
//! says on standard error is always a difference: nothing should have to be said there.

use std::fmt;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// Stands before what varies.
const VARIES: char = '≈';
/// How much of a line is shown.
const SHOWN_CHARS: usize = 160;

/// An output that is another than the committed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CellDifference {
    /// The cell's number, counted from 1 over all cells.
    pub(super) cell: usize,
    /// The cell's first line.
    headline: String,
    what: String,
}

impl fmt::Display for CellDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cell {} ({}): {}", self.cell, self.headline, self.what)
    }
}

/// Returns the differences between the outputs of two notebooks with the same cells.
pub(super) fn compare(committed: &str, executed: &str) -> Result<Vec<CellDifference>> {
    let (committed, executed) = (cells(committed, "committed")?, cells(executed, "executed")?);
    ensure!(committed.len() == executed.len(), "the notebooks have different cells");
    let mut differences = Vec::new();
    for (i, (committed, executed)) in committed.iter().zip(&executed).enumerate() {
        ensure!(committed.source == executed.source, "the notebooks have different cells: cell {}", i + 1);
        if let Some(what) = difference(&committed.outputs, &executed.outputs) {
            let headline = committed.source.lines().next().unwrap_or_default().to_owned();
            differences.push(CellDifference { cell: i + 1, headline, what });
        }
    }
    Ok(differences)
}

struct Cell {
    source: String,
    outputs: Vec<CellOutput>,
}

/// A stream, or one way to show a result.
#[derive(Debug, PartialEq, Eq)]
struct CellOutput {
    kind: String,
    text: String,
}

fn cells(notebook: &str, which: &str) -> Result<Vec<Cell>> {
    let notebook: Value =
        serde_json::from_str(notebook).with_context(|| format!("the {which} notebook is no JSON"))?;
    let cells = notebook["cells"].as_array().with_context(|| format!("the {which} notebook has no cells"))?;
    Ok(cells
        .iter()
        .map(|cell| Cell {
            source: joined(&cell["source"]),
            outputs: cell["outputs"].as_array().into_iter().flatten().flat_map(outputs).collect(),
        })
        .collect())
}

fn outputs(output: &Value) -> Vec<CellOutput> {
    let new = |kind: &str, text: &Value| CellOutput { kind: kind.to_owned(), text: joined(text) };
    match output["output_type"].as_str() {
        Some("stream") => vec![new(output["name"].as_str().unwrap_or_default(), &output["text"])],
        Some("error") => vec![new("error", &output["evalue"])],
        _ => {
            let data = output["data"].as_object().into_iter().flatten();
            data.map(|(media_type, content)| new(media_type, content)).collect()
        }
    }
}

/// Text as notebooks keep it: one string, or one for each line.
fn joined(text: &Value) -> String {
    match text {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        other => other.to_string(),
    }
}

fn difference(committed: &[CellOutput], executed: &[CellOutput]) -> Option<String> {
    if let Some(said) = executed.iter().find(|output| output.kind == "stderr") {
        return Some(format!("says on standard error: {}", cut(&said.text)));
    }
    let kinds = |outputs: &[CellOutput]| {
        let kinds: Vec<_> = outputs.iter().map(|output| output.kind.as_str()).collect();
        if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") }
    };
    if kinds(committed) != kinds(executed) {
        return Some(format!("gives {}, committed is {}", kinds(executed), kinds(committed)));
    }
    committed.iter().zip(executed).find_map(|(committed, executed)| {
        let (before, after) = (constant(&committed.text), constant(&executed.text));
        (before != after).then(|| {
            let (line, before, after) = first_difference(&before, &after);
            format!(
                "{}, line {line}\n  committed  {}\n  executed   {}",
                committed.kind,
                cut(before),
                cut(after)
            )
        })
    })
}

/// Returns the text without what varies.
fn constant(text: &str) -> String {
    if !text.contains(VARIES) {
        return text.to_owned();
    }
    let line = |line: &str| {
        let words = line.split_whitespace().map(|word| match word.find(VARIES) {
            Some(mark) => &word[..mark + VARIES.len_utf8()],
            None => word,
        });
        words.collect::<Vec<_>>().join(" ")
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Returns the number of the first line that differs, and both lines.
fn first_difference<'a>(one: &'a str, other: &'a str) -> (usize, &'a str, &'a str) {
    let (mut ones, mut others) = (one.split('\n'), other.split('\n'));
    let mut line = 1;
    loop {
        match (ones.next(), others.next()) {
            (Some(one), Some(other)) if one == other => line += 1,
            (one, other) => return (line, one.unwrap_or("(nothing)"), other.unwrap_or("(nothing)")),
        }
    }
}

fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COMMITTED: &str = include_str!("../../../notebook/mysfit_recommendations_knn.ipynb");

    fn with(outputs: &Value) -> String {
        json!({"cells": [
            {"cell_type": "markdown", "source": "# A title"},
            {"cell_type": "code", "source": ["let a = 1;\n", "a"], "outputs": outputs},
        ]})
        .to_string()
    }

    fn text(text: &str) -> String {
        with(&json!([{"output_type": "execute_result", "data": {"text/plain": [text]}}]))
    }

    fn differences(committed: &str, executed: &str) -> Vec<String> {
        compare(committed, executed).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_difference_names_the_cell_and_shows_both_lines() {
        assert!(differences(&text("a\nb"), &text("a\nb")).is_empty());
        let [difference] = &differences(&text("a\n0.7035"), &text("a\n0.7036"))[..] else { panic!("one") };
        assert_eq!(
            difference,
            "cell 2 (let a = 1;): text/plain, line 2\n  committed  0.7035\n  executed   0.7036"
        );
        assert!(differences(&text("a"), &text("a\nb"))[0].contains("line 2\n  committed  (nothing)"));
    }

    #[test]
    fn what_follows_the_mark_is_not_compared_and_nothing_else_is_left_out() {
        let committed = text("k 10   in ≈12.5 ms\nat ≈http://127.0.0.1:4566 now");
        assert!(
            differences(&committed, &text("k 10   in  ≈7 ms\nat ≈http://[::1]:80/a now")).is_empty(),
            "numbers of other lengths move what stands beside them"
        );
        for other in [
            "k 11   in ≈12.5 ms\nat ≈http://127.0.0.1:4566 now",
            "k 10   in ≈12.5 s\nat ≈http://127.0.0.1:4566 now",
            "k 10   in 12.5 ms\nat ≈http://127.0.0.1:4566 now",
            "k 10   in ≈12.5 ms at ≈http://127.0.0.1:4566 now",
        ] {
            assert_eq!(differences(&committed, &text(other)).len(), 1, "{other}");
        }
        // Without a mark spaces count.
        assert_eq!(differences(&text("a b"), &text("a  b")).len(), 1);
    }

    #[test]
    fn outputs_of_another_kind_or_number_differ() {
        let svg =
            |text: &str| with(&json!([{"output_type": "execute_result", "data": {"image/svg+xml": text}}]));
        assert!(differences(&svg("<svg/>"), &svg("<svg/>")).is_empty());
        assert_eq!(differences(&svg("<svg/>"), &svg("<svg />")).len(), 1);
        assert!(
            differences(&text("a"), &svg("a"))[0].contains("gives image/svg+xml, committed is text/plain")
        );
        assert!(differences(&text("a"), &with(&json!([])))[0].contains("gives nothing"));
        let error = json!([{"output_type": "error", "ename": "Error", "evalue": "no such thing"}]);
        assert!(differences(&text("a"), &with(&error))[0].contains("gives error"));
    }

    #[test]
    fn a_word_on_standard_error_is_a_difference_even_if_it_is_committed() {
        let warning =
            with(&json!([{"output_type": "stream", "name": "stderr", "text": "warning: unused\n"}]));
        assert!(differences(&warning, &warning)[0].contains("standard error: warning: unused"));
        let said = |text: &str| with(&json!([{"output_type": "stream", "name": "stdout", "text": text}]));
        assert_eq!(differences(&said("a\n"), &said("b\n")).len(), 1);
    }

    #[test]
    fn other_cells_are_no_outputs_to_compare() {
        let other = text("a").replace("let a = 1;", "let a = 2;");
        assert!(compare(&text("a"), &other).is_err());
        assert!(compare(&text("a"), r#"{"cells": []}"#).is_err());
        assert!(compare("no JSON", &text("a")).is_err());
    }

    /// In every output of the committed notebook one character, at every tenth place, is made another.
    #[test]
    fn one_character_that_is_changed_in_the_committed_notebook_is_noticed() {
        let notebook: Value = serde_json::from_str(COMMITTED).unwrap();
        assert!(differences(COMMITTED, COMMITTED).is_empty());
        let mut n_changed = 0;
        for (i, cell) in cells(COMMITTED, "committed").unwrap().iter().enumerate() {
            for output in &cell.outputs {
                let places: Vec<_> = output.text.char_indices().map(|(place, _)| place).collect();
                for place in places.iter().step_by(places.len().div_ceil(10)) {
                    let before = &output.text[..*place];
                    let here = output.text[*place..].chars().next().unwrap();
                    let varies = before.rsplit(char::is_whitespace).next().unwrap().contains(VARIES);
                    let is_loose = output.text.contains(VARIES) && here.is_whitespace();
                    if varies || is_loose {
                        continue;
                    }
                    let other = if here == '#' { '@' } else { '#' };
                    let changed = format!("{before}{other}{}", &output.text[place + here.len_utf8()..]);
                    let mut edited = notebook.clone();
                    for data in edited["cells"][i]["outputs"].as_array_mut().unwrap() {
                        data["data"][&output.kind] = changed.clone().into();
                    }
                    let found = compare(&edited.to_string(), COMMITTED).unwrap();
                    assert_eq!(found.iter().map(|d| d.cell).collect::<Vec<_>>(), [i + 1], "{changed}");
                    n_changed += 1;
                }
            }
        }
        assert!(n_changed > 100, "{n_changed} characters were changed");
    }

    #[test]
    fn the_mark_is_the_one_that_the_notebook_writes() {
        let source = include_str!("../../../notebook/src/show.rs");
        assert!(source.contains(&format!("pub const VARIES: char = '{VARIES}';")));
    }
}
