//! The function's configuration: environment variables, read once. The error names all invalid variables.

use std::{env, fmt, fs, path::PathBuf};

use http::Uri;
use mysfits_api::{AllowOrigin, Credentials, RootCertificates, SageMakerSettings, Timeouts};
use tracing_subscriber::filter::Targets;

/// The backend: `endpoint`, `embedded` or `fallback`.
pub const BACKEND: &str = "BACKEND";
/// The SageMaker endpoint's name; for `endpoint` and `fallback`.
pub const ENDPOINT_NAME: &str = "ENDPOINT_NAME";
/// The allowed CORS origin: `*` (the default) or one origin.
pub const ALLOW_ORIGIN: &str = "ALLOW_ORIGIN";
/// Where SageMaker's runtime is, if not at AWS's own address. All of AWS's SDKs read it.
pub const SAGEMAKER_RUNTIME_URL: &str = "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME";
/// The log filter, as `target=level` pairs. The record of each invocation is always written.
pub const LOG: &str = "RUST_LOG";

/// All that a template may set. Lambda itself sets what else is read.
pub const VARIABLES: [&str; 5] = [BACKEND, ENDPOINT_NAME, ALLOW_ORIGIN, SAGEMAKER_RUNTIME_URL, LOG];

/// The default log filter: `info` for our crates, `warn` for all others.
const DEFAULT_LOG: &str = "warn,mysfits_api=info,mysfits_lambda=info";
/// Where Lambda unpacks a function.
const DEFAULT_TASK_ROOT: &str = "/var/task";
/// The longest name of a SageMaker endpoint.
const MAX_ENDPOINT_NAME: usize = 63;

/// A configuration that is complete and makes sense.
#[derive(Debug, Clone)]
pub struct Config {
    /// The backend and its settings.
    pub backend: Backend,
    /// The allowed CORS origin.
    pub allow_origin: AllowOrigin,
    /// What is logged.
    pub log: Targets,
}

/// A backend and its settings.
#[derive(Debug, Clone)]
pub enum Backend {
    /// The decision table in this folder.
    Embedded {
        /// Where the package is.
        folder: PathBuf,
    },
    /// A SageMaker endpoint.
    Endpoint(SageMakerSettings),
    /// The endpoint, with the table in this folder as its fallback.
    Fallback {
        /// The endpoint, which is called first.
        endpoint: SageMakerSettings,
        /// Where the package is.
        folder: PathBuf,
    },
}

/// Everything that is wrong with the environment; at least one thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError(pub Vec<Fault>);

/// A variable that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {found}; it must be {expected}")]
pub struct Fault {
    /// Its name.
    pub variable: &'static str,
    /// `is not set`, or what it is.
    found: String,
    expected: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the function's environment is wrong: ")?;
        for (i, fault) in self.0.iter().enumerate() {
            write!(f, "{}{fault}", if i == 0 { "" } else { ". " })?;
        }
        Ok(())
    }
}

impl Config {
    /// Reads this process's environment.
    ///
    /// # Errors
    /// [`ConfigError`] with all faults.
    pub fn from_environment() -> Result<Self, ConfigError> {
        Self::read(|name| env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Reads an environment. A variable that is empty counts as not set: a template cannot leave one out so easily.
    ///
    /// # Errors
    /// [`ConfigError`] with all faults.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader { variable: &variable, faults: Vec::new() };
        let backend = reader.backend();
        let allow_origin = reader.parsed(ALLOW_ORIGIN, "*", "* or an origin like https://example.org");
        let log = reader.parsed(LOG, DEFAULT_LOG, "levels by target, like warn,mysfits_lambda=info");
        match (backend, allow_origin, log) {
            (Some(backend), Some(allow_origin), Some(log)) if reader.faults.is_empty() => {
                Ok(Self { backend, allow_origin, log })
            }
            _ => Err(ConfigError(reader.faults)),
        }
    }
}

/// An environment, and what was wrong with it so far.
struct Reader<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// Notes a fault; what it found is looked up again.
    fn fault<T>(&mut self, variable: &'static str, expected: impl Into<String>) -> Option<T> {
        let found = self.get(variable).map_or("is not set".to_owned(), |value| format!("is {value:?}"));
        self.faults.push(Fault { variable, found, expected: expected.into() });
        None
    }

