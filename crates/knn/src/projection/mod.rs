//! Random projections onto fewer dimensions, with distances approximately preserved (Johnson and Lindenstrauss).
//!
//! Rows and queries are multiplied by the same random matrix. The matrix depends on its seed only and is not stored.
//!
//! Squared lengths are preserved on average: that of a projected vector is the vector's own times a factor around 1 with
//! a variance of about `2 / target_dim`, or less.

mod fjlt;
mod sign;

use std::sync::OnceLock;

use crate::{Projection, ProjectionKind, TrainError};
use fjlt::Fjlt;
use sign::Sign;

/// The largest projection matrix.
const MAX_MATRIX_BYTES: u64 = 1 << 30;

impl Projection {
    /// Returns the bytes of the matrix and of the buffers of one query; `None` on overflow.
    pub(crate) fn bytes(&self, feature_dim: usize) -> Option<u64> {
        match self.kind {
            ProjectionKind::Sign => sign::bytes(feature_dim, self.target_dim),
            ProjectionKind::Fjlt => fjlt::bytes(feature_dim, self.target_dim),
        }
    }

    /// Estimates the multiplications that project one sample.
    pub(crate) fn cost(&self, feature_dim: usize) -> usize {
        match self.kind {
            // Three times the cost, because the sums are f64.
            ProjectionKind::Sign => feature_dim.saturating_mul(self.target_dim).saturating_mul(3),
            ProjectionKind::Fjlt => fjlt::cost(feature_dim, self.target_dim),
        }
    }
}

/// A projection of samples of one width.
#[derive(Clone)]
pub(crate) struct Projector {
    projection: Projection,
    feature_dim: usize,
    /// Created for the first sample: a width that is only claimed must not allocate a matrix.
    matrix: OnceLock<ProjectionMatrix>,
}

#[derive(Clone)]
enum ProjectionMatrix {
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

    /// Projects a sample; `buffer` is reused from sample to sample.
    ///
    /// Finite numbers give finite numbers: sums are computed in f64 and clamped to the range of f32.
    pub(crate) fn project(&self, sample: &[f32], projected: &mut [f32], buffer: &mut Vec<f64>) {
        let Projection { kind, target_dim, seed } = self.projection;
        debug_assert_eq!((sample.len(), projected.len()), (self.feature_dim, target_dim));
        let matrix = self.matrix.get_or_init(|| match kind {
            ProjectionKind::Sign => ProjectionMatrix::Sign(Sign::new(self.feature_dim, target_dim, seed)),
            ProjectionKind::Fjlt => ProjectionMatrix::Fjlt(Fjlt::new(self.feature_dim, target_dim, seed)),
        });
        let in_f32 = |value: f64| value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32;
        match matrix {
            ProjectionMatrix::Sign(matrix) => {
                matrix.project(sample, buffer, |i, value| projected[i] = in_f32(value));
            }
            ProjectionMatrix::Fjlt(matrix) => {
                matrix.project(sample, buffer, |i, value| projected[i] = in_f32(value));
            }
        }
    }
}
