//! `text/csv`: a sample a line, comma separated, no header.
//!
//! Lines end with LF or CRLF, the last with or without; white space around numbers and blank lines make no difference.
//! A number is what Rust and Python call one, exponents included. `"1"` is none: the SDK's serializer quotes nothing, and
//! whether the container would take it is not known. `nan` and `inf` are numbers here; the model refuses them, by row and
//! feature. Label columns are not looked at.

use super::{DecodeError, Rows, number::parse};

/// As much of a field as an error repeats.
const MAX_QUOTED_BYTES: usize = 40;

/// Returns the text without the UTF-8 byte order mark that it may begin with.
pub(crate) fn strip_byte_order_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

pub(super) fn decode(body: &[u8], label_size: usize, rows: &mut Rows) -> Result<(), DecodeError> {
    // Blank lines, such as the one after a trailing line feed, are nothing.
    let lines = body.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    for (row, line) in lines.enumerate() {
        for (column, field) in line.split(|&byte| byte == b',').enumerate().skip(label_size) {
            let value = parse(field).ok_or_else(|| {
                let shown = String::from_utf8_lossy(&field[..field.len().min(MAX_QUOTED_BYTES)]);
                DecodeError::Row { row, reason: format!("column {column} is {shown:?}, not a number") }
            })?;
            rows.values().push(value);
        }
        rows.end_row()?;
    }
    Ok(())
}
