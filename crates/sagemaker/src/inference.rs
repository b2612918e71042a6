//! Predictions and how they are written: labels, or with `verbose` the neighbours too.
//!
//! | format | a row | with `verbose` |
//! |---|---|---|
//! | JSON | `{"predicted_label": 6.0}`, all in `{"predictions": [..]}`, one line | `{"predicted_label": 6.0, "distances": [..], "labels": [..]}` |
//! | JSON lines | the same object on a line of its own, no line feed after the last | as in JSON |
//! | RecordIO | a framed `Record`, `label["predicted_label"]` | and `label["distances"]`, `label["labels"]` |
//!
//! Rows stand in request order. There are `k` neighbours, or all the model's rows if those are fewer. Labels are `f64`,
//! distances are `f32`; in JSON both are written as Python's `json.dumps` writes a double. In RecordIO labels are a
//! `float64_tensor`, distances a `float32_tensor`.
//!
//! `distances` are what faiss returns: for `L2` the *squared* distance, for `INNER_PRODUCT` and `COSINE` the inner
//! product. They are sorted from smallest to largest, with the labels beside them: the most similar neighbour comes first
//! for `L2` and last for the others. Of equally near neighbours, the one with the lower row number is nearer.
//!
//! Sources: SageMaker Developer Guide, "k-NN Request and Response Formats"; responses of real endpoints in public
//! notebooks, which `docs/local-sagemaker.md` in the repository lists together with what is not known.

use std::{ops::Range, sync::Arc};

use mysfits_knn::{CancellationToken, Metric, Model, Neighbour, PredictError};
use ndarray::{Array2, ArrayView2, Axis};

use crate::codec::{Accept, Format, number::write_float, record::write_label, recordio::write_frame};

/// What a model says to a batch of samples, in row order.
#[derive(Debug, Clone, PartialEq)]
pub enum Predictions {
    /// The predicted labels only.
    Labels(Vec<f64>),
    /// The neighbours too.
    Verbose(Vec<Verbose>),
}

/// A prediction and what it was made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Verbose {
    /// What the neighbours' labels came to.
    pub predicted_label: f64,
    /// By measure from smallest to largest, as the response lists them; `k` of them, or all the model's rows if those are
    /// fewer.
    pub neighbours: Vec<Neighbour>,
}

impl Predictions {
    /// Asks the model about samples, a row each, on all cores.
    ///
    /// # Errors
    /// [`PredictError`] for the first row that has another dimension than the model, or a number that is not finite.
    pub fn of(model: &Model, samples: ArrayView2<'_, f32>, verbose: bool) -> Result<Self, PredictError> {
        Self::with(model, samples, verbose, &CancellationToken::new())
    }

    /// As [`of`](Self::of), until `cancellation` is cancelled.
    pub(crate) fn with(
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
            // The model lists the nearest first, the response the smallest number.
            if is_similarity {
                neighbours.reverse();
            }
            Verbose { predicted_label, neighbours }
        });
        Ok(Self::Verbose(rows.collect()))
    }

    /// How many samples were asked about.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Labels(labels) => labels.len(),
            Self::Verbose(rows) => rows.len(),
        }
    }

    /// Whether none was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The answer's body.
    ///
    /// ```
    /// use mysfits_sagemaker::{codec::Format, inference::Predictions};
    ///
    /// let predictions = Predictions::Labels(vec![6.0, 3.0]);
    /// let json = br#"{"predictions": [{"predicted_label": 6.0}, {"predicted_label": 3.0}]}"#;
    /// assert_eq!(predictions.encode(Format::Json), json);
    /// ```
    #[must_use]
    pub fn encode(&self, format: Format) -> Vec<u8> {
        let mut encoder = Encoder::new(format);
        encoder.begin();
        self.write(0..self.len(), &mut encoder);
        encoder.end();
        encoder.take()
    }

    /// The answer's body in pieces of so many rows each (at least one), written as they are asked for.
    pub fn encode_chunks(
        self,
        format: Format,
        rows_per_chunk: usize,
    ) -> impl Iterator<Item = Vec<u8>> + Send + 'static {
        let mut chunks = Chunks::new(format, self.len(), rows_per_chunk);
        std::iter::from_fn(move || {
            let chunk = chunks.next(|rows, encoder| {
                self.write(rows, encoder);
                Ok::<_, std::convert::Infallible>(())
            });
            chunk.map(|chunk| match chunk {
                Ok(chunk) => chunk,
                Err(never) => match never {},
            })
        })
    }

    fn write(&self, rows: Range<usize>, encoder: &mut Encoder) {
        match self {
            Self::Labels(labels) => labels[rows].iter().for_each(|&label| encoder.row(label, None)),
            Self::Verbose(all) => {
                for row in &all[rows] {
                    encoder.row(row.predicted_label, Some(&row.neighbours));
                }
            }
        }
    }
}

