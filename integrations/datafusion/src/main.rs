//! `knn-score`: SQL with k-NN models over Parquet and CSV, in one process or on an Apache Ballista cluster.

mod arguments;
mod output;
mod tables;

use std::{num::NonZeroUsize, process::ExitCode, thread::available_parallelism};

use anyhow::{Context as _, Result};
use clap::Parser as _;
use datafusion::prelude::{SessionConfig, SessionContext};
use log::{Level, LevelFilter, Log, Metadata, Record};
use mysfits_knn_datafusion::cluster;
use tokio::{net::TcpListener, runtime};

use crate::arguments::{Command, ExecutorArgs, Program, SchedulerArgs, SqlArgs};

/// The stack of a thread: plans are nested, and so are the functions that visit them.
const STACK_BYTES: usize = 16 << 20;

/// Writes the warnings and errors of DataFusion and Ballista to standard error.
struct StderrLog;

impl Log for StderrLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            eprintln!("{} {}: {}", record.level(), record.target(), record.args());
        }
    }

    fn flush(&self) {}
}

fn main() -> ExitCode {
    if log::set_logger(&StderrLog).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
    let program = Program::parse();
    match run(program.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let runtime = runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build()?;
    runtime.block_on(async {
        match command {
            Command::Sql(args) => run_sql(args).await,
            Command::Scheduler(args) => run_scheduler(args).await,
            Command::Executor(args) => run_executor(args).await,
        }
    })
}

fn cores() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get)
}

async fn run_sql(args: SqlArgs) -> Result<()> {
    let partitions = args.partitions.map_or_else(cores, NonZeroUsize::get);
    let context = if let Some(scheduler) = &args.scheduler {
        cluster::connect(&scheduler.to_string(), partitions).await?
    } else {
        let config = SessionConfig::new().with_target_partitions(partitions);
        let context = SessionContext::new_with_config(config);
        mysfits_knn_datafusion::register(&context);
        context
    };
    for table in &args.tables {
        tables::register(&context, table).await?;
    }
    let frame = context.sql(&args.query).await?;
    match &args.output {
        None => frame.show().await?,
        Some(path) => {
            let n_rows = output::write(frame, path).await?;
            println!("{n_rows} rows written to {}", path.display());
        }
    }
    Ok(())
}

async fn run_scheduler(args: SchedulerArgs) -> Result<()> {
    let listener = TcpListener::bind(args.bind).await;
    let listener = listener.with_context(|| format!("cannot listen at {}", args.bind))?;
    println!("scheduler listens at {}", listener.local_addr()?);
    Ok(cluster::run_scheduler(listener).await?)
}

async fn run_executor(args: ExecutorArgs) -> Result<()> {
    let vcores = args.vcores.map_or_else(cores, NonZeroUsize::get);
    // Tasks search on the threads of this pool: no more cores than the executor offers to the scheduler.
    rayon::ThreadPoolBuilder::new().num_threads(vcores).build_global()?;
    let temporary = tempfile::tempdir()?;
    let work_dir = args.work_dir.as_deref().unwrap_or(temporary.path());
    let scheduler = (args.scheduler.host.as_str(), args.scheduler.port);
    Ok(cluster::run_executor(scheduler, args.bind, vcores, work_dir).await?)
}
