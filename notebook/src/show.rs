//! Text below a cell.

use std::{
    fmt::{self, Display},
    io::{self, Write as _},
};

/// Stands before what differs from run to run: whatever follows up to the next white space is not compared.
///
/// `cargo xtask notebook` compares by the same rule.
pub const VARIES: char = '≈';

/// Marks a value as one that differs from run to run.
///
/// ```
/// assert_eq!(mysfits_notebook::varying("12.5"), "≈12.5");
/// ```
#[must_use]
pub fn varying(value: impl Display) -> String {
    format!("{VARIES}{value}")
}

/// Text as it stands below a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(String);

/// Shows what has a text: the last line of a cell.
#[must_use]
pub fn show(what: impl Display) -> Shown {
    Shown(what.to_string())
}

impl Shown {
    /// Called by the kernel.
    pub fn evcxr_display(&self) {
        content("text/plain", &self.0);
    }
}

impl Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Hands content to the kernel, in one piece, so that nothing gets between.
pub(crate) fn content(media_type: &str, content: &str) {
    let content = content.trim_end_matches('\n');
    // A kernel that is gone shows nothing.
    let _ = writeln!(io::stdout(), "EVCXR_BEGIN_CONTENT {media_type}\n{content}\nEVCXR_END_CONTENT");
}

/// Rows under heads; columns of numbers are flush right, all others flush left.
///
/// ```
/// let table = mysfits_notebook::Table::new(["k", "accuracy"]).row(["1", "0.61"]).row(["10", "0.7"]);
/// assert_eq!(table.to_string(), " k  accuracy\n 1      0.61\n10       0.7\n");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table without rows.
    #[must_use]
    pub fn new(heads: [impl Display; COLUMNS]) -> Self {
        Self { rows: vec![heads.map(|head| head.to_string())] }
    }

    /// The table with a row more.
    #[must_use]
    pub fn row(mut self, cells: [impl Display; COLUMNS]) -> Self {
        self.rows.push(cells.map(|cell| cell.to_string()));
        self
    }

    /// Called by the kernel.
    pub fn evcxr_display(&self) {
        content("text/plain", &self.to_string());
    }
}

impl<const COLUMNS: usize> Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width =
            |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; COLUMNS] = std::array::from_fn(width);
        let is_number =
            |cell: &str| cell.is_empty() || cell.starts_with(|c: char| c.is_ascii_digit() || c == VARIES);
        let are_numbers: [bool; COLUMNS] =
            std::array::from_fn(|column| self.rows.iter().skip(1).all(|row| is_number(&row[column])));
        for row in &self.rows {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
                let padding = " ".repeat(width - cell.chars().count());
                let between = if column == 0 { "" } else { "  " };
                let (left, right) = if are_numbers[column] { (&padding, cell) } else { (cell, &padding) };
                line.extend([between, left, right]);
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
