//! Starts, serves and stops a local cloud.

use std::{
    future::IntoFuture as _,
    io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use axum::{Router, serve::ListenerExt as _};
use local_sagemaker::{
    aws::{
        http_client::Http,
        signature::{self, Credentials},
    },
    control_plane::{Pace, SageMakerService},
};
use mysfits_sagemaker::{AccountRegion, http::AllowedHosts};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};

use crate::{
    authorization,
    emulator::{Emulator, EmulatorError, MiniStack},
    ports, proxy, service,
    state::{CloudAddresses, StateError, StateFolder},
};

/// Settings of a local cloud.
#[derive(Debug, Clone)]
pub struct CloudSettings {
    /// A Python interpreter with MiniStack.
    pub python: PathBuf,
    /// The state folder.
    pub state: StateFolder,
    /// The first of four consecutive ports; by default free ones.
    pub port: Option<u16>,
}

/// Why a local cloud cannot start or run.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// The ports cannot be bound.
    #[error("cannot bind the ports")]
    Ports(#[source] io::Error),
    /// The state folder is unusable.
    #[error(transparent)]
    State(#[from] StateError),
    /// MiniStack failed.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// A server or a signal handler failed.
    #[error("the local cloud cannot serve")]
    Serve(#[source] io::Error),
}

/// Starts a local cloud, calls `ready` when all of it responds, and serves until SIGTERM or Ctrl-C. Only its log remains.
///
/// # Errors
/// [`CloudError`] if it cannot be started, or if MiniStack ends by itself.
pub async fn run(settings: &CloudSettings, ready: impl FnOnce(&CloudAddresses)) -> Result<(), CloudError> {
    settings.state.claim()?;
    let result = serve(settings, ready).await;
    settings.state.release()?;
    result
}

async fn serve(settings: &CloudSettings, ready: impl FnOnce(&CloudAddresses)) -> Result<(), CloudError> {
    // First, so that a signal during the start also stops the cloud.
    let mut terminate = signal(SignalKind::terminate()).map_err(CloudError::Serve)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CloudError::Serve)?;
    let ended = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    tokio::pin!(ended);

    let [site, api, services, emulator] = ports::bind(settings.port).map_err(CloudError::Ports)?;
    let address = |listener: &TcpListener| listener.local_addr().map_err(CloudError::Ports);
    let url = |address: SocketAddr| format!("http://{address}");
    let addresses = CloudAddresses {
        site: url(address(&site)?),
        api: url(address(&api)?),
        services: url(address(&services)?),
        emulator: url(address(&emulator)?),
    };
    // MiniStack binds this port itself; it is known to be free.
    let emulator_port = address(&emulator)?.port();
    drop(emulator);

    let credentials = Credentials::random();
    let emulator = Emulator::new(Http::default(), addresses.emulator.clone(), credentials.clone());
    let client = emulator.client().clone();
    let sagemaker = move |owner: AccountRegion| {
        let client = client.clone().with_region(owner.region());
        SageMakerService::new(owner, client.clone(), client, Pace::default())
    };
    let mut servers = JoinSet::new();
    let services_address = address(&services)?;
    let routes = authorization::authorize(service::router(sagemaker), emulator.clone());
    let routes = signature::require(routes, credentials.clone());
    let routes = AllowedHosts::for_listener(services_address).protect(routes);
    spawn(&mut servers, services, routes).map_err(CloudError::Serve)?;
    let site_address = address(&site)?;
    let routes = AllowedHosts::for_listener(site_address).protect(proxy::site(emulator.clone()));
    spawn(&mut servers, site, routes).map_err(CloudError::Serve)?;
    // The site's pages call the API.
    let routes = AllowedHosts::for_listener(address(&api)?)
        .allow_origin(&addresses.site)
        .allow_origin(&format!("http://localhost:{}", site_address.port()))
        .protect(proxy::api(emulator.clone()));
    spawn(&mut servers, api, routes).map_err(CloudError::Serve)?;

    let folder = settings.state.path();
    let started = tokio::select! {
        started = MiniStack::start(&settings.python, folder, &emulator, emulator_port, &addresses.services) => started?,
        // MiniStack stops when its standard input is closed by the drop.
        () = &mut ended => return Ok(()),
    };
    let mut ministack = started;
    if let Err(error) = settings.state.publish(&addresses, &credentials) {
        ministack.stop().await;
        return Err(error.into());
    }
    ready(&addresses);
    let log = folder.join(crate::emulator::LOG);
    let result = tokio::select! {
        () = &mut ended => Ok(()),
        error = ministack.ended(&log) => Err(CloudError::Emulator(error)),
    };
    ministack.stop().await;
    servers.shutdown().await;
    result
}

/// Serves these routes until the set of servers is shut down.
fn spawn(servers: &mut JoinSet<()>, listener: TcpListener, routes: Router) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|stream| {
        // Responses are small: Nagle's algorithm would only delay them.
        let _ = stream.set_nodelay(true);
    });
    let server = axum::serve(listener, routes).into_future();
    servers.spawn(async move {
        // Returns only when it is dropped.
        let _ = server.await;
    });
    Ok(())
}
