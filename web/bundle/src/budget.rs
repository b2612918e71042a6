//! How large the site is, and how large it may be.

use std::fmt;

use crate::{File, Site};

/// A limit on what a visitor downloads of one kind, under brotli where there is a brotli sibling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// What is limited, in words.
    pub what: &'static str,
    /// Which files count: paths that start like this …
    pub prefix: &'static str,
    /// … and end like this.
    pub suffix: &'static str,
    /// How many bytes all of them together may have.
    pub limit_bytes: usize,
}

/// The limits of the site; each counts the sum of its files.
pub const BUDGETS: [Budget; 5] = [
    Budget { what: "wasm", prefix: "assets/", suffix: ".wasm", limit_bytes: 88 * 1024 },
    Budget { what: "JavaScript", prefix: "assets/", suffix: ".js", limit_bytes: 9 * 1024 },
    Budget { what: "CSS", prefix: "assets/", suffix: ".css", limit_bytes: 10 * 1024 },
    Budget { what: "index.html", prefix: "index.html", suffix: "", limit_bytes: 30 * 1024 },
    Budget { what: "art", prefix: "art/", suffix: ".svg", limit_bytes: 60 * 1024 },
];

/// The sizes of one file in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Path from the site's root.
    pub path: String,
    /// As it is.
    pub raw: usize,
    /// Under gzip, if there is such a sibling.
    pub gzip: Option<usize>,
    /// Under brotli, if there is such a sibling.
    pub brotli: Option<usize>,
}

impl Row {
    /// What a visitor with an up-to-date browser downloads, in bytes.
    #[must_use]
    pub fn served(&self) -> usize {
        self.brotli.unwrap_or(self.raw)
    }
}

/// The sizes of all files, ordered by path; displayed as a table with the budgets below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Measures a site.
    #[must_use]
    pub fn of(site: &Site) -> Self {
        let measure = |file: &File| Row {
            path: file.path.clone(),
            raw: file.raw.len(),
            gzip: file.gzip.as_ref().map(Vec::len),
            brotli: file.brotli.as_ref().map(Vec::len),
        };
        Self { rows: site.files().iter().map(measure).collect() }
    }

    /// The rows, ordered by path.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many bytes count against a budget.
    #[must_use]
    pub fn used(&self, budget: &Budget) -> usize {
        let counts = |row: &&Row| row.path.starts_with(budget.prefix) && row.path.ends_with(budget.suffix);
        self.rows.iter().filter(counts).map(Row::served).sum()
    }

    /// One sentence for each budget that does not hold; empty if all do.
    #[must_use]
    pub fn exceeded(&self) -> Vec<String> {
        let sentence = |budget: &Budget| {
            let used = self.used(budget);
            let Budget { what, limit_bytes: limit, .. } = budget;
            (used > *limit).then(|| format!("{what} has {used} bytes under brotli, the limit is {limit}"))
        };
        BUDGETS.iter().filter_map(sentence).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = |size: Option<usize>| size.map_or_else(|| "-".to_owned(), |size| size.to_string());
        writeln!(f, "{:<34} {:>9} {:>9} {:>9}", "file", "raw", "gzip", "brotli")?;
        for Row { path, raw, gzip, brotli } in &self.rows {
            writeln!(f, "{path:<34} {raw:>9} {:>9} {:>9}", size(*gzip), size(*brotli))?;
        }
        for budget in &BUDGETS {
            writeln!(f, "{:<54} {:>9} of {:>6}", budget.what, self.used(budget), budget.limit_bytes)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that no compression makes smaller.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 88_172_645_463_325_252_u64;
        std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .take(length)
        .collect()
    }

    #[test]
    fn what_is_too_large_is_named() {
        let table = Table::of(&Site::assemble(noise(10 * 1024), noise(100)));
        let exceeded = table.exceeded();
        assert_eq!(exceeded.len(), 1, "{exceeded:?}");
        assert!(exceeded[0].starts_with("JavaScript has 1"), "{exceeded:?}");
    }

    #[test]
    fn everything_but_the_code_is_within_its_budget() {
        let table = Table::of(&Site::assemble(noise(10), noise(10)));
        assert_eq!(table.exceeded(), Vec::<String>::new(), "{table}");
    }
}
