//! Input channels `train` and `test` (optional): their files, formats and rows.
//!
//! *Files.* `File` and `FastFile` mode: all files below `input/data/<channel>`, in the order of their paths, including
//! subfolders; links are followed. Hidden files are ignored (`.amazon.manifest`, `.DS_Store`), empty files have no rows
//! (`_SUCCESS`). Pipe mode: the named pipe `input/data/<channel>_0`, read once to its end.
//!
//! *Formats.* `text/csv` with the label first, and `application/x-recordio-protobuf`, the default without a `ContentType`. Files
//! may be gzip, which is detected by the first bytes.
//!
//! Source: SageMaker Developer Guide, "Data Formats for k-NN Training Input", "Common Data Formats for Training".

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    TrainingError,
    csv::{self, LabelColumn},
    decompress::with_decompressed_ahead,
    read_error::{ReadError, RowSink, StreamError},
    recordio,
};
use crate::codec::ContentType;

/// The limit for the depth of folders, to detect cyclic links.
const MAX_DEPTH: usize = 32;

/// A channel, the source of rows.
#[derive(Debug)]
pub(super) struct InputChannel {
    pub(super) name: &'static str,
    /// The format in the configuration, if there is one.
    content_type: Option<&'static str>,
    format: DataFormat,
    is_pipe: bool,
    /// Whether each host has a share of the objects, and not all of them.
    pub(super) is_sharded: bool,
    path: PathBuf,
}

#[derive(Debug, Clone, Copy)]
enum DataFormat {
    Csv,
    RecordIo,
}

impl DataFormat {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::RecordIo => "application/x-recordio-protobuf",
        }
    }
}

/// The channels of a job.
pub(super) struct InputChannels {
    pub(super) train: InputChannel,
    pub(super) test: Option<InputChannel>,
}

impl InputChannels {
    /// Creates the channels of `inputdataconfig.json`.
    pub(super) fn new(
        opt_ml: &Path,
        mut configs: BTreeMap<String, BTreeMap<String, Value>>,
    ) -> Result<Self, TrainingError> {
        let train = configs.remove("train").ok_or(TrainingError::MissingChannel { name: "train" })?;
        let test = configs.remove("test");
        if let Some((name, _)) = configs.pop_first() {
            return Err(TrainingError::ExtraneousChannel { name });
        }
        Ok(Self {
            train: InputChannel::new(opt_ml, "train", &train)?,
            test: test.map(|config| InputChannel::new(opt_ml, "test", &config)).transpose()?,
        })
    }
}

impl InputChannel {
    fn new(
        opt_ml: &Path,
        name: &'static str,
        config: &BTreeMap<String, Value>,
    ) -> Result<Self, TrainingError> {
        let unsupported = |reason: String| {
            let config = serde_json::to_string(config).unwrap_or_default();
            TrainingError::UnsupportedChannel { name, config, reason }
        };
        let member = |member: &str| match config.get(member) {
            None | Some(Value::Null) => Ok(""),
            Some(Value::String(text)) => Ok(text.as_str()),
            Some(other) => Err(unsupported(format!("{member} is {other}; it must be a string"))),
        };
        let content_type = member("ContentType")?;
        let format = data_format(content_type).map_err(unsupported)?;
        let content_type = (!content_type.trim().is_empty()).then(|| format.as_str());
        let one_of = |name: &str, allowed: &[&str], expected: &str| match member(name)? {
            value if value.is_empty() || allowed.contains(&value) => Ok(value),
            value => Err(unsupported(format!("{name} is {value:?}; it must be {expected}"))),
        };
        let modes = ["File", "FastFile", "Pipe"];
        let is_pipe = one_of("TrainingInputMode", &modes, "File, FastFile or Pipe")? == "Pipe";
        one_of("RecordWrapperType", &["None"], "None")?;
        // A host reads what its folder holds; this tells whether the others have more.
        let distributions = ["FullyReplicated", "ShardedByS3Key"];
        let distribution = one_of("S3DistributionType", &distributions, "FullyReplicated or ShardedByS3Key")?;
        let data = opt_ml.join("input/data");
        let path = if is_pipe { data.join(format!("{name}_0")) } else { data.join(name) };
        Ok(Self { name, content_type, format, is_pipe, is_sharded: distribution == "ShardedByS3Key", path })
    }

