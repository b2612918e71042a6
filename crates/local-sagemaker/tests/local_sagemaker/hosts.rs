//! Training on several hosts: processes at addresses of their own, that share neither folders nor memory.

#![cfg(target_os = "linux")]

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::Write as _,
    ops::Range,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use mysfits_sagemaker::training::{Job, WorkerHost};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{program, succeeds};

/// A host of a job: its name and its `/opt/ml`.
struct JobHost {
    name: String,
    folder: TempDir,
}

/// Returns host names that no other test uses at the same time: loopback addresses, which are their own names.
fn names(n_hosts: usize) -> Vec<String> {
    static USED: AtomicU32 = AtomicU32::new(0);
    let (process, job) = (std::process::id(), USED.fetch_add(1, Ordering::Relaxed));
    let name = |host| format!("127.{}.{}.{}", 1 + process / 250 % 250, 1 + process % 250, 1 + job * 8 + host);
    (0..n_hosts as u32).map(name).collect()
}

impl JobHost {
    /// Creates the hosts of a job with these channels, by name with their configuration and the rows of each host.
    fn job(names: &[String], channels: &[(&str, Value, &[Range<usize>])]) -> Vec<Self> {
        let host = |(number, name): (usize, &String)| {
            let folder = tempfile::tempdir().unwrap();
            let host = Self { name: name.clone(), folder };
            fs::create_dir_all(host.path("input/config")).unwrap();
            let hyperparameters = json!({
                "feature_dim": "2", "k": "3", "predictor_type": "classifier", "sample_size": "600",
            });
            let configs: serde_json::Map<String, Value> =
                channels.iter().map(|(channel, config, _)| ((*channel).to_owned(), config.clone())).collect();
            for (file, value) in [
                ("hyperparameters.json", hyperparameters),
                ("inputdataconfig.json", Value::Object(configs)),
                ("resourceconfig.json", json!({ "current_host": name, "hosts": names })),
            ] {
                fs::write(host.path("input/config").join(file), value.to_string()).unwrap();
            }
            for (channel, _, shares) in channels {
                let data = host.path("input/data").join(channel);
                fs::create_dir_all(&data).unwrap();
                fs::write(data.join("part.csv"), rows(shares[number].clone())).unwrap();
            }
            host
        };
        names.iter().enumerate().map(host).collect()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Starts the host's process.
    fn start(&self) -> Child {
        let mut train = program();
        train.args(["train", "--opt-ml"]).arg(self.folder.path());
        let log = File::create(self.path("log")).unwrap();
        train.stdin(Stdio::null()).stdout(log).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }

    /// Waits until the host has connected to the leader and drawn its sample.
    fn wait_for_sample(&self) {
        let begin = Instant::now();
        while !self.log().contains("#throughput_metric") {
            assert!(begin.elapsed() < Duration::from_mins(1), "{}", self.log());
            sleep(Duration::from_millis(20));
        }
    }

    fn failure(&self) -> String {
        fs::read_to_string(self.path("output/failure")).unwrap()
    }

    fn model(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let Ok(entries) = fs::read_dir(self.path("model")) else { return Vec::new() };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let contents = |path: PathBuf| (path.file_name().unwrap().into(), fs::read(&path).unwrap());
        paths.into_iter().map(contents).collect()
    }
}

fn rows(range: Range<usize>) -> String {
    range.fold(String::new(), |mut rows, i| {
        let _ = writeln!(rows, "{},{},{}", i % 5, i * 7919 % 1009, i * 104_729 % 997);
        rows
    })
}

fn sharded() -> Value {
    json!({ "ContentType": "text/csv", "S3DistributionType": "ShardedByS3Key" })
}

/// Runs all hosts, the leader last, and returns how they ended.
fn run(hosts: &[JobHost]) -> Vec<Output> {
    let started: Vec<_> = hosts.iter().rev().map(JobHost::start).collect();
    started.into_iter().rev().map(|host| host.wait_with_output().unwrap()).collect()
}

/// Returns the log lines with scores.
fn scores(log: &str) -> Vec<String> {
    log.lines().filter_map(|line| Some(line.split_once("#quality_metric")?.1.to_owned())).collect()
}

/// Runs the job of processes, and the same job on threads of this process.
#[track_caller]
fn check_same_model(channels: &[(&str, Value, &[Range<usize>])]) {
    let names = names(3);
    let hosts = JobHost::job(&names, channels);
    let ended = run(&hosts);
    for (host, ended) in hosts.iter().zip(&ended) {
        assert!(ended.status.success(), "{}: {}", host.name, String::from_utf8_lossy(&ended.stderr));
        assert!(!host.path("output/failure").exists());
    }
    assert!(hosts[1].model().is_empty() && hosts[2].model().is_empty(), "only the leader writes the model");

    let threads = JobHost::job(&names, channels);
    let mut log = Vec::new();
    let mut worker_logs = [Vec::new(), Vec::new()];
    let mut workers: Vec<_> = threads[1..]
        .iter()
        .zip(&mut worker_logs)
        .map(|(host, log)| WorkerHost { opt_ml: host.folder.path(), log })
        .collect();
    Job::new(threads[0].folder.path()).run_with_workers(&mut log, &mut workers).unwrap();
    let model = hosts[0].model();
    assert_eq!(model.len(), 4);
    assert!(model == threads[0].model(), "the models differ");
    let log = String::from_utf8(log).unwrap();
    assert_eq!(scores(&hosts[0].log()), scores(&log));
    assert!(!scores(&log).is_empty());
}

#[test]
fn processes_train_on_the_shares_of_a_sharded_channel() {
    let train = [0..500, 500..900, 900..5000];
    let test = [0..100, 100..100, 200..350];
    check_same_model(&[("train", sharded(), &train), ("test", sharded(), &test)]);
}

#[test]
fn processes_train_on_replicated_channels() {
    let replicated = json!({ "ContentType": "text/csv", "S3DistributionType": "FullyReplicated" });
    let (train, test) = ([0..3000, 0..3000, 0..3000], [0..100, 0..100, 0..100]);
    check_same_model(&[("train", replicated.clone(), &train), ("test", replicated, &test)]);
}

/// Replaces the training data by a named pipe, in which a host waits for its rows.
fn wait_for_rows(host: &JobHost) -> PathBuf {
    let config = json!({ "train": { "ContentType": "text/csv", "TrainingInputMode": "Pipe" } });
    fs::write(host.path("input/config/inputdataconfig.json"), config.to_string()).unwrap();
    let pipe = host.path("input/data/train_0");
    succeeds(Command::new("mkfifo").arg(&pipe));
    pipe
}

/// Opens the pipe, which returns when the host reads, and sends a row.
fn open(pipe: &Path) -> File {
    let mut writer = File::options().write(true).open(pipe).unwrap();
    writer.write_all(b"1,2,3\n").unwrap();
    writer
}

#[test]
fn the_loss_of_a_worker_fails_the_job() {
    let hosts = JobHost::job(&names(3), &[("train", sharded(), &[0..100, 0..100, 0..100])]);
    let pipes = [wait_for_rows(&hosts[0]), wait_for_rows(&hosts[1])];
    let mut started: Vec<_> = hosts.iter().map(JobHost::start).collect();
    // The leader and the first worker are reading; the other worker has sent its rows.
    let writers = pipes.map(|pipe| open(&pipe));
    hosts[2].wait_for_sample();
    started[1].kill().unwrap();
    drop(writers);
    let ended: Vec<_> = started.into_iter().map(|host| host.wait_with_output().unwrap()).collect();
    let reason = format!("Platform Error: host {}: it was lost: the connection ended", hosts[1].name);
    assert_eq!(hosts[0].failure(), reason);
    assert_eq!(ended[0].status.code(), Some(3), "{}", String::from_utf8_lossy(&ended[0].stderr));
    let expected = format!("Platform Error: host {}: host {}: it was lost", hosts[0].name, hosts[1].name);
    assert!(hosts[2].failure().starts_with(&expected), "{}", hosts[2].failure());
    assert!(!ended[2].status.success() && hosts.iter().all(|host| host.model().is_empty()));
}

#[test]
fn the_loss_of_the_leader_fails_the_workers() {
    let hosts = JobHost::job(&names(2), &[("train", sharded(), &[0..100, 0..100])]);
    let pipe = wait_for_rows(&hosts[0]);
    let mut started: Vec<_> = hosts.iter().map(JobHost::start).collect();
    let writer = open(&pipe);
    hosts[1].wait_for_sample();
    started[0].kill().unwrap();
    drop(writer);
    let worker = started.pop().unwrap().wait_with_output().unwrap();
    assert_eq!(worker.status.code(), Some(3));
    let expected = format!("Platform Error: host {}: it was lost: ", hosts[0].name);
    assert!(hosts[1].failure().starts_with(&expected), "{}", hosts[1].failure());
    started.pop().unwrap().wait().unwrap();
}

#[test]
fn invalid_data_of_a_worker_fail_the_job_with_their_place() {
    let hosts = JobHost::job(&names(2), &[("train", sharded(), &[0..100, 0..100])]);
    fs::write(hosts[1].path("input/data/train/z.csv"), "1,2,x\n").unwrap();
    let ended = run(&hosts);
    let failure = hosts[0].failure();
    assert!(
        failure.starts_with(&format!("Customer Error: host {}: Unable to read", hosts[1].name)),
        "{failure}"
    );
    assert!(failure.contains("z.csv: line 1, column 3: \"x\" is not a number"), "{failure}");
    assert!(ended.iter().all(|host| host.status.code() == Some(2)));
}
