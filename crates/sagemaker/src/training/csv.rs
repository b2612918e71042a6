//! Rows of a CSV, from chunks that end anywhere.
//!
//! No header; comma, LF or CRLF; blank lines and white space around numbers make no difference; every line has as many
//! columns as the first. A UTF-8 byte order mark at the beginning, as Excel writes it, is skipped. What is held is the rows of one chunk, and the beginning of a field that it cut off.

use std::io::BufRead;

use crate::codec::{parse_wide, strip_byte_order_mark};

use super::{ReadError, RowSink, StreamError, samples::Samples};

/// Which column of a CSV holds the label; the others are features, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelColumn {
    /// SageMaker's `text/csv;label_size=1`.
    First,
    /// The survey's own layout.
    Last,
}

/// As much of a field as an error repeats.
const MAX_QUOTED_BYTES: usize = 40;
/// As much of a field as is carried over the end of a chunk; white space counts.
const MAX_CARRIED_BYTES: usize = 1 << 20;
/// The widest row that is read if `feature_dim` is not known.
pub(super) const MAX_COLUMNS: usize = 1 << 24;

/// Reads labelled rows, the label first, and gives each to `sink` as it comes: features, then label.
///
/// Every number must be finite. With a `feature_dim` every row must have so many features; what is wider is counted but
/// not kept. Returns how wide the rows are; none, if there is no row.
pub(crate) fn read_rows<E>(
    reader: &mut dyn BufRead,
    feature_dim: Option<usize>,
    sink: &mut RowSink<'_, E>,
) -> Result<Option<usize>, StreamError<E>> {
    let mut table = Table::new(LabelColumn::First);
    table.feature_dim = feature_dim;
    table.max_columns = feature_dim.map_or(MAX_COLUMNS, |dim| dim.saturating_add(1));
    table.is_finite = true;
    loop {
        let chunk = reader.fill_buf().map_err(ReadError::Io)?;
        let n = chunk.len();
        if n == 0 {
            break;
        }
        table.feed(chunk)?;
        reader.consume(n);
        table.drain(sink)?;
    }
    table.end()?;
    table.drain(sink)?;
    Ok(table.n_columns.checked_sub(1))
}

/// The rows that were fed and not yet drained.
pub(super) struct Table {
    label: LabelColumn,
    features: Vec<f32>,
    labels: Vec<f64>,
    /// Columns of the first line; 0 until it has ended.
    n_columns: usize,
    /// Columns of the line under way.
    column: usize,
    /// Lines that have ended, blank ones too.
    line: usize,
    /// The beginning of a field that the last chunk cut off.
    carried: Vec<u8>,
    /// What was asked for, if anything.
    feature_dim: Option<usize>,
    /// Further columns are counted but not kept: such a row is refused where it ends.
    max_columns: usize,
    /// Whether only finite numbers will do.
    is_finite: bool,
}

impl Table {
    pub(super) fn new(label: LabelColumn) -> Self {
        Self {
            label,
            features: Vec::new(),
            labels: Vec::new(),
            n_columns: 0,
            column: 0,
            line: 0,
            carried: Vec::new(),
            feature_dim: None,
            max_columns: usize::MAX,
            is_finite: false,
        }
    }

    pub(super) fn feed(&mut self, mut chunk: &[u8]) -> Result<(), ReadError> {
        loop {
            // Most fields are a single digit: these are read without looking for their end first.
            if let [digit @ b'0'..=b'9', separator @ (b',' | b'\n'), rest @ ..] = chunk
                && self.carried.is_empty()
            {
                self.value(f64::from(digit - b'0'), *separator == b'\n')?;
                chunk = rest;
                continue;
            }
            let Some(end) = chunk.iter().position(|byte| matches!(byte, b',' | b'\n')) else { break };
            let (field, ends_line) = (&chunk[..end], chunk[end] == b'\n');
            if self.carried.is_empty() {
                self.field(field, ends_line)?;
            } else {
                let mut whole = std::mem::take(&mut self.carried);
                whole.extend_from_slice(field);
                self.field(&whole, ends_line)?;
                // The buffer is kept for the next field that is cut off.
                whole.clear();
                self.carried = whole;
            }
            chunk = &chunk[end + 1..];
        }
        if self.carried.len() + chunk.len() > MAX_CARRIED_BYTES {
            let (line, column) = (self.line + 1, self.column + 1);
            return Err(ReadError::FieldTooLong { line, column, limit: MAX_CARRIED_BYTES });
        }
        self.carried.extend_from_slice(chunk);
        Ok(())
    }

