//! Random projections: fewer features, with distances about as they were (Johnson and Lindenstrauss).
//!
//! Rows and queries go through the same random matrix, which is made from its seed alone and never stored, as in
//! SageMaker's artifacts. How SageMaker makes its matrix from its seed is not known: a model that it trained with a
//! projection cannot be queried here as there, only one that was trained here.
//!
//! Squared lengths are kept on average: that of a projected vector is the vector's own times a factor around 1 with a
//! variance of about `2 / target_dim`, or less.
//!
//! Source: SageMaker Developer Guide, "K-Nearest Neighbors (k-NN) Hyperparameters", `dimension_reduction_type`.

mod fjlt;
mod sign;

use std::{fmt, sync::OnceLock};

use crate::TrainError;
use fjlt::Fjlt;
use sign::Sign;

/// The most memory that a projection's matrix may take.
const MAX_MATRIX_BYTES: u64 = 1 << 30;

/// How features are made fewer, SageMaker's `dimension_reduction_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProjectionKind {
    /// A matrix of ±1.
    Sign,
    /// The fast Johnson-Lindenstrauss transform: signs, Walsh-Hadamard transform, a sparse matrix of normal numbers.
    Fjlt,
}

impl ProjectionKind {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Sign, Self::Fjlt];

    /// SageMaker's name for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Fjlt => "fjlt",
        }
    }
}

impl fmt::Display for ProjectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A random projection of samples onto fewer dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Projection {
    /// Which matrix.
    pub kind: ProjectionKind,
    /// How many dimensions are left: at least 1, fewer than a sample has features.
    pub target_dim: usize,
    /// What the matrix is made from.
    pub seed: u64,
}

impl Projection {
    /// What the matrix and a query take while they are projected, in bytes; none if that is beyond counting.
    pub(crate) fn bytes(&self, feature_dim: usize) -> Option<u64> {
        match self.kind {
            ProjectionKind::Sign => sign::bytes(feature_dim, self.target_dim),
            ProjectionKind::Fjlt => fjlt::bytes(feature_dim, self.target_dim),
        }
    }

    /// About how many multiplications project one sample.
    pub(crate) fn cost(&self, feature_dim: usize) -> usize {
        match self.kind {
            // In f64, which takes longer.
            ProjectionKind::Sign => feature_dim.saturating_mul(self.target_dim).saturating_mul(3),
            ProjectionKind::Fjlt => fjlt::cost(feature_dim, self.target_dim),
        }
    }
}

/// A projection that is ready for samples of one width.
pub(crate) struct Projector {
    projection: Projection,
    feature_dim: usize,
    /// Made for the first sample: that there is one proves that samples are as wide as somebody claimed.
    matrix: OnceLock<Matrix>,
}

enum Matrix {
    Sign(Sign),
    Fjlt(Fjlt),
}

impl Projector {
    pub(crate) fn new(projection: Projection, feature_dim: usize) -> Result<Self, TrainError> {
        let Projection { kind, target_dim, .. } = projection;
        if target_dim < 1 || target_dim >= feature_dim {
            return Err(TrainError::TargetDim { target_dim, feature_dim });
        }
        match projection.bytes(feature_dim) {
            Some(bytes) if bytes <= MAX_MATRIX_BYTES => {
                Ok(Self { projection, feature_dim, matrix: OnceLock::new() })
            }
            _ => Err(TrainError::ProjectionTooLarge {
                kind,
                target_dim,
                feature_dim,
                max_bytes: MAX_MATRIX_BYTES,
            }),
        }
    }

    pub(crate) fn projection(&self) -> Projection {
        self.projection
    }

    pub(crate) fn target_dim(&self) -> usize {
        self.projection.target_dim
    }

    /// Projects a sample; `buffer` is kept from sample to sample for its memory.
    ///
    /// Finite numbers give finite numbers: sums are made in f64, and what no f32 can hold becomes the largest that it
    /// can.
    pub(crate) fn project(&self, sample: &[f32], projected: &mut [f32], buffer: &mut Vec<f64>) {
        let Projection { kind, target_dim, seed } = self.projection;
        debug_assert_eq!((sample.len(), projected.len()), (self.feature_dim, target_dim));
        let matrix = self.matrix.get_or_init(|| match kind {
            ProjectionKind::Sign => Matrix::Sign(Sign::new(self.feature_dim, target_dim, seed)),
            ProjectionKind::Fjlt => Matrix::Fjlt(Fjlt::new(self.feature_dim, target_dim, seed)),
        });
        let in_f32 = |value: f64| value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32;
        match matrix {
            Matrix::Sign(matrix) => matrix.project(sample, buffer, |i, value| projected[i] = in_f32(value)),
            Matrix::Fjlt(matrix) => matrix.project(sample, buffer, |i, value| projected[i] = in_f32(value)),
        }
    }
}
