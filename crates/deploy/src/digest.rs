//! Digests.

use mysfits_package::hex;
use sha2::{Digest as _, Sha256};

/// Returns the SHA-256 in hexadecimal digits.
pub(crate) fn sha256(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}
