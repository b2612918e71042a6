//! Centroids and their lists: the common part of the inverted files.

use crate::{IndexError, Metric, index::top_k::Candidate};

/// The number of centroids that code a part of a vector: the values of a byte.
pub(crate) const CODES: usize = 256;

/// The rows of one list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InvertedList<T> {
    /// Their numbers, in the order in which they were added: ascending after training.
    pub rows: Vec<u32>,
    /// Their vectors or codes, concatenated in the same order.
    pub values: Vec<T>,
}

/// Centroids and their lists.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct InvertedFile<T> {
    pub(super) dim: usize,
    pub(super) n_probe: usize,
    pub(super) centroids: Vec<f32>,
    pub(super) lists: Vec<InvertedList<T>>,
    pub(super) n_samples: usize,
}

impl<T> InvertedFile<T> {
    /// Checks parts from an untrusted source; a row's vector or code has `width` values.
    pub(super) fn new(
        dim: usize,
        n_probe: usize,
        centroids: Vec<f32>,
        lists: Vec<InvertedList<T>>,
        width: usize,
    ) -> Result<Self, IndexError> {
        for (what, value) in [("dimension", dim), ("n_probe", n_probe), ("number of lists", lists.len())] {
            if value == 0 {
                return Err(IndexError::Zero { what });
            }
        }
        IndexError::check_length("centroids", centroids.len(), lists.len(), dim)?;
        IndexError::check_finite("centroids", &centroids)?;
        let mut n_samples = 0usize;
        for (list, InvertedList { rows, values }) in lists.iter().enumerate() {
            if rows.len().checked_mul(width) != Some(values.len()) {
                return Err(IndexError::ListLength {
                    list,
                    n_rows: rows.len(),
                    n_values: values.len(),
                    width,
                });
            }
            n_samples += rows.len();
        }
        if n_samples == 0 {
            return Err(IndexError::Zero { what: "number of rows" });
        }
        if u32::try_from(n_samples).is_err() {
            return Err(IndexError::TooMany { n_samples });
        }
        // Row numbers that are all different and below their count are complete.
        let mut seen = vec![false; n_samples];
        for (list, InvertedList { rows, .. }) in lists.iter().enumerate() {
            for &row in rows {
                match seen.get_mut(row as usize) {
                    Some(seen) if !*seen => *seen = true,
                    _ => return Err(IndexError::Row { list, row, n_samples }),
                }
            }
        }
        Ok(Self { dim, n_probe, centroids, lists, n_samples })
    }

    /// Estimates the rows that a query scans: those of the fullest lists.
    pub(super) fn n_scanned(&self) -> usize {
        let fullest = self.lists.iter().map(|list| list.rows.len()).max().unwrap_or(0);
        fullest.saturating_mul(self.n_probe).min(self.n_samples)
    }

    /// Calls `scan` with the centroid and rows of the nearest lists, equally near ones in list order: `n_probe` lists, and
    /// more until there are `k` rows. `order` is a buffer.
    pub(super) fn probe(
        &self,
        k: usize,
        metric: Metric,
        query: &[f32],
        order: &mut Vec<Candidate>,
        mut scan: impl FnMut(&[f32], &InvertedList<T>),
    ) {
        order.clear();
        let mut list = 0;
        metric.sort_keys(query, &self.centroids, |sort_key| {
            order.push(Candidate::new(sort_key, list));
            list += 1;
        });
        let n_first = self.n_probe.min(order.len());
        if n_first < order.len() {
            order.select_nth_unstable(n_first);
        }
        let (first, rest) = order.split_at_mut(n_first);
        let mut n_rows = 0;
        let mut scan = |candidate: &Candidate| {
            let list = candidate.row() as usize;
            n_rows += self.lists[list].rows.len();
            scan(&self.centroids[list * self.dim..][..self.dim], &self.lists[list]);
            n_rows
        };
        first.sort_unstable();
        let n_rows = first.iter().map(&mut scan).last().unwrap_or(0);
        let wanted = k.min(self.n_samples);
        if n_rows < wanted {
            rest.sort_unstable();
            // `find` stops at the list that completes the rows.
            rest.iter().map(scan).find(|&n_rows| n_rows >= wanted);
        }
    }
}
