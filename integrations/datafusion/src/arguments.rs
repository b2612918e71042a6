//! Command-line arguments.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    path::PathBuf,
    str::FromStr,
};

use clap::{Args, Parser, Subcommand};

use crate::tables::TableSource;

/// The port of Ballista's schedulers.
const SCHEDULER_PORT: u16 = 50050;
/// The first port of Ballista's executors.
const EXECUTOR_PORT: u16 = 50051;

/// Run SQL with k-NN models over Parquet and CSV
#[derive(Debug, Parser)]
#[command(version)]
pub struct Program {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a query in this process or on a cluster
    Sql(SqlArgs),
    /// Start the scheduler of a cluster
    Scheduler(SchedulerArgs),
    /// Start an executor of a cluster
    Executor(ExecutorArgs),
}

#[derive(Debug, Args)]
pub struct SqlArgs {
    /// The query; knn_predict and knn_neighbours are available
    pub query: String,
    /// A table: a .parquet or .csv file, or a folder of such files; can be repeated
    #[arg(long = "table", value_name = "NAME=PATH")]
    pub tables: Vec<TableSource>,
    /// Run the query on this cluster; paths must be absolute and the same on all executors
    #[arg(long, value_name = "HOST:PORT")]
    pub scheduler: Option<SchedulerAddress>,
    /// Write the rows to a .parquet or .csv file; without it, print them
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// In how many parts tables are read; by default, the cores of this machine
    #[arg(long, value_name = "N")]
    pub partitions: Option<NonZeroUsize>,
}

#[derive(Debug, Args)]
pub struct SchedulerArgs {
    /// Address to listen at; anyone who can reach it can run queries
    #[arg(long, value_name = "IP:PORT", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, SCHEDULER_PORT)))]
    pub bind: SocketAddr,
}

#[derive(Debug, Args)]
pub struct ExecutorArgs {
    /// The cluster's scheduler
    #[arg(long, value_name = "HOST:PORT")]
    pub scheduler: SchedulerAddress,
    /// Address at which the others reach this executor; the next port is used, too
    #[arg(long, value_name = "IP:PORT", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, EXECUTOR_PORT)))]
    pub bind: SocketAddr,
    /// How many parts of a query run at the same time; by default, the cores of this machine
    #[arg(long, value_name = "N")]
    pub vcores: Option<NonZeroUsize>,
    /// Folder for intermediate results; by default, a temporary one
    #[arg(long, value_name = "FOLDER")]
    pub work_dir: Option<PathBuf>,
}

/// The address of a scheduler, `HOST:PORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchedulerAddress {
    pub host: String,
    pub port: u16,
}

impl FromStr for SchedulerAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        match parsed {
            Some((host, port)) if !host.is_empty() && !host.contains('/') => {
                Ok(Self { host: host.to_owned(), port })
            }
            _ => Err(format!(
                "invalid address: {text} (expected HOST:PORT, such as 127.0.0.1:{SCHEDULER_PORT})"
            )),
        }
    }
}

impl fmt::Display for SchedulerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_addresses_of_schedulers() {
        let address: SchedulerAddress = "node-1:50050".parse().unwrap();
        assert_eq!((address.host.as_str(), address.port), ("node-1", 50050));
        for invalid in ["node-1", ":50050", "http://node-1:50050", "node-1:65536"] {
            assert!(invalid.parse::<SchedulerAddress>().unwrap_err().contains("HOST:PORT"), "{invalid}");
        }
    }
}
