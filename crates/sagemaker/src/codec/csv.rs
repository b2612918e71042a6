//! `text/csv`: a sample a line, comma separated, no header, no quotes.

use super::{DecodeError, Rows, number::parse};

pub(super) fn decode(body: &[u8], label_size: usize, rows: &mut Rows) -> Result<(), DecodeError> {
    // Blank lines, such as the one after a trailing line feed, are nothing.
    let lines = body.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    for (row, line) in lines.enumerate() {
        for (column, field) in line.split(|&byte| byte == b',').enumerate().skip(label_size) {
            let value = parse(field).ok_or_else(|| DecodeError::Row {
                row,
                reason: format!("column {column} is {:?}, not a number", String::from_utf8_lossy(field)),
            })?;
            rows.values().push(value);
        }
        rows.end_row()?;
    }
    Ok(())
}
