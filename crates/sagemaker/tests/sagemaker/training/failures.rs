//! What a job leaves behind and says when it fails.

use std::{
    fs,
    io::{self, Write},
};

use expect_test::expect;
use mysfits_sagemaker::training::{Job, TrainingErrorKind};

use super::fixture::{CSV, OptMl};

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
    expect![[r#"Customer Error: input/config/resourceconfig.json cannot be used: current_host is "algo-3"; it must be one of the hosts ["algo-1", "algo-2"]"#]]
        .assert_eq(&refusal(r#"{"current_host": "algo-3", "hosts": ["algo-1", "algo-2"]}"#));
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
