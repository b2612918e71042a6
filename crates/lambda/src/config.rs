//! The function's configuration: environment variables, read once. The error names all invalid variables.

use std::{env, fmt, fs, path::PathBuf};

use http::Uri;
use mysfits_api::{AllowOrigin, Credentials, RootCertificates, SageMakerSettings, Timeouts};
use tracing_subscriber::filter::Targets;

use crate::invocation_log::{MetricSet, NAMESPACE};

/// The backend: `endpoint`, `embedded` or `fallback`.
pub const BACKEND: &str = "BACKEND";
/// The SageMaker endpoint's name; for `endpoint` and `fallback`.
pub const ENDPOINT_NAME: &str = "ENDPOINT_NAME";
/// The allowed CORS origin: `*` (the default) or one origin.
pub const ALLOW_ORIGIN: &str = "ALLOW_ORIGIN";
/// The URL of SageMaker's runtime; by default the region's public endpoint. All AWS SDKs read it.
pub const SAGEMAKER_RUNTIME_URL: &str = "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME";
/// The log filter, as `target=level` pairs. The record of each invocation is always written.
pub const LOG: &str = "RUST_LOG";

/// The metrics of each invocation: `full` (the default) or `minimal`.
pub const METRICS: &str = "METRICS";

/// The namespace of the metrics; by default [`NAMESPACE`]. Each stage has its own.
pub const METRIC_NAMESPACE: &str = "METRIC_NAMESPACE";

/// The variables that a template sets. Lambda sets the others.
pub const VARIABLES: [&str; 7] =
    [BACKEND, ENDPOINT_NAME, ALLOW_ORIGIN, SAGEMAKER_RUNTIME_URL, LOG, METRICS, METRIC_NAMESPACE];

/// The default log filter: `info` for our crates, `warn` for all others.
const DEFAULT_LOG: &str = "warn,mysfits_api=info,mysfits_lambda=info";
/// The folder into which Lambda unpacks a function.
const DEFAULT_TASK_ROOT: &str = "/var/task";
/// The longest name of a SageMaker endpoint.
const MAX_ENDPOINT_NAME_CHARS: usize = 63;

/// A valid configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The backend and its settings.
    pub backend: BackendConfig,
    /// The allowed CORS origin.
    pub allow_origin: AllowOrigin,
    /// The log filter.
    pub log: Targets,
    /// The metrics of each invocation.
    pub metrics: MetricSet,
    /// The namespace of the metrics.
    pub metric_namespace: String,
}

/// A backend and its settings.
#[derive(Debug, Clone)]
pub enum BackendConfig {
    /// The decision table in this folder.
    Embedded {
        /// The folder of the package.
        folder: PathBuf,
    },
    /// A SageMaker endpoint.
    Endpoint(SageMakerSettings),
    /// The endpoint, with the table in this folder as its fallback.
    Fallback {
        /// The endpoint, which is called first.
        endpoint: SageMakerSettings,
        /// The folder of the package.
        folder: PathBuf,
    },
}

/// All invalid variables of the environment; at least one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError(pub Vec<InvalidVariable>);

/// An invalid variable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {found}; it must be {expected}")]
pub struct InvalidVariable {
    /// Its name.
    pub variable: &'static str,
    /// `is not set`, or what it is.
    found: String,
    expected: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid environment of the function: ")?;
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
    /// [`ConfigError`] with all invalid variables.
    pub fn from_environment() -> Result<Self, ConfigError> {
        Self::read(|name| env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Reads an environment. An empty variable counts as not set, because templates cannot easily omit one.
    ///
    /// # Errors
    /// [`ConfigError`] with all invalid variables.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = EnvironmentReader { variable: &variable, invalid_variables: Vec::new() };
        let backend = reader.backend();
        let allow_origin = reader.parsed(ALLOW_ORIGIN, "*", "* or an origin like https://example.org");
        let log = reader.parsed(LOG, DEFAULT_LOG, "levels by target, like warn,mysfits_lambda=info");
        let metrics = reader.parsed(METRICS, "full", "full or minimal");
        let metric_namespace = reader.get(METRIC_NAMESPACE).unwrap_or_else(|| NAMESPACE.to_owned());
        match (backend, allow_origin, log, metrics) {
            (Some(backend), Some(allow_origin), Some(log), Some(metrics))
                if reader.invalid_variables.is_empty() =>
            {
                Ok(Self { backend, allow_origin, log, metrics, metric_namespace })
            }
            _ => Err(ConfigError(reader.invalid_variables)),
        }
    }
}

/// Reads variables and collects the invalid ones.
struct EnvironmentReader<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    invalid_variables: Vec<InvalidVariable>,
}

