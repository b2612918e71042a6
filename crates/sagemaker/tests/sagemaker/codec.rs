//! Request and response formats, without HTTP.

use expect_test::{Expect, expect};
use mysfits_sagemaker::codec::{Accept, ContentType, decode, encode};
use ndarray::{Array2, array};
use proptest::prelude::*;

const CSV: &str = "text/csv";
const JSON: &str = "application/json";
const LINES: &str = "application/jsonlines";

#[track_caller]
fn check(content_type: &str, body: &str, expected: Array2<f32>) {
    let content_type = ContentType::parse(content_type).unwrap();
    assert_eq!(decode(&content_type, body.as_bytes()), Ok(expected), "{body}");
}

#[track_caller]
fn check_refused(content_type: &str, body: impl AsRef<[u8]>, expected: Expect) {
    let content_type = ContentType::parse(content_type).unwrap();
    expected.assert_eq(&decode(&content_type, body.as_ref()).unwrap_err().to_string());
}

#[test]
fn csv_is_a_row_a_line() {
    check(CSV, "1,2,3", array![[1.0, 2.0, 3.0]]);
    check(CSV, "1,2\n3,4", array![[1.0, 2.0], [3.0, 4.0]]);
    check(CSV, "1,2\n3,4\n", array![[1.0, 2.0], [3.0, 4.0]]);
    check(CSV, "1,2\r\n3,4\r\n", array![[1.0, 2.0], [3.0, 4.0]]);
    check(CSV, "\n\r\n 1,2\n \t\n3,4\n\n\n", array![[1.0, 2.0], [3.0, 4.0]]);
    check(CSV, "7", array![[7.0]]);
}

#[test]
fn csv_numbers_are_spelled_freely() {
    check(CSV, " 1.2 ,\t1e1, -9.6,+20.3,.5,5.", array![[1.2, 10.0, -9.6, 20.3, 0.5, 5.0]]);
    check(CSV, "1.0,0.0,2.0", array![[1.0, 0.0, 2.0]]);
    check(CSV, "0.1000000000000000055511151231257827,1e-60", array![[0.1, 0.0]]);
}

#[test]
fn csv_that_says_nan_or_inf_is_read_and_left_to_the_model() {
    let content_type = ContentType::parse(CSV).unwrap();
    for (text, is_expected) in [
        ("NaN", f32::is_nan as fn(f32) -> bool),
        ("nan", f32::is_nan),
        ("inf", f32::is_infinite),
        ("-Infinity", f32::is_infinite),
        ("1e39", f32::is_infinite),
    ] {
        let rows = decode(&content_type, text.as_bytes()).unwrap();
        assert!(is_expected(rows[[0, 0]]), "{text}");
    }
}

#[test]
fn csv_labels_are_passed_over() {
    check("text/csv; label_size=0", "1,2", array![[1.0, 2.0]]);
    check("text/csv;label_size=1", "9,1,2\n9,3,4\n", array![[1.0, 2.0], [3.0, 4.0]]);
    check("Text/CSV ; charset=UTF-8 ; Label_Size = \"2\"", "a,b,1", array![[1.0]]);
    check_refused("text/csv; label_size=1", "9", expect!["row 0: there are no features"]);
    check_refused("text/csv; label_size=18446744073709551615", "9", expect!["row 0: there are no features"]);
}

