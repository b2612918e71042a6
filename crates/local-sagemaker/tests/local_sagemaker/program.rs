//! The program, from its arguments to the signal that ends it.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Output, Stdio},
};

use mysfits_process::check_outputs;

use crate::support::{always, packed};

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local-sagemaker"));
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

    pub fn id(&self) -> u32 {
        self.child.id()
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
    for arguments in [&["--help"][..], &["train", "--help"], &["serve", "--help"], &["inspect", "--help"]] {
        assert!(succeeds(program().args(arguments)).contains("Usage: local-sagemaker"), "{arguments:?}");
    }
}

#[test]
fn inspects_an_artifact_as_text_and_json() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.tar.gz");
    std::fs::write(&model, packed(always(1.0))).unwrap();
    let text = succeeds(program().arg("inspect").arg(&model));
    for line in [
        "predictor_type       classifier\n",
        "index_type           faiss.Flat, rows of 2 numbers\n",
        "labels               1 class, 1 to 1\n",
        "written by           local-sagemaker: ",
        "can be served        yes\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&succeeds(program().args(["inspect", "--json"]).arg(&model))).unwrap();
    assert_eq!((&json["k"], &json["written_by"]["program"]), (&1.into(), &"local-sagemaker".into()));
    assert_eq!(json["files"].as_array().unwrap().len(), 4);
}

#[test]
fn invalid_arguments_end_with_a_reason_and_a_failure() {
    for (arguments, reason) in [
        (&[][..], "Usage"),
        (&["fly"], "unrecognized subcommand"),
        (&["train", "--rows", "5"], "unexpected argument '--rows'"),
        (&["train", "--opt-ml", "/nowhere"], "/nowhere"),
        (&["inspect", "/nowhere"], "cannot read the model /nowhere: "),
        (
            &["serve", "--opt-ml", "/nowhere"],
            "cannot use the model /nowhere/model: no such file or folder; a container's",
        ),
        (&["serve", "--endpoint", "a=/nowhere/x"], "cannot use the model /nowhere/x: no such file or folder"),
        (&["serve", "--endpoint", "a"], "expected NAME=MODEL"),
        (&["serve", "--endpoint", "=a"], "expected NAME=MODEL"),
        (&["serve", "--endpoint", "a=b", "--opt-ml", "c"], "cannot be used with"),
        (&["serve", "--fault", "latency"], "expected NAME=FAULTS"),
        (
            &["serve", "--fault", "a=latency=often"],
            "invalid value for latency: often (expected a whole number of milliseconds",
        ),
        (&["serve", "--port", "99999"], "99999"),
        (&["serve", "--host", "example.com"], "expected an IP address or localhost"),
        (&["serve", "--max-payload-mb", "101"], "101 is not in 1..=100"),
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
    let path = folder.path().join("model.tar.gz");
    std::fs::write(&path, packed(always(1.0))).unwrap();
    let model = format!("a={}", path.display());
    let serve = ["serve", "--endpoint", &model, "--chaos"];
    let paths = ["/", "/ping", "/metrics", "/invocations", "/chaos/a", "/endpoints/a/invocations"];
    check_access(&Running::start(&serve), &paths);
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
    command.args(["-c", limited, env!("CARGO_BIN_EXE_local-sagemaker")]).arg(&path).stderr(Stdio::null());
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
