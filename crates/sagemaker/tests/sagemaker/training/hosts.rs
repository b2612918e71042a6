use std::{collections::BTreeSet, fmt::Write as _, fs, ops::Range, slice};

use mysfits_knn::CancellationToken;
use mysfits_sagemaker::training::{Job, TrainingError, WorkerHost};
use proptest::prelude::*;
use serde_json::json;

use super::fixture::{CSV, OptMl};

/// Rows whose label and features are their number.
fn rows(range: Range<usize>) -> String {
    range.fold(String::new(), |mut rows, i| {
        let _ = writeln!(rows, "{i},{i},{i}");
        rows
    })
}

fn sharded() -> serde_json::Value {
    json!({ "ContentType": CSV, "TrainingInputMode": "File", "S3DistributionType": "ShardedByS3Key" })
}

/// Hosts with these rows each, and a seed.
fn hosts(shares: &[Range<usize>], sample_size: usize, seed: u64) -> Vec<OptMl> {
    let host = |share: &Range<usize>| {
        let (sample_size, seed) = (sample_size.to_string(), seed.to_string());
        OptMl::new()
            .sets(&[("sample_size", sample_size.as_str()), ("_seed", &seed)])
            .channel_config("train", sharded())
            .file("train/part.csv", rows(share.clone()))
    };
    shares.iter().map(host).collect()
}

/// Runs the job of all hosts, and returns their logs.
fn run(hosts: &[OptMl]) -> (Result<(), TrainingError>, Vec<String>) {
    let names: Vec<String> = (1..=hosts.len()).map(|number| format!("algo-{number}")).collect();
    for (host, name) in hosts.iter().zip(&names) {
        let resources = json!({ "current_host": name, "hosts": names });
        fs::write(host.path("input/config/resourceconfig.json"), resources.to_string()).unwrap();
        host.write_config();
    }
    let mut logs = vec![Vec::new(); hosts.len()];
    let (leader_log, worker_logs) = logs.split_first_mut().unwrap();
    let folders: Vec<_> = hosts.iter().map(|host| host.path("")).collect();
    let mut workers: Vec<WorkerHost<'_>> =
        folders[1..].iter().zip(worker_logs).map(|(opt_ml, log)| WorkerHost { opt_ml, log }).collect();
    let result = Job::new(&folders[0]).run_with_workers(leader_log, &mut workers);
    (result, logs.into_iter().map(|log| String::from_utf8(log).unwrap()).collect())
}

/// The labels of the sampled rows.
fn sampled(hosts: &[OptMl]) -> Vec<usize> {
    run(hosts).0.unwrap();
    hosts[0].model().labels().iter().map(|label| *label as usize).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_host_samples_its_part_from_its_share(
        n_hosts in 1..5_usize,
        share in 20..60_usize,
        sample_size in 1..80_usize,
        seed in 0..1000_u64,
    ) {
        let sample_size = sample_size.min(n_hosts * share);
        let shares: Vec<_> = (0..n_hosts).map(|host| host * share..(host + 1) * share).collect();
        let labels = sampled(&hosts(&shares, sample_size, seed));
        prop_assert_eq!(labels.len(), sample_size);
        prop_assert!(labels.is_sorted_by(|a, b| a < b), "rows are in the order of hosts, then of reading");
        for (host, share) in shares.iter().enumerate() {
            let part = sample_size / n_hosts + usize::from(host < sample_size % n_hosts);
            prop_assert_eq!(labels.iter().filter(|label| share.contains(label)).count(), part);
        }
        prop_assert_eq!(labels, sampled(&hosts(&shares, sample_size, seed)));
    }
}

#[test]
fn one_host_samples_as_a_job_without_hosts() {
    let job = hosts(slice::from_ref(&(0..100)), 10, 7);
    let labels = sampled(&job);
    fs::remove_file(job[0].path("input/config/resourceconfig.json")).unwrap();
    let alone: Vec<usize> = job[0].train().labels().iter().map(|label| *label as usize).collect();
    assert_eq!(labels, alone);
}

