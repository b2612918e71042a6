//! What a job logs.

use expect_test::expect;
use serde_json::Value;

use super::fixture::{CSV, OptMl, RECORD_IO, record_io};

/// The log without what differs from run to run: times, process, folder, durations, memory.
fn without_variables(job: &OptMl, log: &str) -> String {
    let mut lines = String::new();
    for line in log.replace(&job.path("").display().to_string(), "/opt/ml/").lines() {
        let line = match line.split_once("] ") {
            Some((head, message)) if head.starts_with('[') => {
                let [date, time, level, process] = *head[1..].split(' ').collect::<Vec<_>>().as_slice()
                else {
                    panic!("{line}")
                };
                let shape = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "9");
                assert_eq!((&*shape(date), &*shape(time)), ("99/99/9999", "99:99:99"), "{line}");
                assert_eq!(process, std::process::id().to_string());
                let message = match message.split_once("train throughput=") {
                    Some((before, rate)) => {
                        let rate = rate.strip_suffix(" records/second").unwrap();
                        assert!(rate.parse::<f64>().unwrap() > 0.0, "{line}");
                        format!("{before}train throughput=9.9 records/second")
                    }
                    None => message.to_owned(),
                };
                format!("[{level}] {message}")
            }
            _ => {
                // A #metrics line is JSON with times in it.
                let mut metrics: Value =
                    serde_json::from_str(line.strip_prefix("#metrics ").unwrap()).unwrap();
                // Whether a map keeps its order depends on who else is built with this crate.
                metrics.sort_all_objects();
                assert!(metrics["StartTime"].as_f64() <= metrics["EndTime"].as_f64(), "{line}");
                let names: Vec<&String> = metrics["Metrics"].as_object().unwrap().keys().collect();
                format!("#metrics {} {names:?}", metrics["Dimensions"])
            }
        };
        lines += &line;
        lines.push('\n');
    }
    lines
}

