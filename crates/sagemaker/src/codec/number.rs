//! Numbers as text: read from CSV, written as Python writes them.

use std::fmt::Write as _;

/// Reads a number, white space around it allowed; single digits, the survey's answers, by a short cut.
///
/// As a double first, as Python does and as RecordIO may send it: the same number in every format.
pub(crate) fn parse(field: &[u8]) -> Option<f32> {
    parse_wide(field).map(|number| number as f32)
}

/// Reads a number as [`parse`] does, and returns it as it is read: a label.
pub(crate) fn parse_wide(field: &[u8]) -> Option<f64> {
    match field.trim_ascii() {
        [digit @ b'0'..=b'9'] => Some(f64::from(digit - b'0')),
        field => std::str::from_utf8(field).ok()?.parse().ok(),
    }
}

/// Writes a float as Python's `json.dumps` does: shortest, with `.0` on whole numbers, exponents signed and of two
/// digits, and what JSON has no word for as `NaN`, `Infinity` and `-Infinity`.
///
/// An `f32` is widened first, as the built-in algorithms do.
pub(crate) fn write_float(value: impl Into<f64>, out: &mut Vec<u8>) {
    let value = value.into();
    match value.abs() {
        // Whole numbers, labels for the most part: their digits are at hand.
        whole if whole < 1e7 && whole == whole.trunc() => {
            if value.is_sign_negative() {
                out.push(b'-');
            }
            write_digits(whole as u32, out);
            out.extend_from_slice(b".0");
        }
        // Here Python writes no exponent, and neither does the formatter.
        1e-4..1e16 => out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes()),
        f64::INFINITY => out.extend_from_slice(if value > 0.0 { b"Infinity" } else { b"-Infinity" }),
        size if size.is_nan() => out.extend_from_slice(b"NaN"),
        _ => write_with_exponent(value, out),
    }
}

fn write_digits(mut number: u32, out: &mut Vec<u8>) {
    let mut digits = [0; 10];
    let mut begin = digits.len();
    loop {
        begin -= 1;
        digits[begin] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[begin..]);
}

fn write_with_exponent(value: f64, out: &mut Vec<u8>) {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(text, "{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    out.extend_from_slice(mantissa.as_bytes());
    out.extend_from_slice(format!("e{sign}{digits:0>2}").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_spelled_as_python_spells_them() {
        let cases: [(f32, &str); 25] = [
            (6.0, "6.0"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (-12.0, "-12.0"),
            (-0.5, "-0.5"),
            (0.1, "0.10000000149011612"),
            (1e-5, "9.999999747378752e-06"),
            (1e-4, "9.999999747378752e-05"),
            (1.1e-4, "0.00011000000085914508"),
            (1e-10, "1.000000013351432e-10"),
            (1e-45, "1.401298464324817e-45"),
            (123_456.79, "123456.7890625"),
            (9_999_999.0, "9999999.0"),
            (1e7, "10000000.0"),
            (-1e7, "-10000000.0"),
            (1e15, "999999986991104.0"),
            (9.007_199e15, "9007199254740992.0"),
            (1e16, "1.0000000272564224e+16"),
            (-2.0f32.powi(60), "-1.152921504606847e+18"),
            (3.4e38, "3.3999999521443642e+38"),
            (16_777_216.0, "16777216.0"),
            (f32::NAN, "NaN"),
            (-f32::NAN, "NaN"),
            (f32::INFINITY, "Infinity"),
            (f32::NEG_INFINITY, "-Infinity"),
        ];
        for (value, expected) in cases {
            let mut out = b"x".to_vec();
            write_float(value, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), format!("x{expected}"));
        }
    }

    #[test]
    fn doubles_are_spelled_as_python_spells_them() {
        let cases = [
            (0.1, "0.1"),
            (0.233_333_333_333_333_34, "0.23333333333333334"),
            (1.0 / 3.0, "0.3333333333333333"),
            (1e-5, "1e-05"),
            (16_777_217.0, "16777217.0"),
            (1_000_000_007.0, "1000000007.0"),
            (20_240_131_123_456.0, "20240131123456.0"),
            (9_007_199_254_740_991.0, "9007199254740991.0"),
            (1e16, "1e+16"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
        ];
        for (value, expected) in cases {
            let mut out = Vec::new();
            write_float(value, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }

    #[test]
    fn numbers_are_read_as_written() {
        for (text, value) in
            [("7", Some(7.0)), (" 1.5 ", Some(1.5)), ("-3e2", Some(-300.0)), ("", None), ("a", None)]
        {
            assert_eq!(parse(text.as_bytes()), value, "{text:?}");
        }
    }
}
