//! Lists of whole rows.

use super::{IndexError, InvertedFile, InvertedList, error, train};
use crate::{
    Metric,
    index::{FlatIndex, Nearest, Scratch},
};

/// An inverted file whose lists hold the rows themselves; any metric. FAISS's `IndexIVFFlat`.
#[derive(Debug, Clone, PartialEq)]
pub struct IvfFlat {
    file: InvertedFile<f32>,
}

impl IvfFlat {
    /// An inverted file of these parts: `centroids` are `lists.len() × dim`, row-major; a list's values are `dim` for
    /// each of its rows.
    ///
    /// # Errors
    /// [`IndexError`] if `dim` or `n_probe` is 0, there is no list or no row, a length is another than the shape asks
    /// for, a number is not finite, or the rows of all lists are not `0..n_samples`, each once.
    pub fn new(
        dim: usize,
        n_probe: usize,
        centroids: Vec<f32>,
        lists: Vec<InvertedList<f32>>,
    ) -> Result<Self, IndexError> {
        let file = InvertedFile::new(dim, n_probe, centroids, lists, dim)?;
        file.lists.iter().try_for_each(|list| error::check_finite("vectors", &list.values))?;
        Ok(Self { file })
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.file.n_samples
    }

    /// The width of a row.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.file.dim
    }

    /// How many lists a query looks at, at least 1; as many as there are, or more, mean all.
    #[must_use]
    pub fn n_probe(&self) -> usize {
        self.file.n_probe
    }

    /// The centroids, `lists().len() × dim()`, row-major.
    #[must_use]
    pub fn centroids(&self) -> &[f32] {
        &self.file.centroids
    }

    /// The lists, in the centroids' order.
    #[must_use]
    pub fn lists(&self) -> &[InvertedList<f32>] {
        &self.file.lists
    }

    /// Learns the centroids and puts each row into the list of the nearest.
    pub(crate) fn train(rows: &FlatIndex, metric: Metric, n_lists: usize, n_probe: usize, seed: u64) -> Self {
        let centroids = train::centroids(rows, metric, n_lists, seed);
        let list_of_row = train::assign(rows, metric, &centroids);
        let lists = train::fill(n_lists, &list_of_row, rows.dim(), |row| rows.row(row));
        Self { file: InvertedFile { dim: rows.dim(), n_probe, centroids, lists, n_samples: rows.len() } }
    }

    /// About how many multiplications one search takes.
    pub(in crate::index) fn cost(&self) -> usize {
        (self.lists().len() + self.file.n_looked_at()).saturating_mul(self.dim())
    }

    pub(in crate::index) fn search(&self, k: usize, metric: Metric, query: &[f32], scratch: &mut Scratch) {
        let Scratch { hits, points, nearest, .. } = scratch;
        let nearest = Nearest::first_of(nearest, k);
        self.file.probe(k, metric, query, points, |_, list| {
            let mut rows = list.rows.iter();
            metric.sort_keys(query, &list.values, |sort_key| {
                rows.next().into_iter().for_each(|&row| nearest.offer(sort_key, row));
            });
        });
        nearest.finish(hits);
    }
}
