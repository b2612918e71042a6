//! Decision tables: a classifier's predictions at every point of a finite grid.

use crate::{Model, PredictError, PredictorType};
use ndarray::Array2;

/// The largest number of points of a grid.
const MAX_POINTS: usize = 1 << 24;
/// The first bytes of a serialized table; the last one is the version of the layout.
const MAGIC: [u8; 8] = *b"knntabl\x02";

/// An axis of a [`Grid`]: the whole numbers `min..min + count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GridAxis {
    /// The lowest value.
    pub min: i32,
    /// The number of values; at least one.
    pub count: u32,
}

/// A box of points with whole coordinates, numbered in lexicographic order: the last axis varies fastest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Grid {
    axes: Vec<GridAxis>,
    len: usize,
}

/// An error of [`Grid::new`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GridError {
    /// There is no axis, or an axis has no value or one that an `f32` cannot hold exactly.
    #[error("a grid needs at least one axis, and every axis at least one value that an f32 holds exactly")]
    Empty,
    /// There are too many points.
    #[error("the grid has more than {MAX_POINTS} points")]
    TooLarge,
}

impl Grid {
    /// Creates a grid from its axes.
    ///
    /// # Errors
    /// [`GridError`] if there is no axis, an axis has no value or one beyond ±2^24, or there are more than 2^24
    /// points.
    pub fn new(axes: impl Into<Vec<GridAxis>>) -> Result<Self, GridError> {
        let axes = axes.into();
        let exact = |a: &GridAxis| {
            let last = i64::from(a.min) + i64::from(a.count) - 1;
            a.count > 0 && a.min >= -(1 << 24) && last <= 1 << 24
        };
        if axes.is_empty() || !axes.iter().all(exact) {
            return Err(GridError::Empty);
        }
        let len = axes
            .iter()
            .try_fold(1usize, |len, a| len.checked_mul(a.count as usize).filter(|&len| len <= MAX_POINTS))
            .ok_or(GridError::TooLarge)?;
        Ok(Self { axes, len })
    }

    /// Returns the axes, in feature order.
    #[must_use]
    pub fn axes(&self) -> &[GridAxis] {
        &self.axes
    }

    /// Returns the number of points; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a grid is never empty")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns the number of a point; `None` if it is not on the grid.
    #[must_use]
    pub fn index(&self, point: &[i32]) -> Option<usize> {
        if point.len() != self.axes.len() {
            return None;
        }
        point.iter().zip(&self.axes).try_fold(0, |index, (&value, axis)| {
            let offset = u32::try_from(value.checked_sub(axis.min)?).ok().filter(|&o| o < axis.count)?;
            Some(index * axis.count as usize + offset as usize)
        })
    }

    /// Returns all points in the order of their numbers, one in each row.
    #[must_use]
    pub fn points(&self) -> Array2<f32> {
        let mut points = Array2::zeros((self.len, self.axes.len()));
        for (mut index, mut point) in points.rows_mut().into_iter().enumerate() {
            for (value, axis) in point.iter_mut().zip(&self.axes).rev() {
                let count = axis.count as usize;
                *value = (i64::from(axis.min) + (index % count) as i64) as f32;
                index /= count;
            }
        }
        points
    }
}

/// A classifier's predictions at every point of a [`Grid`], one byte each. A prediction is one table lookup.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionTable {
    grid: Grid,
    classes: Vec<f64>,
    cells: Vec<u8>,
}

/// An error of [`Model::tabulate`] or [`DecisionTable::from_bytes`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The model is a regressor, which has no classes.
    #[error("a decision table holds classes; the model is a regressor")]
    Regressor,
    /// The model has more classes than a byte can number.
    #[error("the model has {n_classes} classes; a decision table holds at most 256")]
    TooManyClasses {
        /// Classes of the model.
        n_classes: usize,
    },
    /// The grid's points cannot be predicted, because it has another number of dimensions than the model.
    #[error(transparent)]
    Predict(#[from] PredictError),
    /// The bytes are not a decision table.
    #[error("these {len} bytes are not a decision table: {reason}")]
    Malformed {
        /// The number of bytes.
        len: usize,
        /// What is wrong.
        reason: &'static str,
    },
}

