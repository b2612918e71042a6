//! A cursor over bytes, with field names for errors.

use super::FaissError;

/// The remaining bytes and the position.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// Returns the next `count` times `size` bytes, if there are so many. The factors need not be trusted.
    pub(super) fn bytes(
        &mut self,
        field: &'static str,
        count: u64,
        size: u64,
    ) -> Result<&'a [u8], FaissError> {
        let needed = u128::from(count) * u128::from(size);
        let split = usize::try_from(needed).ok().and_then(|needed| self.rest.split_at_checked(needed));
        let Some((bytes, rest)) = split else {
            let (at, left) = (self.at, self.rest.len());
            return Err(FaissError(format!("{field} at byte {at} needs {needed} bytes; {left} are left")));
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

    /// Reads a vector of floats in faiss's format: its length, then the floats. `expected` is the required length.
    pub(super) fn floats(&mut self, field: &'static str, expected: u128) -> Result<Vec<f32>, FaissError> {
        let count = self.u64(field)?;
        FaissError::check(u128::from(count) == expected, field, count, expected)?;
        Ok(floats(self.bytes(field, count, 4)?))
    }

    /// Returns the number of remaining bytes.
    pub(super) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Checks that there are no more bytes.
    pub(super) fn finish(self) -> Result<(), FaissError> {
        match self.rest.len() {
            0 => Ok(()),
            n_bytes => {
                let at = self.at;
                Err(FaissError(format!("the index ends at byte {at}, and {n_bytes} more bytes follow")))
            }
        }
    }
}

/// Converts little-endian floats; ignores a rest of fewer than four bytes.
pub(super) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
}