    fn field(&mut self, mut field: &[u8], ends_line: bool) -> Result<(), ReadError> {
        if self.line == 0 && self.column == 0 {
            field = strip_byte_order_mark(field);
        }
        if ends_line && self.column == 0 && field.trim_ascii().is_empty() {
            self.line += 1; // a blank line
            return Ok(());
        }
        let value = parse_wide(field).ok_or_else(|| ReadError::NotANumber {
            line: self.line + 1,
            column: self.column + 1,
            found: String::from_utf8_lossy(&field[..field.len().min(MAX_QUOTED_BYTES)]).into_owned(),
        })?;
        let (is_finite, bits) =
            if self.is_label(ends_line) { (value.is_finite(), 64) } else { ((value as f32).is_finite(), 32) };
        if self.is_finite && !is_finite {
            return Err(ReadError::NotFinite {
                bits,
                line: self.line + 1,
                column: self.column + 1,
                found: String::from_utf8_lossy(&field[..field.len().min(MAX_QUOTED_BYTES)]).trim().to_owned(),
            });
        }
        self.value(value, ends_line)
    }

    /// Whether the field under way is the label.
    fn is_label(&self, ends_line: bool) -> bool {
        match self.label {
            LabelColumn::First => self.column == 0,
            LabelColumn::Last => ends_line,
        }
    }

    fn value(&mut self, value: f64, ends_line: bool) -> Result<(), ReadError> {
        if self.column < self.max_columns {
            if self.is_label(ends_line) {
                self.labels.push(value);
            } else {
                self.features.push(value as f32);
            }
        }
        self.column += 1;
        if ends_line { self.end_line() } else { Ok(()) }
    }

    fn end_line(&mut self) -> Result<(), ReadError> {
        let (line, found) = (self.line + 1, self.column);
        if let Some(expected) = self.feature_dim
            && found != expected.saturating_add(1)
        {
            return Err(ReadError::FeatureDim {
                unit: "line",
                number: line as u64,
                found: found - 1,
                expected,
            });
        }
        if self.n_columns == 0 {
            if found > self.max_columns {
                return Err(ReadError::TooWide { found, limit: self.max_columns });
            }
            if found == 1 {
                return Err(ReadError::TooNarrow);
            }
            self.n_columns = found;
        } else if found != self.n_columns {
            return Err(ReadError::Ragged { line, found, expected: self.n_columns });
        }
        self.line = line;
        self.column = 0;
        Ok(())
    }

    /// Takes what was carried as the last field: the last line needs no end.
    fn end(&mut self) -> Result<(), ReadError> {
        let rest = std::mem::take(&mut self.carried);
        if !rest.trim_ascii().is_empty() || self.column > 0 {
            self.field(&rest, true)?;
        }
        Ok(())
    }

    /// Gives the rows that have ended to `sink`, and keeps the beginning of the line under way.
    fn drain<E>(&mut self, sink: &mut RowSink<'_, E>) -> Result<(), StreamError<E>> {
        let Some(dim) = self.n_columns.checked_sub(1).filter(|dim| *dim > 0) else {
            return Ok(()); // the first line has not ended
        };
        // With the label first the line under way has already left one here.
        let n_rows = self.labels.len() - usize::from(self.column > 0);
        for (features, &label) in self.features.chunks_exact(dim).zip(&self.labels[..n_rows]) {
            sink(features, label).map_err(StreamError::Sink)?;
        }
        self.features.drain(..n_rows * dim);
        self.labels.drain(..n_rows);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Samples, ReadError> {
        self.end()?;
        if self.n_columns == 0 {
            return Err(ReadError::Empty);
        }
        let features =
            ndarray::Array2::from_shape_vec((self.labels.len(), self.n_columns - 1), self.features)
                .expect("every line has n_columns values, of which one is the label");
        Ok(Samples { features, labels: self.labels.into() })
    }
}
