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
    function::RecommendationFunction,
    invocation_log::MetricSet,
    request::ApiEvent,
    startup_error,
};
use mysfits_model::table_files::TableFileError;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// Variables of Lambda that its runtime requires.
const REQUIRED_ENV: [&str; 4] = [
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
    if let Some(missing) = REQUIRED_ENV.iter().find(|name| env::var_os(name).is_none()) {
        let _ = writeln!(
            io::stderr(),
            "{missing} is not set: this program is an AWS Lambda function and runs only in Lambda"
        );
        return ExitCode::FAILURE;
    }
    let (function, metrics, namespace) = match start() {
        Ok(started) => started,
        Err(error) => {
            if let Err(error) = startup_error::report(&error, "Runtime.BadConfiguration").await {
                let _ = writeln!(io::stderr(), "cannot report the error to Lambda: {error}");
            }
            return ExitCode::FAILURE;
        }
    };
    let runtime = Runtime::new(service_fn(async |event: LambdaEvent<ApiEvent>| {
        let (answer, record) = function.invoke(event).await;
        // A failed log write must not fail the invocation.
        let _ = io::stdout().write_all(&record.with_metrics(metrics).with_namespace(&namespace).line());
        answer
    }));
    // Nothing needs to be flushed at shutdown. Only functions with an extension get a signal; registering one, as the
    // runtime's own feature does, would cost a request in each cold start.
    let ended = tokio::select! {
        ended = runtime.run() => ended,
        () = shutdown_signal() => Ok(()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "the Lambda Runtime API is unavailable: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<(RecommendationFunction, MetricSet, String), StartError> {
    let Config { backend, allow_origin, log, metrics, metric_namespace } = Config::from_environment()?;
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .log_internal_errors(false);
    tracing_subscriber::registry().with(lines.with_filter(log)).init();
    let function = RecommendationFunction::new(backend.recommender()?, allow_origin);
    Ok((function, metrics, metric_namespace))
}

/// Completes at SIGTERM or Ctrl-C; never, if the handlers cannot be installed.
async fn shutdown_signal() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    let Ok(mut interrupt) = signal(SignalKind::interrupt()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
