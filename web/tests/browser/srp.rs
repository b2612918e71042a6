//! SRP against an independent implementation, pycognito.

use mysfits_web::srp::{SrpChallenge, SrpExchange};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::srp_vectors::{POOL, TIMESTAMP, USER_ID, VECTORS, Vector};

fn exchange(vector: &Vector) -> SrpExchange {
    let byte = |at| u8::from_str_radix(&vector.secret[at..at + 2], 16).expect("hexadecimal");
    let secret: Vec<u8> = (0..vector.secret.len()).step_by(2).map(byte).collect();
    SrpExchange::new(&secret).expect("numbers")
}

/// Returns the signature in base64.
fn signature(vector: &Vector, server_public: &str) -> Option<String> {
    let window = crate::support::window();
    let block = window.atob(vector.secret_block).expect("base64");
    let secret_block: Vec<u8> = block.chars().map(|byte| byte as u8).collect();
    let challenge = SrpChallenge {
        pool: POOL,
        user: USER_ID,
        salt: vector.salt,
        server_public,
        secret_block: &secret_block,
        timestamp: TIMESTAMP,
    };
    let signature = exchange(vector).sign(&challenge, vector.password)?;
    let text: String = signature.into_iter().map(char::from).collect();
    Some(window.btoa(&text).expect("base64"))
}

#[wasm_bindgen_test]
fn signatures_equal_those_of_pycognito() {
    for vector in &VECTORS {
        let public = exchange(vector).public();
        assert!(public.starts_with(vector.public_begins), "{public}");
        let signature = signature(vector, vector.their_public);
        assert_eq!(signature.as_deref(), Some(vector.signature), "{}", vector.password);
    }
}

/// With zero, the signature would not prove the password.
#[wasm_bindgen_test]
fn rejects_zero_and_invalid_numbers() {
    for public in ["0", "no number"] {
        assert_eq!(signature(&VECTORS[0], public), None, "{public}");
    }
}
