//! A client for the tests of the routes.

use num_bigint::BigUint;

use super::{
    POOL_NAME,
    srp::{Claim, Group, tests},
};

pub(in super::super) fn public(a: &BigUint) -> String {
    tests::public(&Group::new(), a)
}

pub(in super::super) fn sign(
    password: &str,
    a: &BigUint,
    sent: [&str; 2],
    user: &str,
    secret_block: &[u8],
    timestamp: &str,
) -> Vec<u8> {
    tests::sign(&Group::new(), password, a, sent, &Claim { pool: POOL_NAME, user, secret_block, timestamp })
}
