//! A cluster of processes.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

/// Returns the program's command.
pub fn knn_score() -> Command {
    Command::new(env!("CARGO_BIN_EXE_knn-score"))
}

/// A scheduler and executors, which end when this is dropped.
pub struct Cluster {
    address: String,
    scheduler: Child,
    executors: Vec<Child>,
    folder: TempDir,
}

impl Cluster {
    /// Starts a scheduler and executors with one core each.
    pub fn start(n_executors: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = |name: &str| File::create(folder.path().join(name)).unwrap();
        let mut scheduler = knn_score();
        scheduler.args(["scheduler", "--bind", "127.0.0.1:0"]);
        let mut scheduler = scheduler.stdout(Stdio::piped()).stderr(log("scheduler.log")).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(scheduler.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        let mut cluster = Self { address, scheduler, executors: Vec::new(), folder };
        for number in 0..n_executors {
            let mut executor = knn_score();
            executor.args(["executor", "--vcores", "1", "--scheduler", &cluster.address]);
            executor.arg("--bind").arg(format!("127.0.0.1:{}", free_ports()));
            executor.arg("--work-dir").arg(cluster.work_dir(number));
            fs::create_dir(cluster.work_dir(number)).unwrap();
            let log = File::create(cluster.folder.path().join(format!("executor-{number}.log"))).unwrap();
            cluster.executors.push(executor.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        }
        cluster
    }

    /// Returns the address of the scheduler.
    pub fn scheduler(&self) -> &str {
        &self.address
    }

    fn work_dir(&self, executor: usize) -> PathBuf {
        self.folder.path().join(format!("executor-{executor}"))
    }

    /// Returns the number of files with results of an executor's tasks.
    pub fn n_results(&self, executor: usize) -> usize {
        n_files(&self.work_dir(executor))
    }

    /// Kills an executor, and removes its results as if its machine were lost.
    pub fn kill_executor(&mut self, executor: usize) {
        self.executors[executor].kill().unwrap();
        self.executors[executor].wait().unwrap();
        fs::remove_dir_all(self.work_dir(executor)).unwrap();
    }

    /// Returns the logs of all processes.
    pub fn logs(&self) -> String {
        let entries = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let logs = entries.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
        logs.map(|path| format!("{}:\n{}\n", path.display(), fs::read_to_string(&path).unwrap())).collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for process in self.executors.iter_mut().chain([&mut self.scheduler]) {
            drop(process.kill());
            drop(process.wait());
        }
    }
}

/// Returns a free port whose successor is free, too.
fn free_ports() -> u16 {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        if port.checked_add(1).is_some_and(|next| TcpListener::bind(("127.0.0.1", next)).is_ok()) {
            return port;
        }
    }
}

fn n_files(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.map(|path| if path.is_dir() { n_files(&path) } else { 1 }).sum()
}
