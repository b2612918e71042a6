//! Reading training data: CSV, plain and gzip, in chunks that end anywhere. Below, the container's contract:
//!
//! - `fixture`: a folder that is laid out as `/opt/ml`.
//! - `hyperparameters`: each one's range, and what is said outside of it.
//! - `channels`: files, folders, pipes and formats.
//! - `indexes`: those that choose the index, the metric and the dimension reduction.
//! - `hosts`: several hosts, their samples, and the model of all.
//! - `model`, `failures`: what a job leaves behind, on success and on failure; `log`: what it logs.

#[cfg(unix)]
mod channels;
mod failures;
mod fixture;
mod hosts;
mod hyperparameters;
mod indexes;
mod log;
mod model;

use std::io::{self, Read, Write as _};

use expect_test::{Expect, expect};
use flate2::{Compression, write::GzEncoder};
use mysfits_sagemaker::training::{LabelColumn, ReadError, Samples};
use ndarray::{Array1, Array2, array};

use crate::support::causes;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn read_last(bytes: impl AsRef<[u8]>) -> Result<Samples, ReadError> {
    Samples::read_csv(bytes.as_ref(), LabelColumn::Last)
}

/// Checks what is read from a CSV with the label last, plain and gzip, in large pieces and small.
#[track_caller]
fn check(csv: &str, features: Array2<f32>, labels: Array1<f64>) {
    let expected = Samples { features, labels };
    assert_eq!(read_last(csv).unwrap(), expected, "{csv:?}");
    assert_eq!(read_last(gzip(csv.as_bytes())).unwrap(), expected, "{csv:?}, gzip");
    for step in 1..5 {
        let pieces = Pieces { bytes: csv.as_bytes(), step };
        assert_eq!(
            Samples::read_csv(pieces, LabelColumn::Last).unwrap(),
            expected,
            "{csv:?}, {step} at a time"
        );
    }
}

/// Checks the refusal of a CSV, plain and gzip.
#[track_caller]
fn check_refused(csv: impl AsRef<[u8]>, expected: Expect) {
    let plain = causes(&read_last(&csv).unwrap_err());
    assert_eq!(plain, causes(&read_last(gzip(csv.as_ref())).unwrap_err()));
    expected.assert_eq(&plain);
}

/// Gives its bytes a few at a time.
struct Pieces<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.step.min(self.bytes.len()).min(into.len());
        let (now, later) = self.bytes.split_at(n);
        into[..n].copy_from_slice(now);
        self.bytes = later;
        Ok(n)
    }
}

#[test]
fn the_label_is_first_or_last() {
    let csv = "1,2,3\n4,5,6\n";
    let samples = Samples::read_csv(csv.as_bytes(), LabelColumn::First).unwrap();
    assert_eq!(samples, Samples { features: array![[2.0, 3.0], [5.0, 6.0]], labels: array![1.0, 4.0] });
    check(csv, array![[1.0, 2.0], [4.0, 5.0]], array![3.0, 6.0]);
}

#[test]
fn line_ends_blank_lines_and_white_space_make_no_difference() {
    let (features, labels) = (array![[1.5], [-200.0]], array![0.0, 11.0]);
    for csv in
        ["1.5,0\n-2e2,11\n", "1.5,0\n-2e2,11", "1.5,0\r\n-2e2,11\r\n", "\n 1.5 ,\t0\n\r\n  \n-2e2,11\n\n \n"]
    {
        check(csv, features.clone(), labels.clone());
    }
}

#[test]
fn byte_order_mark_at_the_beginning_is_skipped() {
    check("\u{feff}1,2\n3,4\n", array![[1.0], [3.0]], array![2.0, 4.0]);
    check("\u{feff}1.5,2", array![[1.5]], array![2.0]);
    check("\u{feff}\n1.5,2", array![[1.5]], array![2.0]);
}

#[test]
fn a_single_line_is_enough() {
    check("8,1", array![[8.0]], array![1.0]);
}

