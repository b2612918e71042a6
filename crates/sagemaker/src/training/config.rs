//! The files in `input/config`: hyperparameters, channels and hosts.
//!
//! Without `resourceconfig.json`, the only host is `algo-1`.
//!
//! Source: SageMaker Developer Guide, "How Amazon SageMaker Provides Training Information".

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::error::{INPUT_DATA, TrainingError};

pub(super) const HYPERPARAMETERS: &str = "input/config/hyperparameters.json";
pub(super) const RESOURCES: &str = "input/config/resourceconfig.json";

/// The size limit of a file. `CreateTrainingJob` allows 100 hyperparameters of 2,500 characters.
const MAX_CONFIG_BYTES: u64 = 1 << 20;
pub(super) const DEFAULT_HOST: &str = "algo-1";

const EXPECTED_RESOURCES: &str = "an object with current_host, a string, and hosts, a list of strings";

#[derive(Deserialize)]
struct Resources {
    current_host: String,
    hosts: Vec<String>,
}

/// Returns the members of `hyperparameters.json`, with unchecked values.
pub(super) fn hyperparameters(opt_ml: &Path) -> Result<BTreeMap<String, Value>, TrainingError> {
    let expected = "an object of strings";
    read(opt_ml, HYPERPARAMETERS, expected)?.ok_or_else(|| missing(HYPERPARAMETERS, expected))
}

/// Returns the channels of `inputdataconfig.json` by name, with unchecked members.
pub(super) fn channels(opt_ml: &Path) -> Result<BTreeMap<String, BTreeMap<String, Value>>, TrainingError> {
    let expected = "an object of channels, each an object";
    read(opt_ml, INPUT_DATA, expected)?.ok_or_else(|| missing(INPUT_DATA, expected))
}

/// Returns the name of host `number`, from 0, of `n_hosts`; `None` without `resourceconfig.json`.
pub(super) fn host(opt_ml: &Path, number: usize, n_hosts: usize) -> Result<Option<String>, TrainingError> {
    let Some(Resources { current_host, hosts }) = read(opt_ml, RESOURCES, EXPECTED_RESOURCES)? else {
        return Ok(None);
    };
    if hosts.len() > 1 && hosts.len() != n_hosts {
        return Err(TrainingError::Hosts { hosts, n_folders: n_hosts });
    }
    if hosts.len() != n_hosts || hosts.get(number) != Some(&current_host) {
        let place = if n_hosts == 1 { String::new() } else { format!(" for host {}", number + 1) };
        let reason = format!(
            "current_host is {current_host:?}, and hosts are {hosts:?}; they must be the same{place}"
        );
        return Err(TrainingError::Config { file: RESOURCES, reason });
    }
    Ok(Some(current_host))
}

/// The hosts of a job that are processes of their own.
pub(super) struct HostProcesses {
    /// The place of this process.
    pub(super) number: usize,
    pub(super) names: Vec<String>,
}

/// Returns the hosts in `resourceconfig.json`; `None` if there is only one.
pub(super) fn host_processes(opt_ml: &Path) -> Result<Option<HostProcesses>, TrainingError> {
    let Some(Resources { current_host, hosts }) = read(opt_ml, RESOURCES, EXPECTED_RESOURCES)? else {
        return Ok(None);
    };
    if hosts.len() < 2 {
        return Ok(None);
    }
    match hosts.iter().position(|host| *host == current_host) {
        Some(number) => Ok(Some(HostProcesses { number, names: hosts })),
        None => Err(TrainingError::Config {
            file: RESOURCES,
            reason: format!("current_host is {current_host:?}; it must be one of the hosts {hosts:?}"),
        }),
    }
}

fn missing(file: &'static str, expected: &str) -> TrainingError {
    TrainingError::Config { file, reason: format!("there is no such file; it must be {expected}") }
}

/// Reads a file; `None` if it does not exist.
fn read<T: DeserializeOwned>(
    opt_ml: &Path,
    file: &'static str,
    expected: &str,
) -> Result<Option<T>, TrainingError> {
    let error = |reason: String| TrainingError::Config { file, reason };
    let opened = match File::open(opt_ml.join(file)) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened,
    };
    let mut text = Vec::new();
    opened
        .and_then(|file| file.take(MAX_CONFIG_BYTES + 1).read_to_end(&mut text))
        .map_err(|cause| error(format!("it cannot be read: {cause}")))?;
    if text.len() as u64 > MAX_CONFIG_BYTES {
        return Err(error(format!("it is longer than {MAX_CONFIG_BYTES} bytes")));
    }
    serde_json::from_slice(&text).map(Some).map_err(|cause| error(format!("it must be {expected}: {cause}")))
}
