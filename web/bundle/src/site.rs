//! The site in memory.

use std::path::Path;

use mysfits_domain::Locale;
use mysfits_site::settings::SiteSettings;
use mysfits_web::{
    CONFIG_URI, art,
    fonts::{FONTS, font_faces},
    prerender::{self, Assets},
    style,
};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    crawlers, error::BundleError, file::PackedFile, manifest, pictures, reload, script::loader,
    service_worker,
};

/// All files of the site, ordered by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedSite {
    files: Vec<PackedFile>,
}

impl PackedSite {
    /// Packs the compiled page.
    ///
    /// # Errors
    /// If the page cannot be read, or wasm-bindgen rejects it.
    pub fn build(wasm: &Path) -> Result<Self, BundleError> {
        let BindgenOutput { glue, wasm } = BindgenOutput::generate(wasm)?;
        Ok(Self::assemble(glue, wasm))
    }

    /// Packs code that wasm-bindgen has processed already.
    #[must_use]
    pub fn assemble(glue: Vec<u8>, wasm: Vec<u8>) -> Self {
        let mut files = raw_files(glue, wasm, style::sheet(), &service_worker::install_script());
        service_worker::add(&mut files);
        Self::with_pictures(files.into_iter().map(PackedFile::compressed).collect())
    }

    /// Packs a site for development: nothing is compressed, the style sheet is read from the folder `style`, there is no service worker,
    /// and pages in a browser reload when the site has changed. The script for that is a file, so the content security policy is the same.
    ///
    /// # Errors
    /// If the page or the style sheet cannot be read, or wasm-bindgen rejects the page.
    pub fn build_for_development(wasm: &Path, style: &Path) -> Result<Self, BundleError> {
        let BindgenOutput { glue, wasm } = BindgenOutput::generate(wasm)?;
        let sheet = style::read(style).map_err(BundleError::io("read", style))?;
        Ok(Self::assemble_for_development(glue, wasm, sheet))
    }

    /// Packs a site for development from code that wasm-bindgen has processed already, and a style sheet.
    #[must_use]
    pub fn assemble_for_development(glue: Vec<u8>, wasm: Vec<u8>, sheet: String) -> Self {
        let mut files = raw_files(glue, wasm, sheet, "");
        reload::add(&mut files);
        Self::with_pictures(files)
    }

    fn with_pictures(mut files: Vec<PackedFile>) -> Self {
        files.extend(pictures::FILES.map(|(path, content)| PackedFile::new(path, content)));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files }
    }

    /// Returns the files, ordered by path.
    #[must_use]
    pub fn files(&self) -> &[PackedFile] {
        &self.files
    }
}

/// Returns the files without the committed pictures, uncompressed. The loader ends with the script `last`.
fn raw_files(glue: Vec<u8>, wasm: Vec<u8>, sheet: String, last: &str) -> Vec<PackedFile> {
    let glue = PackedFile::hashed("app", "js", glue);
    let wasm = PackedFile::hashed("app", "wasm", wasm);
    let fonts = FONTS.map(|font| PackedFile::hashed(font.name, "woff2", font.woff2.to_vec()));
    let font_uris = fonts.each_ref().map(|font| format!("/{}", font.path));
    let style = PackedFile::hashed("style", "css", (font_faces(&font_uris) + &sheet).into_bytes());
    let loader = loader(&glue.path, &wasm.path) + last;
    let loader = PackedFile::hashed("loader", "js", loader.into_bytes());
    let (favicon_path, favicon) = art::favicon();

    let uri = |path: &str| format!("/{path}");
    let assets = Assets {
        loader: uri(&loader.path),
        glue: uri(&glue.path),
        wasm: uri(&wasm.path),
        style: uri(&style.path),
        favicon: uri(&favicon_path),
        fonts: font_uris,
    };
    let mut files = vec![glue, wasm, style, loader];
    files.extend(fonts);
    for (page, locale) in prerender::pages().flat_map(|page| Locale::ALL.map(|locale| (page, locale))) {
        files.push(PackedFile::new(prerender::path(page, locale), prerender::page(&assets, page, locale)));
    }
    files.push(PackedFile::new("404.html", prerender::not_found(&assets)));
    files.push(PackedFile::new(favicon_path, favicon));
    files.extend(crawlers::files());
    files.push(PackedFile::new(path(CONFIG_URI), config()));
    add_drawings(&mut files);
    for locale in Locale::ALL {
        files.push(PackedFile::new(path(&prerender::manifest_uri(locale)), manifest::text(locale)));
    }
    files
}

/// Adds the portraits and the banner, named after their content, and changes their paths in the pages. The portraits are also there
/// under the paths that the API returns.
fn add_drawings(files: &mut Vec<PackedFile>) {
    for (path, svg) in art::portraits().into_iter().chain([art::banner()]).chain(art::banner_layers()) {
        let name = path.trim_start_matches("art/").trim_end_matches(".svg");
        let hashed = PackedFile::hashed(name, "svg", svg.clone().into_bytes());
        let (attribute, new) = (format!("\"/{path}\""), format!("\"/{}\"", hashed.path));
        for page in files.iter_mut().filter(|file| file.is_page()) {
            // The pages are valid UTF-8.
            page.raw = String::from_utf8_lossy(&page.raw).replace(&attribute, &new).into_bytes();
        }
        files.extend([hashed, PackedFile::new(path, svg)]);
    }
}

/// Returns a path without its leading slash.
fn path(uri: &str) -> &str {
    uri.trim_start_matches('/')
}

/// Returns the configuration of a site with its recommendation API at the same origin. A deployment writes its own.
fn config() -> String {
    let settings =
        SiteSettings { recommendations_api_endpoint: Some(String::new()), ..SiteSettings::default() };
    let mut json = serde_json::to_string_pretty(&settings).unwrap_or_default();
    json.push('\n');
    json
}

/// The output of wasm-bindgen.
struct BindgenOutput {
    glue: Vec<u8>,
    wasm: Vec<u8>,
}

impl BindgenOutput {
    const NAME: &str = "app";

    fn generate(wasm: &Path) -> Result<Self, BundleError> {
        let work = tempfile::tempdir().map_err(BundleError::io("write", Path::new("a temporary folder")))?;
        let rejected = |reason: String| BundleError::Bindgen { path: wasm.display().to_string(), reason };
        // Without names and producers, which are half of the file.
        Bindgen::new()
            .input_path(wasm)
            .out_name(Self::NAME)
            .web(true)
            .map_err(|error| rejected(format!("{error:#}")))?
            .typescript(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate(work.path())
            .map_err(|error| rejected(format!("{error:#}")))?;
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