impl Model {
    /// Predicts every point of a grid.
    ///
    /// # Errors
    /// [`TableError`] if the model is a regressor, has more than 256 classes, or another dimension than the grid.
    pub fn tabulate(&self, grid: &Grid) -> Result<DecisionTable, TableError> {
        if self.hyperparameters().predictor_type() == PredictorType::Regressor {
            return Err(TableError::Regressor);
        }
        let classes = self.classes();
        if classes.len() > 256 {
            return Err(TableError::TooManyClasses { n_classes: classes.len() });
        }
        let predicted = self.predict_batch(grid.points().view())?;
        let cells = predicted.iter().map(|label| classes.partition_point(|c| c < label) as u8).collect();
        Ok(DecisionTable { grid: grid.clone(), classes: classes.to_vec(), cells })
    }
}

impl DecisionTable {
    /// Returns the prediction at the point with this number.
    ///
    /// # Panics
    /// Panics if the number is not below the length of the grid.
    #[inline]
    #[must_use]
    pub fn predict(&self, index: usize) -> f64 {
        self.classes[usize::from(self.cells[index])]
    }

    /// Returns the grid.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Returns the labels that can be predicted, ascending.
    #[must_use]
    pub fn classes(&self) -> &[f64] {
        &self.classes
    }

    /// Serializes the table: magic `knntabl\x02`, number of axes (u32), each axis's `min` (i32) and `count` (u32), number of
    /// classes (u32), the classes (f64), then a byte for each point, in the order of their numbers; little endian.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend((self.grid.axes.len() as u32).to_le_bytes());
        for axis in &self.grid.axes {
            bytes.extend(axis.min.to_le_bytes());
            bytes.extend(axis.count.to_le_bytes());
        }
        bytes.extend((self.classes.len() as u32).to_le_bytes());
        for class in &self.classes {
            bytes.extend(class.to_le_bytes());
        }
        bytes.extend(&self.cells);
        bytes
    }

    /// Reads a table that [`to_bytes`](Self::to_bytes) wrote. Never allocates more than the bytes hold.
    ///
    /// # Errors
    /// [`TableError::Malformed`] if the bytes are not a decision table.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TableError> {
        let malformed = |reason| TableError::Malformed { len: bytes.len(), reason };
        let mut rest = bytes.strip_prefix(&MAGIC).ok_or_else(|| malformed("the magic bytes are missing"))?;
        let too_short = || malformed("they end too early");
        let mut word = || {
            let (word, after) = rest.split_first_chunk::<4>().ok_or_else(too_short)?;
            rest = after;
            Ok::<_, TableError>(*word)
        };
        let n_axes = u32::from_le_bytes(word()?);
        let mut axes = Vec::new();
        for _ in 0..n_axes {
            axes.push(GridAxis { min: i32::from_le_bytes(word()?), count: u32::from_le_bytes(word()?) });
        }
        let grid = Grid::new(axes).map_err(|_| malformed("the axes are invalid"))?;
        let n_classes = u32::from_le_bytes(word()?);
        let mut classes = Vec::new();
        for _ in 0..n_classes {
            let (class, after) = rest.split_first_chunk().ok_or_else(too_short)?;
            classes.push(f64::from_le_bytes(*class));
            rest = after;
        }
        if !classes.is_sorted_by(|a, b| a < b)
            || !classes.iter().all(|c| c.is_finite())
            || classes.len() > 256
        {
            return Err(malformed("the classes are not at most 256 ascending numbers"));
        }
        if rest.len() != grid.len() {
            return Err(malformed("the number of cells is not the number of points"));
        }
        if rest.iter().any(|&cell| usize::from(cell) >= classes.len()) {
            return Err(malformed("a cell refers to an unknown class"));
        }
        Ok(Self { grid, classes, cells: rest.to_vec() })
    }
}