    /// Reads all rows in order and passes each to `sink`: features, then label. Returns the number of rows.
    ///
    /// All rows must have `feature_dim` features. If it is `None`, it is set to the number of features of the first row.
    pub(super) fn read(
        &self,
        feature_dim: &mut Option<usize>,
        sink: &mut RowSink<'_, TrainingError>,
    ) -> Result<u64, TrainingError> {
        let files = self.files()?;
        let mut n_rows = 0;
        for path in &files {
            let dim = self.read_file(path, *feature_dim, &mut |features, label| {
                n_rows += 1;
                sink(features, label)
            })?;
            *feature_dim = feature_dim.or(dim);
        }
        if n_rows == 0 {
            return Err(TrainingError::EmptyChannel {
                name: self.name,
                path: self.path.clone(),
                n_files: files.len(),
            });
        }
        Ok(n_rows)
    }

    fn read_file(
        &self,
        path: &Path,
        feature_dim: Option<usize>,
        sink: &mut RowSink<'_, TrainingError>,
    ) -> Result<Option<usize>, TrainingError> {
        let file =
            File::open(path).map_err(|source| TrainingError::Input { path: path.to_owned(), source })?;
        let read = with_decompressed_ahead(file, |reader| match self.format {
            DataFormat::Csv => csv::read_rows(reader, LabelColumn::First, feature_dim, true, sink),
            DataFormat::RecordIo => recordio::read_records(reader, feature_dim, sink),
        });
        read.map_err(|error| match error {
            StreamError::Read(ReadError::Io(source)) if !is_damage(&source) => {
                TrainingError::Input { path: path.to_owned(), source }
            }
            StreamError::Read(source) => TrainingError::Data {
                channel: self.name,
                content_type: self.content_type,
                path: path.to_owned(),
                source,
            },
            StreamError::Sink(error) => error,
        })
    }

    fn files(&self) -> Result<Vec<PathBuf>, TrainingError> {
        if self.is_pipe {
            return Ok(vec![self.path.clone()]);
        }
        let mut files = Vec::new();
        list(&self.path, 0, &mut files)?;
        Ok(files)
    }
}

/// Returns whether the contents of the file caused the error, for example a damaged gzip stream.
fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
}

/// Appends the files in a folder and below, in the order of their names.
fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), TrainingError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| TrainingError::Input { path, source }
    };
    if depth > MAX_DEPTH {
        return Err(TrainingError::TooDeep { path: folder.to_owned(), limit: MAX_DEPTH });
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let entry = entry.map_err(failed(folder))?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort_unstable();
    for path in paths {
        let kind = fs::metadata(&path).map_err(failed(&path))?.file_type();
        if kind.is_dir() {
            list(&path, depth + 1, files)?;
        } else if kind.is_file() {
            files.push(path);
        } else {
            // A pipe could block forever.
            return Err(TrainingError::NotAFile { path });
        }
    }
    Ok(())
}

/// Returns the format of a `ContentType`, or what is wrong with it.
fn data_format(content_type: &str) -> Result<DataFormat, String> {
    if content_type.trim().is_empty() {
        return Ok(DataFormat::RecordIo);
    }
    match ContentType::parse(content_type) {
        Ok(ContentType::RecordIo) => return Ok(DataFormat::RecordIo),
        Ok(ContentType::Csv { .. }) => {}
        Err(error) if content_type.trim_start().to_ascii_lowercase().starts_with("text/csv") => {
            return Err(error.to_string());
        }
        Ok(_) | Err(_) => {
            return Err(format!(
                "ContentType is {content_type:?}; it must be text/csv or application/x-recordio-protobuf"
            ));
        }
    }
    // The default of label_size is 0 for requests, and 1 for training data.
    for parameter in content_type.split(';').skip(1) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        if name.trim().eq_ignore_ascii_case("label_size") && value != "1" {
            return Err(format!("label_size is {value:?}; it must be 1: the first column is the label"));
        }
    }
    Ok(DataFormat::Csv)
}
