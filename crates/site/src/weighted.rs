//! Lists of weighted values, as in `Accept-Language` and `Accept-Encoding`: `ko-KR,ko;q=0.9,en;q=0.8`.
//!
//! Source: RFC 9110, 12.4.2 (quality values) and 5.6.1 (lists).

/// How many values of a list are parsed; the rest is ignored. Browsers send fewer.
pub const MAX_VALUES: usize = 32;

/// One value of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightedValue<'a> {
    /// The value without its weight.
    pub name: &'a str,
    /// The weight in thousandths, 0 to 1000; 0 means "not acceptable".
    pub weight: u16,
    /// The position in the list.
    pub position: usize,
}

/// Returns the values of a list, in order. The list may be spread over several headers of the same name. Malformed values are skipped.
pub fn parse<'a>(values: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = WeightedValue<'a>> {
    let all = values.into_iter().flat_map(|value| value.split(',')).take(MAX_VALUES).enumerate();
    all.filter_map(|(position, value)| {
        let mut parts = value.split(';').map(|part| part.trim_matches([' ', '\t']));
        let name = parts.next().filter(|name| is_name(name))?;
        let weight = match (parts.next(), parts.next()) {
            (None, _) => 1000,
            (Some(weight), None) => parse_weight(weight)?,
            // Neither languages nor encodings have parameters.
            (Some(_), Some(_)) => return None,
        };
        Some(WeightedValue { name, weight, position })
    })
}

/// Returns whether a text is the name of a language or an encoding.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'*'))
}

/// Returns a weight in thousandths: 250 for `q=0.25`.
fn parse_weight(text: &str) -> Option<u16> {
    let number = text.strip_prefix(['q', 'Q'])?.strip_prefix('=')?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let are_digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok().filter(|_| are_digits)?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_VALUES, parse};

    #[track_caller]
    fn check(values: &[&str], expected: &[(&str, u16, usize)]) {
        let found: Vec<_> = parse(values.iter().copied()).map(|m| (m.name, m.weight, m.position)).collect();
        assert_eq!(found, expected, "{values:?}");
    }

    #[test]
    fn the_default_weight_is_one() {
        check(&["ko-KR,ko;q=0.9, en\t;\tq=0.85"], &[("ko-KR", 1000, 0), ("ko", 900, 1), ("en", 850, 2)]);
        check(&["gzip;q=1.000", "br;Q=0."], &[("gzip", 1000, 0), ("br", 0, 1)]);
        check(&["*;q=0.001"], &[("*", 1, 0)]);
    }

    #[test]
    fn skips_only_malformed_values() {
        for malformed in [
            "",
            ";q=1",
            "k o",
            "ko;q",
            "ko;q=",
            "ko;q=2",
            "ko;q=1.001",
            "ko;q=0.1234",
            "ko;q=-1",
            "ko;q= 1",
            "ko;x=1",
            "ko;q=1;q=0",
            "ko;q=1.0.0",
            "한국어",
        ] {
            check(&[&format!("{malformed},en")], &[("en", 1000, 1)]);
        }
    }

    #[test]
    fn ignores_values_after_the_limit() {
        let list = "xx,".repeat(MAX_VALUES) + "ko";
        assert_eq!(parse([list.as_str()]).count(), MAX_VALUES);
    }
}
