//! The program as SageMaker's container: training jobs, replaced models, injected faults.

#![cfg(unix)]

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    program::{Running, program, succeeds},
    support::{always, packed, replace},
};

/// The time for a change on disk to be served: two polls of half a second, on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(20);

#[track_caller]
fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < TIMEOUT, "{what} did not happen");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Lays out what SageMaker gives a training container.
fn lay_out(opt_ml: &Path, hyperparameters: &str) {
    let (config, data) = (opt_ml.join("input/config"), opt_ml.join("input/data/train"));
    fs::create_dir_all(&config).unwrap();
    fs::create_dir_all(&data).unwrap();
    fs::write(config.join("hyperparameters.json"), hyperparameters).unwrap();
    fs::write(config.join("inputdataconfig.json"), r#"{"train": {"ContentType": "text/csv;label_size=1"}}"#)
        .unwrap();
    fs::write(config.join("resourceconfig.json"), r#"{"current_host": "algo-1", "hosts": ["algo-1"]}"#)
        .unwrap();
    let rows: String = (0..100).map(|i| format!("{},{},{}\n", i % 2, i % 2 * 10 + i / 50, i % 7)).collect();
    fs::write(data.join("part-0.csv"), rows).unwrap();
}

#[test]
fn serves_the_model_that_it_trained() {
    let opt_ml = tempfile::tempdir().unwrap();
    let folder = opt_ml.path().to_str().unwrap();
    lay_out(
        opt_ml.path(),
        r#"{"feature_dim": "2", "k": "3", "predictor_type": "classifier", "sample_size": "100"}"#,
    );
    succeeds(program().args(["train", "--opt-ml", folder]));
    assert!(!opt_ml.path().join("output/failure").exists());

    let mut command = program();
    command.args(["serve", "--opt-ml", folder, "--host", "127.0.0.1"]).env("SAGEMAKER_BIND_TO_PORT", "0");
    let running = Running::start_command(&mut command);
    assert!(running.address.starts_with("127.0.0.1:"));
    assert!(running.get("/ping").starts_with("HTTP/1.1 200 "));
    assert!(running.get("/execution-parameters").contains("MULTI_RECORD"));
    assert!(
        running
            .send("POST", "/invocations", "0,1\n10,1")
            .unwrap()
            .ends_with(r#"{"predictions": [{"predicted_label": 0.0}, {"predicted_label": 1.0}]}"#)
    );
    running.stop();
}

#[test]
fn training_with_an_invalid_hyperparameter_exits_with_2() {
    let opt_ml = tempfile::tempdir().unwrap();
    lay_out(
        opt_ml.path(),
        r#"{"feature_dim": "2", "k": "0", "predictor_type": "classifier", "sample_size": "100"}"#,
    );
    let output = program().args(["train", "--opt-ml"]).arg(opt_ml.path()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    let failure = fs::read_to_string(opt_ml.path().join("output/failure")).unwrap();
    let expected = "Customer Error: The value '0' is not valid for the 'k' hyperparameter which expects one of the \
                    following: a whole number from 1 to 1024";
    assert_eq!(failure, expected);
    assert!(!opt_ml.path().join("model/model_algo-1").exists());
}

#[test]
fn training_in_a_folder_that_does_not_exist_creates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let opt_ml = folder.path().join("typo");
    let output = program().args(["train", "--opt-ml"]).arg(&opt_ml).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(!opt_ml.exists());
}

/// Sends a signal to a program and returns how it ended.
fn kill(child: &mut Child, signal: Signal) -> ExitStatus {
    // The program may have ended already: until it is waited for, no other process gets its id.
    kill_process(Pid::from_child(child), signal).unwrap();
    child.wait().unwrap()
}

fn file_names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).map(|entries| {
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    });
    let mut names = names.unwrap_or_default();
    names.sort();
    names
}

/// Lays out a job whose data come from a named pipe.
fn lay_out_pipe(opt_ml: &Path, sample_size: usize) -> PathBuf {
    lay_out(
        opt_ml,
        &format!(
            r#"{{"feature_dim": "2", "k": "3", "predictor_type": "classifier", "sample_size": "{sample_size}"}}"#
        ),
    );
    let config = r#"{"train": {"ContentType": "text/csv;label_size=1", "TrainingInputMode": "Pipe"}}"#;
    fs::write(opt_ml.join("input/config/inputdataconfig.json"), config).unwrap();
    let pipe = opt_ml.join("input/data/train_0");
    succeeds(Command::new("mkfifo").arg(&pipe));
    pipe
}

#[test]
fn training_ends_at_a_signal_with_its_exit_status() {
    for (signal, status) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let opt_ml = tempfile::tempdir().unwrap();
        let pipe = lay_out_pipe(opt_ml.path(), 100);
        let mut child = program()
            .args(["train", "--opt-ml"])
            .arg(opt_ml.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Returns when the program has opened the other end; its signal handlers are installed then.
        let mut writer = File::options().write(true).open(pipe).unwrap();
        writer.write_all(b"1,2,3\n").unwrap();
        assert_eq!(kill(&mut child, signal).code(), Some(status), "{signal:?}");
        assert!(file_names(&opt_ml.path().join("model")).is_empty());
        assert!(!opt_ml.path().join("output/failure").exists());
    }
}

/// Ended after any time, from the first rows to the end of the job: `model/` holds a whole model or none.
#[test]
fn training_leaves_no_part_of_a_model_whenever_it_is_ended() {
    let rows: String = (0..20_000).map(|i| format!("{},{},{}\n", i % 2, i % 1009, i % 997)).collect();
    let (mut delay, mut n_ended) = (Duration::ZERO, 0);
    loop {
        let opt_ml = tempfile::tempdir().unwrap();
        let pipe = lay_out_pipe(opt_ml.path(), 20_000);
        let mut child = program()
            .args(["train", "--opt-ml"])
            .arg(opt_ml.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        fs::write(pipe, &rows).unwrap();
        thread::sleep(delay);
        let status = kill(&mut child, Signal::TERM);
        let names = file_names(&opt_ml.path().join("model"));
        let is_whole =
            names == ["model_algo-1", "model_algo-1-labels.npy", "model_algo-1.json", "model_algo-1.labels"];
        assert!(is_whole || names.is_empty(), "{names:?} after {delay:?}");
        assert!(file_names(opt_ml.path()).iter().all(|name| !name.starts_with('.')), "after {delay:?}");
        if status.success() {
            assert!(is_whole);
            break;
        }
        assert_eq!(status.code(), Some(143), "after {delay:?}");
        n_ended += 1;
        delay += Duration::from_millis(3);
    }
    assert!(n_ended > 0);
}

#[test]
fn a_model_is_replaced_without_a_failed_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.tar.gz");
    fs::write(&path, packed(always(0.0))).unwrap();
    let running = Running::start(&["serve", "--endpoint", &format!("a={}", path.display())]);
    let ended = AtomicBool::new(false);
    let n_answers: usize = thread::scope(|scope| {
        let callers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let (mut n_answers, mut last) = (0, 0.0);
                    while !ended.load(Ordering::Relaxed) {
                        let answer = running.send("POST", "/endpoints/a/invocations", "1,2").unwrap();
                        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
                        let label = answer.rsplit_once("\"predicted_label\": ").unwrap().1;
                        let label: f64 = label.trim_end_matches("}]}").parse().unwrap();
                        assert!(label >= last, "an older model answered: {label} after {last}");
                        (n_answers, last) = (n_answers + 1, label);
                    }
                    n_answers
                })
            })
            .collect();
        for label in 1..=4 {
            replace(&path, &packed(always(f64::from(label))));
            let expected = format!("\"predicted_label\": {label}.0");
            wait_until("the new model", || running.invoke().contains(&expected));
        }
        ended.store(true, Ordering::Relaxed);
        callers.into_iter().map(|caller| caller.join().unwrap()).sum()
    });
    assert!(n_answers > 100, "{n_answers} answers");
    running.stop();
}

