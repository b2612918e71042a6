//! `text/csv`.

use expect_test::expect;
use mysfits_sagemaker::codec::{ContentType, decode};
use ndarray::array;

use super::{CSV, check, check_refused};

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
fn csv_may_begin_with_a_byte_order_mark() {
    check(CSV, "\u{feff}1,2\n3,4", array![[1.0, 2.0], [3.0, 4.0]]);
    check("text/csv; label_size=1", "\u{feff}9,1", array![[1.0]]);
    check_refused(CSV, "\u{feff}", expect!["the body holds no sample"]);
    check_refused(CSV, "1\n\u{feff}2", expect![[r#"row 1: column 0 is "\u{feff}2", not a number"#]]);
}

#[test]
fn csv_numbers_are_spelled_freely() {
    check(CSV, " 1.2 ,\t1e1, -9.6,+20.3,.5,5.", array![[1.2, 10.0, -9.6, 20.3, 0.5, 5.0]]);
    check(CSV, "1.0,0.0,2.0", array![[1.0, 0.0, 2.0]]);
    check(CSV, "0.1000000000000000055511151231257827,1e-60", array![[0.1, 0.0]]);
}

#[test]
fn csv_accepts_nan_and_inf() {
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
    // Of what is long only the beginning is repeated.
    let long = "x".repeat(1000);
    check_refused(
        CSV,
        long,
        expect![[r#"row 0: column 0 is "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", not a number"#]],
    );
    check_refused(CSV, "1,2\n\n3", expect!["row 1 has 1 features; row 0 has 2"]);
    check_refused(CSV, "1,2\n3,4,5", expect!["row 1 has 3 features; row 0 has 2"]);
}
