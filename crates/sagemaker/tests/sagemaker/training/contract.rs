//! What a job leaves behind and logs, whether it succeeds or fails.

use std::{
    fs,
    io::{self, Write},
    sync::mpsc,
    thread,
    time::Duration,
};

use expect_test::expect;
use mysfits_sagemaker::{
    artifact::Artifact,
    training::{Job, TrainingErrorKind},
};
use serde_json::{Value, json};

use super::fixture::{CSV, OptMl, RECORD_IO, gzip, record_io};

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

/// A job of a thousand samples, of which it draws a part.
fn thousand(seed: &str, index_type: &str) -> OptMl {
    let line = |i: u32| format!("{},{},{}\n", i % 5, i.wrapping_mul(2_654_435_761) % 1009, i * i % 997);
    let text: String = (0..1000).map(line).collect();
    let job = OptMl::new().sets(&[("_seed", seed), ("sample_size", "400"), ("index_type", index_type)]);
    let job = if index_type == "faiss.IVFPQ" { job.set("faiss_index_pq_m", "2") } else { job };
    let (first, rest) = text.split_once('\n').unwrap();
    job.file("train/a.csv", first).file("train/b.csv", gzip(rest))
}

#[test]
fn equal_seeds_give_equal_bytes_and_others_give_others() {
    for index_type in ["faiss.Flat", "faiss.IVFFlat", "faiss.IVFPQ"] {
        let files = |seed: &str| {
            let job = thousand(seed, index_type);
            job.train();
            ["model_algo-1", "model_algo-1-labels.npy", "model_algo-1.labels", "model_algo-1.json"]
                .map(|name| fs::read(job.path("model").join(name)).unwrap())
        };
        assert!(files("0") == files("0"), "{index_type}");
        assert!(files("0")[0] != files("1")[0], "{index_type}");
    }
}

#[test]
fn samples_are_existing_rows_in_order() {
    let text: String = (0..1000).map(|i| format!("{i},{i},{}\n", i * 2)).collect();
    let model = OptMl::new().set("sample_size", "400").file("train/a.csv", text).train();
    let labels = model.labels().to_vec();
    assert_eq!(labels.len(), 400);
    assert!(labels.is_sorted_by(|a, b| a < b), "no row is drawn twice, and all keep their order");
    for &label in &labels {
        let nearest = model.neighbours(&[label as f32, label as f32 * 2.0]).unwrap()[0];
        assert_eq!((nearest.label, nearest.score), (label, 0.0), "a row keeps its label");
    }
}

#[test]
fn keeps_all_rows_in_reading_order_if_the_sample_is_not_smaller() {
    let text: String = (0..1000).map(|i| format!("{},{i},{}\n", i * 7 % 13, i * i % 101)).collect();
    for sample_size in ["1000", "1001", "200000"] {
        let model = OptMl::new().set("sample_size", sample_size).file("train/a.csv", &text).train();
        let rows = model.features().unwrap();
        assert!(model.labels().iter().copied().eq((0..1000).map(|i| f64::from(i * 7 % 13))));
        assert!(rows.rows().into_iter().zip(0u16..).all(|(row, i)| row[0] == f32::from(i)), "{sample_size}");
    }
}

#[test]
fn written_artifact_holds_the_model() {
    let job = OptMl::with_samples().sets(&[("index_metric", "COSINE"), ("k", "3")]);
    job.train();
    let Artifact { model, extra } = Artifact::read_folder(&job.path("model")).unwrap();
    assert_eq!(model.hyperparameters().k(), 3);
    assert!(extra.is_empty());
    let json: Value =
        serde_json::from_slice(&fs::read(job.path("model/model_algo-1.json")).unwrap()).unwrap();
    assert_eq!((&json["k"], &json["normalize"]), (&json!(3), &json!(true)));
}