#[test]
fn hosts_with_the_same_data_draw_different_rows() {
    let labels = sampled(&hosts(&[0..1000, 0..1000], 40, 0));
    assert_eq!(labels.len(), 40);
    let (first, second) = labels.split_at(20);
    assert_ne!(first, second);
    assert!(labels.iter().collect::<BTreeSet<_>>().len() > 30, "{labels:?}");
}

#[test]
fn a_share_may_be_smaller_than_its_part_of_the_sample_or_empty() {
    let (result, logs) = run(&hosts(&[0..3, 3..50, 50..50], 30, 0));
    result.unwrap();
    for (log, expected) in logs[0].lines().filter(|line| line.contains("...Got")).zip([
        "...Got reservoir sample from algo-1: data=(3, 2), labels=(3,), NaNs=0",
        "...Got reservoir sample from algo-2: data=(10, 2), labels=(10,), NaNs=0",
        "...Got reservoir sample from algo-3: data=(0, 2), labels=(0,), NaNs=0",
    ]) {
        assert!(log.ends_with(expected), "{log}");
    }
    for log in &logs {
        assert!(log.contains("Using per-worker sample size = 10 ") && log.contains("number of workers = 3"));
    }
    let (result, _) = run(&hosts(&[0..0, 0..0], 30, 0));
    assert!(matches!(result, Err(TrainingError::EmptyChannel { name: "train", .. })), "{result:?}");
}

#[test]
fn the_leader_evaluates_all_shares_of_a_sharded_test_channel() {
    for (config, expected) in [(sharded(), "<score>=0.75"), (json!({ "ContentType": CSV }), "<score>=0.5")] {
        let [first, second] = hosts(&[0..10, 10..20], 100, 0).try_into().ok().unwrap();
        let first = first.channel_config("test", config.clone()).file("test/a.csv", "1,1,1\n7,2,2\n");
        let second = second.channel_config("test", config).file("test/b.csv", "12,12,12\n15,15,15\n");
        let (result, logs) = run(&[first, second]);
        result.unwrap();
        let score = logs[0].lines().find(|line| line.contains("test accuracy")).unwrap();
        assert!(score.ends_with(expected), "{score}");
        assert!(!logs[1].contains("#quality_metric"));
    }
}

#[test]
fn the_failure_of_a_worker_is_the_job_s() {
    let [first, second] = hosts(&[0..10, 10..20], 100, 0).try_into().ok().unwrap();
    let job = [first, second.file("train/z.csv", "1,x,1\n")];
    let (result, logs) = run(&job);
    let reason = result.unwrap_err().failure_message();
    assert!(reason.contains(r#"line 1, column 2: "x" is not a number"#), "{reason}");
    assert!(logs.iter().all(|log| log.contains(" ERROR ") && log.contains("is not a number")), "{logs:?}");
    assert_eq!(fs::read_to_string(job[0].path("output/failure")).unwrap(), reason);

    let [first, second] = hosts(&[0..10, 0..0], 100, 0).try_into().ok().unwrap();
    let job =
        [first.set("feature_dim", "auto"), second.set("feature_dim", "auto").file("train/z.csv", "1,1\n")];
    let reason = run(&job).0.unwrap_err().failure_message();
    assert!(
        reason.ends_with(
            "the data of host algo-2 have 1 features beside the label; those of host algo-1 have 2"
        )
    );
}

#[test]
fn a_cancelled_job_leaves_neither_model_nor_failure() {
    let job = OptMl::with_samples();
    job.write_config();
    let token = CancellationToken::new();
    token.cancel();
    let result = Job::new(job.path("")).cancellation(token).run(&mut Vec::new());
    assert!(matches!(result, Err(TrainingError::Cancelled)), "{result:?}");
    assert!(
        fs::read_dir(job.path("model")).unwrap().next().is_none() && !job.path("output/failure").exists()
    );
}
