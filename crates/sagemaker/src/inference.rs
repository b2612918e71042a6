//! Predictions and their encoding: labels, and with `verbose` the neighbours.
//!
//! | format | a row | with `verbose` |
//! |---|---|---|
//! | JSON | `{"predicted_label": 6.0}`, all in `{"predictions": [..]}`, one line | `{"predicted_label": 6.0, "distances": [..], "labels": [..]}` |
//! | JSON lines | the same object on its own line, no line feed after the last | as in JSON |
//! | RecordIO | a framed `Record`, `label["predicted_label"]` | and `label["distances"]`, `label["labels"]` |
//!
//! Rows are in request order. There are `k` neighbours, or all rows of the model if there are fewer. Labels are `f64`,
//! distances are `f32`; in JSON both are written like Python's `json.dumps` writes a double. In RecordIO distances are a
//! `float32_tensor`, labels a [`LabelTensor`].
//!
//! `distances` are the scores of faiss: for `L2` the *squared* distance, for `INNER_PRODUCT` and `COSINE` the inner
//! product. They are sorted from smallest to largest, with the labels in the same order: the most similar neighbour comes
//! first for `L2` and last for the others. Of equally near neighbours, the one with the lower row number is nearer.
//!
//! Sources: SageMaker Developer Guide, "k-NN Request and Response Formats"; responses of real endpoints in public
//! notebooks, which `docs/local-sagemaker/reference.md` in the repository lists together with the open questions.

use std::{ops::Range, sync::Arc};

use mysfits_knn::{CancellationToken, Metric, Model, Neighbour, PredictError};
use ndarray::{Array2, ArrayView2, Axis};

use crate::codec::{
    Accept, Format, LabelTensor, number::write_float, record::write_label, recordio::write_frame,
};

/// The predictions for a batch of samples, in row order.
#[derive(Debug, Clone, PartialEq)]
pub enum Predictions {
    /// The predicted labels.
    Labels(Vec<f64>),
    /// The predicted labels and the neighbours.
    Verbose(Vec<VerbosePrediction>),
}

/// A prediction with its neighbours.
#[derive(Debug, Clone, PartialEq)]
pub struct VerbosePrediction {
    /// The predicted label.
    pub predicted_label: f64,
    /// The `k` neighbours (or all rows of the model if there are fewer), sorted by score from smallest to largest, as in the
    /// response.
    pub neighbours: Vec<Neighbour>,
}

/// How the body of a response is written. A [`Format`] alone has labels as `Float64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ResponseEncoding {
    /// The format.
    pub format: Format,
    /// The tensor of labels in RecordIO.
    pub label_tensor: LabelTensor,
}

impl From<Format> for ResponseEncoding {
    fn from(format: Format) -> Self {
        Self { format, ..Self::default() }
    }
}

impl Predictions {
    /// Predicts samples, one in each row, on all cores.
    ///
    /// # Errors
    /// [`PredictError`] if the samples have another number of features than the model or a number that is not finite.
    pub fn new(model: &Model, samples: ArrayView2<'_, f32>, verbose: bool) -> Result<Self, PredictError> {
        Self::new_with(model, samples, verbose, &CancellationToken::new())
    }

    /// Predicts as [`new`](Self::new) does, until `cancellation` is cancelled.
    pub(crate) fn new_with(
        model: &Model,
        samples: ArrayView2<'_, f32>,
        verbose: bool,
        cancellation: &CancellationToken,
    ) -> Result<Self, PredictError> {
        if !verbose {
            return Ok(Self::Labels(model.predict_batch_with(samples, cancellation)?));
        }
        let is_similarity = model.hyperparameters().metric() != Metric::L2;
        let rows = model.neighbours_batch_with(samples, cancellation)?.into_iter().map(|mut neighbours| {
            let predicted_label = model.predict_from(&neighbours).expect("there are neighbours");
            // The model lists the nearest first, the response the smallest score.
            if is_similarity {
                neighbours.reverse();
            }
            VerbosePrediction { predicted_label, neighbours }
        });
        Ok(Self::Verbose(rows.collect()))
    }

