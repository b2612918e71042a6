//! The proof of a password, against an independent implementation of Cognito's dialect of SRP: pycognito.

use mysfits_web::srp::{Challenge, Exchange};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::srp_vectors::{POOL, TIMESTAMP, USER_ID, VECTORS, Vector};

fn exchange(vector: &Vector) -> Exchange {
    let byte = |at| u8::from_str_radix(&vector.secret[at..at + 2], 16).expect("hexadecimal");
    let secret: Vec<u8> = (0..vector.secret.len()).step_by(2).map(byte).collect();
    Exchange::new(&secret).expect("numbers")
}

/// The signature in base64, as the browser writes it.
fn signature(vector: &Vector, server_public: &str) -> Option<String> {
    let window = crate::support::window();
    let block = window.atob(vector.secret_block).expect("base64");
    let secret_block: Vec<u8> = block.chars().map(|byte| byte as u8).collect();
    let challenge = Challenge {
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
fn proofs_are_what_cognito_expects() {
    for vector in &VECTORS {
        let public = exchange(vector).public();
        assert!(public.starts_with(vector.public_begins), "{public}");
        let signature = signature(vector, vector.their_public);
        assert_eq!(signature.as_deref(), Some(vector.signature), "{}", vector.password);
    }
}

/// A server that sends zero would learn a signature that it can make itself.
#[wasm_bindgen_test]
fn zero_is_no_servers_public_number() {
    for public in ["0", "no number"] {
        assert_eq!(signature(&VECTORS[0], public), None, "{public}");
    }
}
