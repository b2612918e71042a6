//! Training on more rows than memory should hold, from a pipe, beside pandas, pyarrow and numpy.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use mysfits_process::{ChildProcess, StopMethod};
use mysfits_sagemaker::codec::recordio;
use ndarray::ArrayView2;
use serde::Deserialize;
use serde_json::json;

use crate::{
    figures::{Figures, Unit},
    inputs::{self, Inputs},
    machine::peak_bytes,
    report::ReportSection,
    search::DataShape,
};

/// Rows of the narrow stream, by default.
pub(crate) const DEFAULT_ROWS: u64 = 100_000_000;
/// How many times as many rows the narrow stream has as the wide ones.
const WIDE_DIVISOR: u64 = 10;
/// The rows of a block, which is repeated.
const BLOCK_ROWS: usize = 100_000;
const SAMPLE_SIZE: usize = 100_000;
/// The most memory that training may need, in bytes.
const MAX_PEAK_BYTES: f64 = 150e6;
/// How often the peak memory is read.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Where the programs are.
pub(crate) struct StreamPrograms {
    /// Our release binary.
    pub(crate) server: PathBuf,
    /// A Python interpreter with the packages of requirements-bench.txt.
    pub(crate) python: PathBuf,
    /// `bench_streams.py`.
    pub(crate) script: PathBuf,
}

/// Rows that are repeated until there are enough.
struct DataStream {
    name: &'static str,
    content_type: &'static str,
    dim: usize,
    /// [`BLOCK_ROWS`] rows.
    block: Vec<u8>,
    label_sum: f64,
    n_blocks: u64,
    readers: &'static [&'static str],
}

/// What reading a stream to its end took.
struct StreamRun {
    seconds: f64,
    peak_bytes: f64,
    output: String,
}

/// What a peer prints.
#[derive(Deserialize)]
struct RowsRead {
    rows: u64,
    label_sum: f64,
}

pub(crate) fn measure(inputs: &Inputs, programs: &StreamPrograms, n_rows: u64) -> Result<ReportSection> {
    let mut section = ReportSection::new(
        "Training on streams",
        format!(
            "All rows of a pipe, read once; a block of {BLOCK_ROWS} rows is repeated. Ours: `local-sagemaker train` in Pipe mode, which \
             draws {SAMPLE_SIZE} rows, trains and writes the model. Peers: pandas and pyarrow read the CSV in blocks to float32, numpy \
             views RecordIO whose records it is told to be equally long; they only add up the labels, which shows that they read all \
             rows. Each is a process of its own, its start included, on all cores, together with the writer of the pipe. Memory is the \
             peak of what was resident (`VmHWM`)."
        ),
    );
    let mut peaks = Vec::new();
    for stream in streams(inputs, n_rows)? {
        let (n_rows, n_bytes) = (stream.n_rows() as f64, stream.block.len() as f64 * stream.n_blocks as f64);
        let name = format!("{n_rows:.0} rows × {}, {}", stream.dim, stream.name);
        let mut show = |who: &str, run: &StreamRun| {
            section.row(format!("{name}: {who}"), Unit::Seconds, &Figures::new(vec![run.seconds]));
            let what = format!("{name}: {who}, rows");
            section.row(what, Unit::PerSecond, &Figures::new(vec![n_rows / run.seconds]));
            let what = format!("{name}: {who}, bytes of the pipe");
            section.row(what, Unit::BytesPerSecond, &Figures::new(vec![n_bytes / run.seconds]));
            let what = format!("{name}: {who}, peak memory");
            section.row(what, Unit::Bytes, &Figures::new(vec![run.peak_bytes]));
        };
        let ours = train(&stream, &programs.server, &inputs.file("streams"))?;
        show("ours", &ours);
        peaks.push(ours.peak_bytes);
        for reader in stream.readers {
            let mut command = Command::new(&programs.python);
            command.arg(&programs.script).arg(reader).arg(stream.dim.to_string());
            let run = stream.run(&mut command)?;
            let read: RowsRead = serde_json::from_str(&run.output).context("the peer read nothing")?;
            ensure!(
                read.rows == stream.n_rows() && read.label_sum == stream.label_sum * stream.n_blocks as f64,
                "{reader} read {} rows with labels of {}",
                read.rows,
                read.label_sum
            );
            show(reader, &run);
        }
    }
    let peak = Figures::new(vec![peaks.into_iter().fold(0.0, f64::max)]);
    section.below("peak memory of ours, at worst", Unit::Bytes, &peak, MAX_PEAK_BYTES);
    Ok(section)
}

/// Returns the streams: narrow CSV, and wide CSV and RecordIO with a tenth of the rows.
fn streams(inputs: &Inputs, n_rows: u64) -> Result<[DataStream; 3]> {
    let entries: Vec<_> = inputs.queries.iter().copied().cycle().take(BLOCK_ROWS).collect();
    let (narrow, wide) = (inputs::rows(&entries), DataShape::Covtype.draw(BLOCK_ROWS));
    let blocks = |n_rows: u64| n_rows.div_ceil(BLOCK_ROWS as u64).max(1);
    let csv = |name, rows: ArrayView2<'_, f32>, n_rows| -> Result<DataStream> {
        let block = gzip_csv(rows)?;
        let readers = &["pandas", "pyarrow"];
        let (dim, n_blocks) = (rows.ncols(), blocks(n_rows));
        Ok(DataStream {
            name,
            content_type: "text/csv;label_size=1",
            dim,
            block,
            label_sum: label_sum(),
            n_blocks,
            readers,
        })
    };
    let mut records = Vec::new();
    for (row, features) in wide.rows().into_iter().enumerate() {
        recordio::write_sample(features.as_slice().unwrap_or_default(), Some(label(row)), &mut records);
    }
    Ok([
        csv("gzip CSV", narrow.view(), n_rows)?,
        csv("gzip CSV", wide.view(), n_rows / WIDE_DIVISOR)?,
        DataStream {
            name: "RecordIO",
            content_type: "application/x-recordio-protobuf",
            dim: wide.ncols(),
            block: records,
            label_sum: label_sum(),
            n_blocks: blocks(n_rows / WIDE_DIVISOR),
            readers: &["numpy"],
        },
    ])
}

