//! `Content-Type` and `Accept`.

use expect_test::{Expect, expect};
use mysfits_sagemaker::codec::{Accept, ContentType, Format, MediaTypeError};
use proptest::prelude::*;

#[test]
fn content_types_are_told_by_name_and_parameters() {
    for (header, expected) in [
        ("text/csv", ContentType::Csv { label_size: 0 }),
        ("Text/CSV ; charset=UTF-8 ; Label_Size = \"2\"", ContentType::Csv { label_size: 2 }),
        ("text/csv; label_size=1; label_size=3", ContentType::Csv { label_size: 3 }),
        ("text/csv;encoding=us-ascii;header=absent", ContentType::Csv { label_size: 0 }),
        ("text/csv;;", ContentType::Csv { label_size: 0 }),
        ("application/json; charset=utf8; label_size=x", ContentType::Json),
        (" APPLICATION/JSONLINES ", ContentType::JsonLines),
        ("application/jsonlines; note=\"a;b, charset=x\"", ContentType::JsonLines),
        ("application/x-recordio-protobuf; charset=none", ContentType::RecordIo),
    ] {
        assert_eq!(ContentType::parse(header), Ok(expected), "{header}");
    }
}

#[test]
fn unknown_content_types_are_rejected() {
    for header in [
        "",
        "application/octet-stream",
        "application/x-recordio",
        "json",
        "text/csv2",
        "text/csv, text/csv",
        "*/*",
    ] {
        let error = ContentType::parse(header).unwrap_err();
        assert_eq!(error, MediaTypeError::ContentType { found: header.to_owned() });
    }
    check_content_type(
        "application/octet-stream",
        expect![[
            r#"Content-Type "application/octet-stream" is not supported. Please use one of: text/csv, application/json, application/jsonlines, application/x-recordio-protobuf"#
        ]],
    );
}

#[track_caller]
fn check_content_type(header: &str, expected: Expect) {
    expected.assert_eq(&ContentType::parse(header).unwrap_err().to_string());
}

