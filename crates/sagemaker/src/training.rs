//! Reading training data.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::mpsc;

use flate2::bufread::MultiGzDecoder;
use mysfits_knn::{Dataset, DatasetError};
use ndarray::{Array1, Array2};

use crate::codec::parse_number;

/// Samples with labels, as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// A row a sample.
    pub features: Array2<f32>,
    /// In row order.
    pub labels: Array1<f32>,
}

/// Which column of a CSV holds the label; the others are features, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelColumn {
    /// SageMaker's `text/csv;label_size=1`.
    First,
    /// The survey's own layout.
    Last,
}

/// Why training data cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The reader failed, or the gzip stream is damaged.
    #[error("the training data cannot be read")]
    Io(#[from] io::Error),
    /// A field is no number.
    #[error("line {line}, column {column}: {found:?} is not a number")]
    NotANumber {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What stands there.
        found: String,
    },
    /// A line has another number of columns than the first.
    #[error("line {line} has {found} columns; the first has {expected}")]
    Ragged {
        /// Counted from 1.
        line: usize,
        /// Its columns.
        found: usize,
        /// The first line's.
        expected: usize,
    },
    /// The first line has no room for a label and a feature.
    #[error("the first line has one column; there must be a label and at least one feature")]
    TooNarrow,
    /// There is no line.
    #[error("there are no samples")]
    Empty,
}

impl Samples {
    /// Reads CSV without header, plain or gzip (told by its first bytes).
    ///
    /// A gzip stream is unpacked on a second thread while this one reads numbers.
    ///
    /// # Errors
    /// [`ReadError`] that names line and column.
    pub fn read_csv(reader: impl Read + Send, label: LabelColumn) -> Result<Self, ReadError> {
        let mut reader = BufReader::with_capacity(CHUNK_BYTES, reader);
        let is_gzip = reader.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let mut table = Table::new(label);
        if is_gzip {
            read_ahead(MultiGzDecoder::new(reader), &mut table)?;
        } else {
            let mut chunk = vec![0; CHUNK_BYTES];
            loop {
                match reader.read(&mut chunk)? {
                    0 => break,
                    n => table.feed(&chunk[..n])?,
                }
            }
        }
        table.finish()
    }

    /// The samples as a dataset.
    ///
    /// # Errors
    /// [`DatasetError`], if a number is not finite.
    pub fn dataset(&self) -> Result<Dataset<'_>, DatasetError> {
        Dataset::new(self.features.view(), self.labels.view())
    }
}

const CHUNK_BYTES: usize = 1 << 18;
/// As much of a field as an error repeats.
const MAX_QUOTED_BYTES: usize = 40;

/// Reads on a second thread, a few chunks ahead of the table.
fn read_ahead(mut reader: impl Read + Send, table: &mut Table) -> Result<(), ReadError> {
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(4);
        scope.spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK_BYTES];
                let read = reader.read(&mut chunk).map(|n| {
                    chunk.truncate(n);
                    chunk
                });
                let is_last = read.as_ref().map_or(true, Vec::is_empty);
                // A receiver that is gone has met an error and says so.
                if sender.send(read).is_err() || is_last {
                    break;
                }
            }
        });
        for chunk in receiver {
            table.feed(&chunk?)?;
        }
        Ok(())
    })
}

/// The samples of a CSV, from chunks that end anywhere.
struct Table {
    label: LabelColumn,
    features: Vec<f32>,
    labels: Vec<f32>,
    /// Columns of the first line; 0 until it has ended.
    n_columns: usize,
    /// Columns of the line under way.
    column: usize,
    /// Lines that have ended, blank ones too.
    line: usize,
    /// The beginning of a field that the last chunk cut off.
    carried: Vec<u8>,
}

impl Table {
    fn new(label: LabelColumn) -> Self {
        let (features, labels, carried) = (Vec::new(), Vec::new(), Vec::new());
        Self { label, features, labels, n_columns: 0, column: 0, line: 0, carried }
    }

    fn feed(&mut self, mut chunk: &[u8]) -> Result<(), ReadError> {
        loop {
            // Most fields are a single digit: these are read without looking for their end first.
            if let [digit @ b'0'..=b'9', separator @ (b',' | b'\n'), rest @ ..] = chunk
                && self.carried.is_empty()
            {
                self.value(f32::from(digit - b'0'), *separator == b'\n')?;
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
            }
            chunk = &chunk[end + 1..];
        }
        self.carried.extend_from_slice(chunk);
        Ok(())
    }

    fn field(&mut self, field: &[u8], ends_line: bool) -> Result<(), ReadError> {
        if ends_line && self.column == 0 && field.trim_ascii().is_empty() {
            self.line += 1; // a blank line
            return Ok(());
        }
        let value = parse_number(field).ok_or_else(|| ReadError::NotANumber {
            line: self.line + 1,
            column: self.column + 1,
            found: String::from_utf8_lossy(&field[..field.len().min(MAX_QUOTED_BYTES)]).into_owned(),
        })?;
        self.value(value, ends_line)
    }

    fn value(&mut self, value: f32, ends_line: bool) -> Result<(), ReadError> {
        let is_label = match self.label {
            LabelColumn::First => self.column == 0,
            LabelColumn::Last => ends_line,
        };
        if is_label { &mut self.labels } else { &mut self.features }.push(value);
        self.column += 1;
        if ends_line { self.end_line() } else { Ok(()) }
    }

    fn end_line(&mut self) -> Result<(), ReadError> {
        if self.n_columns == 0 {
            self.n_columns = self.column;
        } else if self.column != self.n_columns {
            return Err(ReadError::Ragged {
                line: self.line + 1,
                found: self.column,
                expected: self.n_columns,
            });
        }
        self.line += 1;
        self.column = 0;
        Ok(())
    }

    fn finish(mut self) -> Result<Samples, ReadError> {
        let rest = std::mem::take(&mut self.carried);
        if !rest.trim_ascii().is_empty() || self.column > 0 {
            self.field(&rest, true)?;
        }
        match self.n_columns {
            0 => return Err(ReadError::Empty),
            1 => return Err(ReadError::TooNarrow),
            _ => {}
        }
        let features = Array2::from_shape_vec((self.labels.len(), self.n_columns - 1), self.features)
            .expect("every line has n_columns values, of which one is the label");
        Ok(Samples { features, labels: self.labels.into() })
    }
}
