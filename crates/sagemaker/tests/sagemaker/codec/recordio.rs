//! `application/x-recordio-protobuf`: frames, and the samples in them. `record` compares with another implementation.

use expect_test::expect;
use mysfits_sagemaker::codec::recordio::write_sample;
use ndarray::array;

use super::{
    RECORD_IO, check, check_refused,
    record::{doubles, framed},
};

/// Bytes as they stand in the documentation, white space where it helps.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// `[1, 0, 2, 7, 0]`, as the SageMaker Python SDK's writer writes it: from `float32` with label 11, from `float64` with
/// label 11, from `float32` without.
pub const TRAINING_F32: &str = "0a23d7ce 38000000 0a22 0a06 76616c756573 1218 1216 0a14 0000803f 00000000 00000040 0000e040 \
     00000000 12 12 0a06 76616c756573 1208 1206 0a04 00003041";
pub const TRAINING_F64: &str = "0a23d7ce 50000000 0a36 0a06 76616c756573 122c 1a2a 0a28 000000000000f03f 0000000000000000 \
     0000000000000040 0000000000001c40 0000000000000000 12 16 0a06 76616c756573 120c 1a0a 0a08 0000000000002640";
const REQUEST_F32: &str =
    "0a23d7ce 24000000 0a22 0a06 76616c756573 1218 1216 0a14 0000803f 00000000 00000040 0000e040 00000000";
/// `[0, 3, 0, 0, 1]` in five places.
pub const SPARSE: &str =
    "0a23d7ce 1f000000 0a1d 0a06 76616c756573 1213 1211 0a08 00004040 0000803f 1202 0104 1a01 05 00";

/// The frame of one part of a record.
pub fn part(cflag: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = 0xced7_230au32.to_le_bytes().to_vec();
    frame.extend((cflag << 29 | payload.len() as u32).to_le_bytes());
    frame.extend(payload);
    frame.resize(frame.len().next_multiple_of(4), 0);
    frame
}

#[test]
fn the_python_sdks_bytes_are_read() {
    check(RECORD_IO, hex(REQUEST_F32), array![[1.0, 0.0, 2.0, 7.0, 0.0]]);
    check(RECORD_IO, hex(SPARSE), array![[0.0, 3.0, 0.0, 0.0, 1.0]]);
    // Labels of a request are ignored.
    check(
        RECORD_IO,
        [hex(TRAINING_F32), hex(TRAINING_F64), hex(SPARSE)].concat(),
        array![[1.0, 0.0, 2.0, 7.0, 0.0], [1.0, 0.0, 2.0, 7.0, 0.0], [0.0, 3.0, 0.0, 0.0, 1.0]],
    );
    check(RECORD_IO, doubles(&[0.1, -1e-60]), array![[0.1, -0.0]]);
}

#[test]
fn the_python_sdks_bytes_are_written() {
    for (golden, label) in [(REQUEST_F32, None), (TRAINING_F32, Some(11.0))] {
        let mut body = b"x".to_vec(); // whatever came before
        write_sample(&[1.0, 0.0, 2.0, 7.0, 0.0], label, &mut body);
        assert_eq!(body[1..], hex(golden));
    }
}

#[test]
fn parts_of_a_record_are_joined_with_the_magic_number() {
    let value = f32::from_le_bytes(0xced7_230au32.to_le_bytes());
    let whole = {
        let mut body = Vec::new();
        write_sample(&[1.0, 2.0, value, 4.0, value, 6.0], None, &mut body);
        body.split_off(8)
    };
    let magic = 0xced7_230au32.to_le_bytes();
    let places: Vec<usize> = (0..whole.len() - 3).filter(|&at| whole[at..at + 4] == magic).collect();
    assert!(places.len() == 2 && places.iter().all(|at| at % 4 == 0), "{places:?}");
    let body = [
        part(1, &whole[..places[0]]),
        part(2, &whole[places[0] + 4..places[1]]),
        part(3, &whole[places[1] + 4..]),
        framed(&whole), // the Python SDK does not split
    ];
    let row = [1.0, 2.0, value, 4.0, value, 6.0];
    check(RECORD_IO, body.concat(), array![row, row]);
}

