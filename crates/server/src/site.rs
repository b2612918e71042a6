//! The built site: files from a folder, with caching by name, validators, the build's own compression, and the headers
//! under which a browser may run them.

use std::{
    io,
    path::{Path, PathBuf},
};

use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, StatusCode, header},
    response::{IntoResponse, Response},
};
use mysfits_api::Problem;
use tower::ServiceExt as _;
use tower_http::services::{ServeDir, ServeFile};

/// What a browser may load and run: only the site's own files, no inline script or style.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";
/// Names under this folder contain their content's hash.
const HASHED: &str = "/assets/";

/// The folder of a built site, compressed forms (`NAME.br`, `NAME.gz`) beside the files.
#[derive(Debug, Clone)]
pub struct Site {
    /// What a person sees where there is nothing.
    not_found: PathBuf,
    files: ServeDir,
}

impl Site {
    /// Serves the site in `folder`.
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
        Ok(Self { not_found, files: ServeDir::new(folder).precompressed_br().precompressed_gzip() })
    }

    /// Answers a request: the file, `index.html` for a folder, else `404.html` or a problem, both with status 404.
    pub async fn answer(&self, request: Request<Body>) -> Response {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Problem::NotFound.into_response();
        }
        let mut cache_control = match request.uri().path() {
            path if path.starts_with(HASHED) => "public, max-age=31536000, immutable",
            _ => "no-cache",
        };
        // A person who mistyped gets the page; a program that asked for a file or for JSON gets no HTML for it.
        let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        let wants_page = accept.is_some_and(|accept| accept.contains("text/html"));
        let Ok(mut response) = self.files.clone().oneshot(request).await;
        if matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) {
            if !wants_page {
                return Problem::NotFound.into_response();
            }
            let page = Request::new(Body::empty());
            response = match ServeFile::new(&self.not_found).oneshot(page).await {
                Ok(page) => page,
                Err(error) => match error {},
            };
            *response.status_mut() = StatusCode::NOT_FOUND;
            cache_control = "no-cache";
        }
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CACHE_CONTROL, cache_control),
            (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response.map(Body::new)
    }
}
