//! Sparse samples: all features are 0, except for those with a key. A sparse sample claims more features than it sends, so
//! there are limits.

/// The most features of all samples of a body with a sparse one. A single row of the model's width is always allowed.
pub(crate) const MAX_VALUES: usize = 1 << 23;

/// An invalid sparse sample.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SparseError {
    #[error("a sparse sample needs a shape, its number of features")]
    NoShape,
    #[error("the shape of a sparse sample has {0} numbers; it must be one, its number of features")]
    ShapeLength(usize),
    #[error("the shape of a sparse sample is [{dim}]; it must be one number from 1 to {max}")]
    Dim { dim: u64, max: usize },
    #[error("a sparse sample has {found} features; expected {expected}")]
    Width { found: u64, expected: usize },
    #[error("there are {keys} keys for {values} values")]
    Counts { keys: usize, values: usize },
    #[error("key {key} is outside the shape [{dim}]")]
    Key { key: u64, dim: u64 },
    #[error("the samples have more than {max} features together")]
    TooMany { max: usize },
}

/// The limits of a sparse sample. Nothing is allocated for a larger claim.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The required number of features, if it is known.
    pub(crate) width: Option<usize>,
    /// The most values of all samples.
    pub(crate) max_values: usize,
}

impl Limits {
    /// Returns the limits of one sample of `width` features if that is known, else of at most `max_width`.
    pub(crate) fn per_record(width: Option<usize>, max_width: usize) -> Self {
        Self { width, max_values: width.unwrap_or(max_width) }
    }

    /// Returns the limits of the samples of a request, with `width` features if that is known.
    pub(crate) fn per_batch(width: Option<usize>) -> Self {
        Self { width, max_values: MAX_VALUES.max(width.unwrap_or(0)) }
    }

    /// Returns the number of features of a sample of this shape.
    fn dim(self, shape: &[u64]) -> Result<usize, SparseError> {
        let &[dim] = shape else {
            return Err(match shape.len() {
                0 => SparseError::NoShape,
                n => SparseError::ShapeLength(n),
            });
        };
        let max = self.max_values;
        match (usize::try_from(dim), self.width) {
            (Ok(dim), Some(width)) if dim == width => Ok(dim),
            (_, Some(expected)) if dim > 0 => Err(SparseError::Width { found: dim, expected }),
            (Ok(dim), None) if (1..=max).contains(&dim) => Ok(dim),
            _ => Err(SparseError::Dim { dim, max }),
        }
    }
}

/// Keys and shape of a tensor. Reused from row to row, so that a batch allocates once.
#[derive(Debug, Default)]
pub(crate) struct SparseTensor<T> {
    pub(crate) keys: Vec<u64>,
    pub(crate) shape: Vec<u64>,
    values: Vec<T>,
}

impl<T: Copy + Default> SparseTensor<T> {
    /// Clears it for the next row.
    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.shape.clear();
    }

    /// Completes the row of the values that were pushed to `rows` from `start` on. Values of a dense sample stay; values of
    /// a sparse one are moved to their keys, among zeros. Of equal keys the last wins.
    pub(crate) fn finish(
        &mut self,
        rows: &mut Vec<T>,
        start: usize,
        limits: Limits,
    ) -> Result<(), SparseError> {
        let n_values = rows.len() - start;
        // With a shape, but without keys and values, it is a sparse sample of zeros.
        if self.keys.is_empty() && (self.shape.is_empty() || n_values > 0) {
            return Ok(());
        }
        let dim = limits.dim(&self.shape)?;
        if self.keys.len() != n_values {
            return Err(SparseError::Counts { keys: self.keys.len(), values: n_values });
        }
        let too_many = SparseError::TooMany { max: limits.max_values };
        let Some(end) = start.checked_add(dim).filter(|&end| end <= limits.max_values) else {
            return Err(too_many);
        };
        self.values.clear();
        self.values.extend(rows.drain(start..));
        if end > rows.capacity() {
            // Doubles the capacity, up to the limit.
            let capacity = end.max((rows.capacity() * 2).min(limits.max_values));
            rows.try_reserve_exact(capacity - rows.len()).map_err(|_| too_many)?;
        }
        rows.resize(end, T::default());
        for (&key, &value) in self.keys.iter().zip(&self.values) {
            let outside = SparseError::Key { key, dim: dim as u64 };
            *usize::try_from(key).ok().and_then(|key| rows[start..].get_mut(key)).ok_or(outside)? = value;
        }
        Ok(())
    }
}
