//! Placeholders and numbers in texts.

/// Replaces each `{name}` in a text by its value; unknown names stay as they are.
#[must_use]
pub fn interpolate(text: &str, values: &[(&str, &str)]) -> String {
    let mut result = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        result.push_str(before);
        let value = after.split_once('}').and_then(|(name, rest)| {
            let value = values.iter().find(|(given, _)| *given == name)?.1;
            Some((value, rest))
        });
        if let Some((value, behind)) = value {
            result.push_str(value);
            rest = behind;
        } else {
            result.push('{');
            rest = after;
        }
    }
    result.push_str(rest);
    result
}

/// Formats a number with a comma after every three digits, as both languages of the site do.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Formats a number that is not negative with one decimal. Rust's formatting of floats would be larger in the wasm file than the
/// explanation that needs it.
#[must_use]
pub fn one_decimal(number: f32) -> String {
    let tenths = (number * 10.0).round() as u32;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_placeholders_by_name() {
        assert_eq!(interpolate("{a} of {b}", &[("b", "12"), ("a", "4")]), "4 of 12");
        assert_eq!(interpolate("{a}{a}", &[("a", "x")]), "xx");
        assert_eq!(interpolate("no placeholder", &[("a", "x")]), "no placeholder");
        assert_eq!(interpolate("{unknown} { {a}", &[("a", "x")]), "{unknown} { x");
    }

    #[test]
    fn groups_three_digits() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (75_000_000, "75,000,000"),
            (2_000_000_000, "2,000,000,000"),
        ];
        for (number, expected) in cases {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn distances_have_one_decimal() {
        for (distance, expected) in [(0.0, "0.0"), (2.449_489_7, "2.4"), (9.96, "10.0"), (15.652, "15.7")] {
            assert_eq!(one_decimal(distance), expected);
        }
    }
}
