//! `mysfits-server`: trains a model, serves one, or does both with the site around it.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use mysfits_api::{Embedded, InProcess, Recommender};
use mysfits_knn::{DecisionTable, Model};
use mysfits_sagemaker::{Endpoint, Endpoints};
use mysfits_server::{
    app::App,
    artifact,
    serve::{bind, serve, stop_signal},
    site::Site,
    train::{TrainArgs, Trained, train},
};
use tracing_subscriber::EnvFilter;

#[derive(Parser)]
#[command(version, about = "Site, recommendation API and SageMaker-compatible k-NN endpoint in one process")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train a model, report how good it is, and write its artifact
    Train {
        #[command(flatten)]
        train: TrainArgs,
        /// Where to put the artifact
        #[arg(long, default_value = "target/model.tar.gz")]
        out: PathBuf,
    },
    /// Serve a model artifact
    Serve {
        /// The artifact
        #[arg(long, default_value = "target/model.tar.gz")]
        model: PathBuf,
        #[command(flatten)]
        listen: ListenArgs,
    },
    /// Train a model and serve it
    Dev {
        #[command(flatten)]
        train: TrainArgs,
        #[command(flatten)]
        listen: ListenArgs,
    },
}

#[derive(Args)]
struct ListenArgs {
    /// The address to listen at
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// The port to listen at; 0 means any free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The folder of the built site; without it there is no site
    #[arg(long)]
    site: Option<PathBuf>,
    /// Who answers the API
    #[arg(long, value_enum, default_value_t = Backend::Embedded)]
    backend: Backend,
    /// The name of the SageMaker endpoint
    #[arg(long, default_value = "knn-ml-m4-xlarge-mysfits")]
    endpoint: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Backend {
    /// The decision table: every entry's answer, looked up
    Embedded,
    /// The model, asked anew each time
    Model,
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Train { train: args, out } => {
            let Trained { model, report, .. } = train(&args)?;
            let model = Arc::into_inner(model).context("the model is still in use")?;
            artifact::write(model, &out)?;
            println!("{report}\n\n{}\n\nwrote {}", report.confusion(), out.display());
            Ok(())
        }
        Command::Serve { model, listen } => {
            let model = artifact::read(&model)?;
            let table = model.compile(&Embedded::lattice()?)?;
            serve_all(model, &table, &listen)
        }
        Command::Dev { train: args, listen } => {
            let Trained { model, table, report } = train(&args)?;
            println!("{report}");
            serve_all(model, &table, &listen)
        }
    }
}

fn serve_all(model: Arc<Model>, table: &DecisionTable, args: &ListenArgs) -> Result<()> {
    let recommender: Arc<dyn Recommender> = match args.backend {
        Backend::Embedded => Arc::new(Embedded::new(table)?.with_model(model.clone())?),
        Backend::Model => Arc::new(InProcess::new(model.clone())?),
    };
    let endpoints = Endpoints::new([Endpoint::new(&args.endpoint, model)?]);
    let site = args.site.as_deref().map(Site::open).transpose().context("cannot read the site")?;
    let router = App { recommender, endpoints, site }.router();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = bind(SocketAddr::new(args.host, args.port)).await?;
        println!("ready http://{}", listener.local_addr()?);
        serve(listener, router, stop_signal()).await?;
        Ok(())
    })
}
