//! Errors of the settings.

use std::{io, path::PathBuf};

use mysfits_infra::InvalidParameter;
use thiserror::Error;

/// Why the settings are invalid.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeploySettingsError {
    /// The file cannot be read.
    #[error("cannot read the settings file {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("the settings file {path} is not valid TOML: {problem}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// The problem, with its line.
        problem: String,
    },
    /// A setting of the file is invalid.
    #[error("{path}: [{table}]: {problem}")]
    InFile {
        /// The file.
        path: PathBuf,
        /// The table.
        table: String,
        /// The problem.
        problem: Box<SettingError>,
    },
    /// An option is invalid.
    #[error(transparent)]
    Option(#[from] SettingError),
}

/// Why a setting is invalid.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SettingError {
    /// The key is unknown.
    #[error("unknown key {key:?}{}", similar(nearest.as_deref()))]
    UnknownKey {
        /// The key.
        key: String,
        /// A similar key that is known.
        nearest: Option<String>,
    },
    /// No template has this parameter.
    #[error("unknown parameter {name:?}{}", similar(nearest.as_deref()))]
    UnknownParameter {
        /// The name.
        name: String,
        /// A similar parameter.
        nearest: Option<String>,
    },
    /// The deployer computes this parameter.
    #[error("the parameter {name} cannot be set, because the deployer computes it; {instead}")]
    Computed {
        /// The name.
        name: String,
        /// How to choose its value.
        instead: &'static str,
    },
    /// The template does not accept the value.
    #[error(transparent)]
    Parameter(#[from] InvalidParameter),
    /// The value of a key is invalid.
    #[error("invalid value for {key:?}: {value} (expected {expected})")]
    Value {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// The accepted values.
        expected: String,
    },
    /// Invalid tag.
    #[error("invalid tag {key}={value}: {problem}")]
    Tag {
        /// The tag's key.
        key: String,
        /// The tag's value.
        value: String,
        /// What is wrong.
        problem: &'static str,
    },
}

fn similar(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; did you mean {nearest:?}?")).unwrap_or_default()
}
