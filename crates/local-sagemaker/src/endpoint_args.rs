//! Endpoints of the command line: `--endpoint NAME=SOURCE`.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_knn::Model;
use mysfits_sagemaker::{
    DEFAULT_VARIANT, Endpoint, EndpointDeployment, Variant, VariantBackend, artifact::Fingerprint,
};

use crate::{
    containers::{ContainerProcess, HttpContainer},
    reload::{self, Watcher},
};

/// What serves a variant of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VariantSource {
    /// A k-NN model: a `model.tar.gz`, or the folder of its unpacked files. It is reloaded when it is replaced.
    Artifact(PathBuf),
    /// A server with `/ping` and `/invocations`.
    Url(String),
    /// A command of the shell that starts such a server at the port in `SAGEMAKER_BIND_TO_PORT`.
    Command(String),
}

/// A variant of an endpoint, as given by the command line.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointArg {
    /// The name of the endpoint.
    pub name: String,
    /// The name of the variant.
    pub variant: String,
    /// The weight of the variant.
    pub weight: f32,
    /// What serves it.
    pub source: VariantSource,
}

/// Parses `NAME[/VARIANT[:WEIGHT]]=SOURCE`. By default, the variant is `AllTraffic` and its weight 1. A source is a path,
/// `http://HOST:PORT` or `exec:COMMAND`. Names are not validated.
///
/// # Errors
/// If name or source are missing, or the weight is not a number from 0 on.
pub fn parse_endpoint(text: &str) -> Result<EndpointArg, String> {
    let expected =
        "expected NAME=MODEL, NAME=http://HOST:PORT or NAME=exec:COMMAND, for instance knn-demo=model.tar.gz";
    let (name, source) = text
        .split_once('=')
        .filter(|(name, source)| !name.is_empty() && !source.is_empty())
        .ok_or_else(|| expected.to_owned())?;
    let (name, variant) = name.split_once('/').unwrap_or((name, DEFAULT_VARIANT));
    let (variant, weight) = match variant.split_once(':') {
        None => (variant, 1.0),
        Some((variant, weight)) => match weight.parse::<f32>() {
            Ok(number) if number.is_finite() && number >= 0.0 => (variant, number),
            _ => return Err(format!("invalid weight {weight:?} (expected a number from 0 on)")),
        },
    };
    let source = if source.starts_with("http://") || source.starts_with("https://") {
        VariantSource::Url(source.to_owned())
    } else if let Some(command) = source.strip_prefix("exec:") {
        VariantSource::Command(command.to_owned())
    } else {
        VariantSource::Artifact(source.into())
    };
    Ok(EndpointArg { name: name.to_owned(), variant: variant.to_owned(), weight, source })
}

/// Reads the models, starts the containers and waits until they are healthy, and watches the files of models from now on.
/// Returns the endpoints in the order of their first variants. `hint` is added to the error for a model that does not exist.
///
/// # Errors
/// If a model cannot be read, a container does not become healthy, or a name is invalid or duplicate.
pub fn open_endpoints(args: &[EndpointArg], hint: &str) -> Result<Vec<Arc<Endpoint>>> {
    let mut seen = BTreeSet::new();
    for EndpointArg { name, variant, .. } in args {
        let suffix = if variant == DEFAULT_VARIANT { String::new() } else { format!("/{variant}") };
        ensure!(seen.insert((name, variant)), "duplicate endpoint {name}{suffix}");
    }
    let mut opened = Vec::new();
    for arg in args {
        opened.push(Opened::new(&arg.source, hint)?);
    }
    wait_until_healthy(opened.iter().filter_map(|opened| opened.process.clone()).collect())?;
    let mut endpoints: Vec<Arc<Endpoint>> = Vec::new();
    let mut watchers = Vec::new();
    for (i, first) in args.iter().enumerate() {
        if args[..i].iter().any(|other| other.name == first.name) {
            continue;
        }
        let is_own = |(other, _): &(&EndpointArg, &Opened)| other.name == first.name;
        let own: Vec<_> = args.iter().zip(&opened).filter(is_own).collect();
        let variants = own.iter().map(|(arg, opened)| {
            Ok(Variant::new(&arg.variant, opened.backend.clone())?.with_weight(arg.weight))
        });
        let deployment = EndpointDeployment::new(variants.collect::<Result<_>>()?)
            .with_context(|| format!("endpoint {}", first.name))?;
        let endpoint = Arc::new(Endpoint::with_deployment(&first.name, deployment)?);
        for (arg, opened) in own {
            if let (VariantSource::Artifact(path), Some(read)) = (&arg.source, &opened.fingerprint) {
                let watcher = Watcher::new(Arc::clone(&endpoint), path.clone(), read.clone());
                watchers.push(watcher.with_variant(&arg.variant));
            }
        }
        endpoints.push(endpoint);
    }
    reload::watch(watchers).context("cannot watch the models")?;
    Ok(endpoints)
}

/// A source that is ready to be used, or a container that is still starting.
struct Opened {
    backend: VariantBackend,
    /// Of an artifact, from before it was read.
    fingerprint: Option<Fingerprint>,
    process: Option<Arc<ContainerProcess>>,
}

impl Opened {
    fn new(source: &VariantSource, hint: &str) -> Result<Self> {
        let (mut fingerprint, mut process) = (None, None);
        let backend = match source {
            VariantSource::Artifact(path) => {
                fingerprint = Some(Fingerprint::from_path(path));
                open(path, hint)?.into()
            }
            VariantSource::Url(url) => VariantBackend::Container(Arc::new(HttpContainer::new(url)?)),
            VariantSource::Command(command) => {
                let started = Arc::new(ContainerProcess::start(command)?);
                process = Some(Arc::clone(&started));
                VariantBackend::Container(started)
            }
        };
        Ok(Self { backend, fingerprint, process })
    }
}

fn open(path: &Path, hint: &str) -> Result<Model> {
    if !path.exists() {
        bail!("cannot use the model {}: no such file or folder{hint}", path.display());
    }
    reload::read(path)
}

/// Waits in a thread of its own: the caller's may belong to a runtime.
fn wait_until_healthy(processes: Vec<Arc<ContainerProcess>>) -> Result<()> {
    if processes.is_empty() {
        return Ok(());
    }
    let wait = move || -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            for process in processes {
                process.wait_until_healthy().await?;
            }
            Ok(())
        })
    };
    match thread::spawn(wait).join() {
        Ok(result) => result,
        Err(_) => bail!("waiting for the containers failed"),
    }
}
