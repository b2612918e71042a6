//! Filters and joins of records and predictions.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{
    csv_row,
    json_path::{JsonPath, SelectError},
    json_text,
    payload::Payload,
    records::SplitType,
};
use crate::text::shorten;

/// The member with the prediction in a joined JSON record.
const OUTPUT_MEMBER: &str = "SageMakerOutput";
/// The member with the record if it is not an object.
const INPUT_MEMBER: &str = "SageMakerInput";
/// The most characters of a record in an error.
const MAX_SHOWN_CHARS: usize = 100;

/// How outputs are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AssembleWith {
    /// As they are. The default.
    #[default]
    None,
    /// Each ends with a line feed.
    Line,
}

/// A text format whose records can be filtered and joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordFormat {
    /// `text/csv`: a record is a row, and an array of its columns.
    Csv,
    /// `application/json`: the text is one record.
    Json,
    /// `application/jsonlines`: a record is a line.
    JsonLines,
}

impl RecordFormat {
    /// Returns the format of a media type, whatever its parameters; `None` for other types.
    #[must_use]
    pub fn from_media_type(text: &str) -> Option<Self> {
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "text/csv" => Some(Self::Csv),
            "application/json" => Some(Self::Json),
            "application/jsonlines" | "application/x-jsonlines" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// What a transform job says of its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataProcessingOptions {
    /// What of a record the container gets.
    pub input_filter: JsonPath,
    /// Whether predictions are joined with the records, as they were before the filter.
    pub is_joined: bool,
    /// What is written of predictions, or of joined records.
    pub output_filter: JsonPath,
    /// The media type of the records.
    pub content_type: String,
    /// The media type that is requested of the container; empty if none is.
    pub accept: String,
    /// How objects are split.
    pub split: SplitType,
    /// How outputs are put together.
    pub assemble_with: AssembleWith,
}

/// How the records of a job are filtered, joined and written.
///
/// - CSV: the columns of the prediction follow those of the record.
/// - JSON and JSON lines: an object gets the member `SageMakerOutput`, which replaces one of that name. Another value becomes
///   `{"SageMakerInput": .., "SageMakerOutput": ..}`.
///
/// Columns and values keep their bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataProcessing {
    options: DataProcessingOptions,
    input_format: Option<RecordFormat>,
}

/// An error of [`DataProcessing`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessingError {
    /// Records of this media type cannot be filtered or joined.
    #[error(
        "DataProcessing supports text/csv, application/json and application/jsonlines; the {header} is {found:?}"
    )]
    Format {
        /// The member or header with the media type.
        header: &'static str,
        /// The media type.
        found: String,
    },
    /// Records of this format are lines.
    #[error("DataProcessing of text/csv and application/jsonlines needs {member} Line")]
    NotLines {
        /// The member that must be `Line`.
        member: &'static str,
    },
    /// A record is not a row of CSV.
    #[error("Failed to parse line: '{line}' as CSV: {reason}")]
    Csv {
        /// The record, shortened.
        line: String,
        /// What is wrong.
        reason: String,
    },
    /// A record is not JSON.
    #[error("Failed to parse record: '{record}' as JSON: {reason}")]
    Json {
        /// The record, shortened.
        record: String,
        /// What is wrong.
        reason: String,
    },
    /// A response does not have the format of the records.
    #[error("Failed to parse output from the algorithm as {format}: {reason}")]
    Output {
        /// The format.
        format: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A response has another number of predictions than its request has records.
    #[error("Failed to join the output with the input: {n_outputs} predictions for {n_records} records")]
    Count {
        /// The number of records in the request.
        n_records: usize,
        /// The number of predictions in the response.
        n_outputs: usize,
    },
    /// A path selects something that does not exist.
    #[error("JsonPath {path}: {source}")]
    Select {
        /// The path.
        path: String,
        /// What is wrong.
        source: SelectError,
    },
}

impl DataProcessing {
    /// Checks that records of these formats can be processed so.
    ///
    /// # Errors
    /// [`ProcessingError::Format`] and [`ProcessingError::NotLines`], only if there is a filter or a join.
    pub fn new(options: DataProcessingOptions) -> Result<Self, ProcessingError> {
        let input_format = RecordFormat::from_media_type(&options.content_type);
        let filters_input = !options.input_filter.is_root();
        let filters_output = !options.output_filter.is_root();
        let lines = |format| matches!(format, Some(RecordFormat::Csv | RecordFormat::JsonLines));
        let unknown = |header, found: &str| ProcessingError::Format { header, found: found.to_owned() };
        if filters_input || options.is_joined {
            if input_format.is_none() {
                return Err(unknown("ContentType", &options.content_type));
            }
            if lines(input_format) && options.split != SplitType::Line {
                return Err(ProcessingError::NotLines { member: "SplitType" });
            }
        }
        if filters_output || options.is_joined {
            let accept = RecordFormat::from_media_type(&options.accept);
            if accept.is_none() && !options.accept.is_empty() {
                return Err(unknown("Accept", &options.accept));
            }
            let output_format = if options.is_joined { input_format } else { accept };
            if lines(output_format) && options.assemble_with != AssembleWith::Line {
                return Err(ProcessingError::NotLines { member: "AssembleWith" });
            }
        }
        Ok(Self { options, input_format })
    }

    /// Returns whether responses are written as they are, but for a line feed after each.
    #[must_use]
    pub fn keeps_responses(&self) -> bool {
        self.options.output_filter.is_root() && !self.options.is_joined
    }

    /// Returns whether a line feed follows an output with this last byte; `None` is an empty output.
    #[must_use]
    pub fn ends_line(&self, last_byte: Option<u8>) -> bool {
        self.options.assemble_with == AssembleWith::Line && last_byte.is_some_and(|byte| byte != b'\n')
    }