#[test]
fn a_broken_replacement_is_logged_once_and_the_previous_model_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (path, log) = (folder.path().join("model.tar.gz"), folder.path().join("log"));
    fs::write(&path, packed(always(1.0))).unwrap();
    let endpoint = format!("a={}", path.display());
    let running = Running::start_logged(&["serve", "--endpoint", &endpoint], File::create(&log).unwrap());
    let warnings = || {
        let log = fs::read_to_string(&log).unwrap();
        log.lines().filter(|line| line.contains("WARN")).map(str::to_owned).collect::<Vec<_>>()
    };
    replace(&path, b"no model at all");
    wait_until("the warning", || !warnings().is_empty());
    // It is not tried again and again.
    thread::sleep(Duration::from_millis(1700));
    assert_eq!(warnings().len(), 1, "{:?}", warnings());
    assert!(
        warnings()[0].contains("keeping the previous model") && warnings()[0].contains("model.tar.gz"),
        "{:?}",
        warnings()
    );
    assert!(running.invoke().contains("\"predicted_label\": 1.0"));
    replace(&path, &packed(always(2.0)));
    wait_until("the mended model", || running.invoke().contains("\"predicted_label\": 2.0"));
    assert_eq!(warnings().len(), 1);
    running.stop();
}

#[test]
fn a_slow_request_is_finished_after_the_signal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.tar.gz");
    fs::write(&path, packed(always(1.0))).unwrap();
    let endpoint = format!("a={}", path.display());
    let running = Running::start(&["serve", "--endpoint", &endpoint, "--fault", "a=latency=5000"]);
    thread::scope(|scope| {
        let slow = scope.spawn(|| running.invoke());
        thread::sleep(Duration::from_millis(1500));
        running.tell_to_stop();
        wait_until("the end of new connections", || running.send("GET", "/ping", "").is_err());
        assert!(!slow.is_finished());
        let answer = slow.join().unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with(r#""predicted_label": 1.0}]}"#),
            "{answer}"
        );
    });
    running.wait();
}

#[test]
fn clients_set_faults_if_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.tar.gz");
    fs::write(&path, packed(always(1.0))).unwrap();
    let endpoint = format!("a={}", path.display());
    let closed = Running::start(&["serve", "--endpoint", &endpoint]);
    assert!(closed.send("PUT", "/chaos/a", r#"{"modelError": 1}"#).unwrap().starts_with("HTTP/1.1 404 "));
    closed.stop();
    let open = Running::start(&["serve", "--endpoint", &endpoint, "--chaos"]);
    assert!(open.send("PUT", "/chaos/a", r#"{"modelError": 1}"#).unwrap().starts_with("HTTP/1.1 200 "));
    let answer = open.send("POST", "/endpoints/a/invocations", "1,2").unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 424 ") && answer.contains("x-amzn-errortype: ModelError"),
        "{answer}"
    );
    assert!(open.send("PUT", "/chaos/a", "{}").unwrap().starts_with("HTTP/1.1 200 "));
    assert!(open.invoke().starts_with("HTTP/1.1 200 "));
    open.stop();
}