    fn parsed<T: std::str::FromStr>(
        &mut self,
        name: &'static str,
        default: &str,
        expected: &str,
    ) -> Option<T> {
        let value = self.get(name);
        let parsed = value.as_deref().unwrap_or(default).parse().ok();
        if parsed.is_some() { parsed } else { self.fault(name, expected) }
    }

    fn backend(&mut self) -> Option<Backend> {
        match self.get(BACKEND).as_deref() {
            Some("embedded") => Some(Backend::Embedded { folder: self.folder() }),
            Some("endpoint") => self.endpoint(Timeouts::STANDALONE).map(Backend::Endpoint),
            Some("fallback") => {
                let endpoint = self.endpoint(Timeouts::WITH_FALLBACK)?;
                Some(Backend::Fallback { endpoint, folder: self.folder() })
            }
            _ => self.fault(BACKEND, "endpoint, embedded or fallback"),
        }
    }

    fn folder(&self) -> PathBuf {
        self.get("LAMBDA_TASK_ROOT").unwrap_or_else(|| DEFAULT_TASK_ROOT.to_owned()).into()
    }

    fn endpoint(&mut self, timeouts: Timeouts) -> Option<SageMakerSettings> {
        let name = match self.get(ENDPOINT_NAME) {
            Some(name) if is_endpoint_name(&name) => Some(name),
            _ => self.fault(
                ENDPOINT_NAME,
                format!("a SageMaker endpoint's name: 1 to {MAX_ENDPOINT_NAME} letters, digits and hyphens, no hyphen first or last"),
            ),
        };
        let url = self.get(SAGEMAKER_RUNTIME_URL);
        if url.as_deref().is_some_and(|url| !is_url(url)) {
            self.fault::<()>(
                SAGEMAKER_RUNTIME_URL,
                "an address like https://vpce-1.runtime.sagemaker.us-east-1.vpce.amazonaws.com",
            );
        }
        let roots = self.roots();
        let region = self.lambdas("AWS_REGION");
        let id = self.lambdas("AWS_ACCESS_KEY_ID");
        let secret = self.secret("AWS_SECRET_ACCESS_KEY");
        // Lambda replaces the sandbox before they expire, so they are read once.
        let credentials = Credentials::new(id?, secret?, self.get("AWS_SESSION_TOKEN"), None, "environment");
        Some(SageMakerSettings { name: name?, region: region?, url, credentials, roots: roots?, timeouts })
    }

    /// A variable that Lambda sets.
    fn lambdas(&mut self, name: &'static str) -> Option<String> {
        self.get(name).or_else(|| self.fault(name, "set, as Lambda does"))
    }

    /// Returns a secret variable that Lambda sets. Error messages name the variable, but never contain its
    /// value.
    fn secret(&mut self, name: &'static str) -> Option<String> {
        self.lambdas(name)
    }

    /// Amazon's own, unless the environment names a file of others.
    fn roots(&mut self) -> Option<RootCertificates> {
        let Some(file) = self.get("SSL_CERT_FILE") else { return Some(RootCertificates::amazon()) };
        // Without a root certificate, the first request would fail.
        let roots = fs::read(file).ok().and_then(|pem| RootCertificates::from_pem(&pem).ok());
        if roots.is_some() {
            return roots;
        }
        self.fault(
            "SSL_CERT_FILE",
            "a readable file with an authority's certificates in PEM format, or not set",
        )
    }
}

fn is_endpoint_name(name: &str) -> bool {
    name.len() <= MAX_ENDPOINT_NAME
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn is_url(text: &str) -> bool {
    text.parse::<Uri>().is_ok_and(|url| {
        matches!(url.scheme_str(), Some("http" | "https"))
            && url.host().is_some_and(|host| !host.is_empty())
            && url.query().is_none()
    })
}
