//! Numbers for people.

/// The number with a comma after every three digits, which is the custom in both languages of the site.
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

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn three_digits_a_group() {
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
}
