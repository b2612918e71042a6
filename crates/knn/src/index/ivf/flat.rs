//! An inverted file of plain rows.

use super::{
    inverted_file::{InvertedFile, InvertedList},
    train,
};
use crate::{
    IndexError, Metric,
    index::{buffers::SearchBuffers, flat::FlatIndex},
};

/// An inverted file whose lists hold plain rows; any metric. FAISS's `IndexIVFFlat`.
#[derive(Debug, Clone, PartialEq)]
pub struct IvfFlat {
    file: InvertedFile<f32>,
}

impl IvfFlat {
    /// Creates an inverted file from its parts: `centroids` are `lists.len() × dim`, row-major; a list has `dim` values for
    /// each of its rows.
    ///
    /// # Errors
    /// [`IndexError`] if `dim` or `n_probe` is 0, there is no list or no row, a length does not fit the shape, a number is
    /// not finite, or the rows of all lists are not `0..n_samples`, each once.
    pub fn new(
        dim: usize,
        n_probe: usize,
        centroids: Vec<f32>,
        lists: Vec<InvertedList<f32>>,
    ) -> Result<Self, IndexError> {
        let file = InvertedFile::new(dim, n_probe, centroids, lists, dim)?;
        file.lists.iter().try_for_each(|list| IndexError::check_finite("vectors", &list.values))?;
        Ok(Self { file })
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.file.n_samples
    }

    /// Returns the width of a row.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.file.dim
    }

    /// Returns the number of lists that a query scans, at least 1; values above the number of lists mean all.
    #[must_use]
    pub fn n_probe(&self) -> usize {
        self.file.n_probe
    }

    /// Returns the centroids, `lists().len() × dim()`, row-major.
    #[must_use]
    pub fn centroids(&self) -> &[f32] {
        &self.file.centroids
    }

    /// Returns the lists, in the order of the centroids.
    #[must_use]
    pub fn lists(&self) -> &[InvertedList<f32>] {
        &self.file.lists
    }

    /// Trains the centroids and adds each row to the list of the nearest.
    pub(crate) fn train(rows: &FlatIndex, metric: Metric, n_lists: usize, n_probe: usize, seed: u64) -> Self {
        let centroids = train::centroids(rows, metric, n_lists, seed);
        let list_of_row = train::assign(rows, metric, &centroids);
        let lists = train::fill(n_lists, &list_of_row, rows.dim(), |row| rows.row(row));
        Self { file: InvertedFile { dim: rows.dim(), n_probe, centroids, lists, n_samples: rows.len() } }
    }

    /// Estimates the multiplications of one search.
    pub(in crate::index) fn cost(&self) -> usize {
        (self.lists().len() + self.file.n_scanned()).saturating_mul(self.dim())
    }

    pub(in crate::index) fn search(
        &self,
        k: usize,
        metric: Metric,
        query: &[f32],
        buffers: &mut SearchBuffers,
    ) {
        let SearchBuffers { candidates, lists, single: nearest, .. } = buffers;
        nearest.start(k);
        self.file.probe(k, metric, query, lists, |_, list| {
            let mut rows = list.rows.iter();
            metric.sort_keys(query, &list.values, |sort_key| {
                if let Some(&row) = rows.next() {
                    nearest.offer(sort_key, row);
                }
            });
        });
        nearest.finish(candidates);
    }
}
