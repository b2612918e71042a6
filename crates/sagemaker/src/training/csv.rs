//! Labelled rows of a CSV file or stream.
//!
//! No header; comma, LF or CRLF; blank lines and white space around numbers are ignored; every line has as many columns as the
//! first. A leading UTF-8 byte order mark, as Excel writes it, is skipped. The parser holds the rows of one chunk of input, and
//! the beginning of a field at its end.

use std::io::BufRead;

use crate::codec::{parse_wide, strip_byte_order_mark};

use super::read_error::{ReadError, RowSink, StreamError};

/// The column of a CSV with the label; the others are features, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelColumn {
    /// The first column, as in SageMaker's `text/csv;label_size=1`.
    First,
    /// The last column.
    Last,
}

/// The most bytes of a field that an error repeats.
const MAX_QUOTED_BYTES: usize = 40;
/// The most bytes of a field at the end of a chunk that are kept, including white space.
const MAX_CARRIED_BYTES: usize = 1 << 20;
/// The largest number of columns if `feature_dim` is unknown.
pub(super) const MAX_COLUMNS: usize = 1 << 24;

/// Reads labelled rows and passes each to `sink`: features, then label.
///
/// With a `feature_dim`, every row must have this number of features; further columns are counted but not kept. If
/// `is_finite`, every number must be finite. Returns the number of features; `None` if there is no row.
pub(super) fn read_rows<E>(
    reader: &mut dyn BufRead,
    label: LabelColumn,
    feature_dim: Option<usize>,
    is_finite: bool,
    sink: &mut RowSink<'_, E>,
) -> Result<Option<usize>, StreamError<E>> {
    let mut parser = CsvParser {
        label,
        features: Vec::new(),
        labels: Vec::new(),
        n_columns: 0,
        column: 0,
        line: 0,
        carried: Vec::new(),
        feature_dim,
        max_columns: feature_dim.map_or(MAX_COLUMNS, |dim| dim.saturating_add(1)),
        is_finite,
    };
    loop {
        let chunk = reader.fill_buf().map_err(ReadError::Io)?;
        let n = chunk.len();
        if n == 0 {
            break;
        }
        parser.feed(chunk)?;
        reader.consume(n);
        parser.drain(sink)?;
    }
    parser.end()?;
    parser.drain(sink)?;
    Ok(parser.n_columns.checked_sub(1))
}

/// Parses chunks of CSV, and holds the rows that are not drained yet.
struct CsvParser {
    label: LabelColumn,
    features: Vec<f32>,
    labels: Vec<f64>,
    /// Columns of the first line; 0 before its end.
    n_columns: usize,
    /// Columns of the current line so far.
    column: usize,
    /// Completed lines, including blank ones.
    line: usize,
    /// The beginning of a field at the end of the last chunk.
    carried: Vec<u8>,
    /// The required number of features, if there is one.
    feature_dim: Option<usize>,
    /// Further columns are counted but not kept: such a row is rejected at its end.
    max_columns: usize,
    /// Whether numbers must be finite.
    is_finite: bool,
}

impl CsvParser {
    fn feed(&mut self, mut chunk: &[u8]) -> Result<(), ReadError> {
        loop {
            // A fast path for fields of a single digit.
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
                // Reuse the buffer for the next such field.
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

    /// Returns whether the current field is the label.
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

    /// Completes the last line, which needs no line end.
    fn end(&mut self) -> Result<(), ReadError> {
        let rest = std::mem::take(&mut self.carried);
        if !rest.trim_ascii().is_empty() || self.column > 0 {
            self.field(&rest, true)?;
        }
        Ok(())
    }

    /// Passes the completed rows to `sink`, and keeps the beginning of the current line.
    fn drain<E>(&mut self, sink: &mut RowSink<'_, E>) -> Result<(), StreamError<E>> {
        let Some(dim) = self.n_columns.checked_sub(1).filter(|dim| *dim > 0) else {
            return Ok(()); // the first line is not complete
        };
        // With the label first, the current line has already added its label.
        let is_label_first = self.label == LabelColumn::First;
        let n_rows = self.labels.len() - usize::from(is_label_first && self.column > 0);
        for (features, &label) in self.features.chunks_exact(dim).zip(&self.labels[..n_rows]) {
            sink(features, label).map_err(StreamError::Sink)?;
        }
        self.features.drain(..n_rows * dim);
        self.labels.drain(..n_rows);
        Ok(())
    }
}
