//! Random numbers, time, base64 and the arithmetic of a sign-in.

use web_sys::{js_sys::Date, window};

use super::srp::{SrpChallenge, SrpExchange};

/// Returns cryptographically random bytes; none if the browser has no generator.
pub fn random_bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let crypto = window().and_then(|window| window.crypto().ok());
    match crypto.map(|crypto| crypto.get_random_values_with_u8_array(&mut bytes)) {
        Some(Ok(_)) => bytes,
        _ => Vec::new(),
    }
}

/// Returns the time in seconds since 1970.
pub fn now() -> f64 {
    Date::now() / 1000.0
}

/// Returns the time in the format of `toUTCString`: `Wed, 25 Nov 2026 16:34:32 GMT`.
pub fn utc() -> String {
    Date::new_0().to_utc_string().into()
}

pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    // The browser returns a text with one character per byte.
    let bytes = window()?.atob(text).ok()?;
    bytes.chars().map(|byte| u8::try_from(u32::from(byte)).ok()).collect()
}

fn to_base64(bytes: &[u8]) -> Option<String> {
    let text: String = bytes.iter().copied().map(char::from).collect();
    window()?.btoa(&text).ok()
}

/// Starts a sign-in.
pub fn srp_exchange() -> Option<SrpExchange> {
    let secret = random_bytes(64);
    if secret.is_empty() { None } else { SrpExchange::new(&secret) }
}

/// Returns the public number of a sign-in, in hexadecimal digits.
pub fn srp_public(exchange: &SrpExchange) -> String {
    exchange.public()
}

/// Returns the proof of a password, in base64. The challenge is: pool, user, salt, the server's public number, secret block, time.
pub fn srp_proof(
    exchange: &SrpExchange,
    [pool, user, salt, server_public, block, timestamp]: [&str; 6],
    password: &str,
) -> Option<String> {
    let secret_block = &from_base64(block)?;
    let challenge = SrpChallenge { pool, user, salt, server_public, secret_block, timestamp };
    to_base64(&exchange.sign(&challenge, password)?)
}
