//! The transformation of one object: read from S3, split, sent to the container, assembled, written to S3.
//!
//! Everything is streamed. A worker holds the requests that are answered, one that is read ahead, what the container's own
//! limits let it hold, one part of the output (8 MiB), and one response as a whole only if it is filtered or joined. All jobs
//! of the process share a gibibyte for requests; objects wait for their part of it.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Read},
    sync::Arc,
};

use axum::{
    body::{Body, Bytes},
    http::{Response, header},
};
use flate2::read::MultiGzDecoder;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use mysfits_sagemaker::batch::{BatchStrategy, DataProcessing, Payload, PayloadError, Payloads};
use tokio::{
    sync::{Semaphore, mpsc},
    task::{JoinSet, spawn_blocking},
    time::timeout,
};

use super::{
    container::{InvocationFailure, TransformContainer},
    request::TransformSettings,
};
use crate::aws::{
    client::AwsClient,
    s3::{S3Error, S3Uri},
    s3_upload::ObjectUpload,
};

/// The chunks of an object that are read ahead.
const CHUNKS_AHEAD: usize = 4;
const BUFFER_BYTES: usize = 64 << 10;
/// The largest response that is filtered or joined, in bytes.
const MAX_PROCESSED_BYTES: usize = 256 << 20;

/// The memory for requests, in MiB.
const REQUEST_MEMORY_MB: usize = 1024;
static REQUEST_MEMORY: Semaphore = Semaphore::const_new(REQUEST_MEMORY_MB);

/// An object to transform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TransformObject {
    pub(super) input: S3Uri,
    pub(super) output: S3Uri,
}

/// Why an object has no output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ObjectFailure {
    /// Whether the job's data are at fault, and not the container.
    pub(super) is_client_error: bool,
    /// What the log says.
    pub(super) lines: Vec<String>,
}

impl ObjectFailure {
    fn client(message: impl ToString) -> Self {
        Self { is_client_error: true, lines: vec![message.to_string()] }
    }

    fn no_response() -> Self {
        Self { is_client_error: false, lines: vec!["Unable to get response from algorithm".to_owned()] }
    }
}

impl From<InvocationFailure> for ObjectFailure {
    fn from(failure: InvocationFailure) -> Self {
        let (is_client_error, fault, status, message) = match failure {
            InvocationFailure::Client { status, message } => (true, "ClientError", status, message),
            InvocationFailure::Algorithm { status, message } => (false, "AlgorithmError", status, message),
            InvocationFailure::NoResponse => return Self::no_response(),
        };
        let mut lines = vec![format!("{fault}: {}", status.as_u16()), String::new(), "Message:".to_owned()];
        lines.extend(message.lines().map(str::to_owned));
        Self { is_client_error, lines }
    }
}

impl From<PayloadError> for ObjectFailure {
    fn from(error: PayloadError) -> Self {
        Self::client(error)
    }
}

impl From<S3Error> for ObjectFailure {
    fn from(error: S3Error) -> Self {
        Self::client(error)
    }
}

/// What all objects of a job have in common. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct ObjectPipeline {
    pub(super) s3: AwsClient,
    pub(super) settings: Arc<TransformSettings>,
    pub(super) processing: Arc<DataProcessing>,
    pub(super) strategy: BatchStrategy,
    /// How many requests a worker sends at a time.
    pub(super) max_concurrent: usize,
}

type Invoked = Result<(Payload, Response<Body>), ObjectFailure>;

