//! The sizes of the site and their limits.

use std::fmt;

use crate::file::PackedFile;

/// A limit for the files of one kind together, compressed with brotli if they have a brotli version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeLimit {
    /// The kind of files, for messages.
    pub what: &'static str,
    /// The beginning of the paths.
    pub prefix: &'static str,
    /// The end of the paths.
    pub suffix: &'static str,
    /// The largest sum of sizes.
    pub limit_bytes: usize,
}

/// The limits of the site.
pub const SIZE_LIMITS: [SizeLimit; 7] = [
    SizeLimit { what: "wasm", prefix: "assets/", suffix: ".wasm", limit_bytes: 88 * 1024 },
    SizeLimit { what: "JavaScript", prefix: "assets/", suffix: ".js", limit_bytes: 9 * 1024 },
    SizeLimit { what: "CSS", prefix: "assets/", suffix: ".css", limit_bytes: 10 * 1024 },
    SizeLimit {
        what: "font, English",
        prefix: "assets/heading-en",
        suffix: ".woff2",
        limit_bytes: 40 * 1024,
    },
    SizeLimit {
        what: "font, Korean",
        prefix: "assets/heading-ko",
        suffix: ".woff2",
        limit_bytes: 120 * 1024,
    },
    SizeLimit { what: "index.html", prefix: "index.html", suffix: "", limit_bytes: 30 * 1024 },
    SizeLimit { what: "art", prefix: "art/", suffix: ".svg", limit_bytes: 60 * 1024 },
];

/// The sizes of one file in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSize {
    /// The path from the site's root.
    pub path: String,
    /// Uncompressed.
    pub raw: usize,
    /// Compressed with gzip, if there is a gzip version.
    pub gzip: Option<usize>,
    /// Compressed with brotli, if there is a brotli version.
    pub brotli: Option<usize>,
}

impl FileSize {
    /// Returns the bytes that a current browser downloads.
    #[must_use]
    pub fn served(&self) -> usize {
        self.brotli.unwrap_or(self.raw)
    }
}

/// The sizes of all files, ordered by path. Displayed as a table, with the limits below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeReport {
    files: Vec<FileSize>,
}

impl SizeReport {
    /// Measures files.
    #[must_use]
    pub fn new(files: &[PackedFile]) -> Self {
        let measure = |file: &PackedFile| FileSize {
            path: file.path.clone(),
            raw: file.raw.len(),
            gzip: file.gzip.as_ref().map(Vec::len),
            brotli: file.brotli.as_ref().map(Vec::len),
        };
        Self { files: files.iter().map(measure).collect() }
    }

    /// Returns the size that counts towards a limit.
    #[must_use]
    pub fn used(&self, limit: &SizeLimit) -> usize {
        let counts =
            |file: &&FileSize| file.path.starts_with(limit.prefix) && file.path.ends_with(limit.suffix);
        self.files.iter().filter(counts).map(FileSize::served).sum()
    }

    /// Returns one sentence for each exceeded limit.
    #[must_use]
    pub fn exceeded(&self) -> Vec<String> {
        let sentence = |limit: &SizeLimit| {
            let used = self.used(limit);
            let SizeLimit { what, limit_bytes: limit, .. } = limit;
            (used > *limit).then(|| format!("{what} has {used} bytes under brotli, the limit is {limit}"))
        };
        SIZE_LIMITS.iter().filter_map(sentence).collect()
    }
}

impl fmt::Display for SizeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = |size: Option<usize>| size.map_or_else(|| "-".to_owned(), |size| size.to_string());
        writeln!(f, "{:<34} {:>9} {:>9} {:>9}", "file", "raw", "gzip", "brotli")?;
        for FileSize { path, raw, gzip, brotli } in &self.files {
            writeln!(f, "{path:<34} {raw:>9} {:>9} {:>9}", size(*gzip), size(*brotli))?;
        }
        for limit in &SIZE_LIMITS {
            writeln!(f, "{:<54} {:>9} of {:>6}", limit.what, self.used(limit), limit.limit_bytes)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PackedSite;

    /// Returns bytes that cannot be compressed.
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
    fn names_exceeded_limits() {
        let report = SizeReport::new(PackedSite::assemble(noise(10 * 1024), noise(100)).files());
        let exceeded = report.exceeded();
        assert_eq!(exceeded.len(), 1, "{exceeded:?}");
        assert!(exceeded[0].starts_with("JavaScript has 1"), "{exceeded:?}");
    }

    #[test]
    fn everything_but_the_code_is_within_its_limit() {
        let report = SizeReport::new(PackedSite::assemble(noise(10), noise(10)).files());
        assert_eq!(report.exceeded(), Vec::<String>::new(), "{report}");
    }
}
