//! Bodies in `aws-chunked` encoding, decoded: how AWS SDKs upload with a checksum at the end.
//!
//! A chunk is its size in hexadecimal, optional extensions (`;chunk-signature=..`), CRLF, that many bytes, CRLF. A chunk of
//! size 0 ends the data; trailers follow. Signatures and trailers are not verified.
//!
//! Source: Amazon S3 API Reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple
//! Chunks".

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    BoxError,
    body::{Body, Bytes},
};
use bytes::Buf as _;
use http_body::{Body as HttpBody, Frame};

/// The longest line with a chunk's size, in bytes.
const MAX_LINE_BYTES: usize = 1024;
/// The most bytes of trailers.
const MAX_TRAILER_BYTES: usize = 16 * 1024;

/// The error for a body that is not in this encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("invalid aws-chunked body: {0}")]
pub(super) struct AwsChunkedError(&'static str);

/// What comes next in an encoded body.
#[derive(Debug)]
enum State {
    /// The line with the size of a chunk, of which this has been read.
    Size(Vec<u8>),
    /// So many bytes of data.
    Data(u64),
    /// CRLF after the data, of which so many bytes have been read.
    DataEnd(usize),
    /// Trailers, of which so many bytes have been read.
    Trailers(usize),
}

/// Decodes a body piece by piece, however it is cut.
#[derive(Debug)]
pub(super) struct Decoder(State);

impl Default for Decoder {
    fn default() -> Self {
        Self(State::Size(Vec::new()))
    }
}

impl Decoder {
    /// Decodes the front of `input` and returns the data that it ends with; `None` if all of `input` was read without
    /// reaching data.
    fn next(&mut self, input: &mut Bytes) -> Result<Option<Bytes>, AwsChunkedError> {
        while !input.is_empty() {
            match &mut self.0 {
                State::Size(line) => {
                    let byte = input.get_u8();
                    line.push(byte);
                    if let Some(line) = line.strip_suffix(b"\r\n") {
                        self.0 = match size(line)? {
                            0 => State::Trailers(0),
                            size => State::Data(size),
                        };
                    } else if line.len() > MAX_LINE_BYTES {
                        return Err(AwsChunkedError("the line of a chunk's size is too long"));
                    }
                }
                State::Data(left) => {
                    let n = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
                    *left -= n as u64;
                    if *left == 0 {
                        self.0 = State::DataEnd(0);
                    }
                    return Ok(Some(input.split_to(n)));
                }
                State::DataEnd(read) => {
                    if input.get_u8() != b"\r\n"[*read] {
                        return Err(AwsChunkedError("a chunk is longer than its size"));
                    }
                    *read += 1;
                    if *read == 2 {
                        self.0 = State::Size(Vec::new());
                    }
                }
                State::Trailers(read) => {
                    *read += input.len();
                    if *read > MAX_TRAILER_BYTES {
                        return Err(AwsChunkedError("the trailers are too long"));
                    }
                    input.clear();
                }
            }
        }
        Ok(None)
    }

    fn end(&self) -> Result<(), AwsChunkedError> {
        match self.0 {
            State::Trailers(_) => Ok(()),
            _ => Err(AwsChunkedError("it ends before the chunk of size 0")),
        }
    }
}

fn size(line: &[u8]) -> Result<u64, AwsChunkedError> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let text = std::str::from_utf8(digits).unwrap_or_default();
    let is_hex = (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let size = is_hex.then(|| u64::from_str_radix(text, 16).ok()).flatten();
    size.ok_or(AwsChunkedError("the size of a chunk is not a hexadecimal number"))
}

/// A body of which the decoded data is read.
pub(super) struct DecodedBody {
    body: Body,
    decoder: Decoder,
    input: Bytes,
}

impl DecodedBody {
    pub(super) fn new(body: Body) -> Self {
        Self { body, decoder: Decoder::default(), input: Bytes::new() }
    }
}

impl HttpBody for DecodedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Self { body, decoder, input } = self.get_mut();
        loop {
            match decoder.next(input) {
                Ok(Some(data)) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Ok(None) => {}
                Err(error) => return Poll::Ready(Some(Err(error.into()))),
            }
            match ready!(Pin::new(&mut *body).poll_frame(context)) {
                Some(Ok(frame)) => *input = frame.into_data().unwrap_or_default(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => return Poll::Ready(decoder.end().err().map(|error| Err(error.into()))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(pieces: impl IntoIterator<Item = Bytes>) -> Result<Vec<u8>, AwsChunkedError> {
        let (mut decoder, mut data) = (Decoder::default(), Vec::new());
        for mut piece in pieces {
            while let Some(part) = decoder.next(&mut piece)? {
                data.extend_from_slice(&part);
            }
        }
        decoder.end()?;
        Ok(data)
    }

    #[test]
    fn decodes_chunks_however_they_are_cut() {
        let body = Bytes::from_static(
            b"a;chunk-signature=0f\r\n0123456789\r\n3\r\n\r\nx\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
        );
        for size in 1..=body.len() {
            let pieces = (0..body.len()).step_by(size).map(|at| body.slice(at..(at + size).min(body.len())));
            assert_eq!(decode(pieces).unwrap(), b"0123456789\r\nx", "pieces of {size}");
        }
        assert_eq!(decode([Bytes::from_static(b"0\r\n\r\n")]).unwrap(), b"");
    }

    #[test]
    fn rejects_other_bodies() {
        let long_line = [b"1;".as_slice(), &[b'x'; 2048]].concat();
        let long_trailer = [b"0\r\n".as_slice(), &vec![b'x'; 20_000]].concat();
        for (body, expected) in [
            (b"".as_slice(), "ends before"),
            (b"2\r\nab\r\n", "ends before"),
            (b"2\r\nabc\r\n0\r\n", "longer than its size"),
            (b"-2\r\nab\r\n0\r\n", "not a hexadecimal number"),
            (b"\r\n", "not a hexadecimal number"),
            (b"11111111111111111\r\n", "not a hexadecimal number"),
            (&long_line, "is too long"),
            (&long_trailer, "are too long"),
        ] {
            let error = decode([Bytes::copy_from_slice(body)]).unwrap_err().to_string();
            assert!(error.contains(expected), "{body:?}: {error}");
        }
    }
}
