//! Every fault that a request can have, and the words in which it is refused.

use std::io;

use axum::{body::Body, http::header};
use bytes::Bytes;
use expect_test::{Expect, expect};
use http_body_util::{BodyExt as _, Full, Limited};

use crate::support::{VALID, api, ask, get, post, request};

#[track_caller]
fn check(body: impl Into<Body>, expected: Expect) {
    post(body).check_problem(expected);
}

/// Checks the refusal of an entry, given as it stands in the body.
#[track_caller]
fn check_entry(entry: &str, expected: Expect) {
    check(format!("{{\"entry\": {entry}}}"), expected);
}

/// Checks the refusal of an answer, given as it stands in the body, in the middle of an entry.
#[track_caller]
fn check_answer(answer: &str, expected_detail: Expect) {
    let answer = post(format!("{{\"entry\": [1, 2, {answer}, 4, 5]}}"));
    assert_eq!((answer.status.as_u16(), answer.content_type()), (400, "application/problem+json"));
    let document = answer.json();
    assert_eq!(document["type"], "urn:mysfits:problem:invalid-entry");
    assert_eq!(document["title"], "The entry is invalid");
    expected_detail.assert_eq(document["detail"].as_str().unwrap());
}

#[test]
fn an_empty_body() {
    check(
        "",
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is not JSON: EOF while parsing a value at line 1 column 0
    "#]],
    );
}

#[test]
fn a_form() {
    check(
        "entry=1&entry=2",
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is not JSON: expected value at line 1 column 1
    "#]],
    );
}

#[test]
fn json_that_breaks_off() {
    check(
        r#"{"entry": [1,2,3,4,5"#,
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is not JSON: EOF while parsing a list at line 1 column 20
    "#]],
    );
}

#[test]
fn json_with_something_after_it() {
    check(
        format!("{VALID} {VALID}"),
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is not JSON: trailing characters at line 1 column 24
    "#]],
    );
}

#[test]
fn python_for_json() {
    check(
        "{'entry': [1,2,3,4,5]}",
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is not JSON: key must be a string at line 1 column 2
    "#]],
    );
}

#[test]
fn bytes_that_are_not_utf_8() {
    check(
        &b"{\"entry\": [1,2,3,4,5], \"name\": \"\xff\xfe\"}"[..],
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is not JSON: invalid unicode code point at line 1 column 33
    "#]],
    );
}

#[test]
fn a_number_that_no_float_holds() {
    check(
        r#"{"entry": [1,2,3,4,1e400]}"#,
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is not JSON: number out of range at line 1 column 24
    "#]],
    );
}

#[test]
fn an_array_for_an_object() {
    check(
        "[1,2,3,4,5]",
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is an array; it must be a JSON object
    "#]],
    );
}

#[test]
fn a_string_for_an_object() {
    check(
        r#""{\"entry\": [1,2,3,4,5]}""#,
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is a string; it must be a JSON object
    "#]],
    );
}

#[test]
fn a_number_for_an_object() {
    check(
        "5",
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is a number; it must be a JSON object
    "#]],
    );
}

#[test]
fn null_for_an_object() {
    check(
        "null",
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is null; it must be a JSON object
    "#]],
    );
}

#[test]
fn true_for_an_object() {
    check(
        "true",
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is a boolean; it must be a JSON object
    "#]],
    );
}

