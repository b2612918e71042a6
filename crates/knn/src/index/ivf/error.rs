//! What parts of an index can get wrong.

/// Why parts, as read from an artifact, are not an index, or an index and labels are not a model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum IndexError {
    /// Something of which there must be at least one.
    #[error("the index's {what} is 0; it must be at least 1")]
    Zero {
        /// Of what there is none.
        what: &'static str,
    },
    /// More rows than a row number can count.
    #[error("the index has {n_samples} rows; at most {} can be numbered", u32::MAX)]
    TooMany {
        /// How many there are.
        n_samples: usize,
    },
    /// Not as many numbers as the shape asks for.
    #[error("the index's {what} are {found} numbers; they must be {n} times {width}")]
    Length {
        /// Which part.
        what: &'static str,
        /// How many numbers there are.
        found: usize,
        /// How many vectors there must be.
        n: usize,
        /// How long each must be.
        width: usize,
    },
    /// A list whose vectors or codes are not one for each of its rows.
    #[error("list {list} holds {n_values} values for {n_rows} rows of {width}")]
    ListLength {
        /// The list, counted from 0.
        list: usize,
        /// How many row numbers it has.
        n_rows: usize,
        /// How many values it has.
        n_values: usize,
        /// How many values a row must have.
        width: usize,
    },
    /// A row number that is too high or was met before.
    #[error(
        "list {list} holds row {row}; the rows of all lists must be the numbers below {n_samples}, each once"
    )]
    Row {
        /// The list, counted from 0.
        list: usize,
        /// The row number.
        row: u32,
        /// How many rows all lists have together.
        n_samples: usize,
    },
    /// A number that is NaN or infinite.
    #[error("number {position} of the index's {what} is {value}; every number must be finite")]
    NotFinite {
        /// Which part.
        what: &'static str,
        /// Where in it, counted from 0; of vectors in lists, from the start of their list.
        position: usize,
        /// What stands there.
        value: f64,
    },
    /// Codes that do not divide the width of a row.
    #[error("rows of {dim} numbers cannot be coded in {m} bytes; the bytes must divide the numbers")]
    CodeLength {
        /// Bytes of a code.
        m: usize,
        /// Width of a row.
        dim: usize,
    },
    /// Not one label for each row.
    #[error("there are {n_labels} labels for the index's {n_samples} rows; there must be one for each")]
    LabelCount {
        /// Rows of the index.
        n_samples: usize,
        /// Labels given.
        n_labels: usize,
    },
    /// The index's rows are not as wide as prepared samples are.
    #[error(
        "the index's rows are {dim} wide; samples of {feature_dim} features are {prepared_dim} wide after projection \
         and padding"
    )]
    Width {
        /// Width of the index's rows.
        dim: usize,
        /// Features of a sample.
        feature_dim: usize,
        /// What projection and padding make of them.
        prepared_dim: usize,
    },
}

/// Whether there are `n` times `width` numbers.
pub(super) fn check_length(
    what: &'static str,
    found: usize,
    n: usize,
    width: usize,
) -> Result<(), IndexError> {
    if n.checked_mul(width) == Some(found) {
        return Ok(());
    }
    Err(IndexError::Length { what, found, n, width })
}

/// Whether all numbers are finite.
pub(crate) fn check_finite<T: Copy + Into<f64>>(what: &'static str, values: &[T]) -> Result<(), IndexError> {
    match values.iter().position(|&value| !value.into().is_finite()) {
        None => Ok(()),
        Some(position) => Err(IndexError::NotFinite { what, position, value: values[position].into() }),
    }
}
