//! The program, from its arguments to the signal that ends it.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Output, Stdio},
};

use mysfits_process::check_outputs;

use crate::support::VALID;

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mysfits-server"));
    command.env_remove("RUST_LOG").env_remove("RUST_BACKTRACE");
    command
}

#[track_caller]
pub fn succeeds(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{status}\n{stdout}\n{stderr}");
    stdout
}

/// A running server; killed when a test fails.
pub struct Running {
    child: Child,
    pub address: String,
}

impl Running {
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_command(program().args(arguments).args(["--port", "0"]).stderr(Stdio::null()))
    }

    pub fn start_command(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let ready = lines.map(|line| line.strip_prefix("ready http://").map(str::to_owned));
        let address = ready.flatten().next().expect("the program says that it is ready");
        Self { child, address }
    }

    pub fn ask(&self, request: &str) -> String {
        self.try_ask(request).unwrap()
    }

    pub fn try_ask(&self, request: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    pub fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"))
    }

    pub fn send(&self, method: &str, path: &str, body: &str) -> io::Result<String> {
        self.try_ask(&format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\
             content-type: text/csv\r\n\r\n{body}",
            body.len()
        ))
    }

    fn recommend(&self) -> String {
        let answer = self.ask(&format!(
            "POST /recommendations HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\n{VALID}",
            self.address,
            VALID.len()
        ));
        answer.rsplit_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// Asks the program to stop, and checks that it does so in good order.
    #[cfg(unix)]
    pub fn stop(self) {
        self.tell_to_stop();
        self.wait();
    }

    #[cfg(unix)]
    pub fn tell_to_stop(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Waits for its end, which must be a good one.
    pub fn wait(mut self) {
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
#[test]
fn a_trained_model_is_served_until_the_signal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.tar.gz");
    let model = path.to_str().unwrap();
    let report = succeeds(program().args(["survey", "--rows", "20000", "--out", model]));
    assert!(report.contains("test:accuracy") && report.ends_with(&format!("wrote {model}\n")), "{report}");

    let embedded = Running::start(&["dev", "--model", model]);
    let in_process = Running::start(&["dev", "--model", model, "--backend", "model"]);
    let answer = embedded.recommend();
    assert!(answer.starts_with("{\"recommendedMysfit\":\"") && answer.len() == 60, "{answer}");
    assert_eq!(in_process.recommend(), answer);
    embedded.stop();
    in_process.stop();
}

#[cfg(unix)]
#[test]
fn dev_trains_and_serves_the_site() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<!doctype html>").unwrap();
    let running = Running::start(&["dev", "--rows", "1000", "--site", folder.path().to_str().unwrap()]);
    let answer = running.get("/");
    assert!(answer.ends_with("<!doctype html>"), "{answer}");
    let answer = running.get("/ping");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    running.stop();
}

#[cfg(unix)]
#[test]
fn dev_inserts_its_own_origin_or_the_public_one() {
    let folder = tempfile::tempdir().unwrap();
    let page = r#"<!doctype html><link rel="canonical" href="/">"#;
    std::fs::write(folder.path().join("index.html"), page).unwrap();
    let options = ["dev", "--rows", "1000", "--site", folder.path().to_str().unwrap()];
    let canonical = |origin: &str| page.replace("href=\"/", &format!("href=\"{origin}/"));

    let own = Running::start(&options);
    let answer = own.get("/");
    assert!(answer.ends_with(&canonical(&format!("http://{}", own.address))), "{answer}");
    own.stop();
    let public = Running::start(&[&options[..], &["--public-origin", "https://m.example/"]].concat());
    let answer = public.get("/");
    assert!(answer.ends_with(&canonical("https://m.example")), "{answer}");
    public.stop();
}

#[cfg(unix)]
#[test]
fn dev_generates_the_settings_and_the_decision_table() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<!doctype html>").unwrap();
    std::fs::write(folder.path().join("config.json"), "{\"awsRegion\": \"of the folder\"}").unwrap();
    let site = folder.path().to_str().unwrap();
    let all = Running::start(&["dev", "--rows", "1000", "--site", site]);
    let body = |answer: String| answer.split_once("\r\n\r\n").unwrap().1.to_owned();
    expect_test::expect![[r#"
        {
          "mysfitsApiEndpoint": "",
          "streamingApiEndpoint": "",
          "questionsApiEndpoint": "",
          "recommendationsApiEndpoint": "",
          "cognitoUserPoolId": "local_mysfits",
          "cognitoUserPoolClientId": "localmysfitssite",
          "awsRegion": "local",
          "cognitoEndpoint": "/cognito"
        }"#]]
    .assert_eq(&body(all.get("/config.json")));
    // Its head: the bytes are no text.
    let table =
        all.send("HEAD", &format!("/{}", mysfits_model::table_files::TABLE_FILE), "").unwrap().to_lowercase();
    for line in
        ["http/1.1 200 ok", "content-type: application/octet-stream", "cache-control: no-cache", "etag: \""]
    {
        assert!(table.contains(line), "{line}");
    }
    let signed_out = all.send("POST", "/mysfits/c0684344-1eb7-40e7-b334-06d25ac9268c/like", "").unwrap();
    assert!(signed_out.starts_with("HTTP/1.1 401"), "{signed_out}");
    all.stop();

    let none = Running::start(&["dev", "--rows", "1000", "--site", site, "--modules", "none"]);
    assert!(body(none.get("/config.json")).contains("of the folder"));
    let like = none.send("POST", "/mysfits/c0684344-1eb7-40e7-b334-06d25ac9268c/like", "").unwrap();
    assert!(like.starts_with("HTTP/1.1 404"), "{like}");
    none.stop();
}

#[cfg(unix)]
#[test]
fn feedback_is_appended_to_a_file_and_its_endpoint_is_a_setting() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<!doctype html>").unwrap();
    let (site, file) = (folder.path().to_str().unwrap(), folder.path().join("feedback.jsonl"));
    let row = r#"{"entry":[1,2,3,4,5],"mysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c","suits":true}"#;
    std::fs::write(&file, "an earlier line\n").unwrap();
    let options = ["dev", "--rows", "1000", "--site", site, "--feedback", file.to_str().unwrap()];
    let all = Running::start(&options);
    assert!(all.get("/config.json").contains("\"feedbackEndpoint\": \"\""));
    assert!(all.get("/config.json").contains("\"mysfitsApiEndpoint\": \"\""));
    let stored = all.send("POST", "/feedback", &row.replace(',', " , ")).unwrap();
    assert!(stored.starts_with("HTTP/1.1 204"), "{stored}");
    assert!(all.send("POST", "/feedback", "{}").unwrap().starts_with("HTTP/1.1 400"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("an earlier line\n{row}\n"));
    all.stop();

    let none = Running::start(&["dev", "--rows", "1000", "--site", site]);
    assert!(!none.get("/config.json").contains("feedback"));
    assert!(none.send("POST", "/feedback", row).unwrap().starts_with("HTTP/1.1 404"));
    none.stop();
}

#[test]
fn page_and_function_read_the_same_table_file() {
    assert_eq!(mysfits_site::DECISION_TABLE, mysfits_model::table_files::TABLE_FILE);
}

#[test]
fn closed_and_full_outputs_are_reported_without_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("trained.tar.gz");
    let survey = || {
        let mut command = program();
        command.args(["survey", "--rows", "1000", "--out"]).arg(&out);
        command
    };
    check_outputs(survey, true).unwrap();
}

#[test]
fn every_command_explains_itself() {
    for arguments in [&["--help"][..], &["survey", "--help"], &["dev", "--help"]] {
        assert!(succeeds(program().args(arguments)).contains("Usage: mysfits-server"), "{arguments:?}");
    }
}

#[test]
fn invalid_arguments_end_with_a_reason_and_a_failure() {
    for (arguments, reason) in [
        (&[][..], "Usage"),
        (&["fly"], "unrecognized subcommand"),
        (&["survey", "--rows", "5", "--survey", "x"], "cannot be used with"),
        (&["survey", "--rows", "4611686018427387904"], "is not in 1..=4294967295"),
        (&["survey", "--rows", "0"], "is not in 1..=4294967295"),
        (&["dev", "--rows", "4611686018427387904"], "is not in 1..=4294967295"),
        (&["dev", "--model", "/nowhere/model.tar.gz"], "cannot use the model /nowhere/model.tar.gz"),
        (&["dev", "--model", "x", "--k", "3"], "cannot be used with"),
        (&["dev", "--rows", "1000", "--port", "0", "--site", "/nowhere"], "cannot read the site"),
        (&["dev", "--site", "x", "--public-origin", "m.example"], "expected scheme and host"),
        (&["dev", "--public-origin", "https://m.example"], "required arguments were not provided"),
        (&["dev", "--rows", "1000", "--port", "0", "--feedback", "/"], "cannot write /"),
        (&["dev", "--rows", "1000", "--port", "0", "--endpoint", "a_b"], "is not an endpoint name"),
        (
            &["dev", "--rows", "1000", "--port", "0", "--fault", "a=latency=1"],
            "--fault a: unknown endpoint (expected knn-ml-m4-xlarge-mysfits)",
        ),
    ] {
        let output = program().args(arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains(reason), "{arguments:?}: {stderr}");
    }
}

/// Checks that requests of foreign hosts and origins are rejected on each path.
#[cfg(unix)]
fn check_access(running: &Running, paths: &[&str]) {
    let port = running.address.rsplit_once(':').unwrap().1.to_owned();
    for path in paths {
        for method in ["GET", "POST", "PUT", "OPTIONS"] {
            let status = |headers: &str| {
                let answer = running.ask(&format!(
                    "{method} {path} HTTP/1.1\r\n{headers}connection: close\r\ncontent-length: 2\r\n\r\n{{}}"
                ));
                assert!(
                    !answer.to_lowercase().contains("access-control") || answer.contains(" 20"),
                    "{answer}"
                );
                answer.split(' ').nth(1).unwrap().to_owned()
            };
            let local = format!("host: localhost:{port}\r\n");
            assert_eq!(status("host: evil.example\r\n"), "421", "{method} {path}");
            assert_eq!(status(&format!("{local}origin: https://evil.example\r\n")), "403", "{method} {path}");
            let fetch = format!("{local}sec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors\r\n");
            assert_eq!(status(&fetch), "403", "{method} {path}");
            assert_eq!(status(""), "400", "{method} {path}");
            let own = format!("{local}origin: http://localhost:{port}\r\n");
            assert!(!["403", "421"].contains(&status(&own).as_str()), "{method} {path}");
        }
    }
}

#[cfg(unix)]
#[test]
fn rejects_foreign_hosts_and_origins_on_every_route() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("mysfits.tar.gz");
    let model = model.to_str().unwrap();
    succeeds(program().args(["survey", "--rows", "2000", "--out", model]));
    let running = Running::start(&["dev", "--model", model, "--chaos"]);
    let paths = [
        "/",
        "/ping",
        "/metrics",
        "/invocations",
        "/chaos/a",
        "/recommendations",
        "/endpoints/a/invocations",
    ];
    check_access(&running, &paths);
}

#[cfg(unix)]
#[test]
fn a_model_that_does_not_fit_on_the_disk_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // A file may have 512 bytes; with the signal ignored, more is an error of writing, as on a full disk.
    let script = r#"trap "" XFSZ; ulimit -f 1; exec "$0" "$@""#;
    let mut command = Command::new("sh");
    command.args(["-c", script, program().get_program().to_str().unwrap()]);
    command.args(["survey", "--rows", "1000", "--out"]).arg(folder.path().join("model.tar.gz"));
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cannot write "), "{stderr}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn server_ends_at_a_signal_while_it_reads_its_model() {
    use rustix::process::{Pid, Signal, kill_process};
    for (signal, status) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("model.tar.gz");
        succeeds(Command::new("mkfifo").arg(&pipe));
        let mut command = program();
        command
            .args(["dev", "--port", "0", "--model"])
            .arg(&pipe)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // Returns when the program has opened the other end, and its handlers are there.
        let _writer = std::fs::File::options().write(true).open(pipe).unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(status), "{signal:?}");
    }
}
