//! `text/csv`: one sample in each line, comma separated, no header.
//!
//! Lines end with LF or CRLF; the end of the last line is optional. White space around numbers and blank lines are ignored.
//! Numbers have the syntax of Rust and Python, including exponents. A quoted number such as `"1"` is invalid: the SDK's
//! serializer quotes nothing, and whether the container would accept it is unknown. `nan` and `inf` are numbers here; the
//! model rejects them, with row and feature. Label columns are ignored.

use super::{DecodeError, RowBuilder, number::parse};

/// The most bytes of a field that an error repeats.
const MAX_QUOTED_BYTES: usize = 40;

/// Returns the text without a leading UTF-8 byte order mark.
pub(crate) fn strip_byte_order_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

pub(super) fn decode(body: &[u8], label_size: usize, rows: &mut RowBuilder) -> Result<(), DecodeError> {
    // Blank lines are ignored, such as the one after a trailing line feed.
    let lines = body.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    for (row, line) in lines.enumerate() {
        for (column, field) in line.split(|&byte| byte == b',').enumerate().skip(label_size) {
            let value = parse(field).ok_or_else(|| {
                let shown = String::from_utf8_lossy(&field[..field.len().min(MAX_QUOTED_BYTES)]);
                DecodeError::Row { row, reason: format!("column {column} is {shown:?}, not a number") }
            })?;
            rows.values.push(value);
        }
        rows.end_row()?;
    }
    Ok(())
}
