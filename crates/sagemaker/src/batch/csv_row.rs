//! Rows of CSV (RFC 4180) as columns of text, with their quotes.

/// Returns the columns of a row, each as it is written, with its quotes.
///
/// # Errors
/// What is wrong: a quote in a column without quotes, or after the end of a quoted column, or no quote at its end.
pub(super) fn columns(row: &str) -> Result<Vec<&str>, String> {
    let (mut columns, mut start) = (Vec::new(), 0);
    loop {
        let rest = &row[start..];
        let length = if rest.starts_with('"') { quoted_length(rest)? } else { plain_length(rest)? };
        columns.push(&rest[..length]);
        if start + length == row.len() {
            return Ok(columns);
        }
        start += length + 1; // and the comma
    }
}

/// Returns the length of the first column, which has no quotes.
fn plain_length(text: &str) -> Result<usize, String> {
    let column = text.split(',').next().unwrap_or_default();
    if column.contains('"') {
        return Err("bare \" in non quoted field".to_owned());
    }
    Ok(column.len())
}

/// Returns the length of the first column, which begins with a quote.
fn quoted_length(text: &str) -> Result<usize, String> {
    let mut from = 1;
    loop {
        let quote = text[from..].find('"').ok_or("no closing \" of a quoted field")? + from;
        match text.as_bytes().get(quote + 1) {
            None | Some(b',') => return Ok(quote + 1),
            Some(b'"') => from = quote + 2,
            Some(_) => return Err("extraneous \" in quoted field".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_their_quotes() {
        assert_eq!(columns("1,2.5,-3").unwrap(), ["1", "2.5", "-3"]);
        assert_eq!(columns("").unwrap(), [""]);
        assert_eq!(columns(",").unwrap(), ["", ""]);
        assert_eq!(columns(r#""a,b","c ""d""", x"#).unwrap(), [r#""a,b""#, r#""c ""d""""#, " x"]);
    }

    #[test]
    fn rejects_misplaced_quotes() {
        for (row, reason) in [
            (r#"{"a": 1}"#, "bare"),
            (r#"1,2"3"#, "bare"),
            (r#""a"b,2"#, "extraneous"),
            (r#""a"#, "closing"),
            (r#"""#, "closing"),
        ] {
            assert!(columns(row).unwrap_err().contains(reason), "{row}");
        }
    }
}
