//! `local-sagemaker start`: SageMaker, S3 and the parts of STS, IAM and `CloudWatch` Logs that SageMaker's clients use, on one
//! port.
//!
//! A request goes to the service that its signature names (`sagemaker`, `s3`, `sts`, `iam`, `logs`); an unsigned one by
//! `X-Amz-Target` and path, and otherwise to S3. Signatures are not verified. An access key id of 12 digits is the account;
//! all others are account 000000000000. Records and logs are kept for each account and region; S3 is shared.
//!
//! Beside the services: `GET /_local/health`, `POST /_local/reset`, `/metrics` and, with `--chaos`, `/chaos/NAME`.

mod aws_chunked;
mod caller;
mod json_body;
mod logs;
mod query;
mod router;
mod s3;
mod saved;
mod services;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result};
use axum::Router;
use clap::Args;
use mysfits_output::outln;
use tempfile::TempDir;

use crate::{
    connections::ConnectionLimits,
    control_plane::Pace,
    endpoint_args::{EndpointArg, open_endpoints, parse_endpoint},
    serve::{bind, parse_host, serve},
    server_args::ServerArgs,
    signals::{ExitOnSignal, stop_signal},
};
use json_body::JsonBodies;
use router::{S3, Shared};
use s3::S3Folder;
use saved::RecordsFile;
use services::AllServices;

/// How long a status lasts if requests to describe something wait for the final one.
const FAST_PACE: Duration = Duration::from_millis(20);
/// The time for the body of a request: an upload to S3 may be large.
const BODY_TIMEOUT: Duration = Duration::from_mins(5);

/// Address, data and behaviour of the services.
#[derive(Debug, Clone, Args)]
pub struct StartArgs {
    /// The address to listen at, or localhost [default: localhost]
    #[arg(long, value_parser = parse_host)]
    pub host: Option<IpAddr>,
    /// The port to listen at; 0 means any free one
    #[arg(long, default_value_t = 4600)]
    pub port: u16,
    /// Keep buckets and records in this folder [default: a temporary folder, removed at the end]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Use the S3 at this URL instead of an own one
    #[arg(long, value_name = "URL", value_parser = parse_url)]
    pub s3_url: Option<String>,
    /// Let each status last this long, and describe it at once [default: fast, and describe the final one]
    #[arg(long, value_name = "MS")]
    pub pace: Option<u64>,
    /// Serve a model, a container (http://HOST:PORT) or a command that starts one (exec:COMMAND) under a name, to every account;
    /// repeatable
    #[arg(long = "endpoint", value_name = "NAME[/VARIANT[:WEIGHT]]=SOURCE", value_parser = parse_endpoint)]
    pub endpoints: Vec<EndpointArg>,
    #[command(flatten)]
    #[expect(
        missing_docs,
        reason = "a flattened argument's doc comment would become the program's description"
    )]
    pub server: ServerArgs,
}

/// Parses the URL of a service: `http://host:port`, without a slash at the end.
fn parse_url(text: &str) -> Result<String, String> {
    let url = text.trim_end_matches('/');
    let is_url = url.strip_prefix("http://").is_some_and(|host| !host.is_empty() && !host.contains('/'));
    if is_url { Ok(url.to_owned()) } else { Err("expected http://HOST:PORT".to_owned()) }
}

/// The services, and the folder that they use.
#[derive(Debug)]
pub struct LocalServices {
    shared: Arc<Shared>,
    /// With a data folder only.
    records: Option<RecordsFile>,
    /// Removed when it is dropped.
    _temporary: Option<TempDir>,
}

impl LocalServices {
    /// Returns the router of all services. It needs a tokio runtime, and itself at the address that it was opened for.
    pub fn router(&self) -> Router {
        router::router(Arc::clone(&self.shared))
    }

    /// Adds the records that the data folder holds. The router must be served already: endpoints load their models through
    /// it. What cannot be restored is logged.
    pub async fn restore(&mut self) {
        if let Some(records) = &mut self.records {
            records.restore(&self.shared.services).await;
        }
    }

    /// Saves the records in the data folder whenever they have changed. Never returns.
    pub async fn save_changes(&mut self) {
        match &mut self.records {
            Some(records) => records.watch(&self.shared.services).await,
            None => std::future::pending().await,
        }
    }

    /// Saves the records in the data folder if they have changed. A failure is logged.
    pub fn save(&mut self) {
        if let Some(records) = &mut self.records {
            records.save_or_warn(&self.shared.services);
        }
    }
}

impl StartArgs {
    /// Returns the address to listen at.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), self.port)
    }

    /// Opens the data and the endpoints, for services that listen at `address`.
    ///
    /// # Errors
    /// If the folder or an endpoint cannot be used.
    pub fn open(&self, address: SocketAddr) -> Result<LocalServices> {
        let temporary = match self.data {
            Some(_) => None,
            None => {
                Some(TempDir::with_prefix("local-sagemaker-").context("cannot create a temporary folder")?)
            }
        };
        let folder = self.data.as_deref().or(temporary.as_ref().map(TempDir::path)).unwrap_or(Path::new("."));
        let records = self.data.as_deref().map(RecordsFile::open).transpose()?;
        let url = url_of(address);
        let s3 = match &self.s3_url {
            Some(url) => S3::Url(url.clone()),
            None => S3::Folder(S3Folder::open(&folder.join("s3"))?),
        };
        let s3_url = self.s3_url.clone().unwrap_or_else(|| url.clone());
        let pace = Pace(self.pace.map_or(FAST_PACE, Duration::from_millis));
        let hosted = open_endpoints(&self.endpoints, "")?;
        let faults = self.server.chaos.faults.iter().cloned().collect();
        let budget = self.server.memory.budget();
        let services = AllServices::new(url, s3_url, pace, faults, hosted, budget);
        let shared = Shared {
            services,
            s3,
            json_bodies: JsonBodies::default(),
            has_chaos: self.server.chaos.chaos,
            waits: self.pace.is_none(),
        };
        Ok(LocalServices { shared: Arc::new(shared), records, _temporary: temporary })
    }

    /// Serves until SIGTERM or Ctrl-C. Prints `ready` and the address, then the environment of clients as lines for a shell.
    ///
    /// # Errors
    /// If the address or the folder cannot be used, or standard output cannot be written.
    pub fn run(&self, signals: ExitOnSignal) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = bind(self.address()).await?;
            let address = listener.local_addr()?;
            let mut services = self.open(address)?;
            let router = self.server.access.protect(services.router(), address);
            // Installed before the server is ready: the signal may come at once.
            let stop = stop_signal();
            signals.disarm();
            let limits = ConnectionLimits {
                body_timeout: BODY_TIMEOUT,
                ..ConnectionLimits::within(self.server.memory)
            };
            let server = serve(listener, router, limits, stop, async { stop_signal().await });
            let records = async {
                services.restore().await;
                let environment = environment(address).map(|(name, value)| format!("export {name}={value}"));
                outln!("ready http://{address}\n{}", environment.join("\n"))?;
                services.save_changes().await;
                Ok(())
            };
            let result: Result<()> = tokio::select! {
                () = server => Ok(()),
                result = records => result,
            };
            services.save();
            result
        })
    }
}

/// Returns the URL at which clients on this machine reach a listener.
fn url_of(address: SocketAddr) -> String {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(host, address.port()))
}

/// Returns the environment variables of clients.
fn environment(address: SocketAddr) -> [(&'static str, String); 4] {
    [
        ("AWS_ENDPOINT_URL", url_of(address)),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_DEFAULT_REGION", caller::DEFAULT_REGION.to_owned()),
    ]
}
