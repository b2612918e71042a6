//! What the servers are asked: the same requests, and what each answers to them, which must say the same.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use mysfits_knn::Model;
use mysfits_sagemaker::{
    client::{decode_response, encode_request},
    codec::{ContentType, Format},
};
use ndarray::{Array2, ArrayView2};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

use crate::{
    http::client::{self, HttpExchange},
    inputs::{self, Inputs},
};

/// The formats that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkloadFormat {
    Csv,
    Json,
    JsonLines,
    RecordIo,
}

/// What the rows of requests are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkloadRows {
    /// Random entries: whole numbers, of which a batch holds some more than once.
    Entries,
    /// Random numbers between the least answer and the greatest; no two rows are equal, in no batch and in no two.
    Reals,
}

/// What the requests of a workload hold.
pub(super) struct WorkloadSamples {
    pub(super) format: WorkloadFormat,
    /// What the report calls the rows.
    pub(super) describe: &'static str,
    pub(super) samples: Array2<f32>,
}

/// Requests of one kind, which the connections go round.
pub(super) struct Workload {
    pub(super) name: String,
    /// For our server; what it answers is expected of it.
    pub(super) ours: Vec<HttpExchange>,
    /// The same requests for the reference, with its own bytes.
    pub(super) theirs: Vec<HttpExchange>,
    /// Requests that were left out because the two predict otherwise for a row.
    pub(super) n_left_out: usize,
}

impl WorkloadFormat {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Json => "application/json",
            Self::JsonLines => "application/jsonlines",
            Self::RecordIo => "application/x-recordio-protobuf",
        }
    }

    /// Returns the body of a request.
    pub(crate) fn encode(self, samples: ArrayView2<'_, f32>) -> Vec<u8> {
        let content_type = match self {
            Self::Csv => ContentType::Csv { label_size: 0 },
            Self::Json => ContentType::Json,
            Self::JsonLines => ContentType::JsonLines,
            Self::RecordIo => ContentType::RecordIo,
        };
        encode_request(&content_type, samples)
    }
}

impl WorkloadRows {
    /// Returns what the report calls them.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Entries => "entries",
            Self::Reals => "all different",
        }
    }

    /// Returns a number of rows, always the same ones.
    pub(crate) fn draw(self, inputs: &Inputs, n_rows: usize) -> Array2<f32> {
        match self {
            Self::Entries => {
                let entries: Vec<_> = inputs.queries.iter().copied().cycle().take(n_rows).collect();
                inputs::rows(&entries)
            }
            Self::Reals => {
                let mut random = ChaCha8Rng::from_seed(*b"mysfits-bench: rows of reals....");
                let mut unit = || (random.next_u32() >> 8) as f32 / (1 << 24) as f32;
                Array2::from_shape_simple_fn((n_rows, inputs.model.feature_dim()), || 1.0 + 7.0 * unit())
            }
        }
    }
}

impl Workload {
    /// Makes requests of `n_rows` rows each and asks both servers once.
    ///
    /// # Errors
    /// If ours does not predict what the model does, or the two differ in more than one request in twenty: then they
    /// are not the same model.
    pub(super) async fn prepare(
        model: &Model,
        WorkloadSamples { format, describe, samples }: &WorkloadSamples,
        n_rows: usize,
        ours: SocketAddr,
        theirs: SocketAddr,
    ) -> Result<Self> {
        let batches: Vec<_> = samples.axis_chunks_iter(ndarray::Axis(0), n_rows).collect();
        let post = |batch: &ArrayView2<'_, f32>| {
            HttpExchange::post("/invocations", format.content_type(), &format.encode(*batch), [])
        };
        let exchanges: Vec<HttpExchange> = batches.iter().map(post).collect();
        let our_bodies = client::ask(ours, &exchanges).await.context("ours")?;
        let their_bodies = client::ask(theirs, &exchanges).await.context("the reference")?;

        let name = format!("{}, {describe}", format.content_type());
        let mut workload = Self { name, ours: Vec::new(), theirs: Vec::new(), n_left_out: 0 };
        for (i, (exchange, (our_body, their_body))) in
            exchanges.iter().zip(our_bodies.into_iter().zip(their_bodies)).enumerate()
        {
            let expected = expected(model, batches[i])?;
            ensure!(predictions(&our_body)? == expected, "our server does not predict what the model does");
            if predictions(&their_body)? == expected {
                workload.ours.push(exchange.expecting(our_body));
                workload.theirs.push(exchange.expecting(their_body));
            } else {
                workload.n_left_out += 1;
            }
        }
        ensure!(
            workload.n_left_out * 20 <= batches.len(),
            "{}: the reference predicts otherwise in {} of {} requests",
            workload.name,
            workload.n_left_out,
            batches.len()
        );
        Ok(workload)
    }
}

fn expected(model: &Model, batch: ArrayView2<'_, f32>) -> Result<Vec<f64>> {
    Ok(model.predict_batch(batch)?)
}

/// Returns the predicted labels of a response.
fn predictions(body: &[u8]) -> Result<Vec<f64>> {
    let predictions = decode_response(Format::Json, body)
        .with_context(|| format!("no predictions: {}", String::from_utf8_lossy(body)))?;
    Ok(predictions.into_iter().map(|prediction| prediction.predicted_label).collect())
}

#[cfg(test)]
mod tests {
    use mysfits_sagemaker::codec::decode;
    use ndarray::array;

    use super::*;

    #[test]
    fn bodies_are_what_our_decoders_read() {
        let samples = array![[1.0, 8.0], [0.1, 7.654_321]];
        for format in
            [WorkloadFormat::Csv, WorkloadFormat::Json, WorkloadFormat::JsonLines, WorkloadFormat::RecordIo]
        {
            let content_type = ContentType::parse(format.content_type()).unwrap();
            assert_eq!(decode(&content_type, &format.encode(samples.view())).unwrap(), samples, "{format:?}");
        }
        assert_eq!(WorkloadFormat::Csv.encode(samples.view()), b"1,8\n0.1,7.654321");
    }

    #[test]
    fn answers_of_both_servers_are_read() {
        let ours = br#"{"predictions": [{"predicted_label": 1.0}, {"predicted_label": 11.0}]}"#;
        let theirs = br#"{"predictions":[{"predicted_label":1.0},{"predicted_label":11.0}]}"#;
        assert_eq!(predictions(ours).unwrap(), [1.0, 11.0]);
        assert_eq!(predictions(theirs).unwrap(), [1.0, 11.0]);
        assert!(predictions(br#"{"detail":"no"}"#).is_err());
    }
}
