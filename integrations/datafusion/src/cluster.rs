//! An Apache Ballista cluster that knows the functions: client, scheduler and executor.
//!
//! A plan names its functions, and each process looks them up: the client to plan a query, the scheduler to divide it into
//! tasks, executors to run these. Only executors read models.

use std::{net::SocketAddr, path::Path, sync::Arc};

use ballista::prelude::{SessionConfigExt as _, SessionContextExt as _};
use ballista_core::{
    error::BallistaError, registry::BallistaFunctionRegistry, utils::default_session_builder,
};
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_scheduler::{
    cluster::BallistaCluster,
    config::SchedulerConfig,
    scheduler_process::{create_scheduler, start_grpc_service_with_listener},
};
use datafusion::{
    common::Result,
    execution::{FunctionRegistry as _, SessionState, SessionStateBuilder},
    prelude::{SessionConfig, SessionContext},
};
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use tokio::net::TcpListener;

/// How often an executor reports that it runs.
const HEARTBEAT_SECONDS: u64 = 2;
/// How long after its last report an executor is considered lost, and its tasks run elsewhere.
const EXECUTOR_TIMEOUT_SECONDS: u64 = 10;
/// How often the scheduler looks for lost executors.
const EXPIRY_CHECK_SECONDS: u64 = 2;
/// How long a job waits for an executor when all are lost.
const NO_EXECUTORS_SECONDS: u64 = 60;
/// How long an executor tries to reach the scheduler when it starts.
const CONNECT_SECONDS: u16 = 60;

/// Returns a session whose queries run on a cluster, with all functions registered.
///
/// `partitions` is the number of parts in which tables are read: at least the number of all executors' cores. The scheduler at
/// `scheduler` (`HOST:PORT`) is not contacted before the first query.
///
/// # Errors
/// A DataFusion error if `scheduler` is not an address.
pub async fn connect(scheduler: &str, partitions: usize) -> Result<SessionContext> {
    let config = SessionConfig::new_with_ballista().with_target_partitions(partitions);
    let state = SessionStateBuilder::new().with_default_features().with_config(config).build();
    let context = SessionContext::remote_with_state(&format!("df://{scheduler}"), state).await?;
    // Connecting replaces the scalar functions of the state.
    crate::register(&context);
    Ok(context)
}

fn session_state(config: SessionConfig) -> Result<SessionState> {
    let mut state = default_session_builder(config)?;
    for function in crate::scalar_functions() {
        state.register_udf(function)?;
    }
    Ok(state)
}

/// Runs a scheduler until the process ends.
///
/// # Errors
/// [`BallistaError`] if the scheduler cannot start.
pub async fn run_scheduler(listener: TcpListener) -> Result<(), BallistaError> {
    let address = listener.local_addr()?;
    let config = SchedulerConfig {
        external_host: address.ip().to_string(),
        bind_host: address.ip().to_string(),
        bind_port: address.port(),
        executor_timeout_seconds: EXECUTOR_TIMEOUT_SECONDS,
        expire_dead_executor_interval_seconds: EXPIRY_CHECK_SECONDS,
        no_executors_grace_period_seconds: NO_EXECUTORS_SECONDS,
        override_session_builder: Some(Arc::new(session_state)),
        ..SchedulerConfig::default()
    };
    let cluster = BallistaCluster::new_from_config(&config).await?;
    let scheduler = create_scheduler::<LogicalPlanNode, PhysicalPlanNode>(cluster, Arc::new(config)).await?;
    start_grpc_service_with_listener(listener, scheduler).await
}

/// Runs an executor until the process is told to end.
///
/// Listens at `bind` and the next port. `vcores` tasks run at the same time; `work_dir` takes their results until other tasks or
/// the client have read them.
///
/// # Errors
/// [`BallistaError`] if a port is in use or the scheduler cannot be reached.
pub async fn run_executor(
    scheduler: (&str, u16),
    bind: SocketAddr,
    vcores: usize,
    work_dir: &Path,
) -> Result<(), BallistaError> {
    let grpc_port = bind.port().checked_add(1);
    let grpc_port = grpc_port.ok_or_else(|| {
        BallistaError::Configuration(format!("invalid port: {} (expected 1 to 65534)", bind.port()))
    })?;
    let state = session_state(SessionConfig::new_with_ballista())?;
    let config = ExecutorProcessConfig {
        bind_host: bind.ip().to_string(),
        external_host: Some(bind.ip().to_string()),
        port: bind.port(),
        grpc_port,
        scheduler_host: scheduler.0.to_owned(),
        scheduler_port: scheduler.1,
        scheduler_connect_timeout_seconds: CONNECT_SECONDS,
        vcores,
        work_dir: Some(work_dir.to_string_lossy().into_owned()),
        executor_heartbeat_interval_seconds: HEARTBEAT_SECONDS,
        override_function_registry: Some(Arc::new(BallistaFunctionRegistry::from(&state))),
        ..ExecutorProcessConfig::default()
    };
    start_executor_process(Arc::new(config)).await
}
