//! The servers under load, each a process of its own.

use std::{
    fs::File,
    io::{self, Read as _},
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Command,
    sync::Arc,
    time::Duration,
};

use anyhow::Result;
use axum::{Router, http::header, routing::post};
use clap::Subcommand;
use local_sagemaker::{
    connections::ConnectionLimits,
    serve::{bind, serve},
};
use mysfits_api::TableBackend;
use mysfits_model::RecommendationModel;
use mysfits_output::outln;
use mysfits_process::{LogFile, ServerProcess, StopMethod};
use mysfits_sagemaker::{Endpoint, Endpoints, artifact::Artifact};
use mysfits_server::app::App;
use tokio::{net::TcpListener, sync::oneshot};

/// How long a server may take to be ready.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// Which server this program is to be.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Served {
    /// Serve our app over a model artifact, until standard input ends
    #[command(hide = true)]
    App {
        /// The artifact
        #[arg(long)]
        model: PathBuf,
    },
    /// Serve a bare axum route that answers with a constant, until standard input ends
    #[command(hide = true)]
    Bare {
        /// The constant
        #[arg(long)]
        body: String,
    },
}

impl Served {
    /// Serves; writes the address to standard output when it is ready.
    pub(crate) fn run(self) -> Result<()> {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
            let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
            match self {
                Self::App { model } => serve_app(listener, &model).await,
                Self::Bare { body } => serve_bare(listener, body).await,
            }
        })
    }
}

async fn serve_app(listener: TcpListener, path: &std::path::Path) -> Result<()> {
    // As the server's own `main` does it, but to nowhere: what it says at the end would stand in the report.
    tracing_subscriber::fmt().with_env_filter("info").with_writer(io::sink).init();
    let model = Arc::new(Artifact::read(File::open(path)?)?.model);
    let recommender = Arc::new(TableBackend::from_model(RecommendationModel::new(model.clone())?));
    let endpoints = Endpoints::new([Endpoint::new("bench", model)?]);
    outln!("ready {}", listener.local_addr()?)?;
    let router = App { recommender, endpoints, site: None, dev_services: None, feedback: None }.router();
    serve(listener, router, ConnectionLimits::default(), end_of_input(), std::future::pending()).await;
    Ok(())
}

async fn serve_bare(listener: TcpListener, body: String) -> Result<()> {
    // A constant, not a copy for each answer: this is as fast as a route can be.
    let body: &'static str = body.leak();
    let route = post(async move || ([(header::CONTENT_TYPE, "application/json")], body));
    outln!("ready {}", listener.local_addr()?)?;
    let router = Router::new().route("/recommendations", route);
    Ok(axum::serve(listener, router).with_graceful_shutdown(end_of_input()).await?)
}

/// Done when the caller closes its end, or is gone.
async fn end_of_input() {
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = io::stdin().read(&mut [0]);
        let _ = sender.send(());
    });
    let _ = receiver.await;
}

/// Starts this program as that server and waits until it is ready.
pub(crate) fn start(served: &Served) -> Result<ServerProcess> {
    let mut command = Command::new(std::env::current_exe()?);
    match served {
        Served::App { model } => command.arg("app").arg("--model").arg(model),
        Served::Bare { body } => command.arg("bare").arg("--body").arg(body),
    };
    ServerProcess::start(&mut command, StopMethod::CloseInput, &LogFile::temporary()?, START_TIMEOUT)
}
