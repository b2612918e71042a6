//! Inverted files: rows in lists around centroids; a query scans the lists with the nearest centroids.
//!
//! *Shapes.* `n_lists` centroids of `dim` numbers, row-major; as many lists, in the order of the centroids; each list has
//! row numbers and one vector (or code) for each, in the same order. Every row is in exactly one list.
//!
//! *Difference from FAISS.* If the `n_probe` nearest lists hold fewer than `k` rows, FAISS fills up with the row -1. Here
//! the next nearest lists are scanned, one by one, until there are `k` rows or no more lists.
//!
//! Source: Jégou, Douze, Schmid, "Product Quantization for Nearest Neighbor Search", 2011; FAISS `IndexIVFFlat` and
//! `IndexIVFPQ`.

mod flat;
mod inverted_file;
mod pq;
mod train;

pub use flat::IvfFlat;
pub(crate) use inverted_file::CODES;
pub use inverted_file::InvertedList;
pub use pq::IvfPq;