#[test]
fn padding_is_ignored() {
    let mut body = hex(SPARSE);
    *body.last_mut().unwrap() = 7;
    check(RECORD_IO, body, array![[0.0, 3.0, 0.0, 0.0, 1.0]]);
}

#[test]
fn invalid_frames_are_rejected() {
    let request = hex(REQUEST_F32);
    check_refused(RECORD_IO, "", expect!["the body holds no sample"]);
    check_refused(
        RECORD_IO,
        "1,2,3,4,5",
        expect!["row 0: invalid magic number at byte 0: 0x2c322c31 (expected 0xced7230a)"],
    );
    check_refused(RECORD_IO, "1,2", expect!["row 0: the frame at byte 0 is cut off"]);
    check_refused(
        RECORD_IO,
        [&request[..], &[0, 0, 0, 0, 0, 0, 0, 0]].concat(),
        expect!["row 1: invalid magic number at byte 44: 0x00000000 (expected 0xced7230a)"],
    );
    // The claimed length is too large.
    check_refused(
        RECORD_IO,
        hex("0a23d7ce ffffff1f 0a22"),
        expect!["row 0: the record with the frame at byte 0 is longer than 67108864 bytes"],
    );
    check_refused(
        RECORD_IO,
        part(3, b""),
        expect![
            "row 0: the frame at byte 0 is the last part; it must be a whole record or the first part of one"
        ],
    );
    check_refused(
        RECORD_IO,
        part(7, b""),
        expect![
            "row 0: the frame at byte 0 is an unknown part; it must be a whole record or the first part of one"
        ],
    );
    check_refused(
        RECORD_IO,
        [part(1, b"abcd"), request].concat(),
        expect!["row 0: the frame at byte 12 is a whole record; it must be a middle or the last part"],
    );
    check_refused(RECORD_IO, part(1, b"abcd"), expect!["row 0: the frame at byte 12 is cut off"]);
}

#[test]
fn a_body_cut_off_anywhere_is_refused_there() {
    let whole = [hex(REQUEST_F32), hex(SPARSE)].concat();
    for end in 1..whole.len() {
        if end != 44 {
            let frame = if end < 44 { "row 0: the frame at byte 0" } else { "row 1: the frame at byte 44" };
            let content_type = mysfits_sagemaker::codec::ContentType::RecordIo;
            let error =
                mysfits_sagemaker::codec::decode(&content_type, &whole[..end]).unwrap_err().to_string();
            assert_eq!(error, format!("{frame} is cut off"));
        }
    }
}

