//! `application/json` and `application/jsonlines`.

use expect_test::{Expect, expect};
use mysfits_sagemaker::codec::{ContentType, decode_for};
use ndarray::array;

use super::{JSON, LINES, check, check_refused};

#[test]
fn json_accepts_both_dense_shapes() {
    check(JSON, r#"{"instances": [{"features": [3.0, 0.1]}]}"#, array![[3.0, 0.1]]);
    check(JSON, r#"{"instances": [{"data": {"features": {"values": [-3, -1]}}}]}"#, array![[-3.0, -1.0]]);
    check(
        JSON,
        r#" { "instances" : [ {"features": [1, 2]}, {"data": {"features": {"values": [3, 4]}}} ] } "#,
        array![[1.0, 2.0], [3.0, 4.0]],
    );
}

#[test]
fn json_data_may_be_a_plain_list() {
    check(
        JSON,
        r#"{"instances": [{"data": {"features": [1, 2.5]}}, {"features": [3, 4]}]}"#,
        array![[1.0, 2.5], [3.0, 4.0]],
    );
    check(LINES, r#"{"data": {"features": [1, 2.5]}}"#, array![[1.0, 2.5]]);
}

#[test]
fn unknown_json_members_are_ignored() {
    check(
        JSON,
        r#"{"configuration": {}, "instances": [{"configuration": {"k": 3}, "data": {"features": {"values": [1]}, "x": 0}}]}"#,
        array![[1.0]],
    );
    check(JSON, r#"{"instances": [{"features": [1], "data": null}]}"#, array![[1.0]]);
    check(
        JSON,
        r#"{"instances": [{"features": null, "data": {"features": {"values": [1]}}}]}"#,
        array![[1.0]],
    );
    // Whatever they are, and however deep.
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    check(
        JSON,
        format!(r#"{{"x": {deep}, "instances": [{{"y": "\u00e9\n", "features": [1]}}]}}"#),
        array![[1.0]],
    );
}

#[test]
fn json_is_sparse_with_keys_and_shape() {
    let sparse = |tensor: &str| format!(r#"{{"instances": [{{"data": {{"features": {tensor}}}}}]}}"#);
    check(
        JSON,
        sparse(r#"{"keys": [0, 1, 3], "shape": [4], "values": [1, 4, 1]}"#),
        array![[1.0, 4.0, 0.0, 1.0]],
    );
    check(JSON, sparse(r#"{"keys": [2, 0], "shape": [3], "values": [5, 6]}"#), array![[6.0, 0.0, 5.0]]);
    check(JSON, sparse(r#"{"keys": [], "shape": [3], "values": []}"#), array![[0.0, 0.0, 0.0]]);
    check(JSON, sparse(r#"{"keys": [], "values": [1, 2]}"#), array![[1.0, 2.0]]);
    check(JSON, sparse(r#"{"keys": null, "shape": null, "values": [1, 2]}"#), array![[1.0, 2.0]]);
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
        expect!["row 0: a sparse sample needs a shape, its number of features"],
    );
    check_refused(
        JSON,
        sparse(r#"{"keys": [0], "shape": [2, 2], "values": [1]}"#),
        expect!["row 0: the shape of a sparse sample has 2 numbers; it must be one, its number of features"],
    );
    check_refused(
        JSON,
        sparse(r#"{"keys": [0], "shape": [1000000000000], "values": [1]}"#),
        expect![
            "row 0: the shape of a sparse sample is [1000000000000]; it must be one number from 1 to 8388608"
        ],
    );
    check_refused(
        JSON,
        sparse(r#"{"keys": [0], "shape": [0], "values": [1]}"#),
        expect!["row 0: the shape of a sparse sample is [0]; it must be one number from 1 to 8388608"],
    );
    let sixteen_million_and_more =
        r#"{"data": {"features": {"keys": [], "shape": [65536], "values": []}}},"#.repeat(300);
    check_refused(
        JSON,
        format!(r#"{{"instances": [{}]}}"#, sixteen_million_and_more.trim_end_matches(',')),
        expect!["row 128: the samples have more than 8388608 features together"],
    );
    check_refused(
        JSON,
        sparse(r#"{"keys": [-1], "shape": [4], "values": [1]}"#),
        expect!["row 0: invalid value: integer `-1`, expected u64 at line 1 column 49"],
    );
    check_refused(
        JSON,
        sparse(r#"{"keys": [0], "shape": [4]}"#),
        expect!["row 0: missing field `values` at line 1 column 64"],
    );
}

#[test]
fn reads_sparse_samples_as_wide_as_the_model() {
    let instance = |key: usize, width: usize| {
        format!(r#"{{"data": {{"features": {{"keys": [{key}], "shape": [{width}], "values": [2]}}}}}}"#)
    };
    let decoded = |instances: &[String], width| {
        let body = format!(r#"{{"instances": [{}]}}"#, instances.join(", "));
        let json = decode_for(&ContentType::Json, body.as_bytes(), width);
        let lines = decode_for(&ContentType::JsonLines, instances.join("\n").as_bytes(), width);
        assert_eq!(json, lines);
        json.map_err(|error| error.to_string())
    };
    // One that is wider than what a batch may claim, and what a batch may claim in the default width of Spark's hashes.
    for (width, n_rows) in [(65_537, 1), ((1 << 23) + 1, 1), (1 << 18, 32)] {
        let samples = decoded(&vec![instance(width - 1, width); n_rows], width).unwrap();
        assert_eq!(samples.dim(), (n_rows, width));
        assert_eq!((samples[(n_rows - 1, width - 1)], samples.sum()), (2.0, 2.0 * n_rows as f32));
    }
    let refused = |instances: &[String], width, expected: Expect| {
        expected.assert_eq(&decoded(instances, width).unwrap_err());
    };
    refused(
        &vec![instance(0, 1 << 18); 33],
        1 << 18,
        expect!["row 32: the samples have more than 8388608 features together"],
    );
    refused(
        &[instance(0, 1 << 40)],
        1 << 18,
        expect!["a sample has 1099511627776 features; the model has 262144"],
    );
    refused(
        &[instance(0, 1 << 18), instance(0, 5)],
        1 << 18,
        expect!["row 1 has 5 features; row 0 has 262144"],
    );
}

#[test]
fn json_faults_are_named() {
    check_refused(JSON, "", expect!["EOF while parsing a value at line 1 column 0"]);
    check_refused(
        JSON,
        "1,2",
        expect![[
            r#"invalid type: integer `1`, expected an object with a list "instances" at line 1 column 1"#
        ]],
    );
    check_refused(JSON, "{}", expect!["missing field `instances` at line 1 column 2"]);
    check_refused(JSON, r#"{"instances": []}"#, expect!["the body holds no sample"]);
    check_refused(
        JSON,
        r#"{"instances": {"features": [1]}}"#,
        expect!["invalid type: map, expected a list of instances at line 1 column 14"],
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
        expect![[r#"row 0: invalid type: string "1", expected f64 at line 1 column 32"#]],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"features": [null]}]}"#,
        expect!["row 0: invalid type: null, expected f64 at line 1 column 33"],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"features": [NaN]}]}"#,
        expect!["row 0: expected value at line 1 column 30"],
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
}

#[test]
fn json_members_twice_missing_or_of_another_kind_are_named() {
    check_refused(
        JSON,
        r#"{"instances": [{"features": [1], "features": [2]}]}"#,
        expect!["row 0: duplicate field `features` at line 1 column 49"],
    );
    check_refused(
        JSON,
        r#"{"instances": [], "instances": []}"#,
        expect!["duplicate field `instances` at line 1 column 29"],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"data": {"features": [1], "features": [2]}}]}"#,
        expect!["row 0: duplicate field `features` at line 1 column 58"],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"data": {"features": {"values": [1], "values": [2]}}}]}"#,
        expect!["row 0: duplicate field `values` at line 1 column 67"],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"data": {"x": [1]}}]}"#,
        expect!["row 0: missing field `features` at line 1 column 34"],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"data": {"features": {"values": null}}}]}"#,
        expect!["row 0: missing field `values` at line 1 column 53"],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"data": [1]}]}"#,
        expect![[r#"row 0: invalid type: sequence, expected an object with "features" at line 1 column 25"#]],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"features": [1]}, [2]]}"#,
        expect![[
            r#"row 1: invalid type: sequence, expected an instance, an object with "features" or "data" at line 1 column 34"#
        ]],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"features": [1]}"#,
        expect!["row 1: EOF while parsing a list at line 1 column 32"],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"features": [1]}]} {}"#,
        expect!["trailing characters at line 1 column 36"],
    );
    check_refused(
        JSON,
        r#"{"instances": [{"features": [1e400]}]}"#,
        expect!["row 0: number out of range at line 1 column 34"],
    );
    check_refused(JSON, r#"{"features": [1]}"#, expect!["missing field `instances` at line 1 column 17"]);
    check_refused(
        JSON,
        "[".repeat(100_000),
        expect![[r#"invalid type: sequence, expected an object with a list "instances" at line 1 column 0"#]],
    );
    check_refused(JSON, b"{\"instances\": \"\xff\"}", expect!["the body is not UTF-8 text"]);
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
        expect!["row 1: EOF while parsing a value at column 16"],
    );
    check_refused(
        LINES,
        "{\"features\": [1]} {\"features\": [2]}",
        expect!["row 0: trailing characters at column 19"],
    );
    check_refused(
        LINES,
        "{\"features\": [1]}\n\n{\"features\": [1, 2]}",
        expect!["row 1 has 2 features; row 0 has 1"],
    );
    check_refused(
        LINES,
        r#"{"data": {"features": {"values": [1.5]}}"#,
        expect!["row 0: EOF while parsing an object at column 40"],
    );
    check_refused(LINES, b"{\"features\": [1]}\n\xff", expect!["the body is not UTF-8 text"]);
    // A form feed is white space to many, and not to JSON.
    check_refused(LINES, "\x0c{\"features\": [1]}", expect!["row 0: expected value at column 1"]);
}
