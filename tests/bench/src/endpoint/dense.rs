//! `/invocations` of models with many features: of the shape of MNIST, and of embeddings.

use std::{path::Path, sync::Arc};

use anyhow::Result;
use mysfits_knn::{Dataset, Hyperparameters, Model};
use mysfits_sagemaker::artifact::Artifact;
use ndarray::{Array1, Array2};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};
use serde_json::Map;

use super::{
    BenchModel, Crew, EndpointPrograms, Size, n_cores,
    workload::{WorkloadFormat, WorkloadSamples},
};
use crate::{Effort, inputs::K, report::ReportSection};

/// The classes of the samples; each has a centre of its own.
const N_CLASSES: usize = 24;
/// How many different requests there are.
const N_REQUESTS: [usize; 2] = [64, 8];
/// The rows of a batch.
const BATCH_ROWS: usize = 100;

/// A model to measure.
struct DenseShape {
    /// The titles of requests with one row, and with [`BATCH_ROWS`].
    titles: [&'static str; 2],
    rows: &'static str,
    n_samples: usize,
    n_features: usize,
    /// Whether features are whole numbers from 0 to 255.
    pixels: bool,
}

const SHAPES: [DenseShape; 2] = [
    DenseShape {
        titles: [
            "SageMaker endpoint, 784 features, one row a request",
            "SageMaker endpoint, 784 features, 100 rows a request",
        ],
        rows: "The model has 27,000 samples of 784 features, the shape of Sign Language MNIST: generated, whole numbers from 0 to \
               255 around 24 centres; k 10.",
        n_samples: 27_000,
        n_features: 784,
        pixels: true,
    },
    DenseShape {
        titles: [
            "SageMaker endpoint, 2,048 features, one row a request",
            "SageMaker endpoint, 2,048 features, 100 rows a request",
        ],
        rows: "The model has 20,000 samples of 2,048 features, the shape of image embeddings: generated, real numbers around 24 \
               centres; k 10.",
        n_samples: 20_000,
        n_features: 2048,
        pixels: false,
    },
];

/// Measures single rows and batches of both shapes, in each format.
pub(crate) fn measure(out: &Path, programs: &EndpointPrograms, effort: Effort) -> Result<Vec<ReportSection>> {
    // Tens of requests a second need fewer repetitions than thousands.
    let effort = Effort { repetitions: effort.slow_repetitions, ..effort };
    let mut sections = Vec::new();
    // The second shape takes a minute even so.
    for shape in if effort.is_full { &SHAPES[..] } else { &SHAPES[..1] } {
        let model = shape.train(out)?;
        for size in shape.sizes() {
            sections.push(size.measure(&model, programs, effort)?);
        }
    }
    Ok(sections)
}

impl DenseShape {
    /// Generates samples around the centres, with their classes; `stream` selects which.
    fn samples(&self, n_samples: usize, stream: u64) -> (Array2<f32>, Array1<f64>) {
        let mut random = ChaCha8Rng::from_seed(*b"mysfits-bench: dense shapes.....");
        let mut unit = || (random.next_u32() >> 8) as f32 / (1 << 24) as f32;
        let centres = Array2::from_shape_simple_fn((N_CLASSES, self.n_features), &mut unit);
        let mut random = ChaCha8Rng::seed_from_u64(stream);
        let mut noise = || (random.next_u32() >> 8) as f32 / (1 << 24) as f32 - 0.5;
        let class = |row: usize| row * 7919 % N_CLASSES;
        let samples = Array2::from_shape_fn((n_samples, self.n_features), |(row, feature)| {
            let value = 0.5 * centres[[class(row), feature]] + 0.25 + 0.5 * noise();
            if self.pixels { (value * 255.0).round() } else { value }
        });
        (samples, Array1::from_shape_fn(n_samples, |row| class(row) as f64))
    }

    fn train(&self, out: &Path) -> Result<BenchModel> {
        let (features, labels) = self.samples(self.n_samples, 1);
        let parameters = Hyperparameters::classifier(K).check()?;
        let model = Model::train(Dataset::new(features.view(), labels.view())?, &parameters)?;
        let folder = out.join(format!("dense-{}", self.n_features));
        let artifact = Artifact { model, extra: Map::new() };
        artifact.write_folder(&folder)?;
        // Unpacked: packing random numbers takes longer than all that is measured.
        Ok(BenchModel { model: Arc::new(artifact.model), artifact: folder.clone(), folder })
    }

    fn sizes(&self) -> [Size; 2] {
        let formats = [WorkloadFormat::Csv, WorkloadFormat::Json, WorkloadFormat::RecordIo];
        let describe = if self.pixels { "whole numbers" } else { "real numbers" };
        let workloads = |n_samples| {
            let (samples, _) = self.samples(n_samples, 2);
            formats.map(|format| WorkloadSamples { format, describe, samples: samples.clone() }).into()
        };
        let n_cores = n_cores();
        let crews = [Crew { n_workers: 1, n_threads: n_cores }, Crew { n_workers: n_cores, n_threads: 1 }];
        [
            Size {
                title: self.titles[0],
                n_rows: 1,
                n_connections: 32,
                workloads: workloads(N_REQUESTS[0]),
                rows: self.rows,
                crews,
                their_patience: 1,
                bar: 5.0,
            },
            Size {
                title: self.titles[1],
                n_rows: BATCH_ROWS,
                n_connections: 8,
                workloads: workloads(N_REQUESTS[1] * BATCH_ROWS),
                rows: self.rows,
                crews,
                their_patience: 2,
                bar: 2.0,
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_near_the_centre_of_their_class() {
        for shape in &SHAPES {
            let (samples, labels) = shape.samples(2 * N_CLASSES, 1);
            let (queries, expected) = shape.samples(10, 2);
            let dataset = Dataset::new(samples.view(), labels.view()).unwrap();
            let model = Model::train(dataset, &Hyperparameters::classifier(1).check().unwrap()).unwrap();
            assert_eq!(model.predict_batch(queries.view()).unwrap(), expected.to_vec());
            assert_ne!(samples.row(0), queries.row(0));
        }
    }
}
