//! `mysfits-server`: trains and hosts k-NN models as SageMaker's container does, and serves the mysfits around one.

mod signals;

use std::{
    io::{IsTerminal as _, stdout},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, Result};
use axum::Router;
use clap::{Args, Parser, Subcommand};
use mysfits_api::Embedded;
use mysfits_domain::{Entry, Label};
use mysfits_knn::{DecisionTable, Model};
use mysfits_output::{outln, report};
use mysfits_sagemaker::{
    Endpoint, Endpoints,
    training::{Job, TrainingError},
};
use mysfits_server::{
    access::AccessArgs,
    app::App,
    artifact,
    backend::{Backend, OwnEndpoint},
    hosting::{ChaosArgs, HostArgs, parse_host},
    limits::Limits,
    modules::{self, Modules},
    serve::{bind, serve, stop_signal},
    site::{MemoryFile, Site},
    train::{TrainArgs, Trained, train},
};
use tracing_subscriber::EnvFilter;

use crate::signals::{ExitOnSignal, exit_on_signal};

#[derive(Parser)]
#[command(version, about = "SageMaker's k-NN container, and the mysfits' site and API around a model")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train any k-NN model as SageMaker's container does
    Train {
        /// The container's folder: input/config and input/data are read, model/ and output/ written
        #[arg(long, value_name = "DIR", default_value = "/opt/ml")]
        opt_ml: PathBuf,
    },
    /// Host any k-NN model as SageMaker's container does, or several as endpoints
    Serve(HostArgs),
    /// Train the mysfits' model on the survey, report how good it is, and write its artifact
    Survey {
        #[command(flatten)]
        train: TrainArgs,
        /// Where to put the artifact
        #[arg(long, default_value = "target/model.tar.gz")]
        out: PathBuf,
        /// Where to put the decision table and its schema, which the function on Lambda answers from
        #[arg(long, value_name = "DIR")]
        table: Option<PathBuf>,
    },
    /// Train the mysfits' model, or read it, and serve site, API and endpoint
    Dev {
        #[command(flatten)]
        train: TrainArgs,
        /// Serve this artifact instead of training; it must fit the questionnaire
        #[arg(
            long,
            value_name = "FILE",
            conflicts_with_all = ["survey", "rows", "seed", "random", "k", "sample_size"]
        )]
        model: Option<PathBuf>,
        #[command(flatten)]
        listen: ListenArgs,
    },
}

#[derive(Args)]
struct ListenArgs {
    /// The address to listen at, or localhost
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_parser = parse_host)]
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
    /// Which of the workshop's other modules are there, in memory
    #[arg(long, value_enum, default_value_t)]
    modules: modules::Chosen,
    /// The name of the SageMaker endpoint
    #[arg(long, default_value = "knn-ml-m4-xlarge-mysfits")]
    endpoint: String,
    #[command(flatten)]
    chaos: ChaosArgs,
    #[command(flatten)]
    access: AccessArgs,
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // Colours are for terminals: in a file or in CloudWatch they are noise.
    let is_terminal = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.with_ansi(is_terminal).with_target(false).log_internal_errors(false).init();
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let status = report(error.as_ref());
            // A training job's exit code says whose fault it is.
            error.downcast_ref::<TrainingError>().map_or(status, |error| error.kind().exit_code().into())
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Train { opt_ml } => {
            let job = Job::new(&opt_ml);
            exit_on_signal(Some(job.clone()))?;
            job.run(&mut stdout()).with_context(|| format!("the training job in {} failed", opt_ml.display()))
        }
        Command::Serve(host) => {
            let signals = exit_on_signal(None)?;
            let router = host.open()?;
            listen(host.address(), &host.access, host.limits(), signals, |_| Ok(router))
        }
        Command::Survey { train: args, out, table: folder } => {
            exit_on_signal(None)?;
            let Trained { model, table, report } = train(&args)?;
            if let Some(folder) = folder {
                mysfits_api::table::write(&folder, &table)?;
            }
            let model = Arc::into_inner(model).context("the model is still in use")?;
            artifact::write(model, &out)?;
            outln!("{report}\n\n{}\n\nwrote {}", report.confusion(), out.display())?;
            Ok(())
        }
        Command::Dev { model: Some(path), listen, .. } => {
            let signals = exit_on_signal(None)?;
            let model = artifact::read(&path)?;
            let table = model.compile(&Embedded::lattice()?)?;
            serve_mysfits(model, &table, &listen, signals)
        }
        Command::Dev { train: args, model: None, listen } => {
            let signals = exit_on_signal(None)?;
            let Trained { model, table, report } = train(&args)?;
            outln!("{report}")?;
            serve_mysfits(model, &table, &listen, signals)
        }
    }
}

/// Site, API and endpoint around a model.
fn serve_mysfits(
    model: Arc<Model>,
    table: &DecisionTable,
    args: &ListenArgs,
    signals: ExitOnSignal,
) -> Result<()> {
    let endpoints = Endpoints::new([Endpoint::new(&args.endpoint, model.clone())?]);
    args.chaos.apply(&endpoints)?;
    let modules = match args.modules {
        modules::Chosen::All => Some(Modules::new()?),
        modules::Chosen::None => None,
    };
    let mut site = args.site.as_deref().map(Site::open).transpose().context("cannot read the site")?;
    // The page answers from the table of this very model when it is offline.
    site = site.map(|site| {
        let file = MemoryFile::new("application/octet-stream", table.to_bytes());
        site.with_file(mysfits_site::DECISION_TABLE, file)
    });
    if modules.is_some() {
        site = site.map(|site| site.with_settings(&Modules::settings()));
    }
    let address = SocketAddr::new(args.host, args.port);
    listen(address, &args.access, Limits::default(), signals, |address| {
        let own = OwnEndpoint { name: &args.endpoint, address };
        let recommender = args.backend.recommender(model, &own)?;
        outln!("{}", first_recommendation(table)?)?;
        let router = App { recommender, endpoints: endpoints.clone(), site, modules }.router();
        Ok(args.chaos.add_routes(router, endpoints))
    })
}

/// What the workshop's own request will be answered: a recommendation before anybody has asked.
fn first_recommendation(table: &DecisionTable) -> Result<String> {
    let entry = Entry::try_from([1, 2, 3, 4, 5])?;
    let recommended = Label::try_from(table.predict(entry.index()))?.mysfit();
    let answers = entry.answers().map(|answer| answer.get().to_string()).join(", ");
    Ok(format!("recommends     {}  (to whoever answers {answers})", recommended.name.en))
}

/// Serves until the process is asked to stop; the router may know the address, which a free port has only then.
fn listen(
    address: SocketAddr,
    access: &AccessArgs,
    limits: Limits,
    signals: ExitOnSignal,
    router: impl FnOnce(SocketAddr) -> Result<Router>,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = bind(address).await?;
        let address = listener.local_addr()?;
        let router = access.protect(router(address)?, address);
        // Before it says that it is ready: from then on it may be told to stop.
        let stop = stop_signal();
        signals.disarm();
        outln!("ready http://{address}")?;
        let second_signal = async { stop_signal().await };
        serve(listener, router, limits, stop, second_signal).await;
        Ok(())
    })
}
