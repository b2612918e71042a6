//! The built site: files from a folder, with caching by name, validators, the build's own compression, and the headers
//! under which a browser may run them.
//!
//! Which file a path means, in which language a visitor meets the site, and what the headers say is not decided here but in
//! `mysfits-site`, from which the CloudFront distribution has it too.

mod memory;
mod range;

use std::{
    borrow::Cow,
    collections::BTreeMap,
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
    headers::{self, content_security_policy},
    language, paths,
    settings::{CONFIG, Settings},
};
use tower::ServiceExt as _;
use tower_http::services::{ServeDir, ServeFile};

pub use memory::MemoryFile;

/// Names under this folder contain their content's hash.
const HASHED: &str = "/assets/";
/// The page that asks for a visitor's language.
const FIRST_PAGE: &str = "/";
/// By what the answer to it differs.
const LANGUAGE_HEADERS: HeaderValue = HeaderValue::from_static("accept-language, cookie");

/// The folder of a built site, compressed forms (`NAME.br`, `NAME.gz`) beside the files, and files that are only in memory.
#[derive(Debug, Clone)]
pub struct Site {
    /// What a person sees where there is nothing.
    not_found: PathBuf,
    files: ServeDir,
    /// By path; they go before the folder's.
    in_memory: Arc<BTreeMap<String, MemoryFile>>,
    policy: HeaderValue,
}

impl Site {
    /// Serves the site in `folder`, with the settings in its `config.json`. What those settings let the page call is read
    /// once: who changes them to other origins starts the server again.
    ///
    /// # Errors
    /// If there is no `index.html`.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let index = folder.join("index.html");
        if !index.is_file() {
            let text = format!("{} holds no index.html; build the site first", folder.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, text));
        }
        // A site without a page for the lost shows them its first.
        let not_found = Some(folder.join("404.html")).filter(|page| page.is_file()).unwrap_or(index);
        let settings = fs::read(folder.join(CONFIG)).map(|json| Settings::read(&json)).unwrap_or_default();
        // A path names its file whole: that a folder means its page is said in one place, and not here.
        let files = ServeDir::new(folder).append_index_html_on_directories(false);
        Ok(Self {
            not_found,
            files: files.precompressed_br().precompressed_gzip(),
            in_memory: Arc::default(),
            policy: policy(&settings),
        })
    }

    /// The same site with a file that is only in memory; it goes before one of the same name in the folder.
    #[must_use]
    pub fn with_file(mut self, name: &str, file: MemoryFile) -> Self {
        Arc::make_mut(&mut self.in_memory).insert(format!("/{name}"), file);
        self
    }

    /// The same site with other settings than the folder's.
    #[must_use]
    pub fn with_settings(self, settings: &Settings) -> Self {
        // Optional texts always have a JSON form.
        let json = serde_json::to_vec_pretty(settings).unwrap_or_default();
        Self { policy: policy(settings), ..self.with_file(CONFIG, MemoryFile::new("application/json", json)) }
    }

    /// Answers a request: the file that the path means, else `404.html` or a problem, both with status 404. Who asks for the
    /// first page and prefers Korean is sent there.
    pub async fn answer(&self, mut request: Request<Body>) -> Response {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Problem::NotFound.into_response();
        }
        let is_first_page = request.uri().path() == FIRST_PAGE;
        if is_first_page && let Some(location) = other_language(&request) {
            return self.framed(redirect(&location), "no-store", is_first_page);
        }
        if let Cow::Owned(file) = paths::file(request.uri().path())
            && let Ok(uri) = Uri::builder().path_and_query(file).build()
        {
            *request.uri_mut() = uri;
        }
        let path = request.uri().path();
        if let Some(file) = self.in_memory.get(path) {
            return self.framed(file.answer(&request), "no-cache", is_first_page);
        }
        let cache_control =
            if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
        // A person who mistyped gets the page; a program that asked for a file or for JSON gets no HTML for it.
        let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
        let wants_page = accept.is_some_and(|accept| accept.contains("text/html"));
        if !range::is_supported(request.method(), request.headers()) {
            request.headers_mut().remove(RANGE);
        }
        let response = self.file(request).await;
        match response.status() {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED if wants_page => {
                self.framed(self.lost().await, "no-cache", is_first_page)
            }
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Problem::NotFound.into_response(),
            _ => self.framed(response, cache_control, is_first_page),
        }
    }

    /// Returns the file of the folder that the path names, or an empty response with the status of the failure.
    async fn file(&self, request: Request<Body>) -> Response {
        match self.files.clone().try_call(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) if is_missing(&error) => StatusCode::NOT_FOUND.into_response(),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot read a file of the site");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    /// The page for those who are lost.
    async fn lost(&self) -> Response {
        let Ok(page) = ServeFile::new(&self.not_found).oneshot(Request::new(Body::empty())).await;
        let mut page = page.map(Body::new);
        *page.status_mut() = StatusCode::NOT_FOUND;
        page
    }

    /// An answer with the headers that every one of them has.
    fn framed(
        &self,
        mut response: Response,
        cache_control: &'static str,
        differs_by_language: bool,
    ) -> Response {
        let answer = response.headers_mut();
        answer.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
        answer.insert(CONTENT_SECURITY_POLICY, self.policy.clone());
        for (name, value) in headers::ALWAYS {
            answer.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if differs_by_language {
            answer.append(VARY, LANGUAGE_HEADERS);
        }
        response
    }
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

/// The policy of a site with these settings.
fn policy(settings: &Settings) -> HeaderValue {
    let origins: String = settings.origins().iter().flat_map(|origin| [" ", origin]).collect();
    // Origins are plain text; should one ever not be, the page calls nobody.
    HeaderValue::try_from(content_security_policy(&origins))
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}

/// Where a visitor of the first page is sent to, if not answered in English.
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
