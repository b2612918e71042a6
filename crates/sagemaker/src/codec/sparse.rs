//! Sparse samples: all features 0 but those named. The one form that claims more than it sends, and so has limits.

/// The most features that a sparse sample may claim: nothing is allocated on a larger claim.
pub(crate) const MAX_DIM: u64 = 1 << 16;
/// The most features that the samples of a body with a sparse one may have together: a few bytes claim a whole row.
pub(crate) const MAX_VALUES: usize = 1 << 23;

/// Why keys, values and shape are no sample.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SparseError {
    #[error("a sparse sample needs a shape, one number from 1 to {MAX_DIM}")]
    NoShape,
    #[error("the shape of a sparse sample has {0} numbers; it must be one number from 1 to {MAX_DIM}")]
    ShapeLength(usize),
    #[error("the shape of a sparse sample is [{0}]; it must be one number from 1 to {MAX_DIM}")]
    Dim(u64),
    #[error("there are {keys} keys for {values} values")]
    Counts { keys: usize, values: usize },
    #[error("key {key} is outside the shape [{dim}]")]
    Key { key: u64, dim: u64 },
    #[error("the samples have more than {MAX_VALUES} features together")]
    TooMany,
}

/// The parts of a tensor beside its values. Kept from row to row, so that a batch allocates once.
#[derive(Debug, Default)]
pub(crate) struct Tensor {
    pub(crate) keys: Vec<u64>,
    pub(crate) shape: Vec<u64>,
    values: Vec<f32>,
}

impl Tensor {
    /// Forgets the last row's.
    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.shape.clear();
    }

    /// Makes a row of the values that were pushed to `rows` from `start` on: those of a dense sample stay, those of a
    /// sparse one take their places among zeros. Of equal keys the last counts.
    pub(crate) fn finish(&mut self, rows: &mut Vec<f32>, start: usize) -> Result<(), SparseError> {
        let n_values = rows.len() - start;
        // Without keys and values, but with a shape, it is sparse too: all zeros.
        if self.keys.is_empty() && (self.shape.is_empty() || n_values > 0) {
            return Ok(());
        }
        let dim = match *self.shape.as_slice() {
            [dim @ 1..=MAX_DIM] => dim,
            [dim] => return Err(SparseError::Dim(dim)),
            [] => return Err(SparseError::NoShape),
            ref shape => return Err(SparseError::ShapeLength(shape.len())),
        };
        if self.keys.len() != n_values {
            return Err(SparseError::Counts { keys: self.keys.len(), values: n_values });
        }
        let end = start + dim as usize;
        if end > MAX_VALUES {
            return Err(SparseError::TooMany);
        }
        self.values.clear();
        self.values.extend(rows.drain(start..));
        if end > rows.capacity() {
            // Doubled as ever, but never beyond what can be needed.
            let capacity = end.max((rows.capacity() * 2).min(MAX_VALUES));
            rows.reserve_exact(capacity - rows.len());
        }
        rows.resize(end, 0.0);
        for (&key, &value) in self.keys.iter().zip(&self.values) {
            let outside = SparseError::Key { key, dim };
            *usize::try_from(key).ok().and_then(|key| rows[start..].get_mut(key)).ok_or(outside)? = value;
        }
        Ok(())
    }
}
