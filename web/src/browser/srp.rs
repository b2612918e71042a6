//! Secure Remote Password as Amazon Cognito's clients compute it. The password does not leave the page.
//!
//! SRP-6a over the 3072-bit group of RFC 3526, with Cognito's additions: numbers are hashed in the byte format of Java's `BigInteger`,
//! the password is hashed with the pool's name and the user's id, and a 16-byte key derived by HKDF signs pool, user, secret
//! block and time. The arithmetic uses JavaScript's `BigInt`; a Rust library would double the size of the wasm file.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use wasm_bindgen::JsValue;
use web_sys::js_sys::BigInt;

use super::hex;

/// The group's prime (RFC 3526, group 15), in hexadecimal digits.
const N: &str = "\
    ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd\
    ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed\
    ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f\
    83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b\
    e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510\
    15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7\
    abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c\
    bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff";
/// HKDF's info for the derived key, as Cognito defines it, and its counter.
const KEY_INFO: &[u8] = b"Caldera Derived Key\x01";

/// The client's side of one sign-in.
#[derive(Debug)]
pub struct SrpExchange {
    n: BigInt,
    secret: String,
    public: BigInt,
}

/// The server's challenge, and the time of the response.
#[derive(Debug, Clone, Copy)]
pub struct SrpChallenge<'a> {
    /// The pool's name without its region.
    pub pool: &'a str,
    /// The user's id, as the server sent it.
    pub user: &'a str,
    /// The user's salt, in hexadecimal digits.
    pub salt: &'a str,
    /// The server's public number, in hexadecimal digits.
    pub server_public: &'a str,
    /// Data from the server that the signature must cover.
    pub secret_block: &'a [u8],
    /// The time, in the format of Cognito's clients.
    pub timestamp: &'a str,
}

impl SrpExchange {
    /// Starts an exchange with a secret number, given as random bytes.
    #[must_use]
    pub fn new(secret: &[u8]) -> Option<Self> {
        let (n, secret) = (number(N)?, hex(secret));
        let public = power(&number("2")?, &secret, &n)?;
        Some(Self { n, secret, public })
    }

    /// Returns the public number, in hexadecimal digits.
    #[must_use]
    pub fn public(&self) -> String {
        digits(&self.public)
    }

    /// Returns the signature that proves the password; `None` if the challenge is invalid.
    #[must_use]
    pub fn sign(&self, challenge: &SrpChallenge<'_>, password: &str) -> Option<Vec<u8>> {
        let SrpChallenge { pool, user, salt, server_public, secret_block, timestamp } = *challenge;
        let (n, g, b) = (&self.n, &number("2")?, &number(server_public)?);
        let zero = number("0")?;
        if &(b % n) == &zero {
            return None;
        }
        let k = number(&hashed(&[padded(N), "02".to_owned()])?)?;
        let u = hashed(&[padded(&self.public()), padded(server_public)])?;
        let inner = Sha256::digest(format!("{pool}{user}:{password}"));
        let x = hashed(&[padded(salt), hex(&inner)])?;
        // The power is below n, so the difference is not negative.
        let base = &(b + &(&k * &(n - &power(g, &x, n)?))) % n;
        let exponent = &number(&self.secret)? + &(&number(&u)? * &number(&x)?);
        let shared = power(&base, &digits(&exponent), n)?;
        let key = mac(&bytes(&padded(&u))?, &[&bytes(&padded(&digits(&shared)))?])?;
        let key = mac(&key, &[KEY_INFO])?;
        mac(&key[..16], &[pool.as_bytes(), user.as_bytes(), secret_block, timestamp.as_bytes()])
    }
}

fn number(digits: &str) -> Option<BigInt> {
    BigInt::new(&JsValue::from_str(&format!("0x{digits}"))).ok()
}

fn digits(number: &BigInt) -> String {
    number.to_string(16).map(String::from).unwrap_or_default()
}

/// Returns `base` to the power of an exponent in hexadecimal digits, modulo `n`, by square and multiply.
fn power(base: &BigInt, exponent: &str, n: &BigInt) -> Option<BigInt> {
    let mut result = number("1")?;
    for digit in exponent.chars() {
        let digit = digit.to_digit(16)?;
        for bit in (0..4).rev() {
            result = &(&result * &result) % n;
            if digit >> bit & 1 == 1 {
                result = &(&result * base) % n;
            }
        }
    }
    Some(result)
}

/// Pads hexadecimal digits to whole bytes with a clear first bit, the format of Java's `BigInteger` for non-negative numbers.
fn padded(digits: &str) -> String {
    let zeros = match (digits.len() % 2, digits.as_bytes().first()) {
        (1, _) => "0",
        (_, Some(b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F')) => "00",
        _ => "",
    };
    zeros.to_owned() + digits
}

/// Returns the SHA-256 hash of numbers, in hexadecimal digits. Each number has the digits of whole bytes.
fn hashed(numbers: &[String]) -> Option<String> {
    let mut hash = Sha256::new();
    for number in numbers {
        hash.update(bytes(number)?);
    }
    Some(hex(&hash.finalize()))
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac.finalize().into_bytes().to_vec())
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let nibbles: Option<Vec<u8>> = digits.chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect();
    Some(nibbles?.chunks(2).map(|pair| pair.iter().fold(0, |byte, nibble| byte << 4 | nibble)).collect())
}