#[test]
fn a_later_success_takes_the_failure_away_and_replaces_the_model() {
    let job = OptMl::new().file("train/a.csv", "1,oops,3\n");
    job.refusal();
    assert!(job.path("output/failure").exists());
    let job = job.file("train/a.csv", "5,2,3\n");
    assert_eq!(job.train().labels().to_vec(), [5.0]);
    let job = job.file("train/a.csv", "6,2,3\n");
    assert_eq!(job.train().labels().to_vec(), [6.0]);
    // A failure afterwards leaves the good model.
    let job = job.file("train/a.csv", "oops\n");
    job.run().result.unwrap_err();
    assert_eq!(job.model().labels().to_vec(), [6.0]);
    assert!(job.path("output/failure").exists());
}

#[test]
fn a_bad_test_channel_leaves_no_model() {
    let job = OptMl::with_samples().channel("test", CSV).file("test/a.csv", "1,2,3\n1,2,x\n");
    expect![[r#"
        Customer Error: Unable to read data channel 'test'. Requested content-type is 'text/csv'. Please verify the data matches the requested content-type.

        Caused by: input/data/test/a.csv: line 2, column 3: "x" is not a number"#]]
        .assert_eq(&job.refusal());
}

#[test]
fn a_job_is_on_one_host() {
    let job = OptMl::with_samples()
        .config("resourceconfig.json", r#"{"current_host": "algo-7", "hosts": ["algo-7"]}"#);
    let job = job.channel("test", CSV).file("test/a.csv", "0,1,1\n");
    let outcome = job.run();
    outcome.result.unwrap();
    assert!(outcome.log.contains("#quality_metric: host=algo-7, test accuracy <score>=1.0\n"));
    let refusal = |text: &str| OptMl::with_samples().config("resourceconfig.json", text).refusal();
    expect!["Customer Error: the job has 2 hosts (algo-1, algo-2); this process trains on 1"]
        .assert_eq(&refusal(r#"{"current_host": "algo-1", "hosts": ["algo-1", "algo-2"]}"#));
    expect![[r#"Customer Error: input/config/resourceconfig.json cannot be used: current_host is "algo-1", and hosts are []; they must be the same"#]].assert_eq(&refusal(r#"{"current_host": "algo-1", "hosts": []}"#));
    expect![[r#"Customer Error: input/config/resourceconfig.json cannot be used: current_host is "algo-2", and hosts are ["algo-1"]; they must be the same"#]].assert_eq(&refusal(r#"{"current_host": "algo-2", "hosts": ["algo-1"]}"#));
    expect!["Customer Error: input/config/resourceconfig.json cannot be used: it must be an object with current_host, a string, and hosts, a list of strings: missing field `current_host` at line 1 column 21"].assert_eq(&refusal(r#"{"hosts": ["algo-1"]}"#));
}

#[test]
fn missing_configuration_is_reported() {
    let job = OptMl::with_samples();
    job.run().result.unwrap();
    fs::remove_file(job.path("input/config/resourceconfig.json")).unwrap();
    let mut log = Vec::new();
    Job::new(job.path("")).run(&mut log).unwrap();
    assert!(String::from_utf8(log).unwrap().contains("assuming a single host, algo-1\n"));
    // Hyperparameters are read first.
    for (name, expected) in [
        ("inputdataconfig", "an object of channels, each an object"),
        ("hyperparameters", "an object of strings"),
    ] {
        fs::remove_file(job.path("input/config").join(format!("{name}.json"))).unwrap();
        Job::new(job.path("")).run(&mut io::sink()).unwrap_err();
        assert_eq!(
            fs::read_to_string(job.path("output/failure")).unwrap(),
            format!(
                "Customer Error: input/config/{name}.json cannot be used: there is no such file; it must be {expected}"
            )
        );
    }
}

#[test]
fn missing_folders_are_not_created() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let error = Job::new(&missing).run(&mut io::sink()).unwrap_err();
    assert!(!missing.exists());
    assert_eq!(error.kind(), TrainingErrorKind::Customer);
    expect!["ClientError: input/config/hyperparameters.json cannot be used: there is no such file; it must be an object of strings"]
        .assert_eq(&error.failure_reason());
}

#[test]
fn failures_have_a_kind() {
    let job = OptMl::new().file("train/a.csv", "1,2,nan\n");
    let error = job.run().result.unwrap_err();
    assert_eq!((error.kind(), error.kind().exit_code()), (TrainingErrorKind::Customer, 2));
    let sentence = "Unable to read data channel 'train'. Found missing (NaN) values. Please remove any missing (NaN) \
                    values in the input data.\n\nCaused by: ";
    let (failure, reason) = (error.failure_message(), error.failure_reason());
    assert!(failure.starts_with(&format!("Customer Error: {sentence}")), "{failure}");
    assert!(reason.starts_with(&format!("ClientError: {sentence}")), "{reason}");
    assert!(reason.ends_with(r#"a.csv: line 1, column 3: "nan" is not a finite 32-bit number"#), "{reason}");

    let error = Job::new(job.path("")).run(&mut Breaks { at: "", panics: true }).unwrap_err();
    assert_eq!((error.kind(), error.kind().exit_code()), (TrainingErrorKind::Algorithm, 1));
    assert!(error.failure_reason().starts_with("AlgorithmError: "), "{error}");

    let job = OptMl::new().channel("test", CSV).file("train/a.csv", "1,2,3\n");
    let error = job.run().result.unwrap_err();
    assert_eq!((error.kind(), error.kind().exit_code()), (TrainingErrorKind::Platform, 3));
    assert!(error.failure_message().starts_with("Platform Error: "), "{error}");
    assert!(error.failure_reason().starts_with("InternalServerError: "), "{error}");
}

/// Two megabytes: one is what a model takes whatever the data, the other is for the data.
const MEMORY: Option<u64> = Some(2 << 20);
const OUT_OF_MEMORY: &str = "Customer Error: Out of Memory. Please use a larger instance type or reduce batch size.\n\n\
                             Caused by: Training would run out of memory: ";

#[test]
fn models_that_exceed_the_memory_are_rejected_early() {
    // As much as half a megabyte as read, and several times that with its model; far from what sample_size claims.
    let text: String = (0..30_000).map(|i| format!("{i},1,2,3\n")).collect();
    let job = |size: &str| {
        let job = OptMl::new().sets(&[("feature_dim", "3"), ("sample_size", size)]);
        job.file("train/a.csv", &text)
    };
    let reason = job("20000000").refusal_in(MEMORY);
    let numbers: Vec<u64> =
        reason.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect();
    let [n_rows, sample_size, feature_dim, needed, available] = *numbers.as_slice() else {
        panic!("{reason}")
    };
    assert_eq!((sample_size, feature_dim, available), (20_000_000, 3, 2 << 20), "{reason}");
    assert!(n_rows > 1000 && n_rows < 30_000 && needed > available, "{reason}");
    assert!(reason.starts_with(OUT_OF_MEMORY), "{reason}");
    assert!(
        reason.ends_with("use dimension reduction, decrease sample_size, and/or decrease mini_batch_size.")
    );
    // A smaller sample fits, and so does the large one where there is room: what counts is what there is.
    job("1000").run_in(MEMORY).result.unwrap();
    job("20000000").run_in(Some(100 << 20)).result.unwrap();
}

#[test]
fn mini_batches_that_exceed_the_memory_are_rejected() {
    let text: String = (0..40_000).map(|i| format!("{i},1,2,3\n")).collect();
    let job = |size: &str| {
        OptMl::new()
            .sets(&[("feature_dim", "3"), ("sample_size", "10"), ("mini_batch_size", size)])
            .channel("test", CSV)
            .file("train/a.csv", &text)
            .file("test/a.csv", &text)
    };
    let reason = job("40000").refusal_in(MEMORY);
    assert!(reason.starts_with(OUT_OF_MEMORY), "{reason}");
    job("1000").run_in(MEMORY).result.unwrap();
}

#[test]
fn invalid_settings_are_not_reported_as_lack_of_memory() {
    let job = OptMl::with_samples()
        .sets(&[("index_type", "faiss.IVFFlat"), ("faiss_index_ivf_nlists", "4000000000")]);
    let reason = job.refusal_in(MEMORY);
    assert!(reason.contains("hyperparameter faiss_index_ivf_nlists is 4000000000; "), "{reason}");
    for kind in ["sign", "fjlt"] {
        let job = OptMl::with_samples().sets(&[
            ("feature_dim", "auto"),
            ("dimension_reduction_type", kind),
            ("dimension_reduction_target", "4000000000"),
        ]);
        let reason = job.refusal_in(MEMORY);
        assert!(reason.contains("hyperparameter dimension_reduction_target is 4000000000; "), "{reason}");
    }
    let job = OptMl::with_samples().set("feature_dim", "4000000000");
    assert!(job.refusal_in(MEMORY).contains("feature_dim is 4000000000"));
}

/// Panics, or fails, at a line of the log.
struct Breaks {
    at: &'static str,
    panics: bool,
}

impl Write for Breaks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if String::from_utf8_lossy(bytes).contains(self.at) {
            assert!(!self.panics, "the log is on fire");
            return Err(io::Error::other("the log is full"));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_panic_is_a_failure_with_a_reason() {
    // The second panics again where the failure is logged.
    for at in ["Training index", ""] {
        let job = OptMl::with_samples();
        job.run().result.unwrap();
        let error = Job::new(job.path("")).run(&mut Breaks { at, panics: true }).unwrap_err();
        let failure = fs::read_to_string(job.path("output/failure")).unwrap();
        assert_eq!(failure, "Algorithm Error: unexpected failure: the log is on fire");
        assert_eq!(failure, error.failure_message());
    }
}

#[test]
fn log_errors_do_not_fail_the_job() {
    let job = OptMl::with_samples();
    job.run().result.unwrap();
    fs::remove_file(job.path("model/model_algo-1")).unwrap();
    Job::new(job.path("")).run(&mut Breaks { at: "", panics: false }).unwrap();
    assert_eq!(job.model().n_samples(), 4);
}

#[test]
fn unwritable_models_fail_the_job() {
    let job = OptMl::with_samples();
    fs::remove_dir(job.path("model")).unwrap();
    fs::write(job.path("model"), "no folder").unwrap();
    job.run().result.unwrap_err();
    let failure = fs::read_to_string(job.path("output/failure")).unwrap();
    assert!(failure.starts_with("Platform Error: the model cannot be written: "), "{failure}");
}

#[test]
fn logged_values_are_escaped() {
    let outcome =
        OptMl::with_samples().set("_log_level", "x\n#quality_metric: host=a, test accuracy <score>=1").run();
    outcome.result.unwrap();
    assert!(outcome.log.lines().all(|line| line.starts_with('[') || line.starts_with("#metrics ")));
}

#[test]
fn stopped_job_writes_neither_model_nor_failure() {
    for text in ["1,2,3\n", "1,oops,3\n"] {
        let job = OptMl::new().file("train/a.csv", text);
        job.run().result.ok();
        fs::remove_dir_all(job.path("model")).unwrap();
        fs::create_dir(job.path("model")).unwrap();
        fs::remove_dir_all(job.path("output")).ok();
        // As a job that was killed while it wrote leaves it.
        let unfinished = job.path(".model-unfinished");
        fs::create_dir(&unfinished).unwrap();
        fs::write(unfinished.join("model_algo-1"), "half").unwrap();

        let stopped = Job::new(job.path(""));
        let guard = stopped.stop_output();
        assert!(!unfinished.exists());
        let (report, reported) = mpsc::channel();
        let running = stopped.clone();
        let thread = thread::spawn(move || report.send(running.run(&mut io::sink()).is_ok()));
        assert_eq!(
            reported.recv_timeout(Duration::from_millis(200)),
            Err(mpsc::RecvTimeoutError::Timeout),
            "{text}"
        );
        assert_eq!(fs::read_dir(job.path("model")).unwrap().count(), 0);
        assert!(!job.path("output/failure").exists() && !unfinished.exists());
        drop(guard);
        thread.join().unwrap().unwrap();
        assert_eq!(reported.recv(), Ok(text == "1,2,3\n"));
    }
}