    /// Splits the predictions into parts of so many samples each.
    pub(crate) fn split(self, n_samples: &[usize]) -> Vec<Self> {
        fn parts<T>(all: Vec<T>, lens: &[usize]) -> impl Iterator<Item = Vec<T>> {
            let mut all = all.into_iter();
            lens.iter().map(move |&len| all.by_ref().take(len).collect())
        }
        match self {
            Self::Labels(labels) => parts(labels, n_samples).map(Self::Labels).collect(),
            Self::Verbose(rows) => parts(rows, n_samples).map(Self::Verbose).collect(),
        }
    }

    /// Returns the number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Labels(labels) => labels.len(),
            Self::Verbose(rows) => rows.len(),
        }
    }

    /// Returns whether there are no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Encodes the body of a response.
    ///
    /// ```
    /// use mysfits_sagemaker::{codec::Format, inference::Predictions};
    ///
    /// let predictions = Predictions::Labels(vec![6.0, 3.0]);
    /// let json = br#"{"predictions": [{"predicted_label": 6.0}, {"predicted_label": 3.0}]}"#;
    /// assert_eq!(predictions.encode(Format::Json), json);
    /// ```
    #[must_use]
    pub fn encode(&self, encoding: impl Into<ResponseEncoding>) -> Vec<u8> {
        let mut writer = ChunkWriter::new(encoding.into(), self.len(), self.len());
        let rows = writer.next_rows().unwrap_or_default();
        self.write(rows, &mut writer);
        writer.take()
    }

    /// Encodes the body lazily, in chunks of this number of rows (at least one).
    pub fn encode_chunks(
        self,
        encoding: impl Into<ResponseEncoding>,
        rows_per_chunk: usize,
    ) -> impl Iterator<Item = Vec<u8>> + Send + 'static {
        let mut writer = ChunkWriter::new(encoding.into(), self.len(), rows_per_chunk);
        std::iter::from_fn(move || {
            let rows = writer.next_rows()?;
            self.write(rows, &mut writer);
            Some(writer.take())
        })
    }

    fn write(&self, rows: Range<usize>, writer: &mut ChunkWriter) {
        match self {
            Self::Labels(labels) => labels[rows].iter().for_each(|&label| writer.row(label, None)),
            Self::Verbose(all) => {
                for row in &all[rows] {
                    writer.row(row.predicted_label, Some(&row.neighbours));
                }
            }
        }
    }
}

/// Predicts and encodes chunks of rows while the response is sent, so that only one chunk is in memory. The chunks together are
/// equal to [`Predictions::encode`].
///
/// Equal rows are searched for once in a chunk, so use chunks of a few thousand rows.
#[derive(Debug)]
pub struct PredictionStream {
    model: Arc<Model>,
    samples: Array2<f32>,
    accept: Accept,
    chunks: ChunkWriter,
}

impl PredictionStream {
    /// Validates the samples. A chunk has `rows_per_chunk` rows (at least one); the last may have fewer.
    ///
    /// # Errors
    /// [`PredictError`] for the first invalid row.
    pub fn new(
        model: Arc<Model>,
        samples: Array2<f32>,
        accept: Accept,
        rows_per_chunk: usize,
    ) -> Result<Self, PredictError> {
        model.check(samples.view())?;
        let chunks = ChunkWriter::new(accept.format.into(), samples.nrows(), rows_per_chunk);
        Ok(Self { model, samples, accept, chunks })
    }

    /// Sets the tensor of labels in RecordIO, by default `Float64`.
    #[must_use]
    pub fn with_label_tensor(mut self, label_tensor: LabelTensor) -> Self {
        self.chunks.encoding.label_tensor = label_tensor;
        self
    }

    /// Returns the next chunk; `None` after the last, or after an error.
    ///
    /// # Errors
    /// [`PredictError::Cancelled`] if the token is cancelled.
    pub fn next(&mut self, cancellation: &CancellationToken) -> Option<Result<Vec<u8>, PredictError>> {
        let Self { model, samples, accept, chunks } = self;
        let samples = samples.slice_axis(Axis(0), chunks.next_rows()?.into());
        let chunk = Predictions::new_with(model, samples, accept.verbose, cancellation);
        Some(match chunk {
            Ok(predictions) => {
                predictions.write(0..predictions.len(), chunks);
                Ok(chunks.take())
            }
            Err(error) => {
                chunks.has_ended = true;
                Err(error)
            }
        })
    }
}

