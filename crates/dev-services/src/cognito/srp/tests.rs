use std::cell::Cell;

use super::*;

thread_local! {
    /// How many powers modulo `N` this thread computed.
    pub(in super::super) static N_POWERS: Cell<usize> = const { Cell::new(0) };
}

/// The client's side, written after the protocol's description, independently of the code above.
pub(in super::super) fn sign(
    group: &Group,
    password: &str,
    a: &BigUint,
    [salt, public]: [&str; 2],
    claim: &Claim<'_>,
) -> Vec<u8> {
    let number = |hex: &str| BigUint::parse_bytes(hex.as_bytes(), 16).unwrap();
    let (salt, b) = (number(salt), number(public));
    let u = hash(&[&padded(&group.g.modpow(a, &group.n)), &padded(&b)]);
    let inner = Sha256::digest(format!("{}{}:{password}", claim.pool, claim.user));
    let x = hash(&[&padded(&salt), &inner]);
    let base = (&b + &group.n * &group.k - &group.k * group.g.modpow(&x, &group.n)) % &group.n;
    let shared = base.modpow(&(a + u.clone() * x), &group.n);
    let mut key = [0; 16];
    Hkdf::<Sha256>::new(Some(&padded(&u)), &padded(&shared)).expand(KEY_INFO, &mut key).unwrap();
    let mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let mac = mac.chain_update(claim.pool).chain_update(claim.user);
    mac.chain_update(claim.secret_block).chain_update(claim.timestamp).finalize().into_bytes().to_vec()
}

/// Returns the client's public number for a secret.
pub(in super::super) fn public(group: &Group, a: &BigUint) -> String {
    group.g.modpow(a, &group.n).to_str_radix(16)
}

#[test]
fn only_the_right_password_is_proven() {
    let group = Group::new();
    assert_eq!(group.n.bits(), 3072);
    let claim = Claim { pool: "mysfits", user: "someone", secret_block: b"block", timestamp: "now" };
    // Edge cases of padding: the first bit of the salt is set, or its first bytes are zero.
    for salt in [[0xff; 16], [0; 16], [1; 16], *b"\0\0\x80aaaaaaaaaaaaa"] {
        let verifier = group.verifier("mysfits", "someone", "Passw0rd!", &salt);
        let a = BigUint::from_bytes_be(&[7; 32]);
        let exchange = group.begin(verifier, &public(&group, &a), &[9; 32]).unwrap();
        let sent = [&exchange.salt()[..], &exchange.public()[..]];
        assert!(group.proves(&exchange, &claim, &sign(&group, "Passw0rd!", &a, sent, &claim)));
        assert!(!group.proves(&exchange, &claim, &sign(&group, "Passw0rd?", &a, sent, &claim)));
        let other = Claim { timestamp: "later", ..claim };
        assert!(!group.proves(&exchange, &other, &sign(&group, "Passw0rd!", &a, sent, &claim)));
        assert!(!group.proves(&exchange, &claim, b""));
    }
}

#[test]
fn rejects_public_numbers_that_reveal_the_secret() {
    let group = Group::new();
    let verifier = group.decoy(&[1; 16], &[2; 32]);
    let begin = |public: &str| group.begin(verifier.clone(), public, &[3; 32]).is_some();
    assert!(!begin("0") && !begin(N) && !begin("") && !begin("xyz") && !begin("-5"));
    assert!(!begin(&(&group.n * 2u8).to_str_radix(16)));
    assert!(begin("5"));
}