#[test]
fn invalid_content_type_parameters_are_rejected() {
    check_content_type(
        "text/csv; label_size=-1",
        expect![[r#"the parameter label_size of Content-Type is "-1"; it must be a number of columns"#]],
    );
    check_content_type(
        "text/csv; label_size=",
        expect![[r#"the parameter label_size of Content-Type is ""; it must be a number of columns"#]],
    );
    check_content_type(
        "text/csv; label_size",
        expect![[r#"the parameter label_size of Content-Type is ""; it must be a number of columns"#]],
    );
    check_content_type(
        "text/csv; encoding=utf-16",
        expect![[
            r#"the parameter encoding of Content-Type is "utf-16"; it must be utf-8, or an encoding with the same bytes for ascii, such as iso-8859-1 or windows-1252"#
        ]],
    );
    check_content_type(
        "application/jsonlines; charset=\"a\\\"b\\",
        expect![[
            r#"the parameter charset of Content-Type is "\"a\\\"b\\"; it must be utf-8, or an encoding with the same bytes for ascii, such as iso-8859-1 or windows-1252"#
        ]],
    );
}

#[test]
fn accepts_encodings_in_which_ascii_is_the_same() {
    for encoding in [
        "utf-8",
        "UTF8",
        "utf-8-sig",
        "US-ASCII",
        "ISO-8859-1",
        "iso_8859-15",
        "latin-1",
        "windows-1252",
        "cp1250",
        "EUC-KR",
        "gb18030",
        "\"iso-8859-1\"",
    ] {
        for (parameter, content_type) in [("charset", "application/json"), ("encoding", "text/csv")] {
            let header = format!("{content_type}; {parameter}={encoding}");
            assert!(ContentType::parse(&header).is_ok(), "{header}");
        }
    }
    for encoding in ["", "utf-16", "utf-16le", "utf-32", "utf-7", "cp037", "ebcdic-us", "iso-8859-", "cp125"]
    {
        assert!(ContentType::parse(&format!("text/csv; charset={encoding}")).is_err(), "{encoding}");
    }
}

#[track_caller]
fn check_accept(header: &str, format: Format, verbose: bool) {
    assert_eq!(Accept::parse(header), Ok(Accept { format, verbose }), "{header}");
}

#[test]
fn accept_is_a_format_and_how_much_of_it() {
    assert_eq!(Accept::default(), Accept { format: Format::Json, verbose: false });
    check_accept("application/json", Format::Json, false);
    check_accept("APPLICATION/JSON; Verbose=TRUE", Format::Json, true);
    check_accept("application/json;verbose=true", Format::Json, true);
    check_accept("application/json ; charset=utf-8 ; verbose = \"true\"", Format::Json, true);
    check_accept("application/json; verbose=false", Format::Json, false);
    check_accept("application/jsonlines", Format::JsonLines, false);
    check_accept("application/jsonlines; verbose=true", Format::JsonLines, true);
    check_accept("application/x-recordio-protobuf", Format::RecordIo, false);
    check_accept("application/x-recordio-protobuf; verbose=\"True\"", Format::RecordIo, true);
}

#[test]
fn accept_of_anything_is_json() {
    for header in ["", "  ", ",", "*/*", "application/*", "*/*;q=0.1", "text/html, */*"] {
        check_accept(header, Format::Json, false);
    }
    check_accept("*/*; verbose=true", Format::Json, true);
    check_accept("application/json;q=0, */*", Format::JsonLines, false);
    check_accept("*/*, application/json;q=0, application/jsonlines;q=0.0", Format::RecordIo, false);
}

#[test]
fn of_a_list_the_best_known_type_counts_and_of_equals_the_first() {
    check_accept("text/html, application/jsonlines, application/json", Format::JsonLines, false);
    check_accept("application/json;q=0.5, application/jsonlines;q=0.6", Format::JsonLines, false);
    check_accept("application/json, application/jsonlines;q=1.0", Format::Json, false);
    check_accept("application/json;q=0, application/jsonlines;q=0.001", Format::JsonLines, false);
    check_accept("text/csv;q=1, application/x-recordio-protobuf;q=0.2", Format::RecordIo, false);
    check_accept("text/csv;verbose=maybe;q=x, application/json", Format::Json, false);
    check_accept("application/json;verbose=true, application/json", Format::Json, true);
    check_accept("application/json; note=\"a, b;\\\" q=0\", application/jsonlines", Format::Json, false);
}

#[test]
fn unknown_accept_types_are_rejected() {
    for header in
        ["text/csv", "application/jsonl", "text/*", "application/octet-stream", "application/json;q=0"]
    {
        let error = Accept::parse(header).unwrap_err();
        assert_eq!(error, MediaTypeError::Accept { found: header.to_owned() });
    }
    let error = Accept::parse("text/csv").unwrap_err().to_string();
    expect![[r#"Accept type "text/csv" is not supported. Please use one of: application/json, application/jsonlines, application/x-recordio-protobuf"#]]
        .assert_eq(&error);
}

#[test]
fn invalid_accept_parameters_are_rejected() {
    for (header, expected) in [
        (
            "application/json; verbose=yes",
            expect![[r#"the parameter verbose of Accept is "yes"; it must be true or false"#]],
        ),
        (
            "application/json; verbose",
            expect![[r#"the parameter verbose of Accept is ""; it must be true or false"#]],
        ),
        (
            "application/json; q=2",
            expect![[r#"the parameter q of Accept is "2"; it must be a number from 0 to 1"#]],
        ),
        ("*/*; q=NaN", expect![[r#"the parameter q of Accept is "NaN"; it must be a number from 0 to 1"#]]),
    ] {
        expected.assert_eq(&Accept::parse(header).unwrap_err().to_string());
    }
}

#[test]
fn responses_have_a_content_type() {
    for format in Format::ALL {
        let accept = Accept { format, verbose: true };
        assert_eq!(accept.content_type(), format.as_str());
        assert_eq!(Accept::parse(accept.content_type()), Ok(Accept { format, verbose: false }));
    }
}

proptest! {
    #[test]
    fn no_header_brings_them_down(
        header in "(text/csv|application/json|application/jsonlines|\\*/\\*)?([ -~]|;|,|=|\"|\\\\|q=0|verbose=true|é){0,30}",
    ) {
        let _ = Accept::parse(&header);
        let _ = ContentType::parse(&header);
    }

    /// What is not in quotes separates; what is does not, whatever it is.
    #[test]
    fn quoted_values_hide_separators(text in "[ -~]{0,20}", verbose: bool) {
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
        let header = format!("text/html; a=\"{quoted}\", application/jsonlines; b=\"{quoted}\"; verbose={verbose}");
        prop_assert_eq!(Accept::parse(&header), Ok(Accept { format: Format::JsonLines, verbose }));
    }
}
