//! Messages of `application/vnd.amazon.eventstream`.
//!
//! A message is a prelude (total length, length of the headers, CRC-32 of both), headers, a payload, and the CRC-32 of all
//! before it; numbers are big-endian. Only headers with text values are written.
//!
//! Source: <https://smithy.io/2.0/aws/amazon-eventstream.html>.

use bytes::{BufMut as _, Bytes, BytesMut};
use flate2::Crc;

/// The media type.
pub(super) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";
/// The type of headers with text values.
const TEXT: u8 = 7;
/// The length of the prelude with its checksum, and of the checksum of the message.
const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;

/// Returns a message. Names of headers have at most 255 bytes, values 65,535, and the payload is far smaller than 4 GiB.
pub(super) fn message(headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
    let headers_len: usize = headers.iter().map(|(name, value)| 4 + name.len() + value.len()).sum();
    let total_len = PRELUDE_BYTES + headers_len + payload.len() + CHECKSUM_BYTES;
    let mut message = BytesMut::with_capacity(total_len);
    message.put_u32(total_len as u32);
    message.put_u32(headers_len as u32);
    message.put_u32(checksum(&message));
    for (name, value) in headers {
        message.put_u8(name.len() as u8);
        message.put_slice(name.as_bytes());
        message.put_u8(TEXT);
        message.put_u16(value.len() as u16);
        message.put_slice(value.as_bytes());
    }
    message.put_slice(payload);
    message.put_u32(checksum(&message));
    message.freeze()
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first two messages of the test vectors that AWS publishes for its SDKs.
    #[test]
    fn writes_messages_as_the_sdks_read_them() {
        let hex =
            |message: Bytes| message.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        assert_eq!(hex(message(&[], b"")), "000000100000000005c248eb7d98c8ff");
        assert_eq!(
            hex(message(&[("content-type", "application/json")], b"{'foo':'bar'}")),
            "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d\
             8d9c08b1"
        );
    }
}