#[test]
fn faults_are_named_by_line_and_column() {
    check_refused("", expect!["there are no samples"]);
    check_refused("\n\r\n", expect!["there are no samples"]);
    check_refused(
        "1\n2\n",
        expect!["the first line has one column; there must be a label and at least one feature"],
    );
    check_refused("age,sport,label\n1,2,3\n", expect![[r#"line 1, column 1: "age" is not a number"#]]);
    check_refused("1,2,3\n1,x,3\n", expect![[r#"line 2, column 2: "x" is not a number"#]]);
    check_refused("1,2,3\n1,2,\n", expect![[r#"line 2, column 3: "" is not a number"#]]);
    check_refused("1,2,3\n1,2,", expect![[r#"line 2, column 3: "" is not a number"#]]);
    check_refused("1,2,3\n1,2\n", expect!["line 2 has 2 columns; the first has 3"]);
    check_refused("1,2,3\n1,2,3,4\n", expect!["line 2 has 4 columns; the first has 3"]);
    check_refused("1,2\n3\n", expect!["line 2 has 1 columns; the first has 2"]);
    check_refused(b"1,\xff\n", expect![[r#"line 1, column 2: "�" is not a number"#]]);
    check_refused("\u{feff}", expect!["there are no samples"]);
    check_refused("1,2\n\u{feff}1,2\n", expect![[r#"line 2, column 1: "\u{feff}1" is not a number"#]]);
}

#[test]
fn blank_lines_count_when_a_line_is_named() {
    check_refused("1,2\n\n\r\n3,x\n", expect![[r#"line 4, column 2: "x" is not a number"#]]);
    check_refused("\n1,2\n\n3\n", expect!["line 4 has 1 columns; the first has 2"]);
}

#[test]
fn nan_is_rejected_by_the_dataset() {
    let samples = read_last("1,2\nnan,3\n").unwrap();
    expect!["feature 0 of row 1 is NaN; every feature must be a finite number"]
        .assert_eq(&samples.dataset().unwrap_err().to_string());
}

/// The size of the chunks in which is read.
const CHUNK: usize = 1 << 18;

/// A CSV of at least `len` bytes with numbers of many lengths, and the numbers.
fn csv_of(len: usize, first: &str) -> (String, Vec<f32>) {
    let mut csv = format!("{first},0,1\n");
    let mut numbers = vec![first.trim().parse().unwrap(), 0.0, 1.0];
    for i in 0u32.. {
        if csv.len() >= len {
            break;
        }
        let row = [i % 9, i.wrapping_mul(2_654_435_761) % 100_000, i % 12];
        csv += &format!("{},{},{}\n", row[0], row[1], row[2]);
        numbers.extend(row.map(|number| number as f32));
    }
    (csv, numbers)
}

#[test]
fn fields_across_chunks_are_read() {
    // Moving the text byte by byte puts every kind of border on the end of the first chunk, and of the second.
    for shift in 0..24 {
        let (csv, numbers) = csv_of(2 * CHUNK + 100, &format!("{}7", " ".repeat(shift)));
        for bytes in [csv.clone().into_bytes(), gzip(csv.as_bytes())] {
            let samples = read_last(bytes).unwrap();
            let read: Vec<f32> = samples
                .features
                .rows()
                .into_iter()
                .zip(&samples.labels)
                .flat_map(|(row, label)| [row[0], row[1], *label as f32])
                .collect();
            assert!(read == numbers, "shifted by {shift}");
        }
    }
}

#[test]
fn texts_as_long_as_a_chunk_are_read() {
    for len in [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK] {
        let line = "1,2\n";
        for padding in 0..line.len() {
            let mut csv = line.repeat(len / line.len());
            csv.replace_range(..0, &" ".repeat(padding));
            csv.truncate(len);
            let cut = csv.len() - csv.rfind('\n').unwrap() - 1;
            match read_last(&csv) {
                Ok(samples) => assert_eq!(samples.labels.sum(), 2.0 * samples.labels.len() as f64),
                Err(error) => assert!(cut == 1 || cut == 2, "{len} {padding}: {error}"),
            }
        }
    }
}

#[test]
fn a_fault_far_behind_is_named_by_its_line() {
    let (mut csv, numbers) = csv_of(3 * CHUNK, "7");
    csv += "1,2,oops\n";
    let line = numbers.len() / 3 + 1;
    for bytes in [csv.clone().into_bytes(), gzip(csv.as_bytes())] {
        let error = read_last(bytes).unwrap_err().to_string();
        assert_eq!(error, format!("line {line}, column 3: \"oops\" is not a number"));
    }
}

#[test]
fn truncated_gzip_streams_are_rejected() {
    let (csv, _) = csv_of(CHUNK + 1000, "7");
    let bytes = gzip(csv.as_bytes());
    for len in (2..bytes.len()).step_by(bytes.len() / 50).chain(bytes.len() - 9..bytes.len()) {
        assert!(matches!(read_last(&bytes[..len]), Err(ReadError::Io(_))), "{len} of {} bytes", bytes.len());
    }
}

#[test]
fn a_damaged_gzip_stream_is_refused() {
    let mut bytes = gzip(b"1,2\n3,4\n");
    let checksum = bytes.len() - 8;
    bytes[checksum] ^= 1;
    assert!(matches!(read_last(&bytes), Err(ReadError::Io(_))));
    assert!(matches!(read_last(b"\x1f\x8b\x08 and so on"), Err(ReadError::Io(_))));
}

#[test]
fn gzip_streams_in_a_row_are_one() {
    let bytes = [gzip(b"1,2\n3,"), gzip(b"4\n5,6\n")].concat();
    assert_eq!(read_last(bytes).unwrap().labels, array![2.0, 4.0, 6.0]);
}

/// Gives some good lines, then fails.
struct Breaks(bool);

impl Read for Breaks {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if std::mem::replace(&mut self.0, true) {
            return Err(io::Error::other("the disk is gone"));
        }
        into[..4].copy_from_slice(b"1,2\n");
        Ok(4)
    }
}

#[test]
fn reader_errors_are_reported() {
    let error = Samples::read_csv(Breaks(false), LabelColumn::Last).unwrap_err();
    expect!["the training data cannot be read: the disk is gone"].assert_eq(&causes(&error));
}