#[test]
fn no_entry() {
    check(
        r#"{"Entry": [1,2,3,4,5]}"#,
        expect![[r#"
        400 urn:mysfits:problem:missing-entry
        There is no entry
        the body has no member "entry"; it must look like {"entry": [1, 2, 3, 4, 5]}
    "#]],
    );
}

#[test]
fn null_for_an_entry() {
    check_entry(
        "null",
        expect![[r#"
        400 urn:mysfits:problem:invalid-entry
        The entry is invalid
        entry is null; it must be an array of whole numbers
    "#]],
    );
}

#[test]
fn a_string_for_an_entry() {
    check_entry(
        r#""1,2,3,4,5""#,
        expect![[r#"
        400 urn:mysfits:problem:invalid-entry
        The entry is invalid
        entry is a string; it must be an array of whole numbers
    "#]],
    );
}

#[test]
fn an_object_for_an_entry() {
    check_entry(
        r#"{"age": 1}"#,
        expect![[r#"
        400 urn:mysfits:problem:invalid-entry
        The entry is invalid
        entry is an object; it must be an array of whole numbers
    "#]],
    );
}

#[test]
fn a_number_for_an_entry() {
    check_entry(
        "12345",
        expect![[r#"
        400 urn:mysfits:problem:invalid-entry
        The entry is invalid
        entry is a number; it must be an array of whole numbers
    "#]],
    );
}

#[test]
fn a_boolean_for_an_entry() {
    check_entry(
        "false",
        expect![[r#"
        400 urn:mysfits:problem:invalid-entry
        The entry is invalid
        entry is a boolean; it must be an array of whole numbers
    "#]],
    );
}

#[test]
fn no_answers() {
    check_entry(
        "[]",
        expect![[r#"
        400 urn:mysfits:problem:invalid-entry
        The entry is invalid
        entry has 0 answers; it must have 5, in this order: age, occupation, relaxation, colour, sport
    "#]],
    );
}

#[test]
fn four_answers() {
    check_entry(
        "[1,2,3,4]",
        expect![[r#"
        400 urn:mysfits:problem:invalid-entry
        The entry is invalid
        entry has 4 answers; it must have 5, in this order: age, occupation, relaxation, colour, sport
    "#]],
    );
}

#[test]
fn six_answers() {
    check_entry(
        "[1,2,3,4,5,6]",
        expect![[r#"
        400 urn:mysfits:problem:invalid-entry
        The entry is invalid
        entry has 6 answers; it must have 5, in this order: age, occupation, relaxation, colour, sport
    "#]],
    );
}

#[test]
fn a_thousand_answers() {
    check_entry(
        &format!("{:?}", [1; 1000]),
        expect![[r#"
        400 urn:mysfits:problem:invalid-entry
        The entry is invalid
        entry has 1000 answers; it must have 5, in this order: age, occupation, relaxation, colour, sport
    "#]],
    );
}

#[test]
fn a_thousand_strings_are_first_of_all_too_many() {
    check_entry(
        &format!("{:?}", ["x"; 1000]),
        expect![[r#"
        400 urn:mysfits:problem:invalid-entry
        The entry is invalid
        entry has 1000 answers; it must have 5, in this order: age, occupation, relaxation, colour, sport
    "#]],
    );
}

#[test]
fn an_answer_below_the_first_option() {
    check_answer("0", expect!["entry[2] (relaxation) is 0; it must be a whole number from 1 to 8"]);
}

#[test]
fn an_answer_above_the_last_option() {
    check_answer("9", expect!["entry[2] (relaxation) is 9; it must be a whole number from 1 to 8"]);
}

#[test]
fn a_negative_answer() {
    check_answer("-1", expect!["entry[2] (relaxation) is -1; it must be a whole number from 1 to 8"]);
}

#[test]
fn an_answer_that_would_fit_if_it_were_cut_to_eight_bits() {
    check_answer("259", expect!["entry[2] (relaxation) is 259; it must be a whole number from 1 to 8"]);
}

#[test]
fn an_answer_of_1e20() {
    check_answer("1e20", expect!["entry[2] (relaxation) is 1e+20; it must be a whole number from 1 to 8"]);
}

#[test]
fn an_answer_of_two_to_the_64() {
    check_answer(
        "18446744073709551616",
        expect!["entry[2] (relaxation) is 1.8446744073709552e+19; it must be a whole number from 1 to 8"],
    );
}

#[test]
fn an_answer_of_two_to_the_64_less_one() {
    check_answer(
        "18446744073709551615",
        expect!["entry[2] (relaxation) is 18446744073709551615; it must be a whole number from 1 to 8"],
    );
}

#[test]
fn an_answer_between_two_options() {
    check_answer("2.5", expect!["entry[2] (relaxation) is 2.5; it must be a whole number from 1 to 8"]);
}

#[test]
fn a_float_even_if_it_is_whole() {
    check_answer("5.0", expect!["entry[2] (relaxation) is 5.0; it must be a whole number from 1 to 8"]);
}

#[test]
fn a_string_even_of_a_digit() {
    check_answer(
        r#""3""#,
        expect![[r#"entry[2] (relaxation) is "3"; it must be a whole number from 1 to 8"#]],
    );
}

#[test]
fn a_long_string_is_repeated_in_part() {
    check_answer(
        &format!("\"{}\"", "가".repeat(1000)),
        expect![[
            r#"entry[2] (relaxation) is "가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가…; it must be a whole number from 1 to 8"#
        ]],
    );
}

#[test]
fn a_string_of_markup_is_repeated_as_text() {
    check_answer(
        r#""<script>\u0000\n""#,
        expect![[r#"entry[2] (relaxation) is "<script>\u0000\n"; it must be a whole number from 1 to 8"#]],
    );
}

#[test]
fn true_for_an_answer() {
    check_answer("true", expect!["entry[2] (relaxation) is true; it must be a whole number from 1 to 8"]);
}

#[test]
fn null_for_an_answer() {
    check_answer("null", expect!["entry[2] (relaxation) is null; it must be a whole number from 1 to 8"]);
}

#[test]
fn an_array_for_an_answer() {
    check_answer("[3]", expect!["entry[2] (relaxation) is an array; it must be a whole number from 1 to 8"]);
}

#[test]
fn an_object_for_an_answer() {
    check_answer(
        r#"{"value": 3}"#,
        expect!["entry[2] (relaxation) is an object; it must be a whole number from 1 to 8"],
    );
}

#[test]
fn each_position_is_named_by_its_question() {
    let details: String = (0..5)
        .map(|position| {
            let mut entry = [1; 5];
            entry[position] = 9;
            let document = post(format!("{{\"entry\": {entry:?}}}")).json();
            document["detail"].as_str().unwrap().to_owned() + "\n"
        })
        .collect();
    expect![[r#"
        entry[0] (age) is 9; it must be a whole number from 1 to 8
        entry[1] (occupation) is 9; it must be a whole number from 1 to 8
        entry[2] (relaxation) is 9; it must be a whole number from 1 to 8
        entry[3] (colour) is 9; it must be a whole number from 1 to 8
        entry[4] (sport) is 9; it must be a whole number from 1 to 8
    "#]]
    .assert_eq(&details);
}

#[test]
fn explain_as_a_string() {
    check(
        r#"{"entry": [1,2,3,4,5], "explain": "true"}"#,
        expect![[r#"
        400 urn:mysfits:problem:invalid-parameter
        A parameter is invalid
        explain is "true"; it must be true or false
    "#]],
    );
}

#[test]
fn explain_as_a_number() {
    check(
        r#"{"entry": [1,2,3,4,5], "explain": 1}"#,
        expect![[r#"
        400 urn:mysfits:problem:invalid-parameter
        A parameter is invalid
        explain is 1; it must be true or false
    "#]],
    );
}

#[test]
fn explain_as_null() {
    check(
        r#"{"entry": [1,2,3,4,5], "explain": null}"#,
        expect![[r#"
        400 urn:mysfits:problem:invalid-parameter
        A parameter is invalid
        explain is null; it must be true or false
    "#]],
    );
}

#[test]
fn explain_as_an_object() {
    check(
        r#"{"entry": [1,2,3,4,5], "explain": {"verbose": true}}"#,
        expect![[r#"
        400 urn:mysfits:problem:invalid-parameter
        A parameter is invalid
        explain is an object; it must be true or false
    "#]],
    );
}

#[test]
fn a_body_of_ten_megabytes() {
    check(
        " ".repeat(10_000_000),
        expect![[r#"
        413 urn:mysfits:problem:body-too-large
        The body is too large
        the body is larger than 16384 bytes, the most that is read
    "#]],
    );
}

#[test]
fn a_body_of_ten_megabytes_of_unstated_length() {
    // Mapping a body hides its length, as chunked encoding does.
    let unstated = Full::new(Bytes::from(" ".repeat(10_000_000))).map_frame(|frame| frame);
    assert_eq!(post(Body::new(unstated)).status, 413);
}

#[test]
fn nesting_as_deep_as_the_body_allows() {
    check(
        "[".repeat(16_384),
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is not JSON: recursion limit exceeded at line 1 column 128
    "#]],
    );
    check_entry(
        &"[".repeat(10_000),
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is not JSON: recursion limit exceeded at line 1 column 137
    "#]],
    );
    check(
        r#"{"a":"#.repeat(3_000),
        expect![[r#"
        400 urn:mysfits:problem:not-json
        The body is not a JSON object
        the body is not JSON: recursion limit exceeded at line 1 column 636
    "#]],
    );
}

#[test]
fn nesting_a_hundred_thousand_deep() {
    check(
        "[".repeat(100_000),
        expect![[r#"
        413 urn:mysfits:problem:body-too-large
        The body is too large
        the body is larger than 16384 bytes, the most that is read
    "#]],
    );
}

#[test]
fn a_body_that_breaks_off() {
    // Ends with an error where the limit is, as a connection does that is reset.
    let reset = Limited::new(Full::new(Bytes::from(VALID)), 8).map_err(|_| io::ErrorKind::ConnectionReset);
    check(
        Body::new(reset.map_err(io::Error::from)),
        expect![[r#"
        400 urn:mysfits:problem:body-unreadable
        The body could not be read
        the body could not be read to its end
    "#]],
    );
}

#[test]
fn a_method_that_the_path_does_not_know() {
    for method in ["GET", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
        let answer = ask(api(), request(method, "/recommendations", VALID));
        assert_eq!(answer.header(header::ALLOW), "POST,OPTIONS", "{method}");
        answer.check_problem(expect![[r#"
            405 urn:mysfits:problem:method-not-allowed
            The method is not allowed here
            this path does not know the method; the header Allow tells which it knows
        "#]]);
    }
    for path in ["/mysfits", "/mysfits/anybody", "/questionnaire", "/openapi.json", "/health"] {
        let answer = ask(api(), request("POST", path, VALID));
        assert_eq!(
            (answer.status.as_u16(), answer.header(header::ALLOW)),
            (405, "GET,HEAD,OPTIONS"),
            "{path}"
        );
    }
}

#[test]
fn an_unknown_path() {
    for path in
        ["/", "/recommendation", "/recommendations/", "//recommendations", "/Recommendations", "/mysfits/a/b"]
    {
        get(path).check_problem(expect![[r#"
            404 urn:mysfits:problem:not-found
            There is nothing here
            there is nothing here; GET /openapi.json tells what there is
        "#]]);
    }
}