impl ObjectPipeline {
    /// Transforms an object. There is an output only if all of it is complete.
    pub(super) async fn run(
        &self,
        container: &TransformContainer,
        object: &TransformObject,
    ) -> Result<(), ObjectFailure> {
        // A request is read, one waits, and those that are sent.
        let memory_mb = self.settings.max_payload_mb * (2 + self.max_concurrent);
        let _memory = REQUEST_MEMORY.acquire_many(memory_mb.min(REQUEST_MEMORY_MB) as u32).await;
        let body = self.s3.open(&object.input).await?;
        // Dropped with this future, as is all that it waits for.
        let mut download = JoinSet::new();
        let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
        download.spawn(feed(body, sender));
        let mut payloads = self.payloads(ChunkReader { receiver, chunk: Bytes::new(), is_complete: false });
        let mut upload = self.s3.upload(object.output.clone());
        let mut in_flight: VecDeque<JoinSet<Invoked>> = VecDeque::new();
        let mut is_ended = false;
        loop {
            while !is_ended && in_flight.len() < self.max_concurrent {
                match payloads.recv().await {
                    Some(payload) => in_flight.push_back(invocation(container.clone(), payload?)),
                    None => is_ended = true,
                }
            }
            // In the order of the records, whatever request is answered first.
            let Some(mut first) = in_flight.pop_front() else { break };
            let invoked = first.join_next().await.ok_or_else(ObjectFailure::no_response)?;
            let (payload, response) = invoked.map_err(|_| ObjectFailure::no_response())??;
            timeout(self.settings.timeout, self.write(payload, response, &mut upload))
                .await
                .map_err(|_| ObjectFailure::no_response())??;
        }
        Ok(upload.finish().await?)
    }

    /// Reads the object on a thread of its own, as far ahead as one request.
    fn payloads(&self, reader: ChunkReader) -> mpsc::Receiver<Result<Payload, PayloadError>> {
        let (sender, receiver) = mpsc::channel(1);
        let Self { settings, processing, strategy, .. } = self.clone();
        spawn_blocking(move || {
            let reader: Box<dyn BufRead> = if settings.is_gzip {
                Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(reader)))
            } else {
                Box::new(BufReader::with_capacity(BUFFER_BYTES, reader))
            };
            let max_bytes = settings.max_payload_mb << 20;
            for payload in Payloads::new(reader, settings.split, strategy, max_bytes, processing) {
                let is_last = payload.is_err();
                if sender.blocking_send(payload).is_err() || is_last {
                    break;
                }
            }
        });
        receiver
    }

    async fn write(
        &self,
        payload: Payload,
        response: Response<Body>,
        upload: &mut ObjectUpload,
    ) -> Result<(), ObjectFailure> {
        let (head, mut body) = response.into_parts();
        if !self.processing.keeps_responses() {
            let media_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let body = Limited::new(body, MAX_PROCESSED_BYTES).collect().await.map_err(|_| {
                ObjectFailure::client(format!(
                    "a response is incomplete, or too large to be filtered or joined: more than {MAX_PROCESSED_BYTES} bytes"
                ))
            })?;
            let mut output = Vec::new();
            self.processing
                .write_output(&payload, &body.to_bytes(), media_type.unwrap_or_default(), &mut output)
                .map_err(ObjectFailure::client)?;
            return Ok(upload.write(&output).await?);
        }
        let mut last = None;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| ObjectFailure::no_response())?;
            if let Some(bytes) = frame.data_ref() {
                upload.write(bytes).await?;
                last = bytes.last().copied().or(last);
            }
        }
        if self.processing.ends_line(last) {
            upload.write(b"\n").await?;
        }
        Ok(())
    }
}

/// Sends a request on a task of its own, which ends when the set is dropped.
fn invocation(container: TransformContainer, mut payload: Payload) -> JoinSet<Invoked> {
    let mut task = JoinSet::new();
    task.spawn(async move {
        let body = Bytes::from(std::mem::take(&mut payload.body));
        Ok((payload, container.invoke(body).await?))
    });
    task
}

/// Passes an object on, and an empty chunk at its end.
async fn feed(mut body: Incoming, sender: mpsc::Sender<io::Result<Bytes>>) {
    while let Some(frame) = body.frame().await {
        let chunk = match frame {
            Ok(frame) => frame.into_data().map_err(|_| io::ErrorKind::InvalidData.into()),
            Err(error) => Err(io::Error::other(error)),
        };
        let is_empty = chunk.as_ref().is_ok_and(Bytes::is_empty);
        if !is_empty && sender.send(chunk).await.is_err() {
            return;
        }
    }
    let _ = sender.send(Ok(Bytes::new())).await;
}

/// Reads the chunks of an object on a thread.
struct ChunkReader {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    chunk: Bytes,
    is_complete: bool,
}

impl Read for ChunkReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.chunk.is_empty() && !self.is_complete {
            self.chunk = self.receiver.blocking_recv().ok_or(io::ErrorKind::UnexpectedEof)??;
            self.is_complete = self.chunk.is_empty();
        }
        let length = self.chunk.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.chunk.split_to(length));
        Ok(length)
    }
}
