//! Request bodies to numbers, against numpy and Python's json.

use std::{fs, hint::black_box};

use anyhow::{Context as _, Result, ensure};
use mysfits_sagemaker::{
    codec::{ContentType, decode, recordio::write_sample},
    training::Samples,
};

use crate::{
    Effort,
    endpoint::{WorkloadFormat, WorkloadRows},
    figures::{Figures, Unit, timed},
    inputs::Inputs,
    peers::Peers,
    report::ReportSection,
    search::DataShape,
};

/// How many rows a body has.
const N_ROWS: usize = 10_000;
/// How often a body is decoded in a repetition, so that it lasts some milliseconds.
const PASSES: usize = 10;
/// Features of a record in the bodies of RecordIO, and how many records there are: each body is larger than a core's caches.
const RECORDS: [(DataShape, usize); 4] = [
    (DataShape::Reals(5), 1_000_000),
    (DataShape::Covtype, 200_000),
    (DataShape::Mnist, 20_000),
    (DataShape::Embeddings(2048), 8_000),
];
/// The least speed of RecordIO in bytes a second: requests from 54 features on, and training data from 784 on. Training data with
/// fewer features wait for new memory in a large part of the time.
const RECORDIO_THRESHOLD: f64 = 1e9;

/// The bodies that a peer reads too: of which rows, and what the peer calls the file and the measurement.
const TEXTS: [(WorkloadFormat, WorkloadRows, &str); 4] = [
    (WorkloadFormat::Csv, WorkloadRows::Entries, "decode_entries_csv"),
    (WorkloadFormat::Csv, WorkloadRows::Reals, "decode_reals_csv"),
    (WorkloadFormat::Json, WorkloadRows::Reals, "decode_reals_json"),
    (WorkloadFormat::JsonLines, WorkloadRows::Reals, "decode_reals_jsonlines"),
];

/// A body, and what is in it.
struct EncodedBody {
    content_type: &'static str,
    rows: WorkloadRows,
    bytes: Vec<u8>,
    peer: &'static str,
}

pub(crate) fn measure(inputs: &Inputs, peers: &mut Peers, effort: Effort) -> Result<ReportSection> {
    let draw = |rows: WorkloadRows| rows.draw(inputs, N_ROWS);
    let texts = TEXTS.map(|(format, rows, peer)| EncodedBody {
        content_type: format.content_type(),
        rows,
        bytes: format.encode(draw(rows).view()),
        peer,
    });
    let mut section = ReportSection::new(
        "Decoding",
        format!(
            "A body of {N_ROWS} rows of 5 numbers, in memory, to an array of `f32`; on one thread; rows a second. *All \
             different*: seven or eight digits a number; *entries*: one. Ours: `codec::decode`, which finds the row and \
             the column of what is wrong, had there been anything. Peers: `numpy.loadtxt`, and `json.loads` with \
             `numpy.array`, both to float32. That both read the same is checked by the sum of the numbers. RecordIO has no peer \
             here; its bodies are larger, so that they come from memory: requests by `codec::decode`, training data, with a label, by \
             `Samples::read_recordio`."
        ),
    );
    for body in &texts {
        let EncodedBody { content_type, rows, bytes, peer } = body;
        let name = format!("{content_type}, {}", rows.describe());
        let (samples, parsed) = (draw(*rows), ContentType::parse(content_type)?);
        ensure!(decode(&parsed, bytes)? == samples, "{name}: what is decoded is not what was encoded");
        // Each number has 24 bits and there are few of them: the sum is exact in any order.
        let checksum: f64 = samples.iter().copied().map(f64::from).sum();
        let file = inputs.file(peer);
        fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
        let decode_often = || -> Result<()> {
            for _ in 0..PASSES {
                black_box(decode(&parsed, black_box(bytes))?);
            }
            Ok(())
        };
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..effort.repetitions {
            let (seconds, result) = timed(decode_often);
            result?;
            ours.push((PASSES * N_ROWS) as f64 / seconds);
            theirs.push(N_ROWS as f64 / peers.measure(peer)?.seconds_if(checksum)?);
        }
        let ours = Figures::new(ours);
        let size = bytes.len() as f64 / N_ROWS as f64;
        section.row(format!("{name} ({size:.0} bytes a row)"), Unit::PerSecond, &ours);
        let theirs = Figures::new(theirs);
        section.row(format!("{name}: Python"), Unit::PerSecond, &theirs);
        section.row(format!("{name}: ours / Python"), Unit::Times, &ours.over(&theirs));
    }
    let mut speeds = Vec::new();
    for (shape, n_rows) in RECORDS {
        let [requests, training] = measure_recordio(shape, n_rows, effort)?;
        let name = format!("application/x-recordio-protobuf, {} features", shape.dim());
        section.row(format!("{name}: requests"), Unit::BytesPerSecond, &requests);
        section.row(format!("{name}: training data"), Unit::BytesPerSecond, &training);
        if shape.dim() >= DataShape::Covtype.dim() {
            speeds.push(requests);
        }
        if shape.dim() >= DataShape::Mnist.dim() {
            speeds.push(training);
        }
    }
    let what = "RecordIO, requests from 54 features on, training data from 784 on, at worst";
    section.at_least(what, Unit::BytesPerSecond, Figures::lowest(&speeds)?, RECORDIO_THRESHOLD);
    Ok(section)
}

/// Measures how many bytes of RecordIO are read in a second, as requests and as training data.
fn measure_recordio(shape: DataShape, n_rows: usize, effort: Effort) -> Result<[Figures; 2]> {
    let samples = shape.draw(n_rows);
    let encode = |label| {
        let mut body = Vec::new();
        for row in samples.rows() {
            write_sample(row.as_slice().unwrap_or_default(), label, &mut body);
        }
        body
    };
    let (request, training) = (encode(None), encode(Some(1.0)));
    let (mut requests, mut trainings) = (Vec::new(), Vec::new());
    for _ in 0..effort.repetitions {
        let (seconds, decoded) = timed(|| decode(&ContentType::RecordIo, &request));
        ensure!(decoded? == samples, "RecordIO: what is decoded is not what was encoded");
        requests.push(request.len() as f64 / seconds);
        let (seconds, read) = timed(|| Samples::read_recordio(training.as_slice()));
        ensure!(read?.features == samples, "RecordIO: what is read is not what was encoded");
        trainings.push(training.len() as f64 / seconds);
    }
    Ok([Figures::new(requests), Figures::new(trainings)])
}