#[test]
fn a_classifiers_log_is_the_containers() {
    let job = OptMl::with_samples().channel("test", CSV).set("mini_batch_size", "2");
    // Right, wrong, right.
    let job = job.file("test/a.csv", "0,1,1\n0,9,9\n7,9,9\n");
    let outcome = job.run();
    outcome.result.unwrap();
    expect![[r#"
        [INFO] Reading default configuration: {'_enable_profiler': 'false', '_faiss_index_nprobe': '5', '_kvstore': 'dist_async', '_log_level': 'info', '_num_gpus': 'auto', '_num_kv_servers': '1', '_seed': '0', '_tuning_objective_metric': '', 'epochs': '1', 'faiss_index_ivf_nlists': 'auto', 'feature_dim': 'auto', 'index_metric': 'L2', 'index_type': 'faiss.Flat', 'mini_batch_size': '5000'}
        [INFO] Merging with provided configuration from /opt/ml/input/config/hyperparameters.json: {'feature_dim': '2', 'k': '1', 'mini_batch_size': '2', 'predictor_type': 'classifier', 'sample_size': '100'}
        [INFO] Final configuration: {'_enable_profiler': 'false', '_faiss_index_nprobe': '5', '_kvstore': 'dist_async', '_log_level': 'info', '_num_gpus': 'auto', '_num_kv_servers': '1', '_seed': '0', '_tuning_objective_metric': '', 'epochs': '1', 'faiss_index_ivf_nlists': 'auto', 'feature_dim': '2', 'index_metric': 'L2', 'index_type': 'faiss.Flat', 'k': '1', 'mini_batch_size': '2', 'predictor_type': 'classifier', 'sample_size': '100'}
        [INFO] Using per-worker sample size = 100 (Available virtual memory = unknown, GPU free memory = 0 bytes, number of workers = 1). If an out-of-memory error occurs, choose a larger instance type, use dimension reduction, decrease sample_size, and/or decrease mini_batch_size.
        #metrics {"Algorithm":"AWS/KNN","Host":"algo-1","Meta":"init_train_data_iter","Operation":"training"} ["Max Batches Seen Between Resets", "Max Records Seen Between Resets", "Number of Batches Since Last Reset", "Number of Records Since Last Reset", "Reset Count", "Total Batches Seen", "Total Records Seen"]
        [INFO] #progress_metric: host=algo-1, completed 100.0 % of epochs
        #metrics {"Algorithm":"AWS/KNN","Host":"algo-1","Meta":"training_data_iter","Operation":"training","epoch":0} ["Max Batches Seen Between Resets", "Max Records Seen Between Resets", "Number of Batches Since Last Reset", "Number of Records Since Last Reset", "Reset Count", "Total Batches Seen", "Total Records Seen"]
        [INFO] #throughput_metric: host=algo-1, train throughput=9.9 records/second
        [INFO] Getting reservoir sample from algo-1...
        [INFO] ...Got reservoir sample from algo-1: data=(4, 2), labels=(4,), NaNs=0
        [INFO] Training index...
        [INFO] ...Finished training index in 0 second(s)
        [INFO] Searching index...
        [INFO] ...Done searching index in 0 second(s)
        [INFO] Searching index...
        [INFO] ...Done searching index in 0 second(s)
        #metrics {"Algorithm":"AWS/KNN","Host":"algo-1","Operation":"training"} ["epochs", "finalize.time", "model.serialize.time", "setuptime", "totaltime", "update.time"]
        [INFO] #test_score (algo-1) : ('accuracy', 0.6666666666666666)
        [INFO] #test_score (algo-1) : ('macro_f_1.000', nan)
        [INFO] #quality_metric: host=algo-1, test accuracy <score>=0.6666666666666666
        [INFO] #quality_metric: host=algo-1, test macro_f_1.000 <score>=nan
    "#]].assert_eq(&without_variables(&job, &outcome.log));
}

#[test]
fn a_regressors_score_is_the_mean_squared_error() {
    let job =
        OptMl::with_samples().channel("test", RECORD_IO).sets(&[("predictor_type", "regressor"), ("k", "2")]);
    let job = job.file("test/a", record_io(&[(&[1.0, 1.0], 0.5), (&[8.0, 8.0], 8.0)]));
    let outcome = job.run();
    outcome.result.unwrap();
    // The squared errors are 0.25 and 1.
    assert!(outcome.log.contains("] #test_score (algo-1) : ('mse', 0.625)\n"), "{}", outcome.log);
    assert!(
        outcome.log.contains("] #quality_metric: host=algo-1, test mse <score>=0.625\n"),
        "{}",
        outcome.log
    );
    assert!(!outcome.log.contains("accuracy"));
}

/// What `CreateTrainingJob`'s metric definition `#quality_metric: host=\S+, test accuracy <score>=(\S+)` takes from a log.
fn matches(log: &str, metric: &str) -> Vec<f64> {
    let score = |line: &str| {
        let (_, rest) = line.split_once("#quality_metric: host=")?;
        let (host, rest) = rest.split_once(", ")?;
        let value = rest.strip_prefix(&format!("test {metric} <score>="))?;
        assert!(!host.is_empty() && !host.contains(' ') && !value.contains(' '), "{line}");
        Some(value.parse().unwrap())
    };
    log.lines().filter_map(score).collect()
}

#[test]
fn the_metric_definitions_find_one_score_however_the_test_is_cut() {
    let samples: String = (0..23).map(|i| format!("{},{},{}\n", i % 3, i * 7 % 11, i * 5 % 13)).collect();
    let scores: Vec<f64> = ["1", "2", "5", "22", "23", "24", "5000"]
        .into_iter()
        .map(|size| {
            let job = OptMl::new().channel("test", CSV).sets(&[("mini_batch_size", size), ("k", "3")]);
            let outcome = job.file("train/a.csv", &samples).file("test/a.csv", &samples).run();
            outcome.result.unwrap();
            let n_batches = 23usize.div_ceil(size.parse().unwrap());
            assert_eq!(outcome.log.matches("] Searching index...").count(), n_batches);
            assert_eq!(outcome.log.matches("] ...Done searching index in ").count(), n_batches);
            let macro_f1 = matches(&outcome.log, "macro_f_1.000");
            assert!(macro_f1.len() == 1 && (0.0..=1.0).contains(&macro_f1[0]));
            let [accuracy] = *matches(&outcome.log, "accuracy") else { panic!("{}", outcome.log) };
            accuracy
        })
        .collect();
    assert!(scores.iter().all(|score| *score == scores[0]), "{scores:?}");
    assert!(scores[0] > 0.0 && scores[0] < 1.0);
}

#[test]
fn a_job_without_test_has_no_scores() {
    let outcome = OptMl::with_samples().run();
    outcome.result.unwrap();
    assert!(!outcome.log.contains("score"));
}

#[test]
fn logged_values_are_escaped() {
    let outcome =
        OptMl::with_samples().set("_log_level", "x\n#quality_metric: host=a, test accuracy <score>=1").run();
    outcome.result.unwrap();
    assert!(outcome.log.lines().all(|line| line.starts_with('[') || line.starts_with("#metrics ")));
}
