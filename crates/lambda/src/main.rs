//! `bootstrap`: the program that Lambda starts. Reads the configuration, creates the backend, and handles
//! events until it receives a shutdown signal.

use std::{
    env,
    io::{self, Write as _},
    process::ExitCode,
};

use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use mysfits_lambda::{
    config::{Config, ConfigError},
    event::Event,
    function::Function,
    init,
};
use mysfits_model::table_files::TableFileError;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// What Lambda sets and its runtime cannot do without.
const LAMBDAS: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
];

#[cfg(not(unix))]
compile_error!("a Lambda function runs on Linux: build with --target x86_64-unknown-linux-gnu");

#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Table(#[from] TableFileError),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    if let Some(missing) = LAMBDAS.iter().find(|name| env::var_os(name).is_none()) {
        let _ = writeln!(
            io::stderr(),
            "{missing} is not set: this is an AWS Lambda function, which Lambda starts"
        );
        return ExitCode::FAILURE;
    }
    let function = match start() {
        Ok(function) => function,
        Err(error) => {
            if let Err(error) = init::report(&error, "Runtime.BadConfiguration").await {
                let _ = writeln!(io::stderr(), "Lambda could not be told: {error}");
            }
            return ExitCode::FAILURE;
        }
    };
    let runtime = Runtime::new(service_fn(async |event: LambdaEvent<Event>| {
        let (answer, record) = function.invoke(event).await;
        // A log that cannot be written to is no reason not to answer.
        let _ = io::stdout().write_all(&record.line());
        answer
    }));
    // Nothing is kept that would have to be written at the end, so the first word of Lambda is enough. Only functions
    // with an extension are asked by signal; registering one, as the runtime's own feature does, would cost a request
    // in each cold start.
    let ended = tokio::select! {
        ended = runtime.run() => ended,
        () = told_to_end() => Ok(()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "the Lambda Runtime API is gone: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<Function, StartError> {
    let Config { backend, allow_origin, log } = Config::from_environment()?;
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .log_internal_errors(false);
    tracing_subscriber::registry().with(lines.with_filter(log)).init();
    Ok(Function::new(backend.recommender()?, allow_origin))
}

/// Until SIGTERM or Ctrl-C; for ever if those cannot be waited for.
async fn told_to_end() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    let Ok(mut interrupt) = signal(SignalKind::interrupt()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
