//! The sizes of the site and their limits.

use std::fmt;

use mysfits_domain::Locale;
use mysfits_web::{StaticPage, prerender};

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
    SizeLimit { what: "wasm", prefix: "assets/", suffix: ".wasm", limit_bytes: 100_000 },
    SizeLimit { what: "JavaScript", prefix: "assets/", suffix: ".js", limit_bytes: 10 * 1024 },
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

/// The limit of a first visit, see [`FirstVisit`].
pub const FIRST_VISIT_LIMIT_BYTES: usize = 200_000;

/// The first visit to a home page: the page and the files in `assets/` that it names, its code, drawings and fonts included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstVisit {
    /// The path of the page.
    pub path: String,
    /// The bytes that a current browser downloads.
    pub bytes: usize,
}

impl FirstVisit {
    fn new(page: &PackedFile, files: &[PackedFile]) -> Self {
        let html = String::from_utf8_lossy(&page.raw);
        let is_named = |file: &&PackedFile| {
            file.path.starts_with("assets/") && html.contains(&format!("\"/{}\"", file.path))
        };
        let named = files.iter().filter(is_named);
        let bytes = std::iter::once(page).chain(named).map(|file| FileSize::new(file).served()).sum();
        Self { path: page.path.clone(), bytes }
    }
}

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
    fn new(file: &PackedFile) -> Self {
        Self {
            path: file.path.clone(),
            raw: file.raw.len(),
            gzip: file.gzip.as_ref().map(Vec::len),
            brotli: file.brotli.as_ref().map(Vec::len),
        }
    }

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
    first_visits: Vec<FirstVisit>,
}

impl SizeReport {
    /// Measures files.
    #[must_use]
    pub fn new(files: &[PackedFile]) -> Self {
        let home_paths = Locale::ALL.map(|locale| prerender::path(StaticPage::Home, locale));
        let home_pages = files.iter().filter(|file| home_paths.contains(&file.path));
        Self {
            files: files.iter().map(FileSize::new).collect(),
            first_visits: home_pages.map(|page| FirstVisit::new(page, files)).collect(),
        }
    }

    /// Returns the first visits, one for each language.
    #[must_use]
    pub fn first_visits(&self) -> &[FirstVisit] {
        &self.first_visits
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
        let visits = self.first_visits.iter().filter(|visit| visit.bytes > FIRST_VISIT_LIMIT_BYTES);
        let visits = visits.map(|FirstVisit { path, bytes }| {
            format!("a first visit to {path} has {bytes} bytes under brotli, the limit is {FIRST_VISIT_LIMIT_BYTES}")
        });
        SIZE_LIMITS.iter().filter_map(sentence).chain(visits).collect()
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
        for FirstVisit { path, bytes } in &self.first_visits {
            let what = format!("first visit to {path}");
            writeln!(f, "{what:<54} {bytes:>9} of {FIRST_VISIT_LIMIT_BYTES:>6}")?;
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
    fn a_first_visit_has_a_limit_of_its_own() {
        let file = |path, length| PackedFile::new(path, noise(length));
        let files = |font| {
            let home = "<link href=\"/assets/font.woff2\">";
            [
                PackedFile::new("index.html", home),
                PackedFile::new("ko/index.html", ""),
                file("assets/font.woff2", font),
                file("assets/other.woff2", 2 * FIRST_VISIT_LIMIT_BYTES),
                file("cards/nessi.png", 2 * FIRST_VISIT_LIMIT_BYTES),
            ]
        };
        let visits = |font| SizeReport::new(&files(font)).first_visits().to_vec();
        let visit = |path: &str, bytes| FirstVisit { path: path.to_owned(), bytes };
        assert_eq!(visits(1_000), [visit("index.html", 1_032), visit("ko/index.html", 0)]);
        assert_eq!(SizeReport::new(&files(FIRST_VISIT_LIMIT_BYTES - 32)).exceeded(), [""; 0]);
        let exceeded = SizeReport::new(&files(FIRST_VISIT_LIMIT_BYTES)).exceeded();
        assert_eq!(exceeded.len(), 1, "{exceeded:?}");
        assert!(exceeded[0].starts_with("a first visit to index.html has 200032 bytes"), "{exceeded:?}");
    }

    #[test]
    fn everything_but_the_code_is_within_its_limit() {
        let report = SizeReport::new(PackedSite::assemble(noise(10), noise(10)).files());
        assert_eq!(report.exceeded(), Vec::<String>::new(), "{report}");
    }
}
