//! The diagrams, one file each; numbers and names in them come from the code that they are about.

mod data;
mod deploy;
mod request;
mod stacks;

use anyhow::Result;

use crate::draw::Picture;

/// All diagrams with the names of their files.
pub fn all() -> Result<[(&'static str, Picture); 4]> {
    Ok([
        ("request", request::draw()),
        ("data", data::draw()),
        ("stacks", stacks::draw()),
        ("deploy", deploy::draw()?),
    ])
}

/// A number with commas between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_grouped() {
        assert_eq!([7, 1_000, 32_768, 1_000_000].map(super::grouped), ["7", "1,000", "32,768", "1,000,000"]);
    }
}