/// Writes a response in chunks of rows; its start is in the first chunk, its end in the last.
#[derive(Debug)]
struct ChunkWriter {
    encoding: ResponseEncoding,
    n_rows: usize,
    rows_per_chunk: usize,
    next_row: usize,
    has_ended: bool,
    /// Whether no row is written yet.
    is_first: bool,
    out: Vec<u8>,
}

impl ChunkWriter {
    fn new(encoding: ResponseEncoding, n_rows: usize, rows_per_chunk: usize) -> Self {
        let start: &[u8] = if encoding.format == Format::Json { b"{\"predictions\": [" } else { b"" };
        Self {
            encoding,
            n_rows,
            rows_per_chunk: rows_per_chunk.max(1),
            next_row: 0,
            has_ended: false,
            is_first: true,
            out: start.to_vec(),
        }
    }

    /// Returns the rows to write to the next chunk; `None` after the last.
    fn next_rows(&mut self) -> Option<Range<usize>> {
        if self.has_ended {
            return None;
        }
        let rows = self.next_row..self.next_row.saturating_add(self.rows_per_chunk).min(self.n_rows);
        self.next_row = rows.end;
        self.has_ended = self.next_row == self.n_rows;
        Some(rows)
    }

    /// Returns the chunk with the written rows.
    fn take(&mut self) -> Vec<u8> {
        if self.has_ended && self.encoding.format == Format::Json {
            self.out.extend_from_slice(b"]}");
        }
        // The next chunk will have a similar length.
        let capacity = self.out.len();
        std::mem::replace(&mut self.out, Vec::with_capacity(capacity))
    }

    fn row(&mut self, predicted_label: f64, neighbours: Option<&[Neighbour]>) {
        let separator: &[u8] = match self.encoding.format {
            Format::Json => b", ",
            Format::JsonLines => b"\n",
            Format::RecordIo => return self.record(predicted_label, neighbours),
        };
        if !std::mem::take(&mut self.is_first) {
            self.out.extend_from_slice(separator);
        }
        self.object(predicted_label, neighbours);
    }

    fn object(&mut self, predicted_label: f64, neighbours: Option<&[Neighbour]>) {
        let out = &mut self.out;
        out.extend_from_slice(b"{\"predicted_label\": ");
        write_float(predicted_label, out);
        if let Some(neighbours) = neighbours {
            out.extend_from_slice(b", \"distances\": ");
            write_list(neighbours.iter().map(|neighbour| neighbour.score), out);
            out.extend_from_slice(b", \"labels\": ");
            write_list(neighbours.iter().map(|neighbour| neighbour.label), out);
        }
        out.push(b'}');
    }

    fn record(&mut self, predicted_label: f64, neighbours: Option<&[Neighbour]>) {
        let label_tensor = self.encoding.label_tensor;
        write_frame(&mut self.out, |out| {
            write_labels(label_tensor, "predicted_label", [predicted_label].into_iter(), out);
            if let Some(neighbours) = neighbours {
                write_label("distances", neighbours.iter().map(|neighbour| neighbour.score), out);
                write_labels(label_tensor, "labels", neighbours.iter().map(|neighbour| neighbour.label), out);
            }
        });
    }
}

fn write_labels(
    tensor: LabelTensor,
    key: &str,
    labels: impl ExactSizeIterator<Item = f64>,
    out: &mut Vec<u8>,
) {
    match tensor {
        LabelTensor::Float32 => write_label(key, labels.map(|label| label as f32), out),
        LabelTensor::Float64 => write_label(key, labels, out),
    }
}

fn write_list<T: Into<f64>>(values: impl Iterator<Item = T>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (i, value) in values.enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        write_float(value, out);
    }
    out.push(b']');
}
