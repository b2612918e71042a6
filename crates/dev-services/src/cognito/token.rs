//! The tokens of a sign-in: JSON web tokens, signed with a random key of this process.
//!
//! Cognito signs with RSA, so that others can verify its tokens. Only this process verifies these, so HMAC is enough.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

/// The time until a token expires.
pub(super) const LIFETIME: Duration = Duration::from_hours(1);

/// An invalid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The token is not of this process, or not an id token.
    #[error("the token is not an id token of this site")]
    Foreign,
    /// The token has expired.
    #[error("the sign-in has expired")]
    Expired,
}

/// Signs and verifies tokens.
pub(super) struct Signer(Hmac<Sha256>);

impl Signer {
    pub(super) fn new(key: &[u8; 32]) -> Option<Self> {
        Hmac::new_from_slice(key).ok().map(Self)
    }

    /// Returns a token with these claims and the times.
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

    /// Checks that a text is an id token of this process for this client, and has not expired.
    pub(super) fn check_id_token(
        &self,
        token: &str,
        client: &str,
        now: SystemTime,
    ) -> Result<(), TokenError> {
        let claims = self.claims(token).ok_or(TokenError::Foreign)?;
        if claims["token_use"] != "id" || claims["aud"] != client {
            return Err(TokenError::Foreign);
        }
        check_expiry(&claims, now)
    }

    /// Returns the user of an access token of this process for this client that has not expired.
    pub(super) fn username(&self, token: &str, client: &str, now: SystemTime) -> Result<String, TokenError> {
        let claims = self.claims(token).ok_or(TokenError::Foreign)?;
        if claims["token_use"] != "access" || claims["client_id"] != client {
            return Err(TokenError::Foreign);
        }
        check_expiry(&claims, now)?;
        claims["username"].as_str().map(ToOwned::to_owned).ok_or(TokenError::Foreign)
    }

    /// Returns the claims of a token of this process. The signature is verified first: foreign claims are not parsed.
    fn claims(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.0.clone().chain_update(signed).verify_slice(&signature).ok()?;
        let (_, claims) = signed.split_once('.')?;
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

fn check_expiry(claims: &Value, now: SystemTime) -> Result<(), TokenError> {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    if claims["exp"].as_u64().is_some_and(|end| now < end) { Ok(()) } else { Err(TokenError::Expired) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_only_its_own_unexpired_id_tokens() {
        let signer = Signer::new(&[1; 32]).unwrap();
        let now = UNIX_EPOCH + Duration::from_hours(500_000);
        let claims = json!({"token_use": "id", "aud": "client"});
        let token = signer.sign(claims.clone(), now);
        assert_eq!(token.split('.').count(), 3);
        assert_eq!(signer.check_id_token(&token, "client", now), Ok(()));
        assert_eq!(signer.check_id_token(&token, "other", now), Err(TokenError::Foreign));
        assert_eq!(signer.check_id_token(&token, "client", now + LIFETIME), Err(TokenError::Expired));
        let access =
            json!({"token_use": "access", "client_id": "client", "aud": "client", "username": "mina"});
        let access = signer.sign(access, now);
        assert_eq!(signer.check_id_token(&access, "client", now), Err(TokenError::Foreign));
        assert_eq!(signer.username(&access, "client", now), Ok("mina".to_owned()));
        assert_eq!(signer.username(&access, "other", now), Err(TokenError::Foreign));
        assert_eq!(signer.username(&access, "client", now + LIFETIME), Err(TokenError::Expired));
        assert_eq!(signer.username(&token, "client", now), Err(TokenError::Foreign));
        let foreign = Signer::new(&[2; 32]).unwrap().sign(claims, now);
        // A token without a signature is invalid, whatever its header says.
        let unsigned = format!("{}.", BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#));
        let changed = token.replacen('.', ".x", 1);
        for other in ["", ".", "..", "a.b.c", &foreign, &changed, &unsigned, &token[..token.len() - 1]] {
            assert_eq!(signer.check_id_token(other, "client", now), Err(TokenError::Foreign), "{other}");
        }
    }
}
