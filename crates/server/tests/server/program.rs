//! The binary: from the command line to the signal that ends it.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Output, Stdio},
};

use mysfits_output::testing::check_outputs;

use crate::support::{VALID, always, packed};

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mysfits-server"));
    command.env_remove("RUST_LOG").env_remove("RUST_BACKTRACE");
    command.env_remove("SAGEMAKER_BIND_TO_PORT").env_remove("SAGEMAKER_MAX_PAYLOAD_IN_MB");
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

    /// The same, what it logs goes to a file.
    pub fn start_logged(arguments: &[&str], log: File) -> Self {
        Self::start_command(program().args(arguments).args(["--port", "0"]).stderr(log))
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

    /// What the container answers to a sample of two features.
    pub fn invoke(&self) -> String {
        self.send("POST", "/invocations", "1,2").unwrap()
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
fn dev_tells_the_page_which_modules_there_are_and_gives_it_the_table() {
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
    let table = all.send("HEAD", &format!("/{}", mysfits_api::table::TABLE_FILE), "").unwrap().to_lowercase();
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

#[test]
fn the_pages_table_is_the_functions() {
    assert_eq!(mysfits_site::DECISION_TABLE, mysfits_api::table::TABLE_FILE);
}

#[test]
fn closed_and_full_outputs_are_reported_without_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.tar.gz");
    std::fs::write(&model, packed(always(1.0))).unwrap();
    let endpoint = format!("a={}", model.display());
    let command = |arguments: &[&str]| {
        let mut command = program();
        command.args(arguments);
        command
    };
    let out = folder.path().join("trained.tar.gz");
    check_outputs(|| command(&["survey", "--rows", "1000", "--out", out.to_str().unwrap()]), true).unwrap();
    check_outputs(|| command(&["serve", "--help"]), false).unwrap();
    // A server that cannot say where it listens ends.
    for stdout in [closed(), File::options().write(true).open("/dev/full").unwrap().into()] {
        let arguments = ["serve", "--port", "0", "--endpoint", &endpoint, "--fault", "a=latency=1"];
        let ended = command(&arguments).stdout(stdout).output().unwrap();
        let stderr = String::from_utf8(ended.stderr).unwrap();
        assert!(
            [Some(141), Some(1)].contains(&ended.status.code()) && !stderr.contains("panicked"),
            "{stderr}"
        );
    }
}

/// A pipe without a reader.
fn closed() -> Stdio {
    let (_, writer) = io::pipe().unwrap();
    writer.into()
}

#[cfg(unix)]
#[test]
fn serves_when_its_log_is_closed_or_full() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.tar.gz");
    std::fs::write(&model, packed(always(1.0))).unwrap();
    let endpoint = format!("a={}", model.display());
    for stderr in [closed(), File::options().write(true).open("/dev/full").unwrap().into()] {
        // The fault is logged before the server is ready, the end before it ends.
        let arguments = ["serve", "--port", "0", "--endpoint", &endpoint, "--fault", "a=latency=1"];
        let running = Running::start_command(program().args(arguments).stderr(stderr));
        assert!(running.invoke().contains("predicted_label"));
        running.stop();
    }
}

#[test]
fn every_command_explains_itself() {
    for arguments in [
        &["--help"][..],
        &["train", "--help"],
        &["serve", "--help"],
        &["survey", "--help"],
        &["dev", "--help"],
    ] {
        assert!(succeeds(program().args(arguments)).contains("Usage: mysfits-server"), "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_done_ends_with_a_reason_and_a_failure() {
    for (arguments, reason) in [
        (&[][..], "Usage"),
        (&["fly"], "unrecognized subcommand"),
        (&["survey", "--rows", "5", "--survey", "x"], "cannot be used with"),
        (&["survey", "--rows", "4611686018427387904"], "is not in 1..=4294967295"),
        (&["survey", "--rows", "0"], "is not in 1..=4294967295"),
        (&["dev", "--rows", "4611686018427387904"], "is not in 1..=4294967295"),
        (&["train", "--rows", "5"], "unexpected argument '--rows'"),
        (&["train", "--opt-ml", "/nowhere"], "/nowhere"),
        (&["dev", "--model", "/nowhere/model.tar.gz"], "cannot use the model /nowhere/model.tar.gz"),
        (&["dev", "--model", "x", "--k", "3"], "cannot be used with"),
        (&["dev", "--rows", "1000", "--port", "0", "--site", "/nowhere"], "cannot read the site"),
        (&["dev", "--rows", "1000", "--port", "0", "--endpoint", "a_b"], "is not an endpoint name"),
        (
            &["dev", "--rows", "1000", "--port", "0", "--fault", "a=latency=1"],
            "--fault a: there is no such endpoint, only knn-ml-m4-xlarge-mysfits",
        ),
        (
            &["serve", "--opt-ml", "/nowhere"],
            "cannot use the model /nowhere/model: it is not there; a container's",
        ),
        (&["serve", "--endpoint", "a=/nowhere/x"], "cannot use the model /nowhere/x: it is not there"),
        (&["serve", "--endpoint", "a"], "write it as NAME=MODEL"),
        (&["serve", "--endpoint", "=a"], "write it as NAME=MODEL"),
        (&["serve", "--endpoint", "a=b", "--opt-ml", "c"], "cannot be used with"),
        (&["serve", "--fault", "latency"], "write it as NAME=FAULTS"),
        (
            &["serve", "--fault", "a=latency=often"],
            "latency is often; it must be a whole number of milliseconds",
        ),
        (&["serve", "--port", "99999"], "99999"),
        (&["serve", "--host", "example.com"], "it must be an IP address or localhost"),
        (&["serve", "--max-payload-mb", "101"], "101 is not in 1..=100"),
    ] {
        let output = program().args(arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains(reason), "{arguments:?}: {stderr}");
    }
}

#[cfg(unix)]
#[test]
fn refuses_foreign_hosts_and_origins_on_every_route() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.tar.gz");
    std::fs::write(&path, packed(always(1.0))).unwrap();
    let model = format!("a={}", path.display());
    let serve = ["serve", "--endpoint", &model, "--chaos"];
    let survey = folder.path().join("mysfits.tar.gz");
    let survey = survey.to_str().unwrap();
    succeeds(program().args(["survey", "--rows", "2000", "--out", survey]));
    let dev = ["dev", "--model", survey, "--chaos"];
    for arguments in [&serve[..], &dev] {
        let running = Running::start(arguments);
        let port = running.address.rsplit_once(':').unwrap().1.to_owned();
        for path in [
            "/",
            "/ping",
            "/metrics",
            "/invocations",
            "/chaos/a",
            "/recommendations",
            "/endpoints/a/invocations",
        ] {
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
                assert_eq!(
                    status(&format!("{local}origin: https://evil.example\r\n")),
                    "403",
                    "{method} {path}"
                );
                let fetch = format!("{local}sec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors\r\n");
                assert_eq!(status(&fetch), "403", "{method} {path}");
                assert_eq!(status(""), "400", "{method} {path}");
                let own = format!("{local}origin: http://localhost:{port}\r\n");
                assert!(!["403", "421"].contains(&status(&own).as_str()), "{method} {path}");
            }
        }
    }
    let allowing = ["--allow-host", "model.example", "--allow-origin", "http://localhost:3000"];
    let running = Running::start(&[&serve[..], &allowing].concat());
    let ping = "GET /ping HTTP/1.1\r\nhost: model.example\r\norigin: http://localhost:3000\r\nconnection: close\r\n\r\n";
    assert!(running.ask(ping).starts_with("HTTP/1.1 200 "));
}

#[cfg(unix)]
#[test]
fn logs_have_no_colour_codes_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (path, log) = (folder.path().join("model.tar.gz"), folder.path().join("log"));
    std::fs::write(&path, packed(always(1.0))).unwrap();
    let model = format!("a={}", path.display());
    let arguments = ["serve", "--endpoint", &model, "--fault", "a=latency=1"];
    Running::start_logged(&arguments, File::create(&log).unwrap()).stop();
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.lines().count() >= 2 && !log.contains('\x1b'), "{log}");
}

#[cfg(unix)]
#[test]
fn answers_health_with_few_open_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.tar.gz");
    std::fs::write(&path, packed(always(1.0))).unwrap();
    let limited = r#"ulimit -n 96; exec "$0" serve --port 0 --endpoint "a=$1""#;
    let mut command = Command::new("sh");
    command.args(["-c", limited, env!("CARGO_BIN_EXE_mysfits-server")]).arg(&path).stderr(Stdio::null());
    let running = Running::start_command(&mut command);
    // More than there are files for; each would be idle for 15 s.
    let _idle: Vec<_> = (0..90).map(|_| TcpStream::connect(&running.address).unwrap()).collect();
    let begun = std::time::Instant::now();
    while !running
        .try_ask("GET /ping HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
    {
        assert!(begun.elapsed().as_secs() < 8, "no answer while connections are idle");
    }
}
