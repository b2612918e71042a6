//! RecordIO to train with: labelled records from streams, which are held one at a time.

use std::io::{self, Read, Write as _};

use expect_test::{Expect, expect};
use flate2::{Compression, write::GzEncoder};
use mysfits_sagemaker::{
    codec::recordio::{MAX_RECORD_BYTES, write_sample},
    training::{ReadError, Samples},
};
use ndarray::array;
use proptest::prelude::*;

use super::{
    record::{doubles, framed},
    recordio::{SPARSE, TRAINING_F32, TRAINING_F64, hex, part},
};
use crate::support::causes;

#[track_caller]
fn check_refused(data: impl Read + Send, expected: Expect) {
    expected.assert_eq(&causes(&Samples::read_recordio(data).unwrap_err()));
}

/// A reader that gives a byte at a time, as a pipe may.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(&mut into[..1])
    }
}

fn sample(features: &[f32], label: f64) -> Vec<u8> {
    let mut record = Vec::new();
    write_sample(features, Some(label), &mut record);
    record
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_python_sdks_training_data_are_read() {
    let data = [hex(TRAINING_F32), hex(TRAINING_F64)].concat();
    let row = [1.0, 0.0, 2.0, 7.0, 0.0];
    let expected = Samples { features: array![row, row], labels: array![11.0, 11.0] };
    assert_eq!(Samples::read_recordio(data.as_slice()).unwrap(), expected);
    assert_eq!(Samples::read_recordio(Trickle(&data)).unwrap(), expected);
    assert_eq!(Samples::read_recordio(gzip(&data).as_slice()).unwrap(), expected);
    // Files in a row are one stream, gzip or not.
    let members = [gzip(&data[..64]), gzip(&data[64..])].concat();
    assert_eq!(Samples::read_recordio(members.as_slice()).unwrap(), expected);
}

#[test]
fn keeps_labels_of_every_tensor_as_f64() {
    let ids = [16_777_217.0, 1_000_000_007.0, 20_240_131_123_456.0];
    let data: Vec<u8> = ids.iter().flat_map(|id| sample(&[1.0], *id)).collect();
    assert_eq!(Samples::read_recordio(data.as_slice()).unwrap().labels.to_vec(), ids);
    // An Int32Tensor of 16,777,217.
    let record =
        hex("0a11 0a06 76616c756573 1207 1205 0d 0000803f 1212 0a06 76616c756573 1208 3a06 0a04 81808008");
    let samples = Samples::read_recordio(framed(&record).as_slice()).unwrap();
    assert_eq!(samples.labels, array![16_777_217.0]);
}

#[test]
fn reads_sparse_records_of_any_width() {
    // Keys 0 and 262,143 of a shape of 262,144, the default width of Spark's hashed features; the label is 1.
    let record = hex("0a21 0a06 76616c756573 1217 1215 0a08 0000803f00000040 1204 00ffff0f 1a03 808010");
    let label = hex("1212 0a06 76616c756573 1208 1206 0a04 0000803f");
    let samples = Samples::read_recordio(framed(&[record, label].concat()).as_slice()).unwrap();
    assert_eq!(samples.features.dim(), (1, 262_144));
    assert_eq!((samples.features[(0, 0)], samples.features[(0, 262_143)]), (1.0, 2.0));
    assert_eq!(samples.features.sum(), 3.0);
}

#[test]
fn a_record_in_parts_is_joined() {
    let value = f32::from_le_bytes(0xced7_230au32.to_le_bytes());
    let whole = sample(&[1.0, value], 3.0).split_off(8);
    let at = whole.windows(4).position(|bytes| bytes == 0xced7_230au32.to_le_bytes()).unwrap();
    assert_eq!(at % 4, 0);
    let data = [part(1, &whole[..at]), part(3, &whole[at + 4..]), framed(&whole)].concat();
    let samples = Samples::read_recordio(Trickle(&data)).unwrap();
    assert_eq!(samples.features, array![[1.0, value], [1.0, value]]);
}

#[test]
fn a_stream_cut_off_anywhere_is_refused_there() {
    let whole = [hex(TRAINING_F32), hex(TRAINING_F64)].concat();
    for end in (1..whole.len()).filter(|&end| end != 64) {
        let frame = if end < 64 { "record 1: the frame at byte 0" } else { "record 2: the frame at byte 64" };
        let error = Samples::read_recordio(&whole[..end]).unwrap_err().to_string();
        assert_eq!(error, format!("{frame} is cut off"));
    }
}

#[test]
fn invalid_training_records_are_rejected() {
    check_refused(&b""[..], expect!["there are no samples"]);
    check_refused(
        &b"11,1,0,2,7,0\n"[..],
        expect!["record 1: invalid magic number at byte 0: 0x312c3131 (expected 0xced7230a)"],
    );
    check_refused(gzip(b"11").as_slice(), expect!["record 1: the frame at byte 0 is cut off"]);
    check_refused(&gzip(b"11")[..15], expect!["the training data cannot be read: unexpected end of file"]);
    // Without a label; with two; with a label that is no tensor.
    check_refused(hex(SPARSE).as_slice(), expect![[r#"record 1: label has no entry "values""#]]);
    check_refused(
        [sample(&[1.0], 2.0), doubles(&[1.0])].concat().as_slice(),
        expect![[r#"record 2: label has no entry "values""#]],
    );
    let two = framed(&hex(
        "0a11 0a06 76616c756573 1207 1205 0d 0000803f 1216 0a06 76616c756573 120c 120a 0a08 0000000000000000",
    ));
    check_refused(two.as_slice(), expect![[r#"record 1: label["values"] has 2 numbers; it must have one"#]]);
    check_refused(
        framed(&hex("0a11 0a06 76616c756573 1207 1205 0d 0000803f 12 0c 0a06 76616c756573 1202 4a00"))
            .as_slice(),
        expect![[
            r#"record 1: label["values"] holds bytes; it must hold a Float32Tensor, a Float64Tensor or an Int32Tensor"#
        ]],
    );
    // Widths and numbers.
    check_refused(sample(&[], 2.0).as_slice(), expect!["record 1: there are no features"]);
    check_refused(
        [sample(&[1.0], 2.0), sample(&[1.0, 2.0], 2.0)].concat().as_slice(),
        expect!["record 2 has 2 features beside its label; feature_dim is 1"],
    );
    check_refused(
        sample(&[1.0, f32::NAN], 2.0).as_slice(),
        expect!["record 1: feature 1 is NaN, not a finite 32-bit number"],
    );
    check_refused(
        [sample(&[1.0], 2.0), sample(&[1.0], f64::INFINITY)].concat().as_slice(),
        expect!["record 2: the label is inf, not a finite 64-bit number"],
    );
}

#[test]
fn a_record_may_be_long_but_not_without_end() {
    let long = vec![0.5; 300_000];
    let samples = Samples::read_recordio(sample(&long, 1.0).as_slice()).unwrap();
    assert_eq!(samples.features.dim(), (1, 300_000));
    // A claim alone is refused before anything is read.
    let claim = (MAX_RECORD_BYTES as u32 + 1).to_le_bytes();
    check_refused(
        [&hex("0a23d7ce"), &claim[..]].concat().as_slice(),
        expect!["record 1: the record with the frame at byte 0 is longer than 67108864 bytes"],
    );
    // And so are parts that never end.
    let endless = [part(1, &vec![0; 1 << 20]), part(2, &vec![0; 1 << 20]).repeat(64)].concat();
    check_refused(
        endless.as_slice(),
        expect!["record 1: the record with the frame at byte 66060792 is longer than 67108864 bytes"],
    );
}

#[test]
fn reader_errors_are_io_errors() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let data = hex(TRAINING_F32);
    check_refused(data.chain(Broken), expect!["the training data cannot be read: the disk is gone"]);
    assert!(matches!(Samples::read_recordio(Broken), Err(ReadError::Io(_))));
}

proptest! {
    #[test]
    fn written_samples_are_read_again(
        rows in (1usize..6).prop_flat_map(|dim| {
            prop::collection::vec((prop::collection::vec(-1e9f32..1e9, dim), -1e15f64..1e15), 1..20)
        }),
    ) {
        let data: Vec<u8> = rows.iter().flat_map(|(features, label)| sample(features, *label)).collect();
        let samples = Samples::read_recordio(data.as_slice()).unwrap();
        prop_assert_eq!(samples.features.dim(), (rows.len(), rows[0].0.len()));
        prop_assert!(samples.features.iter().eq(rows.iter().flat_map(|(features, _)| features)));
        prop_assert!(samples.labels.iter().eq(rows.iter().map(|(_, label)| label)));
    }

    #[test]
    fn no_stream_brings_the_reader_down(
        features in prop::collection::vec(-9.0f32..9.0, 0..6),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        rest in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let mut data = [sample(&features, 1.0).repeat(2), rest].concat();
        for (at, byte) in changes {
            *at.get_mut(&mut data) = byte;
        }
        if let Ok(samples) = Samples::read_recordio(data.as_slice()) {
            prop_assert!(samples.dataset().is_ok());
        }
    }
}
