//! The site in memory: every file with its path, before anything is written.

use std::{fmt::Write as _, path::Path};

use mysfits_domain::Locale;
use mysfits_web::{
    CONFIG_URI, SiteConfig, art,
    prerender::{self, Assets},
    style,
};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::{BundleError, manifest, pack, pictures, reload};

/// One file, with its smaller siblings where they are worth a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path from the site's root, with slashes, without a leading one.
    pub path: String,
    /// The content.
    pub raw: Vec<u8>,
    /// The content under gzip, if it shrinks.
    pub gzip: Option<Vec<u8>>,
    /// The content under brotli, if it shrinks.
    pub brotli: Option<Vec<u8>>,
}

impl File {
    /// A file and its siblings.
    #[must_use]
    pub fn new(path: impl Into<String>, raw: impl Into<Vec<u8>>) -> Self {
        let raw = raw.into();
        Self { path: path.into(), gzip: pack::gzip(&raw), brotli: pack::brotli(&raw), raw }
    }

    /// A file without siblings.
    #[must_use]
    pub fn plain(path: impl Into<String>, raw: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), raw: raw.into(), gzip: None, brotli: None }
    }
}

/// All files of the site, ordered by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    files: Vec<File>,
}

impl Site {
    /// Builds the site around the compiled page.
    ///
    /// # Errors
    /// If the page cannot be read, or wasm-bindgen refuses it.
    pub fn build(wasm: &Path) -> Result<Self, BundleError> {
        let Code { glue, wasm } = Code::generate(wasm)?;
        Ok(Self::assemble(glue, wasm))
    }

    /// Builds the site around code that went through wasm-bindgen already.
    #[must_use]
    pub fn assemble(glue: Vec<u8>, wasm: Vec<u8>) -> Self {
        let files = raw_files(glue, wasm, style::sheet());
        let files = files.into_iter().map(|File { path, raw, .. }| File::new(path, raw));
        Self::of(files.collect())
    }

    /// Builds a site for development: nothing is compressed, the style sheet is read from the folder `style`, and a page in a
    /// browser reloads itself when another site has taken the place of this one. The script for that is a file of the
    /// site, so that the content security policy stays as it is.
    ///
    /// # Errors
    /// If the page or the style sheet cannot be read, or wasm-bindgen refuses the page.
    pub fn build_for_development(wasm: &Path, style: &Path) -> Result<Self, BundleError> {
        let Code { glue, wasm } = Code::generate(wasm)?;
        let sheet = style::read(style).map_err(BundleError::io("read", style))?;
        Ok(Self::assemble_for_development(glue, wasm, sheet))
    }

    /// Builds a site for development around code that went through wasm-bindgen already, with a style sheet.
    #[must_use]
    pub fn assemble_for_development(glue: Vec<u8>, wasm: Vec<u8>, sheet: String) -> Self {
        let mut files = raw_files(glue, wasm, sheet);
        reload::add(&mut files);
        Self::of(files)
    }

    fn of(mut files: Vec<File>) -> Self {
        files.extend(pictures::FILES.map(|(path, content)| File::plain(path, content)));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files }
    }

    /// The files, ordered by path.
    #[must_use]
    pub fn files(&self) -> &[File] {
        &self.files
    }
}

/// The files that are worth compressing, before that.
fn raw_files(glue: Vec<u8>, wasm: Vec<u8>, sheet: String) -> Vec<File> {
    let glue = hashed("app", "js", glue);
    let wasm = hashed("app", "wasm", wasm);
    let style = hashed("style", "css", sheet.into_bytes());
    let loader = hashed("loader", "js", loader(&glue.path, &wasm.path).into_bytes());
    let (favicon_path, favicon) = art::favicon();

    let uri = |path: &str| format!("/{path}");
    let assets = Assets {
        loader: uri(&loader.path),
        glue: uri(&glue.path),
        wasm: uri(&wasm.path),
        style: uri(&style.path),
        favicon: uri(&favicon_path),
    };
    let mut files = vec![glue, wasm, style, loader];
    for (page, locale) in prerender::pages().flat_map(|page| Locale::ALL.map(|locale| (page, locale))) {
        files.push(File::plain(prerender::path(page, locale), prerender::page(&assets, page, locale)));
    }
    files.push(File::plain("404.html", prerender::not_found(&assets)));
    files.push(File::plain(favicon_path, favicon));
    files.push(File::plain("robots.txt", "User-agent: *\nAllow: /\n"));
    files.push(File::plain(path(CONFIG_URI), config()));
    files.extend(
        art::portraits().into_iter().chain([art::banner()]).map(|(path, svg)| File::plain(path, svg)),
    );
    for locale in Locale::ALL {
        files.push(File::plain(path(&prerender::manifest_uri(locale)), manifest::text(locale)));
    }
    files
}

/// An address from the site's root as the path of a file.
fn path(uri: &str) -> &str {
    uri.trim_start_matches('/')
}

/// The settings of a site that is served together with its recommendations; a deployment writes its own.
fn config() -> String {
    let mut json = serde_json::to_string_pretty(&SiteConfig::same_origin()).unwrap_or_default();
    json.push('\n');
    json
}

/// The script that starts the code. A file of its own, because the page's content security policy has no inline scripts.
fn loader(glue: &str, wasm: &str) -> String {
    let code =
        include_str!("loader.js").replace("GLUE", &format!("/{glue}")).replace("WASM", &format!("/{wasm}"));
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// A file in `assets/` named after its content, so that it may be cached for ever.
pub(crate) fn hashed(name: &str, extension: &str, content: Vec<u8>) -> File {
    let hash = hash(&Sha256::digest(&content));
    File::plain(format!("assets/{name}-{hash}.{extension}"), content)
}

/// Returns the first 8 bytes of a digest as hexadecimal digits.
pub(crate) fn hash(digest: &[u8]) -> String {
    let mut hash = String::new();
    for byte in &digest[..8] {
        // Writing to a String cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}

/// What wasm-bindgen makes of the compiled page.
struct Code {
    glue: Vec<u8>,
    wasm: Vec<u8>,
}

impl Code {
    const NAME: &str = "app";

    fn generate(wasm: &Path) -> Result<Self, BundleError> {
        let work = tempfile::tempdir().map_err(BundleError::io("write", Path::new("a temporary folder")))?;
        let refused = |reason: String| BundleError::Bindgen { path: wasm.display().to_string(), reason };
        // Everything by which a debugger would profit goes: names alone are half of the file.
        Bindgen::new()
            .input_path(wasm)
            .out_name(Self::NAME)
            .web(true)
            .map_err(|error| refused(format!("{error:#}")))?
            .typescript(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate(work.path())
            .map_err(|error| refused(format!("{error:#}")))?;
        let snippets = work.path().join("snippets");
        if snippets.exists() {
            return Err(BundleError::Snippets(snippets.display().to_string()));
        }
        let read = |name: String| {
            std::fs::read(work.path().join(&name)).map_err(|_| BundleError::MissingOutput(name))
        };
        Ok(Self { glue: read(format!("{}.js", Self::NAME))?, wasm: read(format!("{}_bg.wasm", Self::NAME))? })
    }
}
