//! The built site: files of a folder, with validators, cache control, precompressed variants and security headers.
//!
//! Paths, the choice of the language and the values of the headers are in `mysfits-site`, which the CloudFront distribution
//! uses too.

mod pages;
mod range;

use std::{
    borrow::Cow,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri,
        header::{
            ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, LOCATION, RANGE, VARY,
        },
    },
    response::{IntoResponse, Response},
};
use mysfits_api::Problem;
use mysfits_site::{
    DECISION_TABLE, headers as site_headers, language, paths,
    settings::{CONFIG, SiteSettings},
    sharing::needs_origin,
};
use tempfile::TempDir;
use tower_http::services::ServeDir;

use self::pages::PagesWithOrigin;

/// The folder of files whose names contain the hash of their content.
const HASHED: &str = "/assets/";
/// The page that redirects to the visitor's language.
const FIRST_PAGE: &str = "/";
/// The headers that its response depends on.
const LANGUAGE_HEADERS: HeaderValue = HeaderValue::from_static("accept-language, cookie");

/// The folder of a built site, with compressed variants (`NAME.br`, `NAME.gz`) beside the files, and files that this process
/// generates.
#[derive(Debug, Clone)]
pub struct Site {
    folder: PathBuf,
    /// The path of the page with status 404.
    not_found: &'static str,
    files: ServeDir,
    /// Files in this folder take precedence.
    generated: Arc<TempDir>,
    /// The pages, if the origin is known.
    pages: Option<Arc<PagesWithOrigin>>,
    settings: SiteSettings,
    policy: HeaderValue,
}

