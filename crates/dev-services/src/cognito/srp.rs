//! The server's side of Secure Remote Password as in Amazon Cognito: a client proves its password without sending it.
//!
//! SRP-6a over the group of 3072 bits of RFC 3526, with Cognito's additions: numbers are hashed in the form of Java's
//! `BigInteger` (big-endian, with a leading zero byte if the first bit is set), the password is hashed with the pool's name and
//! the user's id, and both sides derive a key of 16 bytes by HKDF, with which the client signs pool, user, secret block and time.
//! The clients are open source (`amazon-cognito-identity-js`, `pycognito`); `xtask/python/cognito_oracle.py` signs in with one.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use num_bigint::{BigInt, BigUint};
use sha2::{Digest as _, Sha256};

/// The group's prime, 3072 bits (RFC 3526, group 15).
const N: &str = "\
    FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
    EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
    EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
    83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
    E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
    15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
    ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C\
    BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";
/// The group's generator.
const G: u8 = 2;
/// The HKDF info of the derived key, as in Cognito.
const KEY_INFO: &[u8] = b"Caldera Derived Key";
/// The HKDF info of the verifiers of unknown users.
const DECOY_INFO: &[u8] = b"decoy verifier";

/// The group and the multiplier that follows from it.
#[derive(Debug)]
pub(super) struct Group {
    n: BigUint,
    g: BigUint,
    k: BigUint,
}

/// What the server stores instead of a password.
#[derive(Debug, Clone)]
pub(super) struct Verifier {
    salt: BigUint,
    v: BigUint,
}

/// A sign-in under way: the client's public number, and the server's numbers.
#[derive(Debug)]
pub(super) struct ServerExchange {
    client_public: BigUint,
    secret: BigUint,
    public: BigUint,
    verifier: Verifier,
}

/// What a client signs to prove its password.
pub(super) struct Claim<'a> {
    /// The pool's name without its region.
    pub pool: &'a str,
    /// The user's id.
    pub user: &'a str,
    /// The secret block of the challenge.
    pub secret_block: &'a [u8],
    /// The client's time, in its own format.
    pub timestamp: &'a str,
}

impl Group {
    pub(super) fn new() -> Self {
        let n = BigUint::parse_bytes(N.as_bytes(), 16).unwrap_or_default();
        let g = BigUint::from(G);
        let k = hash(&[&padded(&n), &padded(&g)]);
        Self { n, g, k }
    }

    /// Returns the verifier of a password.
    pub(super) fn verifier(&self, pool: &str, user: &str, password: &str, salt: &[u8; 16]) -> Verifier {
        let salt = BigUint::from_bytes_be(salt);
        let password: [u8; 32] = Sha256::new()
            .chain_update(pool)
            .chain_update(user)
            .chain_update(":")
            .chain_update(password)
            .finalize()
            .into();
        let x = hash(&[&padded(&salt), &password]);
        Verifier { v: self.power(&self.g, &x), salt }
    }

    /// Returns a verifier for an unknown user: a number below `N` that the seed determines. No password is known for it.
    ///
    /// It is not computed as a power of the generator. A power takes a millisecond, which a known user does not cost.
    pub(super) fn decoy(&self, salt: &[u8; 16], seed: &[u8; 32]) -> Verifier {
        let mut v = [0; N.len() / 2];
        // The only error is a length of more than 255 hashes.
        let _ = Hkdf::<Sha256>::new(Some(salt), seed).expand(DECOY_INFO, &mut v);
        Verifier { salt: BigUint::from_bytes_be(salt), v: BigUint::from_bytes_be(&v) % &self.n }
    }

    /// Returns `base` to the power of `exponent`, modulo `N`. Everything else that a sign-in computes takes microseconds.
    fn power(&self, base: &BigUint, exponent: &BigUint) -> BigUint {
        #[cfg(test)]
        tests::N_POWERS.with(|count| count.set(count.get() + 1));
        base.modpow(exponent, &self.n)
    }

    /// Begins a sign-in with the client's public number in hexadecimal digits. Returns `None` if it is not a number, or one
    /// with which the shared secret would be known.
    pub(super) fn begin(
        &self,
        verifier: Verifier,
        client_public: &str,
        secret: &[u8; 32],
    ) -> Option<ServerExchange> {
        let client_public = BigUint::parse_bytes(client_public.as_bytes(), 16)?;
        if &client_public % &self.n == BigUint::ZERO {
            return None;
        }
        let secret = BigUint::from_bytes_be(secret);
        let public = (&self.k * &verifier.v + self.power(&self.g, &secret)) % &self.n;
        Some(ServerExchange { client_public, secret, public, verifier })
    }

    /// Returns whether a signature proves the password.
    pub(super) fn proves(&self, exchange: &ServerExchange, claim: &Claim<'_>, signature: &[u8]) -> bool {
        let ServerExchange { client_public, secret, public, verifier } = exchange;
        let u = hash(&[&padded(client_public), &padded(public)]);
        let shared = self.power(&(client_public * self.power(&verifier.v, &u)), secret);
        let mut key = [0; 16];
        let derived = Hkdf::<Sha256>::new(Some(&padded(&u)), &padded(&shared)).expand(KEY_INFO, &mut key);
        let (Ok(()), Ok(mac)) = (derived, Hmac::<Sha256>::new_from_slice(&key)) else { return false };
        let Claim { pool, user, secret_block, timestamp } = claim;
        mac.chain_update(pool)
            .chain_update(user)
            .chain_update(secret_block)
            .chain_update(timestamp)
            .verify_slice(signature)
            .is_ok()
    }
}

impl ServerExchange {
    /// Returns the salt in hexadecimal digits.
    pub(super) fn salt(&self) -> String {
        self.verifier.salt.to_str_radix(16)
    }

    /// Returns the server's public number in hexadecimal digits.
    pub(super) fn public(&self) -> String {
        self.public.to_str_radix(16)
    }
}

/// Returns the bytes of a number in the form of Java's `BigInteger`.
fn padded(number: &BigUint) -> Vec<u8> {
    BigInt::from(number.clone()).to_signed_bytes_be()
}

fn hash(parts: &[&[u8]]) -> BigUint {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    BigUint::from_bytes_be(&hash.finalize())
}

#[cfg(test)]
pub(super) mod tests;
