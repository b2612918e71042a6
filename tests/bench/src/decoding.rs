//! Request bodies to numbers, against numpy and Python's json.

use std::{fs, hint::black_box};

use anyhow::{Context as _, Result, ensure};
use mysfits_sagemaker::codec::{ContentType, decode};
use ndarray::Array2;

use crate::{
    Effort,
    endpoint::{WorkloadFormat, WorkloadRows},
    figures::{Figures, Unit, timed},
    inputs::Inputs,
    peers::Peers,
    report::ReportSection,
};

/// How many rows a body has.
const N_ROWS: usize = 10_000;
/// How often a body is decoded in a repetition, so that it lasts some milliseconds.
const PASSES: usize = 10;
/// What each frame of RecordIO begins with.
const MAGIC: [u8; 4] = 0xced7_230a_u32.to_le_bytes();

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
    peer: Option<&'static str>,
}

pub(crate) fn measure(inputs: &Inputs, peers: &mut Peers, effort: Effort) -> Result<ReportSection> {
    let draw = |rows: WorkloadRows| rows.draw(inputs, N_ROWS);
    let texts = TEXTS.map(|(format, rows, peer)| EncodedBody {
        content_type: format.content_type(),
        rows,
        bytes: format.encode(draw(rows).view()),
        peer: Some(peer),
    });
    let records = EncodedBody {
        content_type: "application/x-recordio-protobuf",
        rows: WorkloadRows::Reals,
        bytes: recordio(&draw(WorkloadRows::Reals)),
        peer: None,
    };

    let mut section = ReportSection::new(
        "Decoding",
        format!(
            "A body of {N_ROWS} rows of 5 numbers, in memory, to an array of `f32`; on one thread; rows a second. *All \
             different*: seven or eight digits a number; *entries*: one. Ours: `codec::decode`, which finds the row and \
             the column of what is wrong, had there been anything. Peers: `numpy.loadtxt`, and `json.loads` with \
             `numpy.array`, both to float32; RecordIO has no peer. That both read the same is checked by the sum of the numbers. No bars: \
             for information."
        ),
    );
    for body in texts.iter().chain([&records]) {
        let EncodedBody { content_type, rows, bytes, peer } = body;
        let name = format!("{content_type}, {}", rows.describe());
        let (samples, parsed) = (draw(*rows), ContentType::parse(content_type)?);
        ensure!(decode(&parsed, bytes)? == samples, "{name}: what is decoded is not what was encoded");
        // Each number has 24 bits and there are few of them: the sum is exact in any order.
        let checksum: f64 = samples.iter().copied().map(f64::from).sum();
        if let Some(peer) = peer {
            let file = inputs.file(peer);
            fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
        }
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
            if let Some(peer) = peer {
                theirs.push(N_ROWS as f64 / peers.measure(peer)?.seconds_if(checksum)?);
            }
        }
        let ours = Figures::new(ours);
        let size = bytes.len() as f64 / N_ROWS as f64;
        section.row(format!("{name} ({size:.0} bytes a row)"), Unit::PerSecond, &ours);
        if peer.is_some() {
            let theirs = Figures::new(theirs);
            section.row(format!("{name}: Python"), Unit::PerSecond, &theirs);
            section.row(format!("{name}: ours / Python"), Unit::Times, &ours.over(&theirs));
        }
    }
    Ok(section)
}

/// Returns the rows as SageMaker's SDK writes them: framed protobuf records, `features["values"]` a `Float32Tensor`.
fn recordio(samples: &Array2<f32>) -> Vec<u8> {
    let mut out = Vec::new();
    for row in samples.rows() {
        let packed: Vec<u8> = row.iter().copied().flat_map(f32::to_le_bytes).collect();
        // From the inside out: Float32Tensor.values = 1, Value.float32_tensor = 2, the map's value = 2 beside its
        // key = 1, Record.features = 1.
        let tensor = field(1, &packed);
        let entry = [field(1, b"values"), field(2, &field(2, &tensor))].concat();
        let record = field(1, &entry);
        out.extend(MAGIC);
        out.extend((record.len() as u32).to_le_bytes());
        out.extend(&record);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}

/// Returns a protobuf field of bytes; both its number and its length are small enough for a byte each.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).ok().filter(|&length| length < 0x80);
    let length = length.expect("a row of the benchmark has few numbers");
    [&[number << 3 | 2, length], bytes].concat()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_record_is_as_sagemakers_sdk_writes_it() {
        let expected = b"\x0a\x23\xd7\xce\x24\0\0\0\x0a\x22\x0a\x06values\x12\x18\x12\x16\x0a\x14\
                         \0\0\x80\x3f\0\0\0\0\0\0\0\x40\0\0\xe0\x40\0\0\0\0";
        assert_eq!(recordio(&array![[1.0, 0.0, 2.0, 7.0, 0.0]]), expected);
    }
}