#[test]
fn csv_faults_are_named_by_row_and_column() {
    check_refused(CSV, "", expect!["the body holds no sample"]);
    check_refused(CSV, "\r\n\n  \n", expect!["the body holds no sample"]);
    check_refused(CSV, "1,2\n3,x\n", expect![[r#"row 1: column 1 is "x", not a number"#]]);
    check_refused(CSV, "age,occupation\n1,2\n", expect![[r#"row 0: column 0 is "age", not a number"#]]);
    check_refused(CSV, "1,\"2\"", expect![[r#"row 0: column 1 is "\"2\"", not a number"#]]);
    check_refused(CSV, "1,,2", expect![[r#"row 0: column 1 is "", not a number"#]]);
    check_refused(CSV, "1,2,", expect![[r#"row 0: column 2 is "", not a number"#]]);
    check_refused(CSV, "1;2", expect![[r#"row 0: column 0 is "1;2", not a number"#]]);
    check_refused(CSV, "0x10", expect![[r#"row 0: column 0 is "0x10", not a number"#]]);
    check_refused(CSV, b"1,\xff\xfe", expect![[r#"row 0: column 1 is "��", not a number"#]]);
    check_refused(CSV, "1,2\n\n3", expect!["row 1 has 1 features; row 0 has 2"]);
    check_refused(CSV, "1,2\n3,4,5", expect!["row 1 has 3 features; row 0 has 2"]);
}

#[test]
fn json_is_dense_in_two_shapes_that_mix() {
    check(JSON, r#"{"instances": [{"features": [3.0, 0.1]}]}"#, array![[3.0, 0.1]]);
    check(JSON, r#"{"instances": [{"data": {"features": {"values": [-3, -1]}}}]}"#, array![[-3.0, -1.0]]);
    check(
        JSON,
        r#" { "instances" : [ {"features": [1, 2]}, {"data": {"features": {"values": [3, 4]}}} ] } "#,
        array![[1.0, 2.0], [3.0, 4.0]],
    );
}

#[test]
fn json_members_that_mean_nothing_here_are_ignored() {
    check(
        JSON,
        r#"{"configuration": {}, "instances": [{"configuration": {"k": 3}, "data": {"features": {"values": [1]}, "x": 0}}]}"#,
        array![[1.0]],
    );
    check(JSON, r#"{"instances": [{"features": [1], "data": null}]}"#, array![[1.0]]);
}

#[test]
fn json_is_sparse_with_keys_and_shape() {
    let sparse = |tensor: &str| format!(r#"{{"instances": [{{"data": {{"features": {tensor}}}}}]}}"#);
    check(
        JSON,
        &sparse(r#"{"keys": [0, 1, 3], "shape": [4], "values": [1, 4, 1]}"#),
        array![[1.0, 4.0, 0.0, 1.0]],
    );
    check(JSON, &sparse(r#"{"keys": [2, 0], "shape": [3], "values": [5, 6]}"#), array![[6.0, 0.0, 5.0]]);
    check(JSON, &sparse(r#"{"keys": [], "shape": [3], "values": []}"#), array![[0.0, 0.0, 0.0]]);
    check(JSON, &sparse(r#"{"keys": [], "values": [1, 2]}"#), array![[1.0, 2.0]]);
    check(JSON, &sparse(r#"{"keys": null, "shape": null, "values": [1, 2]}"#), array![[1.0, 2.0]]);
}

#[test]
fn sparse_faults_are_named() {
    let sparse = |tensor: &str| format!(r#"{{"instances": [{{"data": {{"features": {tensor}}}}}]}}"#);
    check_refused(
        JSON,
        sparse(r#"{"keys": [4], "shape": [4], "values": [1]}"#),
        expect!["row 0: key 4 is outside the shape [4]"],
    );
    check_refused(
        JSON,
        sparse(r#"{"keys": [18446744073709551615], "shape": [4], "values": [1]}"#),
        expect!["row 0: key 18446744073709551615 is outside the shape [4]"],
    );
    check_refused(
        JSON,
        sparse(r#"{"keys": [0, 1], "shape": [4], "values": [1]}"#),
        expect!["row 0: there are 2 keys for 1 values"],
    );
    check_refused(
        JSON,
        sparse(r#"{"keys": [0], "values": [1]}"#),
        expect!["row 0: the shape of a sparse instance is None; it must be one number of at most 65536"],
    );
    check_refused(
        JSON,
        sparse(r#"{"keys": [0], "shape": [2, 2], "values": [1]}"#),
        expect![
            "row 0: the shape of a sparse instance is Some([2, 2]); it must be one number of at most 65536"
        ],
    );
    check_refused(
        JSON,
        sparse(r#"{"keys": [0], "shape": [1000000000000], "values": [1]}"#),
        expect![
            "row 0: the shape of a sparse instance is Some([1000000000000]); it must be one number of at most 65536"
        ],
    );
    check_refused(
        JSON,
        sparse(r#"{"keys": [0], "shape": [0], "values": [1]}"#),
        expect!["row 0: key 0 is outside the shape [0]"],
    );
    let sixteen_million_and_more =
        r#"{"data": {"features": {"keys": [], "shape": [65536], "values": []}}},"#.repeat(300);
    check_refused(
        JSON,
        format!(r#"{{"instances": [{}]}}"#, sixteen_million_and_more.trim_end_matches(',')),
        expect!["row 256: the instances have more than 16777216 features together"],
    );
    check_refused(
        JSON,
        sparse(r#"{"keys": [-1], "shape": [4], "values": [1]}"#),
        expect!["invalid value: integer `-1`, expected u64 at line 1 column 49"],
    );
    check_refused(
        JSON,
        sparse(r#"{"keys": [0], "shape": [4]}"#),
        expect!["missing field `values` at line 1 column 64"],
    );
}

#[test]
fn json_faults_are_named() {
    check_refused(JSON, "", expect!["EOF while parsing a value at line 1 column 0"]);
    check_refused(
        JSON,
        "1,2",
        expect!["invalid type: integer `1`, expected struct Request at line 1 column 1"],
    );
    check_refused(JSON, "{}", expect!["missing field `instances` at line 1 column 2"]);
    check_refused(JSON, r#"{"instances": []}"#, expect!["the body holds no sample"]);
    check_refused(
        JSON,
        r#"{"instances": {"features": [1]}}"#,
        expect!["invalid type: map, expected a sequence at line 1 column 14"],
    );
    check_refused(
        JSON,
        r#"{"instances": [{}]}"#,
        expect![[r#"row 0: an instance has either "features" or "data""#]],
    );
    check_refused(JSON, r#"{"instances": [{"features": []}]}"#, expect!["row 0: there are no features"]);
    check_refused(
        JSON,
        r#"{"instances": [{"features": ["1"]}]}"#,
        expect![[r#"invalid type: string "1", expected f32 at line 1 column 32"#]],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"features": [null]}]}"#,
        expect!["invalid type: null, expected f32 at line 1 column 33"],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"features": [NaN]}]}"#,
        expect!["expected value at line 1 column 30"],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"features": [1]}, {"features": [1, 2]}]}"#,
        expect!["row 1 has 2 features; row 0 has 1"],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"features": [1], "data": {"features": {"values": [1]}}}]}"#,
        expect![[r#"row 0: an instance has either "features" or "data""#]],
    );
    check_refused(JSON, r#"{"features": [1]}"#, expect!["missing field `instances` at line 1 column 17"]);
    check_refused(
        JSON,
        "[".repeat(100_000),
        expect!["invalid type: sequence, expected f32 at line 1 column 4"],
    );
    check_refused(
        JSON,
        b"{\"instances\": \"\xff\"}",
        expect!["invalid unicode code point at line 1 column 16"],
    );
}

#[test]
fn json_lines_are_an_instance_each() {
    check(LINES, r#"{"features": [1, 0, 2, 7, 0]}"#, array![[1.0, 0.0, 2.0, 7.0, 0.0]]);
    check(
        LINES,
        "\n{\"features\": [1, 2]}\r\n  \n{\"data\": {\"features\": {\"values\": [3, 4]}}}\n\n\
         {\"data\": {\"features\": {\"keys\": [1], \"shape\": [2], \"values\": [5]}}}\n",
        array![[1.0, 2.0], [3.0, 4.0], [0.0, 5.0]],
    );
}

#[test]
fn json_lines_faults_are_named_by_row() {
    check_refused(LINES, "", expect!["the body holds no sample"]);
    check_refused(LINES, "\n\n", expect!["the body holds no sample"]);
    check_refused(
        LINES,
        "{\"features\": [1]}\n{\"features\": [1,\n2]}",
        expect!["row 1: EOF while parsing a value at line 1 column 16"],
    );
    check_refused(
        LINES,
        "{\"features\": [1]} {\"features\": [2]}",
        expect!["row 0: trailing characters at line 1 column 19"],
    );
    check_refused(
        LINES,
        "{\"features\": [1]}\n\n{\"features\": [1, 2]}",
        expect!["row 1 has 2 features; row 0 has 1"],
    );
    check_refused(
        LINES,
        r#"{"data": {"features": {"values": [1.5]}}"#,
        expect!["row 0: EOF while parsing an object at line 1 column 40"],
    );
    check_refused(LINES, b"{\"features\": [1]}\n\xff", expect!["the body is not UTF-8 text"]);
}

#[test]
fn content_types_that_the_container_does_not_know() {
    for header in ["", "application/octet-stream", "application/x-recordio-protobuf", "json", "text/csv2"] {
        let error = ContentType::parse(header).unwrap_err().to_string();
        assert!(error.starts_with(&format!("Content-Type {header:?} is not supported")), "{error}");
    }
    for (header, expected) in [
        (
            "text/csv; label_size=-1",
            expect![[
                r#"the parameter label_size of the Content-Type is "-1"; it must be a number of columns"#
            ]],
        ),
        (
            "text/csv; label_size=",
            expect![[
                r#"the parameter label_size of the Content-Type is ""; it must be a number of columns"#
            ]],
        ),
        (
            "text/csv; encoding=latin-1",
            expect![[r#"the parameter encoding of the Content-Type is "latin-1"; it must be utf-8"#]],
        ),
    ] {
        expected.assert_eq(&ContentType::parse(header).unwrap_err().to_string());
    }
}

#[test]
fn accept_is_json_or_anything() {
    for header in [
        "application/json",
        "APPLICATION/JSON",
        "*/*",
        "application/*",
        "",
        "text/html, application/json;q=0.5",
    ] {
        assert_eq!(Accept::parse(header), Ok(Accept::Json), "{header}");
    }
    for header in ["text/csv", "application/jsonl", "text/*", "application/x-recordio-protobuf"] {
        let error = Accept::parse(header).unwrap_err().to_string();
        assert!(error.starts_with(&format!("Accept type {header:?} is not supported")), "{error}");
    }
}

#[test]
fn predictions_are_written_as_python_writes_them() {
    let bytes = encode(Accept::Json, &[6.0, 3.0, 21.0, 0.0, 3.0]);
    expect![[r#"{"predictions": [{"predicted_label": 6.0}, {"predicted_label": 3.0}, {"predicted_label": 21.0}, {"predicted_label": 0.0}, {"predicted_label": 3.0}]}"#]]
        .assert_eq(std::str::from_utf8(&bytes).unwrap());
    let bytes = encode(Accept::Json, &[8.0]);
    expect![[r#"{"predictions": [{"predicted_label": 8.0}]}"#]]
        .assert_eq(std::str::from_utf8(&bytes).unwrap());
    // Means of a regressor: the f32 widened, shortest.
    let bytes = encode(Accept::Json, &[0.1, -2.5, 1e-7, 1e20]);
    expect![[r#"{"predictions": [{"predicted_label": 0.10000000149011612}, {"predicted_label": -2.5}, {"predicted_label": 1.0000000116860974e-07}, {"predicted_label": 1.0000000200408773e+20}]}"#]].assert_eq(std::str::from_utf8(&bytes).unwrap());
}

fn rows() -> impl Strategy<Value = Vec<Vec<f32>>> {
    (1usize..8).prop_flat_map(|dim| {
        let number = prop_oneof![
            (-9i8..=9).prop_map(f32::from),
            any::<f32>().prop_filter("finite", |n| n.is_finite())
        ];
        prop::collection::vec(prop::collection::vec(number, dim), 1..20)
    })
}

proptest! {
    #[test]
    fn every_format_gives_back_the_rows_that_were_written(rows in rows()) {
        let csv: String = rows
            .iter()
            .map(|row| row.iter().map(f32::to_string).collect::<Vec<_>>().join(",") + "\n")
            .collect();
        let instances: Vec<_> = rows.iter().map(|row| serde_json::json!({ "features": row })).collect();
        let lines: String = instances.iter().map(|instance| format!("{instance}\n")).collect();
        let json = serde_json::json!({ "instances": instances }).to_string();
        for (content_type, body) in [(CSV, csv), (LINES, lines), (JSON, json)] {
            let decoded = decode(&ContentType::parse(content_type).unwrap(), body.as_bytes()).unwrap();
            prop_assert_eq!(decoded.dim(), (rows.len(), rows[0].len()));
            prop_assert!(decoded.iter().eq(rows.iter().flatten()), "{} {:?}", content_type, decoded);
        }
    }

    #[test]
    fn no_bytes_and_no_header_bring_a_codec_down(
        header in "(text/csv|application/json|application/jsonlines)?[ -~]{0,30}",
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..100),
            r#"[0-9,.eE+\n\r "-]{0,80}"#.prop_map(String::into_bytes),
            r#"\{"instances": ?\[[\[\]{}":,0-9a-z]{0,60}"#.prop_map(String::into_bytes),
        ],
    ) {
        let _ = Accept::parse(&header);
        for content_type in [ContentType::parse(&header).ok(), ContentType::parse(CSV).ok(), ContentType::parse(JSON).ok(), ContentType::parse(LINES).ok()] {
            if let Some(Ok(rows)) = content_type.map(|content_type| decode(&content_type, &body)) {
                prop_assert!(rows.nrows() > 0 && rows.ncols() > 0);
            }
        }
    }
}
