//! What is done to a sample before it is searched for, and to a row before it is indexed: projected, then scaled to
//! length 1 if the metric is the cosine, then padded with zeros to the width that the index asks for.

use crate::{Hyperparameters, Metric, Projection, TrainError, projection::Projector};

pub(crate) struct Preparation {
    feature_dim: usize,
    dim: usize,
    metric: Metric,
    projector: Option<Projector>,
}

/// Buffers of the preparation, kept from sample to sample.
#[derive(Debug, Default)]
pub(crate) struct Buffer(Vec<f64>);

impl Preparation {
    /// For samples of `feature_dim` features, which is at least 1.
    pub(crate) fn new(feature_dim: usize, parameters: &Hyperparameters) -> Result<Self, TrainError> {
        let (projection, dim) = shape(feature_dim, parameters)
            .ok_or(TrainError::TooLarge { n: feature_dim, width: parameters.index().dim_step() })?;
        let projector = projection.map(|projection| Projector::new(projection, feature_dim)).transpose()?;
        Ok(Self { feature_dim, dim, metric: parameters.metric(), projector })
    }

    /// The width of a sample as it comes.
    pub(crate) fn feature_dim(&self) -> usize {
        self.feature_dim
    }

    /// The width of a sample when it is prepared.
    pub(crate) fn dim(&self) -> usize {
        self.dim
    }

    /// The projection as it is done.
    pub(crate) fn projection(&self) -> Option<Projection> {
        self.projector.as_ref().map(Projector::projection)
    }

    /// Whether a prepared sample is the sample itself.
    pub(crate) fn is_identity(&self) -> bool {
        self.projector.is_none() && self.metric != Metric::Cosine && self.dim == self.feature_dim
    }

    /// Prepares a finite sample; what comes out is finite too.
    pub(crate) fn prepare(&self, sample: &[f32], prepared: &mut [f32], buffer: &mut Buffer) {
        let width = self.projector.as_ref().map_or(self.feature_dim, Projector::target_dim);
        let (values, padding) = prepared.split_at_mut(width);
        match &self.projector {
            Some(projector) => projector.project(sample, values, &mut buffer.0),
            None => values.copy_from_slice(sample),
        }
        self.metric.normalise(values);
        padding.fill(0.0);
    }
}

/// The projection as it is done, and the width of what comes out; none if that is beyond counting.
///
/// The target dimension is raised, as SageMaker does, to the next multiple of what the index asks for, where that is
/// still fewer than there are features. Elsewhere the projected samples are padded.
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