impl Site {
    /// Opens the site in `folder`, with the settings in its `config.json`. Restart the server if the origins in the settings
    /// change: they are part of the content security policy, which is made once.
    ///
    /// # Errors
    /// If there is no `index.html`, or no temporary folder can be created.
    pub fn open(folder: &Path) -> io::Result<Self> {
        if !folder.join("index.html").is_file() {
            let text = format!("{} holds no index.html; build the site first", folder.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, text));
        }
        // Without a page of its own, 404 shows the first page.
        let not_found = if folder.join("404.html").is_file() { "/404.html" } else { "/index.html" };
        let settings =
            fs::read(folder.join(CONFIG)).map(|json| SiteSettings::parse_lenient(&json)).unwrap_or_default();
        Ok(Self {
            folder: folder.to_owned(),
            not_found,
            files: serve_dir(folder),
            generated: Arc::new(tempfile::Builder::new().prefix("mysfits-site-").tempdir()?),
            pages: None,
            policy: policy(&settings),
            settings,
        })
    }

    /// Makes the URLs in the metadata of pages, in the sitemap and in robots.txt absolute: paths get this origin, such as
    /// `https://mysfits.example`. By default, they stay paths.
    #[must_use]
    pub fn with_origin(self, origin: String) -> Self {
        let pages = PagesWithOrigin::new(&self.folder, self.generated.path(), origin);
        Self { pages: Some(Arc::new(pages)), ..self }
    }

    /// Adds a file, which replaces one of the same name in the folder.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add_file(&self, name: &str, content: &[u8]) -> io::Result<()> {
        fs::write(self.generated.path().join(name), content)
    }

    /// Replaces the settings.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn set_settings(&mut self, settings: SiteSettings) -> io::Result<()> {
        self.add_file(CONFIG, &serde_json::to_vec_pretty(&settings)?)?;
        self.policy = policy(&settings);
        self.settings = settings;
        Ok(())
    }

    /// Returns the settings.
    #[must_use]
    pub fn settings(&self) -> &SiteSettings {
        &self.settings
    }

    /// Responds with the file of the path, else with `404.html` or a problem document, both with status 404. Requests for the
    /// first page that prefer Korean are redirected.
    pub async fn respond(&self, mut request: Request<Body>) -> Response {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Problem::NotFound.into_response();
        }
        let is_first_page = request.uri().path() == FIRST_PAGE;
        if is_first_page && let Some(location) = other_language(&request) {
            return self.with_headers(redirect(&location), "no-store", is_first_page);
        }
        if let Cow::Owned(file) = paths::file(request.uri().path())
            && let Ok(uri) = Uri::builder().path_and_query(file).build()
        {
            *request.uri_mut() = uri;
        }
        let cache_control = if request.uri().path().starts_with(HASHED) {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        // Browsers get a page; programs that accept a file or JSON get a problem document.
        let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
        let wants_page = accept.is_some_and(|accept| accept.contains("text/html"));
        if !range::is_supported(request.method(), request.headers()) {
            request.headers_mut().remove(RANGE);
        }
        let response = self.file(request).await;
        match response.status() {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED if wants_page => {
                self.with_headers(self.not_found_page().await, "no-cache", is_first_page)
            }
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Problem::NotFound.into_response(),
            _ => self.with_headers(response, cache_control, is_first_page),
        }
    }

    /// Returns the file of the path, or an empty response with the status of the failure.
    async fn file(&self, request: Request<Body>) -> Response {
        let mut files = match pages::file_name(request.uri().path()) {
            Some(name) if self.is_generated(&name).await => serve_dir(self.generated.path()),
            _ => self.files.clone(),
        };
        match files.try_call(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) if is_missing(&error) => StatusCode::NOT_FOUND.into_response(),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot read a file of the site");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    /// Returns whether a file is served from the folder of generated files, and generates it if it is a page.
    async fn is_generated(&self, name: &str) -> bool {
        match &self.pages {
            Some(pages) if needs_origin(name) => Arc::clone(pages).update(name.into()).await,
            _ => [CONFIG, DECISION_TABLE].contains(&name) && self.generated.path().join(name).exists(),
        }
    }

    async fn not_found_page(&self) -> Response {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = Uri::from_static(self.not_found);
        let mut page = self.file(request).await;
        *page.status_mut() = StatusCode::NOT_FOUND;
        page
    }

    /// Adds the headers of every response.
    fn with_headers(
        &self,
        mut response: Response,
        cache_control: &'static str,
        differs_by_language: bool,
    ) -> Response {
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
        headers.insert(CONTENT_SECURITY_POLICY, self.policy.clone());
        for (name, value) in site_headers::ALWAYS {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if differs_by_language {
            headers.append(VARY, LANGUAGE_HEADERS);
        }
        response
    }
}

/// Returns a service of the files in a folder. `mysfits-site` maps the path of a folder to its page.
fn serve_dir(folder: &Path) -> ServeDir {
    ServeDir::new(folder).append_index_html_on_directories(false).precompressed_br().precompressed_gzip()
}

/// Returns whether the folder cannot have a file of this name. A name that the file system refuses, because a component or
/// the whole is too long or has a zero byte, is the client's mistake and not a failure to read.
fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::InvalidFilename
            | io::ErrorKind::InvalidInput
    )
}

/// Returns the content security policy for these settings.
fn policy(settings: &SiteSettings) -> HeaderValue {
    let origins: String = settings.origins().iter().flat_map(|origin| [" ", origin]).collect();
    // Origins are visible ASCII. If one is not, the page may not call any.
    HeaderValue::try_from(site_headers::content_security_policy(&origins))
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}

/// Returns the address that a visitor of the first page is redirected to, if not in English.
fn other_language(request: &Request<Body>) -> Option<String> {
    fn values(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
        headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
    }
    let headers = request.headers();
    language::redirect(request.uri().query(), values(headers, COOKIE), values(headers, ACCEPT_LANGUAGE))
}

fn redirect(location: &str) -> Response {
    match HeaderValue::try_from(location) {
        Ok(location) => (StatusCode::FOUND, [(LOCATION, location)]).into_response(),
        Err(_) => Problem::NotFound.into_response(),
    }
}
