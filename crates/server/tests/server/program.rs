//! The binary: from the command line to the signal that ends it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Output, Stdio},
};

use crate::support::VALID;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mysfits-server"));
    command.env_remove("RUST_LOG").env_remove("RUST_BACKTRACE");
    command
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{status}\n{stdout}\n{stderr}");
    stdout
}

/// A running server; killed when a test fails.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program()
            .args(arguments)
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let ready = lines.map(|line| line.strip_prefix("ready http://").map(str::to_owned));
        let address = ready.flatten().next().expect("the program says that it is ready");
        Self { child, address }
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
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
    fn stop(mut self) {
        succeeds(Command::new("kill").args(["-TERM", &self.child.id().to_string()]));
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
    let report = succeeds(program().args(["train", "--rows", "20000", "--out", model]));
    assert!(report.contains("test:accuracy") && report.ends_with(&format!("wrote {model}\n")), "{report}");

    let embedded = Running::start(&["serve", "--model", model]);
    let in_process = Running::start(&["serve", "--model", model, "--backend", "model"]);
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
    let answer = running.ask("GET / HTTP/1.1\r\nhost: mysfits\r\nconnection: close\r\n\r\n");
    assert!(answer.ends_with("<!doctype html>"), "{answer}");
    let answer = running.ask("GET /ping HTTP/1.1\r\nhost: mysfits\r\nconnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    running.stop();
}

#[test]
fn every_command_explains_itself() {
    for arguments in [&["--help"][..], &["train", "--help"], &["serve", "--help"], &["dev", "--help"]] {
        assert!(succeeds(program().args(arguments)).contains("Usage: mysfits-server"), "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_done_ends_with_a_reason_and_a_failure() {
    for (arguments, reason) in [
        (&[][..], "Usage"),
        (&["fly"], "unrecognized subcommand"),
        (&["train", "--rows", "5", "--survey", "x"], "cannot be used with"),
        (&["serve", "--model", "/nowhere/model.tar.gz"], "cannot use the model /nowhere/model.tar.gz"),
        (&["dev", "--rows", "1000", "--port", "0", "--site", "/nowhere"], "cannot read the site"),
        (&["dev", "--rows", "1000", "--port", "0", "--endpoint", "a_b"], "is not an endpoint name"),
    ] {
        let output = program().args(arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains(reason), "{arguments:?}: {stderr}");
    }
}
