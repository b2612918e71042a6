//! Numbers as text: parsed from CSV, formatted as in Python.

use std::fmt::Write as _;

/// Parses a number with optional white space around it.
///
/// Parses a double and rounds it, so that a number has the same value in all formats.
pub(crate) fn parse(field: &[u8]) -> Option<f32> {
    parse_wide(field).map(|number| number as f32)
}

/// Parses a number like [`parse`], without rounding it: for labels. Single digits have a fast path.
pub(crate) fn parse_wide(field: &[u8]) -> Option<f64> {
    match field.trim_ascii() {
        [digit @ b'0'..=b'9'] => Some(f64::from(digit - b'0')),
        field => std::str::from_utf8(field).ok()?.parse().ok(),
    }
}

/// Writes a float like Python's `json.dumps`: shortest form, whole numbers with `.0`, exponents with a sign and two digits;
/// `NaN`, `Infinity` and `-Infinity`, which are not JSON.
///
/// An `f32` is widened first, as in the built-in algorithms.
pub(crate) fn write_float(value: impl Into<f64>, out: &mut Vec<u8>) {
    let value = value.into();
    match value.abs() {
        // In this range neither Python nor the formatter writes an exponent.
        0.0 | 1e-4..1e16 => out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes()),
        f64::INFINITY => out.extend_from_slice(if value > 0.0 { b"Infinity" } else { b"-Infinity" }),
        size if size.is_nan() => out.extend_from_slice(b"NaN"),
        _ => write_with_exponent(value, out),
    }
}

/// Returns a number like Python's `repr`: as [`write_float`] writes it, with `nan`, `inf` and `-inf`.
pub(crate) fn python_repr(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string().to_ascii_lowercase();
    }
    let mut out = Vec::new();
    write_float(value, &mut out);
    String::from_utf8_lossy(&out).into_owned()
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
    fn formats_f32_like_python() {
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
    fn formats_f64_like_python() {
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
    fn formats_like_repr() {
        let cases = [
            (1.0, "1.0"),
            (0.922_136_931_603_042_9, "0.9221369316030429"),
            (1e-7, "1e-07"),
            (1.5e-5, "1.5e-05"),
            (1e-4, "0.0001"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (2.5e300, "2.5e+300"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
        ];
        for (value, expected) in cases {
            assert_eq!(python_repr(value), expected);
        }
    }

    #[test]
    fn parses_numbers() {
        for (text, value) in
            [("7", Some(7.0)), (" 1.5 ", Some(1.5)), ("-3e2", Some(-300.0)), ("", None), ("a", None)]
        {
            assert_eq!(parse(text.as_bytes()), value, "{text:?}");
        }
    }
}
