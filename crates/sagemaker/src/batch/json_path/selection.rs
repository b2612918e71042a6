//! What a path selects from JSON and from columns.

use serde_json::value::RawValue;

use super::{JsonPath, PathStep, Position};
use crate::batch::json_text;

/// The most bytes that a path selects: positions may be repeated.
const MAX_SELECTED_BYTES: usize = 128 << 20;

/// An error of [`JsonPath::select`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// The text is not JSON.
    #[error("invalid JSON: {0}")]
    Json(String),
    /// An object has no member of this name.
    #[error("there is no attribute {0:?}")]
    Name(String),
    /// A name is applied to something that is not an object.
    #[error("the attribute {0:?} is selected from a value that is not an object")]
    NotObject(String),
    /// A position is applied to something that is not an array.
    #[error("a position is selected from a value that is not an array")]
    NotArray,
    /// A wildcard is applied to something that is neither an object nor an array.
    #[error("\"*\" is selected from a value that is neither an object nor an array")]
    NotContainer,
    /// An array has no element at this position.
    #[error("the index {index} is out of range: there are {length} elements")]
    OutOfRange {
        /// The position as it is written in the path.
        index: i64,
        /// The number of elements or columns.
        length: usize,
    },
    /// A slice has no elements.
    #[error("the slice selects none of {length} elements")]
    EmptySlice {
        /// The number of elements or columns.
        length: usize,
    },
    /// Rows of CSV have positions only.
    #[error("only index based JsonPaths can be applied to CSV, for instance $[0] or $[1:]")]
    NotColumns,
    /// The selected elements are repeated too often.
    #[error("the path selects more than {MAX_SELECTED_BYTES} bytes")]
    TooLarge,
}

impl JsonPath {
    /// Returns what the path selects from a JSON text. Values keep their bytes; selected members and elements are joined
    /// without white space.
    ///
    /// # Errors
    /// [`SelectError`].
    pub fn select(&self, json: &str) -> Result<String, SelectError> {
        let root: &RawValue =
            serde_json::from_str(json).map_err(|error| SelectError::Json(error.to_string()))?;
        let mut selected = Selected { texts: Vec::new(), n_bytes: 0 };
        let is_many = select(root, &self.steps, &mut selected)?;
        Ok(if is_many { format!("[{}]", selected.texts.join(",")) } else { selected.texts.concat() })
    }

    /// Returns whether the path can be applied to columns: `$`, or one list of positions, or a wildcard.
    #[must_use]
    pub fn selects_columns(&self) -> bool {
        matches!(self.steps.as_slice(), [] | [PathStep::Positions(_) | PathStep::All])
    }

    /// Returns the columns that the path selects.
    ///
    /// # Errors
    /// [`SelectError::NotColumns`] if the path has names or several parts; [`SelectError::OutOfRange`],
    /// [`SelectError::EmptySlice`].
    pub fn select_columns<'c>(&self, columns: &[&'c str]) -> Result<Vec<&'c str>, SelectError> {
        match self.steps.as_slice() {
            [] | [PathStep::All] => Ok(columns.to_vec()),
            [PathStep::Positions(positions)] => {
                Ok(resolve(positions, columns.len())?.into_iter().map(|at| columns[at]).collect())
            }
            _ => Err(SelectError::NotColumns),
        }
    }
}

/// The texts that are selected.
struct Selected {
    texts: Vec<String>,
    n_bytes: usize,
}

impl Selected {
    fn push(&mut self, text: &str) -> Result<(), SelectError> {
        self.n_bytes += text.len() + 1;
        if self.n_bytes > MAX_SELECTED_BYTES {
            return Err(SelectError::TooLarge);
        }
        self.texts.push(text.to_owned());
        Ok(())
    }
}

/// Appends what the steps select. Returns whether that can be more than one value.
fn select(value: &RawValue, steps: &[PathStep], selected: &mut Selected) -> Result<bool, SelectError> {
    let Some((step, rest)) = steps.split_first() else {
        return selected.push(value.get()).map(|()| false);
    };
    let values = match step {
        PathStep::Names(names) => {
            let first = names.first().cloned().unwrap_or_default();
            let members = json_text::members(value).ok_or(SelectError::NotObject(first))?;
            let find = |name: &String| {
                // Of equal names the last counts, as in most parsers.
                let member = members.iter().rev().find(|(found, _)| found == name);
                member.map(|(_, value)| *value).ok_or_else(|| SelectError::Name(name.clone()))
            };
            if let [name] = names.as_slice() {
                return select(find(name)?, rest, selected);
            }
            let mut object = "{".to_owned();
            for name in names {
                json_text::push_member(&mut object, name, find(name)?.get());
            }
            object.push('}');
            return selected.push(&object).map(|()| false);
        }
        PathStep::Positions(positions) => {
            let elements = json_text::elements(value).ok_or(SelectError::NotArray)?;
            let selected_positions = resolve(positions, elements.len())?;
            if let ([Position::Index(_)], [at]) = (positions.as_slice(), selected_positions.as_slice()) {
                return select(elements[*at], rest, selected);
            }
            selected_positions.into_iter().map(|at| elements[at]).collect()
        }
        PathStep::All => {
            let members = || {
                json_text::members(value).map(|members| members.into_iter().map(|(_, value)| value).collect())
            };
            json_text::elements(value).or_else(members).ok_or(SelectError::NotContainer)?
        }
    };
    for value in values {
        select(value, rest, selected)?;
    }
    Ok(true)
}

/// Returns the indices of positions, in their order.
fn resolve(positions: &[Position], length: usize) -> Result<Vec<usize>, SelectError> {
    let from_end = |index: i64| if index < 0 { index.saturating_add_unsigned(length as u64) } else { index };
    let within = |index: i64| {
        let at = usize::try_from(from_end(index)).ok().filter(|at| *at < length);
        at.ok_or(SelectError::OutOfRange { index, length })
    };
    let mut indices = Vec::new();
    for position in positions {
        match *position {
            Position::Index(index) => indices.push(within(index)?),
            Position::Slice { start, end } => {
                let first = start.map_or(Ok(0), within)?;
                let last = match end {
                    None => length,
                    Some(end) if end < 0 => within(end)?,
                    Some(end) => within(end)? + 1,
                };
                if first >= last {
                    return Err(SelectError::EmptySlice { length });
                }
                indices.extend(first..last);
            }
        }
    }
    Ok(indices)
}
