//! `mysfits-server`: serves the site, the recommendation API and a SageMaker endpoint on one port.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use local_sagemaker::{
    access::AccessArgs,
    chaos::ChaosArgs,
    connections::ConnectionLimits,
    serve::{init_logging, parse_host, serve_until_signal},
    signals::{ExitOnSignal, exit_on_signal},
};
use mysfits_api::FeedbackStore;
use mysfits_dev_services::DevServices;
use mysfits_domain::Entry;
use mysfits_model::{
    RecommendationModel, RecommendationTable, artifact,
    survey::{TrainArgs, TrainingOutcome, train},
    table_files,
};
use mysfits_output::{outln, report};
use mysfits_sagemaker::{Endpoint, Endpoints};
use mysfits_server::{
    app::App,
    backend::{DevBackend, OwnEndpoint},
    feedback::FeedbackFile,
    origin::{local_origin, parse_origin},
    site::Site,
};
use mysfits_site::settings::SiteSettings;

#[derive(Parser)]
#[command(version, about = "The site and API of the mysfits, and a SageMaker endpoint, on one port")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train the model on the survey, report its accuracy, and write its artifact
    Survey {
        #[command(flatten)]
        train: TrainArgs,
        /// Where to put the artifact
        #[arg(long, default_value = "target/model.tar.gz")]
        out: PathBuf,
        /// Where to put the decision table and its schema, for the Lambda function
        #[arg(long, value_name = "DIR")]
        table: Option<PathBuf>,
    },
    /// Train or read the model, and serve site, API and endpoint
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
    /// The folder of the built site; by default, no site is served
    #[arg(long)]
    site: Option<PathBuf>,
    /// The origin of the site if it is behind a proxy, `https://mysfits.example` for instance
    ///
    /// It is part of canonical links, link previews, the sitemap and robots.txt. By default, http:// and the address to listen at; loopback if those are all addresses.
    #[arg(long, value_name = "ORIGIN", requires = "site", value_parser = parse_origin)]
    public_origin: Option<String>,
    /// The backend of the API
    #[arg(long, value_enum, default_value_t = DevBackend::Embedded)]
    backend: DevBackend,
    /// The workshop's other modules to serve, as in-memory fakes
    #[arg(long, value_enum, default_value_t)]
    modules: ModuleSet,
    /// Append what visitors say about their recommendations to this file; by default, they are not asked
    #[arg(long, value_name = "FILE")]
    feedback: Option<PathBuf>,
    /// The name of the SageMaker endpoint
    #[arg(long, default_value = "knn-ml-m4-xlarge-mysfits")]
    endpoint: String,
    #[command(flatten)]
    chaos: ChaosArgs,
    #[command(flatten)]
    access: AccessArgs,
}

/// The workshop's other modules that are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum ModuleSet {
    /// All: likes and adoptions, sign-in, clicks, the contact form
    #[default]
    All,
    /// None: the site's own config.json applies
    None,
}

fn main() -> ExitCode {
    init_logging();
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(error.as_ref()),
    }
}

fn run(command: Command) -> Result<()> {
    let signals = exit_on_signal(None)?;
    match command {
        Command::Survey { train: args, out, table: folder } => {
            let TrainingOutcome { model, report } = train(&args)?;
            if let Some(folder) = folder {
                table_files::write(&folder, model.table())?;
            }
            artifact::write(&model, &out)?;
            outln!("{report}\n\n{}\n\nwrote {}", report.confusion(), out.display())?;
            Ok(())
        }
        Command::Dev { model: Some(path), listen, .. } => {
            serve_mysfits(artifact::read(&path)?, &listen, signals)
        }
        Command::Dev { train: args, model: None, listen } => {
            let TrainingOutcome { model, report } = train(&args)?;
            outln!("{report}")?;
            serve_mysfits(model, &listen, signals)
        }
    }
}

/// Serves site, API and endpoint around a model.
fn serve_mysfits(model: RecommendationModel, args: &ListenArgs, signals: ExitOnSignal) -> Result<()> {
    let endpoints = Endpoints::new([Endpoint::new(&args.endpoint, model.knn().clone())?]);
    args.chaos.apply(&endpoints)?;
    let dev_services = match args.modules {
        ModuleSet::All => Some(DevServices::new()?),
        ModuleSet::None => None,
    };
    let feedback: Option<Arc<dyn FeedbackStore>> = match &args.feedback {
        Some(path) => Some(Arc::new(
            FeedbackFile::open(path).with_context(|| format!("cannot write {}", path.display()))?,
        )),
        None => None,
    };
    let mut site = args.site.as_deref().map(Site::open).transpose().context("cannot read the site")?;
    if let Some(site) = &mut site {
        // Offline, the page recommends by the table of the same model.
        site.add_file(mysfits_site::DECISION_TABLE, &model.table().decision_table().to_bytes())?;
        if dev_services.is_some() {
            site.set_settings(DevServices::settings())?;
        }
        if feedback.is_some() {
            // This server's own origin.
            let feedback_endpoint = Some(String::new());
            site.set_settings(SiteSettings { feedback_endpoint, ..site.settings().clone() })?;
        }
    }
    let address = SocketAddr::new(args.host, args.port);
    serve_until_signal(address, &args.access, ConnectionLimits::default(), signals, |address| {
        let own = OwnEndpoint { name: &args.endpoint, address };
        let origin = args.public_origin.clone().unwrap_or_else(|| local_origin(address));
        let site = site.map(|site| site.with_origin(origin));
        outln!("{}", first_recommendation(model.table())?)?;
        let recommender = args.backend.recommender(model, &own);
        let router = App { recommender, endpoints: endpoints.clone(), site, dev_services, feedback }.router();
        Ok(args.chaos.add_routes(router, endpoints))
    })
}

/// Returns a line with the recommendation for the workshop's example entry.
fn first_recommendation(table: &RecommendationTable) -> Result<String> {
    let entry = Entry::try_from([1, 2, 3, 4, 5])?;
    let recommended = table.label(entry).mysfit();
    let answers = entry.answers().map(|answer| answer.get().to_string()).join(", ");
    Ok(format!("recommends     {}  (for the answers {answers})", recommended.name.en))
}
