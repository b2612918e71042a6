//! Events, a model, a package, and the program that runs.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use mysfits_domain::Entry;
use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_lambda_runtime::{FunctionReply, ReplyKind, RuntimeApi};
use mysfits_model::{RecommendationModel, table_files};
use ndarray::{Array1, Array2};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take: not what it takes, but what is no longer worth waiting for.
pub const PATIENCE: Duration = Duration::from_secs(30);
pub const ATLANTIS: &str = "c0684344-1eb7-40e7-b334-06d25ac9268c";
pub const ENDPOINT: &str = "knn-mysfits";

/// An event from its file.
pub fn event(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/events/{name}.json"));
    serde_json::from_slice(&fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .unwrap()
}

/// The workshop's request with another body.
pub fn event_with_body(body: Value) -> Value {
    let mut event = event("workshop_curl");
    event["body"] = body;
    event
}

/// A model in which every answer has a say, and (1,2,3,4,5) is Atlantis's.
pub fn model() -> Arc<Model> {
    let n_samples = 300;
    let entries: Vec<Entry> =
        (0..n_samples).map(|i| Entry::from_index(i * 7919 % Entry::COUNT).unwrap()).collect();
    let mut features: Vec<f32> = entries.iter().flat_map(Entry::features).collect();
    features.extend([1.0, 2.0, 3.0, 4.0, 5.0]);
    let mut labels: Vec<f64> = (0..n_samples).map(|i| (i % 12) as f64).collect();
    labels.push(8.0);
    let features = Array2::from_shape_vec((n_samples + 1, 5), features).unwrap();
    let labels = Array1::from(labels);
    let dataset = Dataset::new(features.view(), labels.view()).unwrap();
    Arc::new(Model::train(dataset, &Hyperparameters::classifier(1).check().unwrap()).unwrap())
}

/// A folder like the function's package, less the program.
pub fn package() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let model = RecommendationModel::new(model()).unwrap();
    table_files::write(folder.path(), model.table()).unwrap();
    folder
}

/// The program, started, with what it writes in files.
pub struct Running {
    pub api: RuntimeApi,
    child: Child,
    folder: TempDir,
}

impl Running {
    /// Starts it with Lambda's variables and these.
    pub fn start(variables: &[(&str, &str)]) -> Self {
        Self::start_in(package(), variables)
    }

    pub fn start_in(folder: TempDir, variables: &[(&str, &str)]) -> Self {
        let api = RuntimeApi::start().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bootstrap"));
        // Nothing of this process's own environment: that may say where SageMaker or certificates are.
        command.env_clear().envs(api.environment(folder.path())).envs(variables.iter().copied());
        let file = |name: &str| File::create(folder.path().join(name)).unwrap();
        command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
        Self { child: command.spawn().unwrap(), api, folder }
    }

    pub fn reply_to(&self, event: &Value) -> FunctionReply {
        let id = self.api.send(event.to_string());
        let reply = self.reply();
        assert_eq!(reply.request_id, id, "{reply:?}");
        reply
    }

    pub fn reply(&self) -> FunctionReply {
        self.api.reply(PATIENCE).unwrap_or_else(|| panic!("no reply; it wrote {}", self.written()))
    }

    /// The answer to an event: status, headers and body.
    pub fn answer(&self, event: &Value) -> Value {
        let reply = self.reply_to(event);
        assert_eq!(reply.kind, ReplyKind::Response, "{reply:?}");
        serde_json::from_slice(&reply.body).unwrap()
    }

    /// All that it wrote.
    pub fn written(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.folder.path().join(name)).unwrap();
        read("stdout") + &read("stderr")
    }

    /// Every line that it wrote to its output, as JSON.
    pub fn log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join("stdout")).unwrap();
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        text.lines().map(parse).collect()
    }

    /// The records among them, once there are so many. An answer is out a moment before its record may be read.
    pub fn records(&self, count: usize) -> Vec<Value> {
        let is_record = |line: &Value| line.get("_aws").is_some();
        let begun = Instant::now();
        loop {
            let records: Vec<Value> = self.log().into_iter().filter(is_record).collect();
            assert!(records.len() <= count && begun.elapsed() < PATIENCE, "{records:?}");
            if records.len() == count {
                return records;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    pub fn wait(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that writes down the request's head and answers with Atlantis, once for each connection.
pub struct Recorder {
    pub address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let written = heads.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = Vec::new();
                let mut buffer = [0; 4096];
                // The body is the entry's and ends with a brace; the head has none.
                while !request.ends_with(b"}") {
                    let n = stream.read(&mut buffer).unwrap();
                    assert!(n > 0, "the request breaks off");
                    request.extend_from_slice(&buffer[..n]);
                }
                written.lock().unwrap().push(String::from_utf8(request).unwrap());
                let body = json!({ "predictions": [{ "predicted_label": 8.0 }] }).to_string();
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                )
                .unwrap();
            }
        });
        Self { address, heads }
    }

    pub fn requests(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Returns the URL of a port without a listener.
pub fn closed_port() -> String {
    format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
}
