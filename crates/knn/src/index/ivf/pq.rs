//! Lists of coded rows.

use super::{IndexError, InvertedFile, InvertedList, error, train};
use crate::{
    Metric,
    index::{FlatIndex, Nearest, Scratch},
    kmeans::Centroids,
};

/// How many centroids a part of a vector is coded by: as many as a byte can name.
pub(crate) const CODES: usize = 256;

/// An inverted file whose lists hold rows coded in `m` bytes each; squared Euclidean distances. FAISS's `IndexIVFPQ`
/// with 8 bits and codes of residuals.
///
/// What remains of a row after its list's centroid is taken off is cut into `m` equal parts; of each part the number of
/// the nearest of 256 centroids is kept, and the row itself is not. A measure is the squared distance between the query
/// and the row as it is coded: near the true one, not equal to it.
#[derive(Debug, Clone)]
pub struct IvfPq {
    file: InvertedFile<u8>,
    /// For each part its 256 centroids, as the artifact has them: `m × 256 × (dim / m)`.
    codebooks: Vec<f32>,
    /// The same, laid out for measuring.
    parts: Vec<Centroids>,
}

impl PartialEq for IvfPq {
    fn eq(&self, other: &Self) -> bool {
        // The parts are made of the codebooks.
        self.file == other.file && self.codebooks == other.codebooks && self.m() == other.m()
    }
}

impl IvfPq {
    /// An inverted file of these parts: `centroids` are `lists.len() × dim`, row-major; `codebooks` are
    /// `m × 256 × (dim / m)`; a list's values are `m` bytes for each of its rows.
    ///
    /// # Errors
    /// [`IndexError`] if `dim`, `m` or `n_probe` is 0, `m` does not divide `dim`, there is no list or no row, a length is
    /// another than the shape asks for, a number is not finite, or the rows of all lists are not `0..n_samples`, each
    /// once.
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
        error::check_length("codebooks", codebooks.len(), CODES, dim)?;
        error::check_finite("codebooks", &codebooks)?;
        Ok(Self::of_parts(file, m, codebooks))
    }

    pub(super) fn of_parts(file: InvertedFile<u8>, m: usize, codebooks: Vec<f32>) -> Self {
        let dim = file.dim / m;
        let parts = codebooks.chunks_exact(CODES * dim).map(|part| Centroids::new(part, dim, Metric::L2));
        Self { parts: parts.collect(), file, codebooks }
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.file.n_samples
    }

    /// The width of a row, a multiple of [`m`](Self::m).
    #[must_use]
    pub fn dim(&self) -> usize {
        self.file.dim
    }

    /// Bytes of a code.
    #[must_use]
    pub fn m(&self) -> usize {
        self.parts.len()
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

    /// The centroids of each part's codes, `m() × 256 × (dim() / m())`, row-major.
    #[must_use]
    pub fn codebooks(&self) -> &[f32] {
        &self.codebooks
    }

    /// The lists, in the centroids' order.
    #[must_use]
    pub fn lists(&self) -> &[InvertedList<u8>] {
        &self.file.lists
    }

    /// Learns the centroids and the codes, and puts each row's code into the list of its nearest centroid.
    ///
    /// The rows' width is a multiple of `m`, and there are at least 256.
    pub(crate) fn train(rows: &FlatIndex, n_lists: usize, n_probe: usize, m: usize, seed: u64) -> Self {
        let dim = rows.dim();
        let centroids = train::centroids(rows, Metric::L2, n_lists, seed);
        let list_of_row = train::assign(rows, Metric::L2, &centroids);
        let codebooks = train::codebooks(rows, &centroids, &list_of_row, m, seed);
        let file = InvertedFile { dim, n_probe, centroids, lists: Vec::new(), n_samples: rows.len() };
        let mut this = Self::of_parts(file, m, codebooks);
        let codes = train::encode(rows, &this.file.centroids, &list_of_row, &this.parts);
        this.file.lists = train::fill(n_lists, &list_of_row, m, |row| &codes[row * m..][..m]);
        this
    }

    /// About how many multiplications one search takes; a look-up takes as long as four.
    pub(in crate::index) fn cost(&self) -> usize {
        let n_lists = self.lists().len();
        let tables = CODES.saturating_mul(self.n_probe().min(n_lists));
        let measured = (n_lists + tables).saturating_mul(self.dim());
        measured.saturating_add(self.file.n_looked_at().saturating_mul(4 * self.m()))
    }

    pub(in crate::index) fn search(&self, k: usize, query: &[f32], scratch: &mut Scratch) {
        let Scratch { hits, points, nearest, floats, .. } = scratch;
        let nearest = Nearest::first_of(nearest, k);
        let (dim, m) = (self.dim(), self.m());
        floats.resize(dim + m * CODES, 0.0);
        let (residual, table) = floats.split_at_mut(dim);
        let (table, _) = table.as_chunks_mut::<CODES>();
        self.file.probe(k, Metric::L2, query, points, |centroid, list| {
            if list.rows.is_empty() {
                return;
            }
            for ((residual, q), c) in residual.iter_mut().zip(query).zip(centroid) {
                *residual = q - c;
            }
            // The distance of each part of the query to each of its codes; a row's is the sum of those it names.
            for ((part, residual), table) in
                self.parts.iter().zip(residual.chunks_exact(dim / m)).zip(&mut *table)
            {
                part.sort_keys(residual, table);
            }
            let mut rows = list.rows.iter();
            each_coded_distance(&list.values, table, |squared_distance| {
                rows.next().into_iter().for_each(|&row| nearest.offer(squared_distance, row));
            });
        });
        nearest.finish(hits);
    }
}

/// The sum of the table's entries that a code names, part by part, for each of the codes, in their order.
fn each_coded_distance(codes: &[u8], table: &[[f32; CODES]], mut each: impl FnMut(f32)) {
    /// Codes that are summed side by side: one sum alone would wait for its own additions.
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
