//! The memory budget of a training job: as many rows as fit, before memory is allocated for them.

/// The memory is not sufficient for the sample and its model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error(
    "Training would run out of memory: a model of {n_rows} rows or more (sample_size is {sample_size}, feature_dim is \
     {feature_dim}) needs at least {needed_bytes} bytes, and {available_bytes} are available. Choose a larger instance type, \
     use dimension reduction, decrease sample_size, and/or decrease mini_batch_size."
)]
pub struct OutOfMemory {
    /// The smallest number of rows of the sample; less than `sample_size` if the data may have fewer rows.
    pub n_rows: usize,
    /// The hyperparameter.
    pub sample_size: usize,
    /// Features of a row.
    pub feature_dim: usize,
    /// The memory of these rows and their model.
    pub needed_bytes: u64,
    /// The available memory at the start of the job.
    pub available_bytes: u64,
}

/// The memory budget of a job.
pub(super) struct TrainingBudget<'a> {
    /// `None` without a known limit.
    pub(super) available_bytes: Option<u64>,
    pub(super) sample_size: usize,
    /// Returns the memory for a number of rows and features.
    pub(super) needed_bytes: &'a dyn Fn(usize, usize) -> u64,
}

impl TrainingBudget<'_> {
    /// Returns the number of rows, from `at_least` to `wanted`, that fit into memory.
    pub(super) fn rows(
        &self,
        feature_dim: usize,
        at_least: usize,
        wanted: usize,
    ) -> Result<usize, OutOfMemory> {
        let Some(available_bytes) = self.available_bytes else { return Ok(wanted.max(at_least)) };
        let fits = |n_rows| (self.needed_bytes)(n_rows, feature_dim) <= available_bytes;
        if !fits(at_least) {
            return Err(self.refusal(feature_dim, at_least, available_bytes));
        }
        let (mut low, mut high) = (at_least, wanted.max(at_least));
        while low < high {
            let middle = high - (high - low) / 2;
            if fits(middle) { low = middle } else { high = middle - 1 }
        }
        Ok(low)
    }

    pub(super) fn refusal(&self, feature_dim: usize, n_rows: usize, available_bytes: u64) -> OutOfMemory {
        OutOfMemory {
            n_rows,
            sample_size: self.sample_size,
            feature_dim,
            needed_bytes: (self.needed_bytes)(n_rows, feature_dim),
            available_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_as_many_rows_as_fit() {
        let needed_bytes = |n_rows: usize, dim: usize| (n_rows * dim) as u64 + 100;
        let budget = |available_bytes| TrainingBudget {
            available_bytes,
            sample_size: 50,
            needed_bytes: &needed_bytes,
        };
        assert_eq!(budget(None).rows(4, 1, 50), Ok(50));
        assert_eq!(budget(Some(300)).rows(4, 1, 50), Ok(50));
        assert_eq!(budget(Some(299)).rows(4, 1, 50), Ok(49));
        assert_eq!(budget(Some(104)).rows(4, 1, 50), Ok(1));
        let refusal = budget(Some(103)).rows(4, 1, 50).unwrap_err();
        assert_eq!((refusal.needed_bytes, refusal.available_bytes, refusal.n_rows), (104, 103, 1));
    }
}
