//! An inverted file of coded rows.

use super::{
    inverted_file::{CODES, InvertedFile, InvertedList},
    train,
};
use crate::{
    IndexError, Metric,
    index::{buffers::SearchBuffers, flat::FlatIndex},
    kmeans::Centroids,
};

/// An inverted file whose lists hold rows coded in `m` bytes each; squared Euclidean distances. FAISS's `IndexIVFPQ`
/// with 8 bits and codes of residuals.
///
/// The residual of a row (the row minus its list's centroid) is split into `m` equal parts. The code of a row holds for
/// each part the number of the nearest of 256 centroids; the row itself is not kept. A score is the squared distance
/// between the query and the coded row, which approximates the true one.
#[derive(Debug, Clone)]
pub struct IvfPq {
    file: InvertedFile<u8>,
    /// For each part its 256 centroids: `m × 256 × (dim / m)`.
    codebooks: Vec<f32>,
    /// The same, laid out for computing scores.
    parts: Vec<Centroids>,
}

impl PartialEq for IvfPq {
    fn eq(&self, other: &Self) -> bool {
        // The parts are derived from the codebooks.
        self.file == other.file && self.codebooks == other.codebooks && self.m() == other.m()
    }
}

impl IvfPq {
    /// Creates an inverted file from its parts: `centroids` are `lists.len() × dim`, row-major; `codebooks` are
    /// `m × 256 × (dim / m)`; a list has `m` bytes for each of its rows.
    ///
    /// # Errors
    /// [`IndexError`] if `dim`, `m` or `n_probe` is 0, `m` does not divide `dim`, there is no list or no row, a length
    /// does not fit the shape, a number is not finite, or the rows of all lists are not `0..n_samples`, each once.
    pub fn new(
        dim: usize,
        m: usize,
        n_probe: usize,
        centroids: Vec<f32>,
        codebooks: Vec<f32>,
        lists: Vec<InvertedList<u8>>,
    ) -> Result<Self, IndexError> {
        if m == 0 || !dim.is_multiple_of(m) {
            return Err(IndexError::CodeLength { m, dim });
        }
        let file = InvertedFile::new(dim, n_probe, centroids, lists, m)?;
        IndexError::check_length("codebooks", codebooks.len(), CODES, dim)?;
        IndexError::check_finite("codebooks", &codebooks)?;
        Ok(Self::from_parts(file, m, codebooks))
    }

    pub(super) fn from_parts(file: InvertedFile<u8>, m: usize, codebooks: Vec<f32>) -> Self {
        let dim = file.dim / m;
        let parts = codebooks.chunks_exact(CODES * dim).map(|part| Centroids::new(part, dim, Metric::L2));
        Self { parts: parts.collect(), file, codebooks }
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.file.n_samples
    }

    /// Returns the width of a row, a multiple of [`m`](Self::m).
    #[must_use]
    pub fn dim(&self) -> usize {
        self.file.dim
    }

    /// Returns the length of a code in bytes.
    #[must_use]
    pub fn m(&self) -> usize {
        self.parts.len()
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

    /// Returns the centroids of each part's codes, `m() × 256 × (dim() / m())`, row-major.
    #[must_use]
    pub fn codebooks(&self) -> &[f32] {
        &self.codebooks
    }

    /// Returns the lists, in the order of the centroids.
    #[must_use]
    pub fn lists(&self) -> &[InvertedList<u8>] {
        &self.file.lists
    }

    /// Trains the centroids and the codes, and adds each row's code to the list of its nearest centroid.
    ///
    /// The width of the rows is a multiple of `m`, and there are at least 256 rows.
    pub(crate) fn train(rows: &FlatIndex, n_lists: usize, n_probe: usize, m: usize, seed: u64) -> Self {
        let dim = rows.dim();
        let centroids = train::centroids(rows, Metric::L2, n_lists, seed);
        let list_of_row = train::assign(rows, Metric::L2, &centroids);
        let codebooks = train::codebooks(rows, &centroids, &list_of_row, m, seed);
        let file = InvertedFile { dim, n_probe, centroids, lists: Vec::new(), n_samples: rows.len() };
        let mut this = Self::from_parts(file, m, codebooks);
        let codes = train::encode(rows, &this.file.centroids, &list_of_row, &this.parts);
        this.file.lists = train::fill(n_lists, &list_of_row, m, |row| &codes[row * m..][..m]);
        this
    }

    /// Estimates the multiplications of one search; a table lookup takes as long as four.
    pub(in crate::index) fn cost(&self) -> usize {
        let n_lists = self.lists().len();
        let tables = CODES.saturating_mul(self.n_probe().min(n_lists));
        let probing = (n_lists + tables).saturating_mul(self.dim());
        probing.saturating_add(self.file.n_scanned().saturating_mul(4 * self.m()))
    }

    pub(in crate::index) fn search(&self, k: usize, query: &[f32], buffers: &mut SearchBuffers) {
        let SearchBuffers { candidates, lists, single: nearest, floats, .. } = buffers;
        nearest.start(k);
        let (dim, m) = (self.dim(), self.m());
        floats.resize(dim + m * CODES, 0.0);
        let (residual, table) = floats.split_at_mut(dim);
        let (table, _) = table.as_chunks_mut::<CODES>();
        self.file.probe(k, Metric::L2, query, lists, |centroid, list| {
            if list.rows.is_empty() {
                return;
            }
            for ((residual, q), c) in residual.iter_mut().zip(query).zip(centroid) {
                *residual = q - c;
            }
            // The distance of each part of the query to each of its codes. The distance of a row is the sum over its codes.
            for ((part, residual), table) in
                self.parts.iter().zip(residual.chunks_exact(dim / m)).zip(&mut *table)
            {
                part.sort_keys(residual, table);
            }
            let mut rows = list.rows.iter();
            each_coded_distance(&list.values, table, |squared_distance| {
                if let Some(&row) = rows.next() {
                    nearest.offer(squared_distance, row);
                }
            });
        });
        nearest.finish(candidates);
    }
}

/// Calls `each` with the sum of the table entries of each code, in the order of the codes.
fn each_coded_distance(codes: &[u8], table: &[[f32; CODES]], mut each: impl FnMut(f32)) {
    /// Codes that are summed together, so that additions of one sum do not wait for those before them.
    const ROWS: usize = 4;
    let m = table.len();
    let mut fours = codes.chunks_exact(ROWS * m);
    for four in &mut fours {
        let codes: [&[u8]; ROWS] = std::array::from_fn(|n| &four[n * m..][..m]);
        let mut sums = [0.0f32; ROWS];
        for (part, entries) in table.iter().enumerate() {
            for n in 0..ROWS {
                sums[n] += entries[codes[n][part] as usize];
            }
        }
        sums.into_iter().for_each(&mut each);
    }
    for code in fours.remainder().chunks_exact(m) {
        each(code.iter().zip(table).fold(0.0, |sum, (&code, entries)| sum + entries[code as usize]));
    }
}