/// Returns the label of a row of a block.
fn label(row: usize) -> f64 {
    (row % 7) as f64
}

fn label_sum() -> f64 {
    (0..BLOCK_ROWS).map(label).sum()
}

/// Returns rows as a member of a gzip file, label first.
fn gzip_csv(rows: ArrayView2<'_, f32>) -> Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    for (row, features) in rows.rows().into_iter().enumerate() {
        write!(gzip, "{}", label(row))?;
        for feature in features {
            write!(gzip, ",{feature}")?;
        }
        gzip.write_all(b"\n")?;
    }
    Ok(gzip.finish()?)
}

/// Trains a model on a stream.
fn train(stream: &DataStream, server: &Path, opt_ml: &Path) -> Result<StreamRun> {
    if opt_ml.exists() {
        fs::remove_dir_all(opt_ml).with_context(|| format!("cannot remove {}", opt_ml.display()))?;
    }
    let (config, data) = (opt_ml.join("input/config"), opt_ml.join("input/data"));
    for folder in [&config, &data] {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let hyperparameters = json!({
        "k": "10",
        "sample_size": SAMPLE_SIZE.to_string(),
        "feature_dim": stream.dim.to_string(),
        "predictor_type": "classifier",
    });
    fs::write(config.join("hyperparameters.json"), hyperparameters.to_string())?;
    let channels = json!({ "train": { "ContentType": stream.content_type, "TrainingInputMode": "Pipe" } });
    fs::write(config.join("inputdataconfig.json"), channels.to_string())?;
    std::os::unix::fs::symlink("/dev/stdin", data.join("train_0"))?;
    let run = stream.run(Command::new(server).args(["train", "--opt-ml"]).arg(opt_ml))?;
    ensure!(opt_ml.join("model/model_algo-1").exists(), "there is no model: {}", run.output);
    Ok(run)
}

impl DataStream {
    fn n_rows(&self) -> u64 {
        self.n_blocks * BLOCK_ROWS as u64
    }

    /// Runs a program that reads the stream from its standard input to the end.
    fn run(&self, command: &mut Command) -> Result<StreamRun> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let begun = Instant::now();
        let mut process = ChildProcess::start(command, StopMethod::Kill)?;
        let mut input = process.take_stdin().context("the input is not piped")?;
        let mut output = process.take_stdout().context("the output is not piped")?;
        let (written, printed, exit) = thread::scope(|scope| {
            let writer =
                scope.spawn(move || (0..self.n_blocks).try_for_each(|_| input.write_all(&self.block)));
            let reader = scope.spawn(move || {
                let mut text = String::new();
                output.read_to_string(&mut text).map(|_| text)
            });
            let exit = wait(&mut process);
            (writer.join(), reader.join(), exit)
        });
        let seconds = begun.elapsed().as_secs_f64();
        let (status, peak_bytes) = exit?;
        let output = printed.ok().context("the reader of the output has panicked")??;
        ensure!(status, "{} has failed: {output}", process.command_line());
        written.ok().context("the writer has panicked")?.context("the stream was not read to its end")?;
        Ok(StreamRun { seconds, peak_bytes, output })
    }
}

/// Waits for the end of a process. Returns whether it succeeded, and its peak memory.
fn wait(process: &mut ChildProcess) -> Result<(bool, f64)> {
    let mut peak = 0.0f64;
    loop {
        // A process that has ended, but was not waited for, has no memory.
        if let Ok(bytes) = peak_bytes(process.id()) {
            peak = peak.max(bytes);
        }
        if let Some(status) = process.try_wait()? {
            return Ok((status.success(), peak));
        }
        thread::sleep(POLL_INTERVAL);
    }
}

#[cfg(test)]
mod tests {
    use mysfits_sagemaker::training::{LabelColumn, Samples};
    use ndarray::array;

    use super::*;

    fn stream(block: &[u8], n_blocks: u64) -> DataStream {
        let block = block.to_vec();
        DataStream { name: "", content_type: "", dim: 2, block, label_sum: 0.0, n_blocks, readers: &[] }
    }

    #[test]
    fn blocks_are_gzip_members_that_can_be_repeated() {
        let rows = array![[1.0, 2.5], [3.0, 4.0]];
        let block = gzip_csv(rows.view()).unwrap();
        let samples =
            Samples::read_csv([block.clone(), block].concat().as_slice(), LabelColumn::First).unwrap();
        assert_eq!(samples.labels.to_vec(), [0.0, 1.0, 0.0, 1.0]);
        assert_eq!(samples.features, array![[1.0, 2.5], [3.0, 4.0], [1.0, 2.5], [3.0, 4.0]]);
    }

    #[test]
    fn a_program_reads_all_blocks() {
        let run = stream(b"12345", 100_000).run(Command::new("wc").arg("-c")).unwrap();
        assert_eq!(run.output.trim(), "500000");
        assert!(run.seconds > 0.0);
    }

    #[test]
    fn a_program_that_stops_reading_is_an_error() {
        let error =
            stream(&vec![b'x'; 100_000], 100).run(Command::new("head").args(["-c", "1"])).err().unwrap();
        assert!(error.to_string().contains("was not read to its end"), "{error:#}");
    }
}
