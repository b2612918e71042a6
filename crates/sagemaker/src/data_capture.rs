//! Data capture: requests and responses of an endpoint as JSON Lines in an object store.
//!
//! Objects are named `{destination}/{endpoint}/{variant}/yyyy/mm/dd/hh/mm-ss-mmm-{id}.jsonl`. Lines are buffered, and written
//! half a second after the first. If the store is slower than the requests, lines beyond the buffer are dropped, with a
//! warning in the log.
//!
//! Source: SageMaker Developer Guide, "Capture data from real-time endpoint".

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use crate::{container::ObjectStore, faults::Rate};

/// The most captured bytes that wait to be written, in KiB.
const MAX_BUFFERED_KIB: usize = 64 << 10;
/// The most captured invocations that wait to be written.
const MAX_BUFFERED_LINES: usize = 4096;
/// The time from the first line of an object until it is written.
const FLUSH_AFTER: Duration = Duration::from_millis(500);
/// The largest object, in bytes; a line that is longer is an object of its own.
const MAX_OBJECT_BYTES: usize = 4 << 20;

/// What is captured.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CaptureOptions {
    /// The percentage of requests that are captured, 0 to 100, spread evenly. By default, 100.
    pub sampling_percentage: u8,
    /// Whether requests are captured. By default, they are.
    pub input: bool,
    /// Whether responses are captured. By default, they are.
    pub output: bool,
    /// Media types whose data are written as text with the encoding `CSV`. By default, none.
    pub csv_content_types: Vec<String>,
    /// Media types whose data are written as text with the encoding `JSON`. By default, none; all others are written in
    /// base64.
    pub json_content_types: Vec<String>,
}

impl Default for CaptureOptions {
    fn default() -> Self {
        Self {
            sampling_percentage: 100,
            input: true,
            output: true,
            csv_content_types: Vec::new(),
            json_content_types: Vec::new(),
        }
    }
}

/// The data capture of an endpoint.
#[derive(Debug)]
pub struct DataCapture {
    options: CaptureOptions,
    /// The requests so far.
    count: AtomicU64,
    buffered: Arc<Semaphore>,
    lines: mpsc::Sender<CapturedLine>,
}

/// A line to be written.
#[derive(Debug)]
struct CapturedLine {
    /// `{endpoint}/{variant}`
    folder: String,
    line: String,
    /// Held until the line is written.
    _buffered: OwnedSemaphorePermit,
}

/// One side of an invocation.
#[derive(Debug, Clone)]
pub(crate) struct CapturedBody {
    pub(crate) content_type: String,
    pub(crate) data: Bytes,
}

/// An invocation that is to be captured.
#[derive(Debug)]
pub(crate) struct CapturedInvocation {
    pub(crate) endpoint: String,
    pub(crate) variant: String,
    pub(crate) event_id: Uuid,
    pub(crate) inference_id: Option<String>,
    pub(crate) custom_attributes: Option<String>,
    pub(crate) target_model: Option<String>,
    pub(crate) input: CapturedBody,
    pub(crate) output: CapturedBody,
}

impl DataCapture {
    /// Creates a data capture that writes below `destination`, for instance `s3://bucket/captured`. Must be called in a tokio
    /// runtime, where lines are written until this value has been dropped.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, destination: &str, options: CaptureOptions) -> Self {
        let (lines, received) = mpsc::channel(MAX_BUFFERED_LINES);
        let destination = destination.trim_end_matches('/').to_owned();
        tokio::spawn(write_lines(store, destination, received));
        let buffered = Arc::new(Semaphore::new(MAX_BUFFERED_KIB));
        Self { options, count: AtomicU64::new(0), buffered, lines }
    }

    /// Returns whether the next invocation is captured.
    pub(crate) fn selects_next(&self) -> bool {
        let share = Rate::new(f64::from(self.options.sampling_percentage.min(100)) / 100.0);
        share.unwrap_or(Rate::NEVER).selects(self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// Adds an invocation to the buffer.
    pub(crate) fn record(&self, invocation: &CapturedInvocation) {
        let line = self.line(invocation).to_string();
        let kib = u32::try_from(line.len() / 1024 + 1).unwrap_or(u32::MAX);
        let folder = format!("{}/{}", invocation.endpoint, invocation.variant);
        let permit = self.buffered.clone().try_acquire_many_owned(kib);
        let line = permit.map(|permit| CapturedLine { folder, line, _buffered: permit });
        let sent = line.is_ok_and(|line| self.lines.try_send(line).is_ok());
        if !sent {
            tracing::warn!(
                endpoint = invocation.endpoint,
                "the store is too slow; an invocation was not captured"
            );
        }
    }

    fn line(&self, invocation: &CapturedInvocation) -> Value {
        let mut captured = json!({});
        if self.options.input {
            captured["endpointInput"] = self.side(&invocation.input, "INPUT");
        }
        if self.options.output {
            captured["endpointOutput"] = self.side(&invocation.output, "OUTPUT");
        }
        let mut metadata = json!({
            "eventId": invocation.event_id.to_string(),
            "inferenceTime": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        });
        if let Some(id) = &invocation.inference_id {
            metadata["inferenceId"] = id.as_str().into();
        }
        if let Some(attributes) = &invocation.custom_attributes {
            metadata["customAttributes"] = json!([attributes]);
        }
        if let Some(model) = &invocation.target_model {
            metadata["targetModel"] = model.as_str().into();
        }
        json!({ "captureData": captured, "eventMetadata": metadata, "eventVersion": "0" })
    }

    fn side(&self, body: &CapturedBody, mode: &str) -> Value {
        let media_type = body.content_type.split(';').next().unwrap_or_default().trim();
        let is_in = |types: &[String]| types.iter().any(|known| known.eq_ignore_ascii_case(media_type));
        let text = std::str::from_utf8(&body.data).ok();
        let (encoding, data) = match text {
            Some(text) if is_in(&self.options.csv_content_types) => ("CSV", text.to_owned()),
            Some(text) if is_in(&self.options.json_content_types) => ("JSON", text.to_owned()),
            _ => ("BASE64", BASE64_STANDARD.encode(&body.data)),
        };
        let mut side = json!({ "mode": mode, "data": data, "encoding": encoding });
        if !body.content_type.is_empty() {
            side["observedContentType"] = body.content_type.as_str().into();
        }
        side
    }
}

/// Writes lines until all senders are gone.
async fn write_lines(
    store: Arc<dyn ObjectStore>,
    destination: String,
    mut lines: mpsc::Receiver<CapturedLine>,
) {
    while let Some(first) = lines.recv().await {
        let deadline = Instant::now() + FLUSH_AFTER;
        let mut n_bytes = first.line.len();
        let mut batch = BTreeMap::from([(first.folder.clone(), vec![first])]);
        while n_bytes < MAX_OBJECT_BYTES {
            let Ok(Some(next)) = timeout_at(deadline, lines.recv()).await else { break };
            n_bytes += next.line.len();
            batch.entry(next.folder.clone()).or_default().push(next);
        }
        for (folder, lines) in batch {
            let body = lines.iter().fold(String::new(), |body, CapturedLine { line, .. }| body + line + "\n");
            let time = Timestamp::now().strftime("%Y/%m/%d/%H/%M-%S-%3f").to_string();
            let uri = format!("{destination}/{folder}/{time}-{}.jsonl", Uuid::new_v4());
            if let Err(error) = store.put(&uri, body.into()).await {
                tracing::warn!(uri, %error, "captured data cannot be written");
            }
        }
    }
}