/// Predicts while the response is sent, a piece of so many rows at a time, so that no more than a piece is ever held. The
/// pieces together are what [`Predictions::encode`] gives.
///
/// Equal rows are searched for once in a piece, so pieces of a few thousand rows cost next to nothing.
#[derive(Debug)]
pub struct PredictionStream {
    model: Arc<Model>,
    samples: Array2<f32>,
    accept: Accept,
    chunks: Chunks,
}

impl PredictionStream {
    /// Checks the samples; a piece has `rows_per_chunk` rows (at least one), the last one fewer.
    ///
    /// # Errors
    /// [`PredictError`] for the first row that has one.
    pub fn new(
        model: Arc<Model>,
        samples: Array2<f32>,
        accept: Accept,
        rows_per_chunk: usize,
    ) -> Result<Self, PredictError> {
        model.check(samples.view())?;
        let chunks = Chunks::new(accept.format, samples.nrows(), rows_per_chunk);
        Ok(Self { model, samples, accept, chunks })
    }

    /// Returns the next piece; `None` after the last, or after an error.
    ///
    /// # Errors
    /// [`PredictError::Cancelled`] if the token is cancelled.
    pub fn next(&mut self, cancellation: &CancellationToken) -> Option<Result<Vec<u8>, PredictError>> {
        let Self { model, samples, accept, chunks } = self;
        chunks.next(|rows, encoder| {
            let predictions = Predictions::with(
                model,
                samples.slice_axis(Axis(0), rows.into()),
                accept.verbose,
                cancellation,
            )?;
            predictions.write(0..predictions.len(), encoder);
            Ok(())
        })
    }
}

/// A response in pieces.
#[derive(Debug)]
struct Chunks {
    encoder: Encoder,
    n_rows: usize,
    rows_per_chunk: usize,
    next: usize,
    has_ended: bool,
}

impl Chunks {
    fn new(format: Format, n_rows: usize, rows_per_chunk: usize) -> Self {
        let mut encoder = Encoder::new(format);
        encoder.begin();
        Self { encoder, n_rows, rows_per_chunk: rows_per_chunk.max(1), next: 0, has_ended: false }
    }

    /// Returns the next piece, whose rows `write` writes; `None` after the last or after an error.
    fn next<E>(
        &mut self,
        write: impl FnOnce(Range<usize>, &mut Encoder) -> Result<(), E>,
    ) -> Option<Result<Vec<u8>, E>> {
        if self.has_ended {
            return None;
        }
        let rows = self.next..self.next.saturating_add(self.rows_per_chunk).min(self.n_rows);
        self.next = rows.end;
        self.has_ended = self.next == self.n_rows;
        if let Err(error) = write(rows, &mut self.encoder) {
            self.has_ended = true;
            return Some(Err(error));
        }
        if self.has_ended {
            self.encoder.end();
        }
        Some(Ok(self.encoder.take()))
    }
}

/// Writes an answer: its beginning, its rows, its end.
#[derive(Debug)]
struct Encoder {
    format: Format,
    is_first: bool,
    out: Vec<u8>,
}

impl Encoder {
    fn new(format: Format) -> Self {
        Self { format, is_first: true, out: Vec::new() }
    }

    /// What was written since the last time.
    fn take(&mut self) -> Vec<u8> {
        // The next piece will be about as long.
        let capacity = self.out.len();
        std::mem::replace(&mut self.out, Vec::with_capacity(capacity))
    }

    fn begin(&mut self) {
        if self.format == Format::Json {
            self.out.extend_from_slice(b"{\"predictions\": [");
        }
    }

    fn end(&mut self) {
        if self.format == Format::Json {
            self.out.extend_from_slice(b"]}");
        }
    }

    fn row(&mut self, predicted_label: f64, neighbours: Option<&[Neighbour]>) {
        let separator: &[u8] = match self.format {
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
        write_frame(&mut self.out, |out| {
            write_label("predicted_label", [predicted_label], out);
            if let Some(neighbours) = neighbours {
                write_label("distances", neighbours.iter().map(|neighbour| neighbour.score), out);
                write_label("labels", neighbours.iter().map(|neighbour| neighbour.label), out);
            }
        });
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
