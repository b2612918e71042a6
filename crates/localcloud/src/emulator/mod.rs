//! MiniStack: the process, and what is asked of it.

mod logs;
mod process;
mod s3;

use crate::http::Http;

pub use logs::LogStream;
pub use process::{EmulatorError, LOG, MiniStack};
pub(crate) use s3::elements;
pub use s3::{S3Error, S3Uri, S3UriError};

/// The emulator as its clients see it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Emulator {
    http: Http,
    url: String,
}

impl Emulator {
    /// The emulator at this address, without a slash at the end.
    pub fn new(http: Http, url: impl Into<String>) -> Self {
        Self { http, url: url.into() }
    }

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How it is called.
    #[must_use]
    pub fn http(&self) -> &Http {
        &self.http
    }
}
