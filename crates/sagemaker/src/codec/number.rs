//! Numbers as text: read from CSV, written as Python writes them.

use std::fmt::Write as _;

/// Reads a number, white space around it allowed; single digits, the survey's answers, by a short cut.
pub(crate) fn parse(field: &[u8]) -> Option<f32> {
    match field.trim_ascii() {
        [digit @ b'0'..=b'9'] => Some(f32::from(digit - b'0')),
        field => std::str::from_utf8(field).ok()?.parse().ok(),
    }
}

/// Writes a float as Python's `repr` does: shortest, with `.0` on whole numbers, exponents signed and of two digits.
///
/// A `f32` is widened first, as the built-in algorithms do.
pub(super) fn write_float(value: f32, out: &mut String) {
    let start = out.len();
    // Debug is shortest, keeps the `.0` and changes to exponents where Python does; only their spelling differs.
    let _ = write!(out, "{:?}", f64::from(value));
    if let Some(e) = out[start..].find('e') {
        let exponent = out.split_off(start + e + 1);
        let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent.as_str()), |d| ('-', d));
        let _ = write!(out, "{sign}{digits:0>2}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_spelled_as_python_spells_them() {
        let cases = [
            (6.0, "6.0"),
            (-0.5, "-0.5"),
            (0.1, "0.10000000149011612"),
            (1e-5, "9.999999747378752e-06"),
            (1e-4, "9.999999747378752e-05"),
            (1e15, "999999986991104.0"),
            (1e16, "1.0000000272564224e+16"),
            (3.4e38, "3.3999999521443642e+38"),
            (16_777_216.0, "16777216.0"),
        ];
        for (value, expected) in cases {
            let mut out = String::from("x");
            write_float(value, &mut out);
            assert_eq!(out, format!("x{expected}"));
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
