//! The tokens of a sign-in: JSON web tokens, signed with a key that only this process has and that ends with it.
//!
//! Cognito signs with RSA, so that others can check; nobody but this process reads these, so a shared secret does.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

/// How long tokens are good for.
pub(super) const LIFETIME: Duration = Duration::from_hours(1);

/// Why a token does not let anybody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no token of this process, or not an id token.
    #[error("this is no id token of this site's sign-in")]
    Foreign,
    /// It was good once.
    #[error("the sign-in has expired")]
    Expired,
}

/// Signs tokens and knows its own again.
pub(super) struct Signer(Hmac<Sha256>);

impl Signer {
    pub(super) fn new(key: &[u8; 32]) -> Option<Self> {
        Hmac::new_from_slice(key).ok().map(Self)
    }

    /// A token with these claims and an end.
    pub(super) fn sign(&self, mut claims: Value, now: SystemTime) -> String {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        claims["iat"] = json!(now.as_secs());
        claims["auth_time"] = json!(now.as_secs());
        claims["exp"] = json!((now + LIFETIME).as_secs());
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(&claims));
        let mac = self.0.clone().chain_update(&signed).finalize().into_bytes();
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac))
    }

    /// Checks that a text is an id token of ours for this client, and good now.
    pub(super) fn check_id_token(
        &self,
        token: &str,
        client: &str,
        now: SystemTime,
    ) -> Result<(), TokenError> {
        // The signature is looked at first: what is not ours is not read.
        let claims = self.claims(token).ok_or(TokenError::Foreign)?;
        if claims["token_use"] != "id" || claims["aud"] != client {
            return Err(TokenError::Foreign);
        }
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        if claims["exp"].as_u64().is_some_and(|end| now < end) { Ok(()) } else { Err(TokenError::Expired) }
    }

    fn claims(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.0.clone().chain_update(signed).verify_slice(&signature).ok()?;
        let (_, claims) = signed.split_once('.')?;
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_id_tokens_of_ours_that_are_not_over_are_good() {
        let signer = Signer::new(&[1; 32]).unwrap();
        let now = UNIX_EPOCH + Duration::from_hours(500_000);
        let claims = json!({"token_use": "id", "aud": "client"});
        let token = signer.sign(claims.clone(), now);
        assert_eq!(token.split('.').count(), 3);
        assert_eq!(signer.check_id_token(&token, "client", now), Ok(()));
        assert_eq!(signer.check_id_token(&token, "other", now), Err(TokenError::Foreign));
        assert_eq!(signer.check_id_token(&token, "client", now + LIFETIME), Err(TokenError::Expired));
        let access = signer.sign(json!({"token_use": "access", "aud": "client"}), now);
        assert_eq!(signer.check_id_token(&access, "client", now), Err(TokenError::Foreign));
        let foreign = Signer::new(&[2; 32]).unwrap().sign(claims, now);
        // A token that says it needs no signature is none.
        let unsigned = format!("{}.", BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#));
        let changed = token.replacen('.', ".x", 1);
        for other in ["", ".", "..", "a.b.c", &foreign, &changed, &unsigned, &token[..token.len() - 1]] {
            assert_eq!(signer.check_id_token(other, "client", now), Err(TokenError::Foreign), "{other}");
        }
    }
}