impl EnvironmentReader<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// Records an invalid variable.
    fn invalid<T>(&mut self, variable: &'static str, expected: impl Into<String>) -> Option<T> {
        let found = self.get(variable).map_or("is not set".to_owned(), |value| format!("is {value:?}"));
        self.invalid_variables.push(InvalidVariable { variable, found, expected: expected.into() });
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
        if parsed.is_some() { parsed } else { self.invalid(name, expected) }
    }

    fn backend(&mut self) -> Option<BackendConfig> {
        match self.get(BACKEND).as_deref() {
            Some("embedded") => Some(BackendConfig::Embedded { folder: self.folder() }),
            Some("endpoint") => self.endpoint(Timeouts::STANDALONE).map(BackendConfig::Endpoint),
            Some("fallback") => {
                let endpoint = self.endpoint(Timeouts::WITH_FALLBACK)?;
                Some(BackendConfig::Fallback { endpoint, folder: self.folder() })
            }
            _ => self.invalid(BACKEND, "endpoint, embedded or fallback"),
        }
    }

    fn folder(&self) -> PathBuf {
        self.get("LAMBDA_TASK_ROOT").unwrap_or_else(|| DEFAULT_TASK_ROOT.to_owned()).into()
    }

    fn endpoint(&mut self, timeouts: Timeouts) -> Option<SageMakerSettings> {
        let name = match self.get(ENDPOINT_NAME) {
            Some(name) if is_endpoint_name(&name) => Some(name),
            _ => self.invalid(
                ENDPOINT_NAME,
                format!("a SageMaker endpoint's name: 1 to {MAX_ENDPOINT_NAME_CHARS} letters, digits and hyphens, no hyphen first or last"),
            ),
        };
        let url = self.get(SAGEMAKER_RUNTIME_URL);
        if url.as_deref().is_some_and(|url| !is_url(url)) {
            self.invalid::<()>(
                SAGEMAKER_RUNTIME_URL,
                "an address like https://vpce-1.runtime.sagemaker.us-east-1.vpce.amazonaws.com",
            );
        }
        let roots = self.roots();
        let region = self.required("AWS_REGION");
        let id = self.required("AWS_ACCESS_KEY_ID");
        let secret = self.required("AWS_SECRET_ACCESS_KEY");
        // Lambda replaces the sandbox before they expire, so they are read once.
        let credentials = Credentials::new(id?, secret?, self.get("AWS_SESSION_TOKEN"), None, "environment");
        Some(SageMakerSettings { name: name?, region: region?, url, credentials, roots: roots?, timeouts })
    }

    /// Returns a variable that Lambda sets.
    fn required(&mut self, name: &'static str) -> Option<String> {
        self.get(name).or_else(|| self.invalid(name, "set, as Lambda does"))
    }

    /// Returns Amazon's root certificates, or those of a file that the environment names.
    fn roots(&mut self) -> Option<RootCertificates> {
        let Some(file) = self.get("SSL_CERT_FILE") else { return Some(RootCertificates::amazon()) };
        // Without a root certificate, the first request would fail.
        let roots = fs::read(file).ok().and_then(|pem| RootCertificates::from_pem(&pem).ok());
        if roots.is_some() {
            return roots;
        }
        self.invalid(
            "SSL_CERT_FILE",
            "a readable file with an authority's certificates in PEM format, or not set",
        )
    }
}

fn is_endpoint_name(name: &str) -> bool {
    name.len() <= MAX_ENDPOINT_NAME_CHARS
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
