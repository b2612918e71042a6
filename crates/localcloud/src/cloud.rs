//! The whole of it: started, served, ended.

use std::{
    future::IntoFuture as _,
    io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use axum::{Router, serve::ListenerExt as _};
use mysfits_sagemaker::http::AllowedHosts;
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};

use crate::{
    edge,
    emulator::{Emulator, EmulatorError, MiniStack},
    http::Http,
    ports,
    sagemaker::{Pace, SageMaker},
    service,
    signature::{self, Credentials},
    state::{Addresses, StateError, StateFolder},
};

/// How a local cloud is started.
#[derive(Debug, Clone)]
pub struct Settings {
    /// An interpreter with MiniStack.
    pub python: PathBuf,
    /// Where others find it.
    pub state: StateFolder,
    /// The first of four ports; any if there is none.
    pub port: Option<u16>,
}

/// Why a local cloud does not run, or does not any more.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// There are no ports.
    #[error("the ports cannot be had")]
    Ports(#[source] io::Error),
    /// The folder.
    #[error(transparent)]
    State(#[from] StateError),
    /// MiniStack.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// A server, or the signals.
    #[error("the local cloud cannot serve")]
    Serve(#[source] io::Error),
}

/// Starts a local cloud, calls `ready` when all of it answers, and serves until SIGTERM or Ctrl-C. Afterwards nothing of
/// it is left but its log.
///
/// # Errors
/// [`CloudError`] if it cannot be started, or if MiniStack ends by itself.
pub async fn run(settings: &Settings, ready: impl FnOnce(&Addresses)) -> Result<(), CloudError> {
    settings.state.claim()?;
    let result = serve(settings, ready).await;
    settings.state.release()?;
    result
}

async fn serve(settings: &Settings, ready: impl FnOnce(&Addresses)) -> Result<(), CloudError> {
    // Before anything is started: what is ended while it starts must be ended, too.
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
    let addresses = Addresses {
        site: url(address(&site)?),
        api: url(address(&api)?),
        services: url(address(&services)?),
        emulator: url(address(&emulator)?),
    };
    // MiniStack binds its port itself, now that it is known to be free.
    let emulator_port = address(&emulator)?.port();
    drop(emulator);

    let credentials = Credentials::random();
    let emulator = Emulator::new(Http::default(), addresses.emulator.clone(), credentials.clone());
    let sagemaker = SageMaker::new(emulator.clone(), Pace::default());
    let mut servers = JoinSet::new();
    let services_address = address(&services)?;
    let routes = service::authorize_invocations(service::router(sagemaker), emulator.clone());
    let routes = signature::require(routes, credentials.clone());
    let routes = AllowedHosts::for_listener(services_address).protect(routes);
    spawn(&mut servers, services, routes).map_err(CloudError::Serve)?;
    let site_address = address(&site)?;
    let routes = AllowedHosts::for_listener(site_address).protect(edge::site(emulator.clone()));
    spawn(&mut servers, site, routes).map_err(CloudError::Serve)?;
    // The site's pages call the API.
    let routes = AllowedHosts::for_listener(address(&api)?)
        .allow_origin(&addresses.site)
        .allow_origin(&format!("http://localhost:{}", site_address.port()))
        .protect(edge::api(emulator.clone()));
    spawn(&mut servers, api, routes).map_err(CloudError::Serve)?;

    let folder = settings.state.path();
    let started = tokio::select! {
        started = MiniStack::start(&settings.python, folder, &emulator, emulator_port, &addresses.services) => started?,
        // Dropped half-started: the closing of its standard input ends it.
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
        // Answers are small and whole: waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
    });
    let server = axum::serve(listener, routes).into_future();
    servers.spawn(async move {
        // Ends only when it is dropped.
        let _ = server.await;
    });
    Ok(())
}
