//! Where an HTTP/1.1 answer ends, and its body: of a stated length, or in chunks.

use std::borrow::Cow;

use anyhow::{Context as _, Result, bail, ensure};

/// Returns the body of a response; `None` if it is still incomplete.
///
/// # Errors
/// If the status is not 200, or the length of the response cannot be determined.
pub(crate) fn whole_body(answer: &[u8]) -> Result<Option<Cow<'_, [u8]>>> {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&answer[..end]).context("the head is not text")?;
    let body = &answer[end + 4..];
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    ensure!(
        status.starts_with("HTTP/1.1 200 "),
        "the status line is {status:?}, the body {:?}",
        String::from_utf8_lossy(body)
    );
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            let length: usize = value.trim().parse().with_context(|| format!("no length: {value:?}"))?;
            ensure!(body.len() <= length, "the body is longer than its content-length");
            return Ok((body.len() == length).then_some(Cow::Borrowed(body)));
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            ensure!(value.trim().eq_ignore_ascii_case("chunked"), "the transfer encoding is {value:?}");
            return Ok(whole_chunks(body)?.map(Cow::Owned));
        }
    }
    bail!("there is neither content-length nor transfer-encoding in {head:?}")
}

/// Returns the chunks put together; none if the last one has not come.
fn whole_chunks(mut rest: &[u8]) -> Result<Option<Vec<u8>>> {
    // Looked for first: until it has come, nothing is put together in vain.
    if !rest.ends_with(b"0\r\n\r\n") {
        return Ok(None);
    }
    let mut body = Vec::with_capacity(rest.len());
    loop {
        let Some(end) = rest.windows(2).position(|bytes| bytes == b"\r\n") else { return Ok(None) };
        let size = std::str::from_utf8(&rest[..end]).ok().and_then(|hex| usize::from_str_radix(hex, 16).ok());
        let size = size.with_context(|| format!("no chunk size: {}", rest[..end].escape_ascii()))?;
        let Some((chunk, next)) = rest[end + 2..].split_at_checked(size) else { return Ok(None) };
        let Some((line_end, next)) = next.split_at_checked(2) else { return Ok(None) };
        ensure!(line_end == b"\r\n", "a chunk is longer than its size");
        if size == 0 {
            ensure!(next.is_empty(), "there is more after the last chunk");
            return Ok(Some(body));
        }
        body.extend_from_slice(chunk);
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_length_says_so() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        assert_eq!(whole_body(answer).unwrap().as_deref(), Some(b"hi".as_slice()));
        for cut in 0..answer.len() {
            assert_eq!(whole_body(&answer[..cut]).unwrap(), None, "{cut}");
        }
    }

    #[test]
    fn an_answer_in_chunks_is_whole_when_the_last_has_come() {
        // The first chunk looks like the last one's end, which is no end: its size says that more follows.
        let answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
                       5\r\n0\r\n\r\n\r\nA\r\nten bytes!\r\n0\r\n\r\n";
        let whole = whole_body(answer).unwrap();
        assert_eq!(whole.as_deref(), Some(b"0\r\n\r\nten bytes!".as_slice()));
        for cut in 0..answer.len() {
            assert_eq!(whole_body(&answer[..cut]).unwrap(), None, "{cut}");
        }
    }

    #[test]
    fn other_answers_are_errors() {
        for answer in [
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n",
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhi",
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nhi",
            "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\nhi",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nhi\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n0\r\n\r\n",
        ] {
            assert!(whole_body(answer.as_bytes()).is_err(), "{answer}");
        }
    }
}
