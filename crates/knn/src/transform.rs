//! Transforms samples before they are searched for, and rows before they are indexed.
//!
//! Steps: random projection, scaling to length 1 if the metric is the cosine, padding with zeros to the width that the
//! index requires.

use crate::{Hyperparameters, Metric, Projection, TrainError, projection::Projector};

#[derive(Clone)]
pub(crate) struct QueryTransform {
    feature_dim: usize,
    dim: usize,
    metric: Metric,
    projector: Option<Projector>,
}

/// Buffers of a transform, reused from sample to sample.
#[derive(Debug, Default)]
pub(crate) struct TransformBuffer(Vec<f64>);

impl QueryTransform {
    /// Creates the transform of samples of `feature_dim` features, at least 1.
    pub(crate) fn new(feature_dim: usize, parameters: &Hyperparameters) -> Result<Self, TrainError> {
        let (projection, dim) = shape(feature_dim, parameters)
            .ok_or(TrainError::TooLarge { n: feature_dim, width: parameters.index().dim_step() })?;
        let projector = projection.map(|projection| Projector::new(projection, feature_dim)).transpose()?;
        Ok(Self { feature_dim, dim, metric: parameters.metric(), projector })
    }

    /// Returns the width of a sample before the transform.
    pub(crate) fn feature_dim(&self) -> usize {
        self.feature_dim
    }

    /// Returns the width of a sample after the transform.
    pub(crate) fn dim(&self) -> usize {
        self.dim
    }

    /// Returns the projection, with the target dimension that is really used.
    pub(crate) fn projection(&self) -> Option<Projection> {
        self.projector.as_ref().map(Projector::projection)
    }

    /// Returns whether the transform changes nothing.
    pub(crate) fn is_identity(&self) -> bool {
        self.projector.is_none() && self.metric != Metric::Cosine && self.dim == self.feature_dim
    }

    /// Transforms a finite sample; the result is finite too.
    pub(crate) fn apply(&self, sample: &[f32], transformed: &mut [f32], buffer: &mut TransformBuffer) {
        let width = self.projector.as_ref().map_or(self.feature_dim, Projector::target_dim);
        let (values, padding) = transformed.split_at_mut(width);
        match &self.projector {
            Some(projector) => projector.project(sample, values, &mut buffer.0),
            None => values.copy_from_slice(sample),
        }
        self.metric.normalise(values);
        padding.fill(0.0);
    }
}

/// Returns the projection as it is done, and the width of a transformed sample; `None` on overflow.
///
/// The target dimension is raised, as SageMaker does, to the next multiple of the step that the index requires, unless
/// that would exceed the number of features. In that case the projected samples are padded.
pub(crate) fn shape(feature_dim: usize, parameters: &Hyperparameters) -> Option<(Option<Projection>, usize)> {
    let step = parameters.index().dim_step();
    let raised = |target_dim: usize| {
        target_dim.checked_next_multiple_of(step).filter(|&raised| raised < feature_dim).unwrap_or(target_dim)
    };
    let projection = parameters.projection();
    let projection = projection.map(|p| Projection { target_dim: raised(p.target_dim), ..p });
    let dim = projection.map_or(feature_dim, |projection| projection.target_dim);
    Some((projection, dim.checked_next_multiple_of(step)?))
}
