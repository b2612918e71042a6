//! Exact search on generated data, against the peers.
//!
//! All search the same rows for the same queries. Before a peer is measured, its rows are compared with ours.

mod curves;
mod data;
mod dimensions;
mod low_dimensions;

use std::{
    collections::HashSet,
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use mysfits_knn::{Dataset, Hyperparameters, Model, Neighbour};
use ndarray::{Array1, Array2, ArrayView2, Axis};

pub(crate) use self::{
    curves::measure as measure_curves, data::DataShape, dimensions::measure as measure_dimensions,
    low_dimensions::measure as measure_low_dimensions,
};
use crate::{
    figures::timed,
    inputs::{self, Inputs},
    peers::Peers,
};

/// By how much the distances of a peer's rows may differ from ours, together. Peers that compute in 32 bits with
/// `|x|² - 2xy + |y|²` mistake rows that are nearly equally near.
const TOLERANCE: f64 = 1e-3;
/// Our distances are rounded to 32 bits.
const ROUNDING: f64 = 1e-6;

/// A peer's exact search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Library {
    /// `IndexFlatL2`.
    Faiss,
    /// `NearestNeighbors`.
    Sklearn,
    /// `search(exact=True)`.
    Usearch,
    /// nanoflann's kd-tree.
    Nanoflann,
    /// A kd-tree.
    Pykdtree,
}

impl Library {
    /// Returns its name, also in `bench_peers.py`.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Faiss => "faiss",
            Self::Sklearn => "scikit-learn",
            Self::Usearch => "usearch",
            Self::Nanoflann => "nanoflann",
            Self::Pykdtree => "pykdtree",
        }
    }
}

/// How queries are passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SearchCalls {
    /// A call for each query.
    Single,
    /// One call for all of them.
    Batch,
}

impl fmt::Display for SearchCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single => "single",
            Self::Batch => "batch",
        })
    }
}

/// Rows and queries, in memory for us and in files for the peers. The files are removed at the end.
struct SearchData {
    name: String,
    rows: Array2<f32>,
    queries: Array2<f32>,
    folder: PathBuf,
}

impl SearchData {
    fn write(inputs: &Inputs, shape: DataShape, n_rows: usize, n_queries: usize) -> Result<Self> {
        let mut all = shape.draw(n_rows + n_queries);
        let queries = all.slice_axis(Axis(0), (n_rows..).into()).to_owned();
        all.slice_axis_inplace(Axis(0), (..n_rows).into());
        let (name, folder) = (format!("{shape:?}-{n_rows}").replace(['(', ')'], "-"), inputs.file("search"));
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let data = Self { name, rows: all, queries, folder };
        inputs::write_floats(&data.file("rows"), data.rows.iter().copied())?;
        inputs::write_floats(&data.file("queries"), data.queries.iter().copied())?;
        Ok(data)
    }

    fn file(&self, kind: &str) -> PathBuf {
        self.folder.join(format!("{}.{kind}.f32", self.name))
    }

    /// Returns the first queries.
    fn queries(&self, n: usize) -> ArrayView2<'_, f32> {
        self.queries.slice_axis(Axis(0), (..n).into())
    }

    /// Returns a model of all rows.
    fn model(&self, k: usize) -> Result<Model> {
        let labels = Array1::zeros(self.rows.nrows());
        let parameters = Hyperparameters::classifier(k).sample_size(self.rows.nrows()).check()?;
        Ok(Model::train(Dataset::new(self.rows.view(), labels.view())?, &parameters)?)
    }

    /// Searches for the first queries with our model. Returns the seconds of a query, and what was found.
    fn ours(&self, model: &Model, calls: SearchCalls, n: usize) -> Result<(f64, Vec<Vec<Neighbour>>)> {
        let queries = self.queries(n);
        let (seconds, found) = match calls {
            SearchCalls::Single => timed(|| {
                let rows = queries.rows();
                rows.into_iter().map(|row| model.neighbours(row.as_slice().unwrap_or_default())).collect()
            }),
            SearchCalls::Batch => timed(|| model.neighbours_batch(queries)),
        };
        Ok((seconds / n as f64, found?))
    }

    /// Has a peer search for the first queries. Returns the seconds of a query.
    ///
    /// # Errors
    /// If the peer's rows are not as near as the expected ones.
    fn theirs(
        &self,
        peers: &mut Peers,
        library: Library,
        calls: SearchCalls,
        expected: &[Vec<Neighbour>],
    ) -> Result<f64> {
        let (n, dim, k) = (expected.len(), self.rows.ncols(), expected.first().map_or(0, Vec::len));
        let request = format!("search {} {} {dim} {k} {calls} {n}", library.as_str(), self.name);
        let seconds = peers.measure(&request)?.seconds / n as f64;
        let rows = read_row_numbers(&self.folder.join("found.i64"))?;
        self.compare(&rows, expected).with_context(|| request)?;
        Ok(seconds)
    }

    /// Checks that the rows of a peer are as near to the queries as ours.
    fn compare(&self, found: &[usize], expected: &[Vec<Neighbour>]) -> Result<()> {
        let k = expected.first().map_or(0, Vec::len);
        ensure!(
            found.len() == k * expected.len(),
            "{} rows were found, not {}",
            found.len(),
            k * expected.len()
        );
        let (mut theirs, mut ours) = (0.0, 0.0);
        for ((rows, expected), query) in found.chunks_exact(k).zip(expected).zip(self.queries.rows()) {
            ensure!(rows.iter().collect::<HashSet<_>>().len() == k, "a row was found twice: {rows:?}");
            for &row in rows {
                ensure!(row < self.rows.nrows(), "there is no row {row}");
                let differences = self.rows.row(row).into_iter().zip(query).map(|(a, b)| f64::from(a - b));
                theirs += differences.map(|difference| difference * difference).sum::<f64>();
            }
            ours += expected.iter().map(|neighbour| f64::from(neighbour.score)).sum::<f64>();
        }
        ensure!(
            theirs >= ours * (1.0 - ROUNDING) && theirs <= ours * (1.0 + TOLERANCE),
            "the squared distances of the peer's rows add up to {theirs}, those of ours to {ours}"
        );
        Ok(())
    }
}

impl Drop for SearchData {
    fn drop(&mut self) {
        for kind in ["rows", "queries"] {
            // Only space is lost.
            let _ = fs::remove_file(self.file(kind));
        }
    }
}

/// Reads the rows that a peer found.
fn read_row_numbers(path: &Path) -> Result<Vec<usize>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (numbers, rest) = bytes.as_chunks();
    ensure!(rest.is_empty(), "{} is cut off", path.display());
    numbers.iter().map(|bytes| Ok(usize::try_from(i64::from_le_bytes(*bytes))?)).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn only_rows_that_are_as_near_as_ours_count() {
        let rows = array![[0.0], [1.0], [-1.0], [9.0]];
        let data = SearchData { name: String::new(), rows, queries: array![[0.0]], folder: PathBuf::new() };
        let model = data.model(2).unwrap();
        let (_, expected) = data.ours(&model, SearchCalls::Single, 1).unwrap();
        assert_eq!(data.ours(&model, SearchCalls::Batch, 1).unwrap().1, expected);
        // Row 2 is as near as row 1, which ours prefers.
        data.compare(&[0, 1], &expected).unwrap();
        data.compare(&[2, 0], &expected).unwrap();
        for wrong in [&[0, 3][..], &[0, 0], &[0, 4], &[0]] {
            assert!(data.compare(wrong, &expected).is_err(), "{wrong:?}");
        }
    }
}
