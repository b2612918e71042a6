//! Models as endpoints.
//!
//! Either one k-NN model by the container contract (`/opt/ml/model`, all addresses, port 8080 or `SAGEMAKER_BIND_TO_PORT`), or
//! several endpoints by name, by default for this machine only: k-NN models and other containers.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use anyhow::Result;
use axum::{Router, http::StatusCode};
use clap::Args;
use mysfits_sagemaker::{
    DEFAULT_VARIANT, Endpoints,
    http::{MAX_BODY_BYTES, RouterOptions, router_with},
};

use crate::{
    connections::ConnectionLimits,
    control_plane::hosted_endpoints,
    endpoint_args::{EndpointArg, VariantSource, open_endpoints, parse_endpoint},
    requests::{BATCH_TIMEOUT, HOSTING_TIMEOUT, RequestLimits, limit_requests},
    serve::parse_host,
    server_args::ServerArgs,
};

/// The name of the container's only endpoint. Containers do not know the name that they have in SageMaker.
const CONTAINER_ENDPOINT: &str = "knn-demo";
/// What to do if it has no model.
const CONTAINER_HINT: &str = "; a container's model is in its folder model/ (--opt-ml DIR); name other models by --endpoint NAME=MODEL";

/// Returns the router of a process that only hosts models: the routes of SageMaker, `/metrics`, and at `POST /`
/// `DescribeEndpoint` and `ListEndpoints`.
pub fn hosting_router(endpoints: Endpoints) -> Router {
    hosting_router_with(endpoints, RouterOptions::default(), RequestLimits::default())
}

fn hosting_router_with(endpoints: Endpoints, options: RouterOptions, limits: RequestLimits) -> Router {
    let router = router_with(endpoints.clone(), options).merge(hosted_endpoints(&endpoints));
    limit_requests(router.fallback(async || StatusCode::NOT_FOUND), limits)
}

/// The models to host, and the address.
#[derive(Debug, Clone, Args)]
pub struct HostArgs {
    /// Serve a model (model.tar.gz or its folder), a container (http://HOST:PORT) or a command that starts one (exec:COMMAND) under a
    /// name, or as one of several variants; repeatable. The container's routes serve the first
    #[arg(
        long = "endpoint",
        value_name = "NAME[/VARIANT[:WEIGHT]]=SOURCE",
        value_parser = parse_endpoint,
        conflicts_with = "opt_ml"
    )]
    pub endpoints: Vec<EndpointArg>,
    /// The container's folder: its model/ is served as the endpoint knn-demo, unless --endpoint is given
    #[arg(long, value_name = "DIR", default_value = "/opt/ml")]
    pub opt_ml: PathBuf,
    /// The address to listen at, or localhost [default: all addresses; with --endpoint, localhost]
    #[arg(long, value_parser = parse_host)]
    pub host: Option<IpAddr>,
    /// The port to listen at; 0 means any free one
    #[arg(long, env = "SAGEMAKER_BIND_TO_PORT", default_value_t = 8080)]
    pub port: u16,
    /// Refuse an empty body (400), a request without a content type (415) and an unknown Accept (406)
    #[arg(long)]
    pub strict: bool,
    /// The largest request to /invocations in MiB, 1 to 100, for batch transform
    #[arg(
        long,
        value_name = "MB",
        env = "SAGEMAKER_MAX_PAYLOAD_IN_MB",
        default_value_t = 6,
        value_parser = clap::value_parser!(u32).range(1..=100)
    )]
    pub max_payload_mb: u32,
    #[command(flatten)]
    #[expect(
        missing_docs,
        reason = "a flattened argument's doc comment would become the program's description"
    )]
    pub server: ServerArgs,
}

impl HostArgs {
    /// Returns the address to listen at.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        // SageMaker connects to a container from outside. Other endpoints are for this machine only.
        let host = if self.endpoints.is_empty() { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        SocketAddr::new(self.host.unwrap_or(IpAddr::V4(host)), self.port)
    }

    /// Reads the models and watches their files from now on, and starts the containers.
    ///
    /// # Errors
    /// If a model cannot be read, a container does not become healthy, or a name is invalid, duplicate or unknown.
    pub fn open(&self) -> Result<Router> {
        let endpoints = if self.endpoints.is_empty() {
            let container = EndpointArg {
                name: CONTAINER_ENDPOINT.to_owned(),
                variant: DEFAULT_VARIANT.to_owned(),
                weight: 1.0,
                source: VariantSource::Artifact(self.opt_ml.join("model")),
            };
            open_endpoints(&[container], CONTAINER_HINT)?
        } else {
            open_endpoints(&self.endpoints, "")?
        };
        let endpoints: Endpoints = endpoints.into_iter().collect();
        self.server.chaos.apply(&endpoints)?;
        let options = RouterOptions::default().strict(self.strict).max_payload_mb(self.max_payload_mb);
        let options = options.memory(self.server.memory.budget());
        let container_timeout = if self.takes_batches() { BATCH_TIMEOUT } else { HOSTING_TIMEOUT };
        let limits = RequestLimits { container_timeout, ..RequestLimits::default() };
        let router = hosting_router_with(endpoints.clone(), options, limits);
        Ok(self.server.chaos.add_routes(router, endpoints))
    }

    /// Returns the limits of the server's connections. Where batch transform may send large requests, their responses may
    /// take as long as such a job waits.
    #[must_use]
    pub fn limits(&self) -> ConnectionLimits {
        let mut limits = ConnectionLimits::within(self.server.memory);
        if self.takes_batches() {
            limits.response_timeout = BATCH_TIMEOUT;
        }
        limits
    }

    /// Returns whether `/invocations` takes larger requests than InvokeEndpoint.
    fn takes_batches(&self) -> bool {
        self.max_payload_mb as usize > MAX_BODY_BYTES >> 20
    }
}
