//! A model evaluated once at every point of a finite lattice: then a prediction is one load.

use crate::{Model, PredictError, PredictorType};
use ndarray::Array2;

/// The most points a lattice may have.
const MAX_POINTS: usize = 1 << 24;
/// The first bytes of a serialised table; the last one is the layout's version.
const MAGIC: [u8; 8] = *b"knntabl\x02";

/// One axis of a lattice: the whole numbers `min..min + count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Axis {
    /// The lowest value.
    pub min: i32,
    /// How many values there are; at least one.
    pub count: u32,
}

/// A box of points with whole coordinates, numbered lexicographically: the last axis runs fastest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lattice {
    axes: Vec<Axis>,
    len: usize,
}

/// Why axes are not a [`Lattice`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LatticeError {
    /// No axis, or one without values.
    #[error("a lattice needs at least one axis, and every axis at least one value that an f32 holds exactly")]
    Empty,
    /// Too many points.
    #[error("the lattice has more than {MAX_POINTS} points")]
    TooLarge,
}

impl Lattice {
    /// The lattice of these axes.
    ///
    /// # Errors
    /// [`LatticeError`] if there is no axis, an axis has no value or one beyond ±2^24, or there are more than 2^24
    /// points.
    pub fn new(axes: impl Into<Vec<Axis>>) -> Result<Self, LatticeError> {
        let axes = axes.into();
        let exact = |a: &Axis| {
            let last = i64::from(a.min) + i64::from(a.count) - 1;
            a.count > 0 && a.min >= -(1 << 24) && last <= 1 << 24
        };
        if axes.is_empty() || !axes.iter().all(exact) {
            return Err(LatticeError::Empty);
        }
        let len = axes
            .iter()
            .try_fold(1usize, |len, a| len.checked_mul(a.count as usize).filter(|&len| len <= MAX_POINTS))
            .ok_or(LatticeError::TooLarge)?;
        Ok(Self { axes, len })
    }

    /// The axes, in feature order.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// How many points there are; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a lattice is never empty")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The number of a point; none if it is not on the lattice.
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

    /// All points in the order of their numbers, a row each.
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

/// A classifier's predictions at every point of a lattice, a byte each.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionTable {
    lattice: Lattice,
    classes: Vec<f64>,
    cells: Vec<u8>,
}

/// Why there is no decision table.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TableError {
    /// A regressor's predictions are no classes.
    #[error("a decision table holds classes; the model is a regressor")]
    Regressor,
    /// A byte counts to 256.
    #[error("the model has {n_classes} classes; a decision table holds at most 256")]
    TooManyClasses {
        /// How many the model has.
        n_classes: usize,
    },
    /// The lattice has another dimension than the model.
    #[error(transparent)]
    Predict(#[from] PredictError),
    /// Bytes that are not a decision table.
    #[error("these {len} bytes are not a decision table: {reason}")]
    Malformed {
        /// How many bytes there are.
        len: usize,
        /// What is wrong with them.
        reason: &'static str,
    },
}

impl Model {
    /// Evaluates the model once at every point of a lattice.
    ///
    /// # Errors
    /// [`TableError`] if the model is a regressor, has more than 256 classes, or another dimension than the lattice.
    pub fn compile(&self, lattice: &Lattice) -> Result<DecisionTable, TableError> {
        if self.hyperparameters().predictor_type() == PredictorType::Regressor {
            return Err(TableError::Regressor);
        }
        let classes = self.classes();
        if classes.len() > 256 {
            return Err(TableError::TooManyClasses { n_classes: classes.len() });
        }
        let predicted = self.predict_batch(lattice.points().view())?;
        let cells = predicted.iter().map(|label| classes.partition_point(|c| c < label) as u8).collect();
        Ok(DecisionTable { lattice: lattice.clone(), classes: classes.to_vec(), cells })
    }
}

impl DecisionTable {
    /// The prediction at the point with this number.
    ///
    /// # Panics
    /// If the number is not below the lattice's length.
    #[inline]
    #[must_use]
    pub fn predict(&self, index: usize) -> f64 {
        self.classes[usize::from(self.cells[index])]
    }

    /// The lattice whose points are decided.
    #[must_use]
    pub fn lattice(&self) -> &Lattice {
        &self.lattice
    }

    /// The labels that can be predicted, ascending.
    #[must_use]
    pub fn classes(&self) -> &[f64] {
        &self.classes
    }

    /// The table as bytes: magic `knntabl\x02`, number of axes (u32), each axis's `min` (i32) and `count` (u32), number
    /// of classes (u32), the classes (f64), then a byte for each point, in the order of their numbers; little endian.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend((self.lattice.axes.len() as u32).to_le_bytes());
        for axis in &self.lattice.axes {
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

    /// Reads what [`to_bytes`](Self::to_bytes) wrote; allocates nothing that the bytes do not hold.
    ///
    /// # Errors
    /// [`TableError::Malformed`] that says what is wrong.
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
            axes.push(Axis { min: i32::from_le_bytes(word()?), count: u32::from_le_bytes(word()?) });
        }
        let lattice = Lattice::new(axes).map_err(|_| malformed("the axes are no lattice"))?;
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
            return Err(malformed("the classes are not ascending numbers, 256 at the most"));
        }
        if rest.len() != lattice.len() {
            return Err(malformed("there is not one cell for each point"));
        }
        if rest.iter().any(|&cell| usize::from(cell) >= classes.len()) {
            return Err(malformed("a cell names a class that is not there"));
        }
        Ok(Self { lattice, classes, cells: rest.to_vec() })
    }
}
