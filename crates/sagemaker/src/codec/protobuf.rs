//! The wire format of Protocol Buffers: fields, each with a number and a wire type.
//!
//! Only the part that a `Record` needs, without its schema: see [`record`](super::record). Copies nothing. Groups, which are
//! deprecated, are rejected.
//!
//! Source: Protocol Buffers documentation, "Encoding".

/// An invalid message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WireError {
    #[error("the record ends inside a field")]
    Truncated,
    #[error("a number has more than ten bytes or 64 bits")]
    Varint,
    #[error("{0} is not a field number")]
    FieldNumber(u64),
    #[error("field {field} has the unknown wire type {wire_type}")]
    WireType { field: u32, wire_type: u8 },
    #[error("field {field} is a group; groups are not supported")]
    Group { field: u32 },
    #[error("the field {name} has the wrong wire type")]
    Unexpected { name: &'static str },
    #[error("the packed numbers of {name} are {len} bytes, not a multiple of {size}")]
    Packed { name: &'static str, len: usize, size: usize },
}

/// The value of a field; numbers are little-endian and not interpreted yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum WireValue<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
}

impl<'a> WireValue<'a> {
    /// Returns the bytes of an embedded message or a string.
    pub(crate) fn bytes(self, name: &'static str) -> Result<&'a [u8], WireError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(WireError::Unexpected { name }),
        }
    }
}

/// The fields of a message, in order; ends after the first error.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self(message)
    }

    #[inline]
    fn read(&mut self) -> Result<(u32, WireValue<'a>), WireError> {
        let tag = varint(&mut self.0)?;
        let field = u32::try_from(tag >> 3).ok().filter(|field| (1..1 << 29).contains(field));
        let field = field.ok_or(WireError::FieldNumber(tag >> 3))?;
        let value = match (tag & 7) as u8 {
            0 => WireValue::Varint(varint(&mut self.0)?),
            1 => WireValue::Fixed64(array(&mut self.0)?),
            2 => {
                let length = varint(&mut self.0)?;
                let length = usize::try_from(length).map_err(|_| WireError::Truncated)?;
                let (bytes, rest) = self.0.split_at_checked(length).ok_or(WireError::Truncated)?;
                self.0 = rest;
                WireValue::Bytes(bytes)
            }
            3 | 4 => return Err(WireError::Group { field }),
            5 => WireValue::Fixed32(array(&mut self.0)?),
            wire_type => return Err(WireError::WireType { field, wire_type }),
        };
        Ok((field, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, WireValue<'a>), WireError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.read();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

/// Appends the numbers of a repeated field, packed or a single one, to `out`.
pub(crate) fn push_fixed<const N: usize, T>(
    value: WireValue<'_>,
    name: &'static str,
    number: impl Fn([u8; N]) -> T,
    out: &mut Vec<T>,
) -> Result<(), WireError> {
    let bytes = match &value {
        WireValue::Bytes(bytes) => bytes,
        WireValue::Fixed32(bytes) if N == 4 => bytes.as_slice(),
        WireValue::Fixed64(bytes) if N == 8 => bytes.as_slice(),
        _ => return Err(WireError::Unexpected { name }),
    };
    let (numbers, []) = bytes.as_chunks::<N>() else {
        return Err(WireError::Packed { name, len: bytes.len(), size: N });
    };
    out.extend(numbers.iter().map(|bytes| number(*bytes)));
    Ok(())
}

/// Appends the numbers of a repeated field of varints, packed or a single one, to `out`.
pub(crate) fn push_varints<T>(
    value: WireValue<'_>,
    name: &'static str,
    number: impl Fn(u64) -> T,
    out: &mut Vec<T>,
) -> Result<(), WireError> {
    match value {
        WireValue::Bytes(mut bytes) => {
            while !bytes.is_empty() {
                out.push(number(varint(&mut bytes)?));
            }
        }
        WireValue::Varint(one) => out.push(number(one)),
        _ => return Err(WireError::Unexpected { name }),
    }
    Ok(())
}

fn array<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], WireError> {
    let (array, rest) = bytes.split_first_chunk::<N>().ok_or(WireError::Truncated)?;
    *bytes = rest;
    Ok(*array)
}

#[inline]
fn varint(bytes: &mut &[u8]) -> Result<u64, WireError> {
    // Tags and most lengths have one byte or two.
    match **bytes {
        [byte @ 0..0x80, ..] => {
            *bytes = &bytes[1..];
            Ok(u64::from(byte))
        }
        [low, high @ 0..0x80, ..] => {
            *bytes = &bytes[2..];
            Ok(u64::from(low & 0x7f) | u64::from(high) << 7)
        }
        _ => long_varint(bytes),
    }
}

fn long_varint(bytes: &mut &[u8]) -> Result<u64, WireError> {
    let mut number = 0;
    for (i, &byte) in bytes.iter().enumerate().take(10) {
        if i == 9 && byte > 1 {
            break;
        }
        number |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            *bytes = &bytes[i + 1..];
            return Ok(number);
        }
    }
    Err(if bytes.len() < 10 { WireError::Truncated } else { WireError::Varint })
}

/// Appends the tag of a field that is written with its length, and the length.
pub(crate) fn write_head(field: u8, length: usize, out: &mut Vec<u8>) {
    debug_assert!(field < 16, "a larger field number takes two bytes");
    out.push(field << 3 | 2);
    let mut length = length as u64;
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

/// Returns the bytes that [`write_head`] writes for a field of this length.
pub(crate) fn head_len(length: usize) -> usize {
    // The tag, and a byte for every seven bits, at least one.
    1 + (usize::BITS - (length | 1).leading_zeros()).div_ceil(7) as usize
}
