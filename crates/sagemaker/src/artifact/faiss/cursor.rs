//! Reading bytes from front to back, each number by the name of its field.

use super::FaissError;

/// The bytes that are still to be read, and how many were.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// The next `count` times `size` bytes. Neither factor is trusted: nothing happens on a product that is not there.
    pub(super) fn bytes(
        &mut self,
        field: &'static str,
        count: u64,
        size: u64,
    ) -> Result<&'a [u8], FaissError> {
        let needed = u128::from(count) * u128::from(size);
        let split = usize::try_from(needed).ok().and_then(|needed| self.rest.split_at_checked(needed));
        let Some((bytes, rest)) = split else {
            return Err(FaissError::Truncated { field, needed, at: self.at, left: self.rest.len() });
        };
        self.rest = rest;
        self.at += bytes.len();
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], FaissError> {
        let bytes = self.bytes(field, 1, N as u64)?;
        Ok(std::array::from_fn(|i| bytes[i]))
    }

    pub(super) fn letters(&mut self, field: &'static str) -> Result<[u8; 4], FaissError> {
        self.array(field)
    }

    pub(super) fn u8(&mut self, field: &'static str) -> Result<u8, FaissError> {
        Ok(self.array::<1>(field)?[0])
    }

    pub(super) fn i32(&mut self, field: &'static str) -> Result<i32, FaissError> {
        Ok(i32::from_le_bytes(self.array(field)?))
    }

    pub(super) fn i64(&mut self, field: &'static str) -> Result<i64, FaissError> {
        Ok(i64::from_le_bytes(self.array(field)?))
    }

    pub(super) fn u64(&mut self, field: &'static str) -> Result<u64, FaissError> {
        Ok(u64::from_le_bytes(self.array(field)?))
    }

    /// A vector of floats as faiss writes vectors: how many, then so many. `expected` is how many there must be.
    pub(super) fn floats(&mut self, field: &'static str, expected: u128) -> Result<Vec<f32>, FaissError> {
        let count = self.u64(field)?;
        if u128::from(count) != expected {
            return Err(FaissError::field(field, count, expected.to_string()));
        }
        Ok(floats(self.bytes(field, count, 4)?))
    }

    /// How many bytes are still to be read.
    pub(super) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Everything must have been read.
    pub(super) fn finish(self) -> Result<(), FaissError> {
        match self.rest.len() {
            0 => Ok(()),
            n_bytes => Err(FaissError::Trailing { at: self.at, n_bytes }),
        }
    }
}

/// Little-endian floats; a rest of fewer than four bytes is none.
pub(super) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
}
