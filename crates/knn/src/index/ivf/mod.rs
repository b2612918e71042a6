//! Inverted files: the rows in lists, each around a centroid; a query looks at the lists whose centroids are nearest.
//!
//! *Shapes.* `n_lists` centroids of `dim` numbers, row-major; as many lists, in the centroids' order; each list has row
//! numbers and one vector (or code) for each, in the same order. Every row is in exactly one list.
//!
//! *Departure from FAISS.* Where the `n_probe` nearest lists hold fewer than `k` rows, FAISS fills up with the row -1;
//! here the next nearest lists are looked at, one by one, until there are `k` rows or no more lists.
//!
//! Source: Jégou, Douze, Schmid, "Product Quantization for Nearest Neighbor Search", 2011; FAISS `IndexIVFFlat` and
//! `IndexIVFPQ`.

mod error;
mod flat;
mod pq;
mod train;

use super::Hit;
use crate::Metric;
pub use error::IndexError;
pub(crate) use error::check_finite;
pub use flat::IvfFlat;
pub(crate) use pq::CODES;
pub use pq::IvfPq;

/// The rows of one list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InvertedList<T> {
    /// Their numbers, in the order in which they were added: ascending, if the list comes from training.
    pub rows: Vec<u32>,
    /// Their vectors or codes, one behind the other, in the same order.
    pub values: Vec<T>,
}

/// Centroids and their lists: what both inverted files have in common.
#[derive(Debug, Clone, PartialEq)]
struct InvertedFile<T> {
    dim: usize,
    n_probe: usize,
    centroids: Vec<f32>,
    lists: Vec<InvertedList<T>>,
    n_samples: usize,
}

impl<T> InvertedFile<T> {
    /// Checks everything that parts from outside can get wrong; a row's vector or code has `width` values.
    fn new(
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
        error::check_length("centroids", centroids.len(), lists.len(), dim)?;
        error::check_finite("centroids", &centroids)?;
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
        // As many flags as there are row numbers in memory. Rows that are all below their count and all different are
        // all there.
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

    /// About how many rows a query looks at: those of the fullest lists.
    fn n_looked_at(&self) -> usize {
        let fullest = self.lists.iter().map(|list| list.rows.len()).max().unwrap_or(0);
        fullest.saturating_mul(self.n_probe).min(self.n_samples)
    }

    /// Looks at the lists in the order of their centroids' nearness, equally near ones in list order: `n_probe` of them,
    /// and more until there are `k` rows. `order` is a buffer.
    fn probe(
        &self,
        k: usize,
        metric: Metric,
        query: &[f32],
        order: &mut Vec<Hit>,
        mut look: impl FnMut(&[f32], &InvertedList<T>),
    ) {
        order.clear();
        let mut list = 0;
        metric.sort_keys(query, &self.centroids, |sort_key| {
            order.push(Hit::new(sort_key, list));
            list += 1;
        });
        let n_first = self.n_probe.min(order.len());
        if n_first < order.len() {
            order.select_nth_unstable(n_first);
        }
        let (first, rest) = order.split_at_mut(n_first);
        let mut n_rows = 0;
        let mut look = |hit: &Hit| {
            let list = hit.row() as usize;
            n_rows += self.lists[list].rows.len();
            look(&self.centroids[list * self.dim..][..self.dim], &self.lists[list]);
            n_rows
        };
        first.sort_unstable();
        let n_rows = first.iter().map(&mut look).last().unwrap_or(0);
        let wanted = k.min(self.n_samples);
        if n_rows < wanted {
            rest.sort_unstable();
            // `find` stops at the list that completes the rows.
            rest.iter().map(look).find(|&n_rows| n_rows >= wanted);
        }
    }
}