#[test]
fn records_without_a_sample_are_rejected() {
    let record = |text: &str| framed(&hex(text));
    check_refused(RECORD_IO, record(""), expect![[r#"row 0: features has no entry "values""#]]);
    // A map with another key only.
    check_refused(
        RECORD_IO,
        record("0a0b 0a01 78 1206 1204 0a02 0000"),
        expect![[r#"row 0: features has no entry "values""#]],
    );
    // No value; a value without a member.
    check_refused(
        RECORD_IO,
        record("0a08 0a06 76616c756573"),
        expect![[r#"row 0: features["values"] holds no tensor"#]],
    );
    check_refused(
        RECORD_IO,
        record("0a0a 0a06 76616c756573 1200"),
        expect![[r#"row 0: features["values"] holds no tensor"#]],
    );
    // An empty tensor; bytes.
    check_refused(
        RECORD_IO,
        record("0a0c 0a06 76616c756573 1202 1200"),
        expect!["row 0: there are no features"],
    );
    check_refused(
        RECORD_IO,
        record("0a0f 0a06 76616c756573 1205 4a03 0a0161"),
        expect![[
            r#"row 0: features["values"] holds bytes; it must hold a Float32Tensor, a Float64Tensor or an Int32Tensor"#
        ]],
    );
    // Packed floats of five bytes.
    check_refused(
        RECORD_IO,
        record("0a13 0a06 76616c756573 1209 1207 0a05 0000000000"),
        expect!["row 0: the packed numbers of values are 5 bytes, not a multiple of 4"],
    );
    // A group; an unknown wire type; field number 0; a record that ends too early; a number that does not.
    check_refused(RECORD_IO, record("33 34"), expect!["row 0: field 6 is a group; groups are not supported"]);
    check_refused(RECORD_IO, record("36"), expect!["row 0: field 6 has the unknown wire type 6"]);
    check_refused(RECORD_IO, record("00 00"), expect!["row 0: 0 is not a field number"]);
    check_refused(RECORD_IO, record("0a05 00"), expect!["row 0: the record ends inside a field"]);
    check_refused(
        RECORD_IO,
        record("0a ffffffffffffffffff01"),
        expect!["row 0: the record ends inside a field"],
    );
    check_refused(
        RECORD_IO,
        record("18 ffffffffffffffffff02"),
        expect!["row 0: a number has more than ten bytes or 64 bits"],
    );
    check_refused(RECORD_IO, record("18 ff"), expect!["row 0: the record ends inside a field"]);
    // Fields that are something else than the schema says.
    check_refused(RECORD_IO, record("08 01"), expect!["row 0: the field features has the wrong wire type"]);
    check_refused(
        RECORD_IO,
        record("0a10 0a06 76616c756573 1206 1204 0a02 0000"),
        expect!["row 0: the packed numbers of values are 2 bytes, not a multiple of 4"],
    );
    // One row more, and a narrower one.
    check_refused(
        RECORD_IO,
        [hex(REQUEST_F32), framed(&hex("0a11 0a06 76616c756573 1207 1205 0d 0000803f"))].concat(),
        expect!["row 1 has 1 features; row 0 has 5"],
    );
    check_refused(
        RECORD_IO,
        [hex(REQUEST_F32), doubles(&[1.0])].concat(),
        expect!["row 1 has 1 features; row 0 has 5"],
    );
}

#[test]
fn sparse_records_keep_their_limits() {
    let sparse = |keys: &str, shape: &str| {
        // One value, 1.0.
        let tensor = format!("0a04 0000803f {keys} {shape}");
        let wrap = |head: &str, content: Vec<u8>| [hex(head), vec![content.len() as u8], content].concat();
        let value = wrap("12", wrap("12", hex(&tensor)));
        framed(&wrap("0a", [hex("0a06 76616c756573"), value].concat()))
    };
    check(RECORD_IO, sparse("1201 02", "1a01 03"), array![[0.0, 0.0, 1.0]]);
    // Not packed.
    check(RECORD_IO, sparse("10 02", "18 03"), array![[0.0, 0.0, 1.0]]);
    check_refused(RECORD_IO, sparse("1201 03", "1a01 03"), expect!["row 0: key 3 is outside the shape [3]"]);
    check_refused(
        RECORD_IO,
        sparse("120a ffffffffffffffffff01", "1a01 03"),
        expect!["row 0: key 18446744073709551615 is outside the shape [3]"],
    );
    check_refused(RECORD_IO, sparse("1202 0102", "1a01 03"), expect!["row 0: there are 2 keys for 1 values"]);
    check_refused(
        RECORD_IO,
        sparse("1201 01", ""),
        expect!["row 0: a sparse sample needs a shape, its number of features"],
    );
    check_refused(
        RECORD_IO,
        sparse("1201 01", "1a02 0203"),
        expect!["row 0: the shape of a sparse sample has 2 numbers; it must be one, its number of features"],
    );
    check_refused(
        RECORD_IO,
        sparse("1201 01", "1a01 00"),
        expect!["row 0: the shape of a sparse sample is [0]; it must be one number from 1 to 8388608"],
    );
    check_refused(
        RECORD_IO,
        sparse("1201 01", "1a05 8080808010"),
        expect![
            "row 0: the shape of a sparse sample is [4294967296]; it must be one number from 1 to 8388608"
        ],
    );
    let zeros = framed(&hex("0a10 0a06 76616c756573 1206 1204 1a02 8008"));
    check(RECORD_IO, zeros.clone(), ndarray::Array2::zeros((1, 1024)));
    check_refused(
        RECORD_IO,
        zeros.repeat(16_385),
        expect!["row 8192: the samples have more than 8388608 features together"],
    );
}