    /// Returns whether predictions are joined with the records.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.options.is_joined
    }

    /// Returns what the container gets of a record.
    ///
    /// # Errors
    /// [`ProcessingError`] if the record does not have its format, or not what is selected.
    pub fn filter_input<'r>(&self, record: &'r [u8]) -> Result<Cow<'r, [u8]>, ProcessingError> {
        let path = &self.options.input_filter;
        if path.is_root() {
            return Ok(Cow::Borrowed(record));
        }
        let text = self.record_text(record)?;
        let filtered = if self.input_format == Some(RecordFormat::Csv) {
            let columns = csv_row::columns(text).map_err(|reason| not_csv(text, reason))?;
            select_columns(path, &columns)?
        } else {
            json_record(text)?;
            path.select(text).map_err(|source| failed(path, source))?
        };
        Ok(Cow::Owned(filtered.into_bytes()))
    }

    /// Appends what is written for a response to a request.
    ///
    /// # Errors
    /// [`ProcessingError`] if the response does not have its format, or not what is selected, or another number of
    /// predictions than the request has records.
    pub fn write_output(
        &self,
        payload: &Payload,
        response: &[u8],
        response_type: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), ProcessingError> {
        let DataProcessingOptions { is_joined, accept, .. } = &self.options;
        if self.keeps_responses() {
            out.extend_from_slice(response);
            if self.ends_line(response.last().copied()) {
                out.push(b'\n');
            }
            return Ok(());
        }
        let format = if *is_joined {
            self.input_format
        } else {
            RecordFormat::from_media_type(if accept.is_empty() { response_type } else { accept })
        };
        let format = format.ok_or_else(|| ProcessingError::Format {
            header: "Content-Type of the response",
            found: response_type.to_owned(),
        })?;
        let text = std::str::from_utf8(response)
            .map_err(|_| wrong_output(format, "it is not UTF-8 text".to_owned()))?;
        let outputs: Vec<&str> = match format {
            RecordFormat::Json => vec![text],
            RecordFormat::Csv | RecordFormat::JsonLines => {
                text.lines().filter(|line| !line.is_empty()).collect()
            }
        };
        let mut records = payload.records.iter();
        if *is_joined && outputs.len() != payload.n_records {
            return Err(ProcessingError::Count { n_records: payload.n_records, n_outputs: outputs.len() });
        }
        for output in outputs {
            let record = records.next().map(|record| self.record_text(record)).transpose()?;
            let written = match format {
                RecordFormat::Csv => self.csv_output(record, output)?,
                RecordFormat::Json | RecordFormat::JsonLines => self.json_output(record, output)?,
            };
            out.extend_from_slice(written.as_bytes());
            // Also after an empty column, so that the lines of the output stay those of the records.
            if self.options.assemble_with == AssembleWith::Line {
                out.push(b'\n');
            }
        }
        Ok(())
    }

    fn csv_output(&self, record: Option<&str>, output: &str) -> Result<String, ProcessingError> {
        let mut columns = Vec::new();
        if let Some(record) = record {
            columns = csv_row::columns(record).map_err(|reason| not_csv(record, reason))?;
        }
        columns.extend(csv_row::columns(output).map_err(|reason| wrong_output(RecordFormat::Csv, reason))?);
        select_columns(&self.options.output_filter, &columns)
    }

    fn json_output(&self, record: Option<&str>, output: &str) -> Result<String, ProcessingError> {
        let output =
            json_text::parse(output.as_bytes()).map_err(|reason| wrong_output(RecordFormat::Json, reason))?;
        let mut written = output.get().to_owned();
        if let Some(record) = record {
            let record = json_record(record)?;
            let mut joined = "{".to_owned();
            match json_text::members(record) {
                Some(members) => {
                    for (name, value) in members.iter().filter(|(name, _)| name != OUTPUT_MEMBER) {
                        json_text::push_member(&mut joined, name, value.get());
                    }
                }
                None => json_text::push_member(&mut joined, INPUT_MEMBER, record.get()),
            }
            json_text::push_member(&mut joined, OUTPUT_MEMBER, output.get());
            joined.push('}');
            written = joined;
        }
        let path = &self.options.output_filter;
        if path.is_root() {
            return Ok(written);
        }
        path.select(&written).map_err(|source| failed(path, source))
    }

    fn record_text<'r>(&self, record: &'r [u8]) -> Result<&'r str, ProcessingError> {
        std::str::from_utf8(record).map_err(|_| {
            let (text, reason) = (String::from_utf8_lossy(record), "it is not UTF-8 text".to_owned());
            match self.input_format {
                Some(RecordFormat::Csv) => not_csv(&text, reason),
                _ => ProcessingError::Json { record: shorten(&text, MAX_SHOWN_CHARS), reason },
            }
        })
    }
}

fn json_record(record: &str) -> Result<&RawValue, ProcessingError> {
    json_text::parse(record.as_bytes())
        .map_err(|reason| ProcessingError::Json { record: shorten(record, MAX_SHOWN_CHARS), reason })
}

fn select_columns(path: &JsonPath, columns: &[&str]) -> Result<String, ProcessingError> {
    Ok(path.select_columns(columns).map_err(|source| failed(path, source))?.join(","))
}

fn failed(path: &JsonPath, source: SelectError) -> ProcessingError {
    ProcessingError::Select { path: path.to_string(), source }
}

fn not_csv(line: &str, reason: String) -> ProcessingError {
    ProcessingError::Csv { line: shorten(line, MAX_SHOWN_CHARS), reason }
}

fn wrong_output(format: RecordFormat, reason: String) -> ProcessingError {
    let format = if format == RecordFormat::Csv { "CSV" } else { "JSON" };
    ProcessingError::Output { format, reason }
}
