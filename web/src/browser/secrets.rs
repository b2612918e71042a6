//! Random numbers, time, base64, and a sign-in's arithmetic.

use web_sys::js_sys::Date;

use crate::community::srp::{Challenge, Exchange};

/// Bytes that nobody can guess; none where the browser has none to give.
pub fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    match crypto.map(|crypto| crypto.get_random_values_with_u8_array(&mut bytes)) {
        Some(Ok(_)) => bytes,
        _ => Vec::new(),
    }
}

/// Seconds since 1970.
pub fn now() -> f64 {
    Date::now() / 1000.0
}

/// The time as browsers write it: `Wed, 25 Nov 2026 16:34:32 GMT`.
pub fn utc() -> String {
    Date::new_0().to_utc_string().into()
}

/// Bytes out of base64.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    // The browser gives a text with a character a byte.
    let bytes = web_sys::window()?.atob(text).ok()?;
    bytes.chars().map(|byte| u8::try_from(u32::from(byte)).ok()).collect()
}

fn to_base64(bytes: &[u8]) -> Option<String> {
    let text: String = bytes.iter().copied().map(char::from).collect();
    web_sys::window()?.btoa(&text).ok()
}

/// Begins a sign-in.
pub fn srp_exchange() -> Option<Exchange> {
    let secret = random(64);
    if secret.is_empty() { None } else { Exchange::new(&secret) }
}

/// The sign-in's public number, in hexadecimal digits.
pub fn srp_public(exchange: &Exchange) -> String {
    exchange.public()
}

/// The proof of a password, in base64. The challenge is: pool, user, salt, the server's public number, secret block, time.
pub fn srp_proof(
    exchange: &Exchange,
    [pool, user, salt, server_public, block, timestamp]: [&str; 6],
    password: &str,
) -> Option<String> {
    let secret_block = &from_base64(block)?;
    let challenge = Challenge { pool, user, salt, server_public, secret_block, timestamp };
    to_base64(&exchange.sign(&challenge, password)?)
}
