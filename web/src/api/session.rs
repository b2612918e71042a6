//! The signed-in visitor: the identity token of a user pool.

use super::json::Json;

/// A signed-in visitor.
#[derive(Debug, Clone, PartialEq)]
pub struct UserSession {
    /// The token that requests carry.
    pub token: String,
    /// The visitor's id in the pool.
    pub user: String,
    /// The e-mail address of the account.
    pub email: String,
    /// When the token expires, in seconds since 1970.
    expires: f64,
}

impl UserSession {
    /// Reads a token; `decode` decodes base64. Does not verify the signature: the services do.
    pub fn from_token(token: &str, decode: impl Fn(&str) -> Option<Vec<u8>>) -> Option<Self> {
        let payload = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
        let payload = String::from_utf8(decode(&payload)?).ok()?;
        let claims = Json::parse(&payload)?;
        Some(Self {
            token: token.to_owned(),
            user: claims.get("sub")?.text()?,
            email: claims.get("email")?.text()?,
            expires: claims.get("exp")?.number()?,
        })
    }

    /// Returns whether the token is valid at a time in seconds since 1970.
    pub fn is_valid_at(&self, now: f64) -> bool {
        now < self.expires
    }

    /// Returns the name that the page shows: the part of the e-mail address before the `@`.
    pub fn name(&self) -> &str {
        self.email.split('@').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Replaces the browser's decoder: the payloads in these tests are not encoded.
    fn plain(text: &str) -> Option<Vec<u8>> {
        (!text.is_empty()).then(|| text.as_bytes().to_vec())
    }

    #[test]
    fn reads_user_and_expiry() {
        let token = r#"head.{"sub":"u1","email":"mina@mysfits.example","exp":100}.signature"#;
        // A dot would end the payload, which is not encoded here.
        let token = token.replace("mysfits.example", "mysfits");
        let session = UserSession::from_token(&token, plain).expect("a session");
        assert_eq!((session.user.as_str(), session.name()), ("u1", "mina"));
        assert!(session.is_valid_at(99.0) && !session.is_valid_at(100.0));
    }

    #[test]
    fn rejects_what_is_not_a_token() {
        for token in ["", "a.b", "a.{}.c", r#"a.{"sub":"1","exp":1}.c"#, "a.[].c"] {
            assert_eq!(UserSession::from_token(token, plain), None, "{token}");
        }
        assert_eq!(UserSession::from_token("a.{}.c", |_| None), None);
    }
}
